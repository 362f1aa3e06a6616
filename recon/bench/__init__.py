"""Is the engine right, is it sure when it is right, and how fast is it: measured beside other ways of matching.

In: made-up books whose truth is known (`recon.bench.books`). Out: figures. Nothing else of recon imports this package.
"""
