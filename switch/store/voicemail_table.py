"""The table of voice messages; a row is there only once its file is whole and on the disk."""

from sqlalchemy import Column, Float, Index, String, Table

from switch.store.table import METADATA

VOICEMAIL = Table(
    "voicemail",
    METADATA,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False),
    Column("contract", String, nullable=False),
    Column("caller", String),
    Column("started_at", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("read_at", Float),
    Column("deleted_at", Float),
    Column("changed_at", Float, nullable=False),
    Column("link_hash", String, unique=True),
    Column("link_expires_at", Float),
    Index("voicemail_number_started_at", "number", "started_at"),
    Index("voicemail_changed_at", "changed_at"),
)
"""Times are Unix seconds; `caller` is null when it was withheld."""
