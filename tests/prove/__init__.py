"""What is broken on purpose, many times over, to see that nothing is lost: one module a row of `make prove`.

Each module has `prove(count, seed) -> Outcome`; import them as `tests.prove.<row>`.
"""
