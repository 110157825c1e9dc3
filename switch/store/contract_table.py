"""The tables of contracts: a document each, and what must be unique over all of them.

The document is the whole contract; the other tables repeat of it what no two contracts may share,
so that the database itself refuses a number or user name that is taken.
"""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text, UniqueConstraint

from switch.store.table import METADATA

CONTRACT = Table(
    "contract",
    METADATA,
    Column("name", String, primary_key=True),
    Column("document", Text, nullable=False),
)

CONTRACT_NUMBER = Table(
    "contract_number",
    METADATA,
    Column("number", String, primary_key=True),
    Column("contract", String, nullable=False),
    Index("contract_number_contract", "contract"),
)

CONTRACT_ID = Table(
    "contract_id",
    METADATA,
    Column("username", String, primary_key=True),
    Column("contract", String, nullable=False),
    Column("extension", String, nullable=False),
    UniqueConstraint("contract", "extension", name="contract_id_extension"),
)

CONTRACT_CHANGE = Table(
    "contract_change",
    METADATA,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("contract", String, primary_key=True),
    Column("what", String, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("changed_by", String, nullable=False),
)

CONTRACT_REVISION = Table(
    "contract_revision",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, nullable=False),
)
"""One row, which every change locks first: revisions are in the order of commits."""
