"""Create `voicemail`: the messages whose files are on the disk."""

import sqlalchemy as sa
from alembic import op

revision = "voicemail"
down_revision = "outbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "voicemail",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("caller", sa.String),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("read_at", sa.Float),
        sa.Column("deleted_at", sa.Float),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("link_hash", sa.String, unique=True),
        sa.Column("link_expires_at", sa.Float),
    )
    op.create_index("voicemail_number_started_at", "voicemail", ["number", "started_at"])
    op.create_index("voicemail_changed_at", "voicemail", ["changed_at"])


def downgrade() -> None:
    """Drop the table; the files stay, and a later start finds them."""
    op.drop_table("voicemail")
