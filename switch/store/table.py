"""The tables as SQLAlchemy Core sees them; `switch.store.migration` makes them in the database.

Core, not the ORM: rows are written in batches and read as values of `switch.effect`. Times are Unix
seconds in UTC.
"""

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

CDR = Table(
    "cdr",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("leg", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("contract", String),
    Column("device", String),
    Column("trunk", String),
    Column("caller", String, nullable=False),
    Column("called", String, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ringing_at", Float),
    Column("answered_at", Float),
    Column("ended_at", Float, nullable=False),
    Column("status", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("released_by", String, nullable=False),
    Column("sip_call_id", String, nullable=False),
    Column("media", Text, nullable=False),
    Column("trace", Text, nullable=False),
    UniqueConstraint("call_id", "leg", name="cdr_call_id_leg"),
    Index("cdr_started_at", "started_at"),
)

BINDING = Table(
    "binding",
    METADATA,
    Column("device", String, primary_key=True),
    Column("contact", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("transport", String, nullable=False),
    Column("local_host", String, nullable=False),
    Column("local_port", Integer, nullable=False),
    Column("remote_host", String, nullable=False),
    Column("remote_port", Integer, nullable=False),
    Column("connection", Integer, nullable=False),
    Column("call_id", String, nullable=False),
    Column("cseq", Integer, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("instance", String),
    Column("user_agent", String),
    Column("registered_at", Float, nullable=False),
)

CALL_BLOCK = Table(
    "call_block",
    METADATA,
    Column("holder", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("reach", String, primary_key=True),
    Column("contract", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("spent", Float, nullable=False),
    Column("limit", Float, nullable=False),
    Column("since", Float, nullable=False),
    Column("until", Float),
    Column("note", String, nullable=False),
)
