"""Webhooks: endpoints that events are sent to, the deliveries, and the lanes that keep their order.

Additive.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("webhook_numbers")))
    _create_endpoints()
    _create_deliveries()
    _create_lanes()
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT USAGE ON SEQUENCE webhook_numbers TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON webhook_endpoints TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries, webhook_lanes TO {APPLICATION_ROLE}")


def _create_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("after_number", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_key_version", sa.SmallInteger(), nullable=True),
        sa.Column("old_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'paused', 'removed')", name=op.f("ck_webhook_endpoints_status_known")),
        sa.CheckConstraint("after_number >= 0 AND failures >= 0", name=op.f("ck_webhook_endpoints_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("endpoint_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.SmallInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'delivered', 'dead')", name=op.f("ck_webhook_deliveries_status_known")
        ),
        sa.CheckConstraint(
            "(status = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_webhook_deliveries_delivered_has_its_time"),
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name=op.f("fk_webhook_deliveries_endpoint_id")
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "number", name=op.f("pk_webhook_deliveries")),
    )
    waiting, dead = sa.text("status = 'waiting'"), sa.text("status = 'dead'")
    table = "webhook_deliveries"
    op.create_index("ix_webhook_deliveries_lane", table, ["endpoint_id", "lane", "number"], postgresql_where=waiting)
    op.create_index("ix_webhook_deliveries_dead", table, ["endpoint_id", "number"], postgresql_where=dead)
    done = sa.text("delivered_at IS NOT NULL")
    op.create_index("ix_webhook_deliveries_done", table, ["delivered_at"], postgresql_where=done)


def _create_lanes() -> None:
    op.create_table(
        "webhook_lanes",
        sa.Column("endpoint_id", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoints.id"], name=op.f("fk_webhook_lanes_endpoint_id")),
        sa.PrimaryKeyConstraint("endpoint_id", "lane", name=op.f("pk_webhook_lanes")),
    )
    op.create_index("ix_webhook_lanes_due", "webhook_lanes", ["endpoint_id", "due_at"])


def downgrade() -> None:
    op.drop_table("webhook_lanes")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_endpoints")
    op.execute(sa.schema.DropSequence(sa.Sequence("webhook_numbers")))
