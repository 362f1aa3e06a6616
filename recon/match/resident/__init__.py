"""A ledger kept in memory, so that a few new lines cost what they touch and not a look at everything.

In: LINES and ITEMS, once; then what is new. Out: what recon.match.propose would say of it. Nothing here
compares or weighs: it finds what lines can touch and gives that to the ordinary engine, with what the whole
ledger says of it beside.
"""
