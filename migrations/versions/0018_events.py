"""Events that other programs read: the log, and its end.

Additive. The application's role may add events and number them, and change nothing else of them. It may also read which
revision the schema has, because `kist doctor` compares it. A job keeps the trace
that it belongs to.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.CheckConstraint("size > 0 AND number > 0", name=op.f("ck_events_numbered_from_one")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_unnumbered", "events", ["id"], postgresql_where=sa.text("number IS NULL"))
    op.create_index("ix_events_number", "events", ["number"], postgresql_where=sa.text("number IS NOT NULL"))
    end = op.create_table(
        "event_log",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1 AND last_number >= 0", name=op.f("ck_event_log_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_log")),
    )
    op.add_column("outbox", sa.Column("traceparent", sa.Text(), nullable=True))
    op.bulk_insert(end, [{"id": 1, "last_number": 0}])
    if _has_application_role():
        op.execute(f"GRANT SELECT, INSERT, UPDATE (number) ON events TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, UPDATE (last_number) ON event_log TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT ON alembic_version TO {APPLICATION_ROLE}")


def downgrade() -> None:
    if _has_application_role():
        op.execute(f"REVOKE SELECT ON alembic_version FROM {APPLICATION_ROLE}")
    op.drop_column("outbox", "traceparent")
    op.drop_table("event_log")
    op.drop_table("events")


def _has_application_role() -> bool:
    return bool(
        op.get_bind().scalar(
            sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
        )
    )
