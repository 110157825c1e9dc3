"""What Alembic runs: every step that is missing, on the connection that the caller opened."""

from alembic import context

from switch.store.table import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
