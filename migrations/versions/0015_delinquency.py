"""Classes of facilities: their history, their present states, what cards report, and the day-ends that are judged.

Additive: five new tables, and a BRIN index on the due dates of bills, which is built while bills are written.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
GRANTS = {
    "delinquency_changes": "SELECT, INSERT, UPDATE (known_until)",
    "delinquencies": "SELECT, INSERT, UPDATE, DELETE",
    "reported_facilities": "SELECT, INSERT, UPDATE (known_until)",
    "day_ends": "SELECT, INSERT, UPDATE, DELETE",
    "day_end_ranges": "SELECT, INSERT, DELETE",
}


def upgrade() -> None:
    _create_changes()
    _create_states()
    _create_reported()
    _create_day_ends()
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        for table, rights in GRANTS.items():
            op.execute(f"GRANT {rights} ON {table} TO {APPLICATION_ROLE}")
    with op.get_context().autocommit_block():
        # A build that was interrupted leaves an index that is never used.
        op.drop_index("ix_bills_due_on", table_name="bills", if_exists=True, postgresql_concurrently=True)
        op.create_index("ix_bills_due_on", "bills", ["due_on"], postgresql_using="brin", postgresql_concurrently=True)


def _facility() -> list[sa.Column[object]]:
    return [
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), autoincrement=False, nullable=False),
    ]


def _state() -> list[sa.Column[object]]:
    return [
        sa.Column("oldest_due_on", sa.Date(), nullable=True),
        sa.Column("oldest_cycle", sa.SmallInteger(), nullable=True),
        sa.Column("non_performing_since", sa.Date(), nullable=True),
        sa.Column("by_kind", sa.Text(), nullable=True),
        sa.Column("by_facility_id", sa.BigInteger(), nullable=True),
    ]


def _create_changes() -> None:
    op.create_table(
        "delinquency_changes",
        *_facility(),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("class_before", sa.Text(), nullable=True),
        sa.Column("class_after", sa.Text(), nullable=True),
        *_state(),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=True),
        sa.Column("known_from", sa.Date(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=True),
        sa.CheckConstraint("known_until >= known_from", name=op.f("ck_delinquency_changes_known_in_order")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name=op.f("fk_delinquency_changes_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "kind", "facility_id", "number", name=op.f("pk_delinquency_changes")),
    )
    op.create_index("ix_delinquency_changes_changed_on", "delinquency_changes", ["changed_on", "customer_id"])


def _create_states() -> None:
    op.create_table(
        "delinquencies",
        *_facility(),
        sa.Column("asset_class", sa.Text(), nullable=False),
        *_state(),
        sa.Column("suspended_paise", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("suspended_paise >= 0", name=op.f("ck_delinquencies_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"], name=op.f("fk_delinquencies_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "kind", "facility_id", name=op.f("pk_delinquencies")),
    )


def _create_reported() -> None:
    op.create_table(
        "reported_facilities",
        *_facility(),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("lost_on", sa.Date(), nullable=True),
        sa.Column("cycles", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("due_on", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("cleared_on", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("known_from", sa.Date(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "cardinality(cycles) = cardinality(due_on) AND cardinality(cycles) = cardinality(cleared_on)",
            name=op.f("ck_reported_facilities_same_length"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name=op.f("fk_reported_facilities_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "kind", "facility_id", "version", name=op.f("pk_reported_facilities")),
    )
    op.create_index(
        "uq_reported_facilities_present",
        "reported_facilities",
        ["customer_id", "kind", "facility_id"],
        unique=True,
        postgresql_where=sa.text("known_until IS NULL"),
    )


def _create_day_ends() -> None:
    op.create_table(
        "day_ends",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=True),
        sa.Column("facilities", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_ends")),
    )
    op.create_table(
        "day_end_ranges",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(["day"], ["day_ends.day"], name=op.f("fk_day_end_ranges_day")),
        sa.PrimaryKeyConstraint("day", "number", name=op.f("pk_day_end_ranges")),
    )


def downgrade() -> None:
    op.drop_index("ix_bills_due_on", table_name="bills")
    op.drop_table("day_end_ranges")
    op.drop_table("day_ends")
    op.drop_table("reported_facilities")
    op.drop_table("delinquencies")
    op.drop_table("delinquency_changes")
