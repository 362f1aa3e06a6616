"""Screen parts that pages share. Layout only: sums and rules are elsewhere."""
