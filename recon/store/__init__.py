"""Edge: the only package that opens DuckDB. Rows in, rows out; what they mean is decided elsewhere."""
