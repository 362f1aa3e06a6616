"""Tables as people keep them, in CSV or Excel: cells as texts, and columns of amounts and dates read whole.

In: bytes. Out: texts, minor units, dates; or what is wrong with a cell. Never: a type inferred, a value guessed.
"""
