"""Sources: one file a raw format, from bytes to rows in DuckDB with where each came from."""
