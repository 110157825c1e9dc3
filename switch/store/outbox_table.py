"""The outbox's table: what is still to be sent to the world, a row a recipient.

A row is written in the transaction of what it tells of, so that one is never without the other.
Times are Unix seconds.
"""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from switch.store.table import METADATA

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("contract", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fault", String, nullable=False),
    Index("outbox_state_due_at", "state", "due_at"),
)
