"""What outlives the process: call detail records and bindings, in SQLite or PostgreSQL."""
