"""Create `cdr` and `binding`."""

import sqlalchemy as sa
from alembic import op

revision = "first_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "cdr",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("leg", sa.String, nullable=False),
        sa.Column("direction", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("device", sa.String),
        sa.Column("trunk", sa.String),
        sa.Column("caller", sa.String, nullable=False),
        sa.Column("called", sa.String, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("ringing_at", sa.Float),
        sa.Column("answered_at", sa.Float),
        sa.Column("ended_at", sa.Float, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("released_by", sa.String, nullable=False),
        sa.Column("sip_call_id", sa.String, nullable=False),
        sa.Column("media", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.UniqueConstraint("call_id", "leg", name="cdr_call_id_leg"),
    )
    op.create_index("cdr_started_at", "cdr", ["started_at"])
    op.create_table(
        "binding",
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("contact", sa.String, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("transport", sa.String, nullable=False),
        sa.Column("local_host", sa.String, nullable=False),
        sa.Column("local_port", sa.Integer, nullable=False),
        sa.Column("remote_host", sa.String, nullable=False),
        sa.Column("remote_port", sa.Integer, nullable=False),
        sa.Column("connection", sa.Integer, nullable=False),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("cseq", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("instance", sa.String),
        sa.Column("user_agent", sa.String),
        sa.Column("registered_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop both tables and all that is in them."""
    op.drop_table("binding")
    op.drop_table("cdr")
