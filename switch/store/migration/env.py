"""What Alembic runs: every step that is missing, on the connection that the caller opened."""

from alembic import context

from switch.store.contract_table import CONTRACT

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=CONTRACT.metadata,  # with every table that any module has put there
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
