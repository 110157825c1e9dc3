"""Create the tables of contracts."""

import sqlalchemy as sa
from alembic import op

revision = "contract"
down_revision = "call_block"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the row that counts changes."""
    op.create_table(
        "contract",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "contract_number",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("contract", sa.String, nullable=False),
    )
    op.create_index("contract_number_contract", "contract_number", ["contract"])
    op.create_table(
        "contract_id",
        sa.Column("username", sa.String, primary_key=True),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("extension", sa.String, nullable=False),
        sa.UniqueConstraint("contract", "extension", name="contract_id_extension"),
    )
    op.create_table(
        "contract_change",
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("contract", sa.String, primary_key=True),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String, nullable=False),
    )
    counter = op.create_table(
        "contract_revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.bulk_insert(counter, [{"id": 1, "value": 0}])


def downgrade() -> None:
    """Drop every contract."""
    for name in (
        "contract_revision",
        "contract_change",
        "contract_id",
        "contract_number",
        "contract",
    ):
        op.drop_table(name)
