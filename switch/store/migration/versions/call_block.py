"""Create `call_block`: who may not call out, kept over a restart."""

import sqlalchemy as sa
from alembic import op

revision = "call_block"
down_revision = "first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "call_block",
        sa.Column("holder", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("reach", sa.String, primary_key=True),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("spent", sa.Float, nullable=False),
        sa.Column("limit", sa.Float, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float),
        sa.Column("note", sa.String, nullable=False),
    )


def downgrade() -> None:
    """Drop the table: nobody is blocked any more."""
    op.drop_table("call_block")
