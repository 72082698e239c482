"""Collections: cases of the work list, promises to pay, the diary, saved views, and the day-ends that were followed.

Additive. A diary entry is only ever added; of a promise only its status is written later.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
KIND = "ck_public_ids_kind_known"
BEFORE = "kind IN ('loan', 'payment', 'application', 'proposal', 'score', 'card_account')"
NOW = "kind IN ('loan', 'payment', 'application', 'proposal', 'score', 'card_account', 'promise')"
GRANTS = {
    "collection_cases": "SELECT, INSERT, UPDATE",
    "collection_promises": "SELECT, INSERT, UPDATE (status, paid_paise, kept_on, status_on)",
    "collection_entries": "SELECT, INSERT",
    "collection_views": "SELECT, INSERT, UPDATE, DELETE",
    "collection_days": "SELECT, INSERT, UPDATE",
    "collection_day_ranges": "SELECT, INSERT, UPDATE, DELETE",
}
SEQUENCES = ("promise_numbers", "collection_entry_numbers")
FACILITY = "kind IN ('loan', 'card')"
#: The indexes of open cases, each followed by the key.
OF_OPEN = {
    "days": ["oldest_due_on"],
    "amount": ["overdue_paise"],
    "class_days": ["asset_class", "oldest_due_on"],
    "class_amount": ["asset_class", "overdue_paise"],
    "officer_days": ["officer_id", "oldest_due_on"],
    "officer_amount": ["officer_id", "overdue_paise"],
    "action": ["next_action_on"],
    "officer_action": ["officer_id", "next_action_on"],
}


def upgrade() -> None:
    for name in SEQUENCES:
        op.execute(sa.schema.CreateSequence(sa.Sequence(name)))
    _create_cases()
    _create_promises()
    _create_entries()
    _create_views()
    _create_days()
    _allow(NOW)
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        for name in SEQUENCES:
            op.execute(f"GRANT USAGE ON SEQUENCE {name} TO {APPLICATION_ROLE}")
        for table, rights in GRANTS.items():
            op.execute(f"GRANT {rights} ON {table} TO {APPLICATION_ROLE}")


def _create_cases() -> None:
    op.create_table(
        "collection_cases",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("oldest_due_on", sa.Date(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("overdue_paise", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("next_action_on", sa.Date(), nullable=True),
        sa.Column("promise", sa.Text(), nullable=True),
        sa.Column("promised_paise", sa.BigInteger(), nullable=True),
        sa.Column("promised_for", sa.Date(), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(FACILITY, name=op.f("ck_collection_cases_kind_known")),
        sa.CheckConstraint(
            "promise IN ('open', 'kept', 'broken', 'withdrawn')", name=op.f("ck_collection_cases_promise_known")
        ),
        sa.CheckConstraint(
            "next_action IN ('call', 'visit', 'message', 'letter', 'legal_notice', 'field_agency', 'wait')",
            name=op.f("ck_collection_cases_next_action_known"),
        ),
        sa.CheckConstraint("overdue_paise >= 0", name=op.f("ck_collection_cases_not_negative")),
        sa.CheckConstraint(
            "(next_action IS NULL) = (next_action_on IS NULL)", name=op.f("ck_collection_cases_action_has_its_day")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name=op.f("fk_collection_cases_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "kind", "facility_id", name=op.f("pk_collection_cases")),
    )
    for name, columns in OF_OPEN.items():
        op.create_index(
            f"ix_collection_cases_{name}",
            "collection_cases",
            [*columns, "customer_id", "kind", "facility_id"],
            postgresql_where=sa.text("closed_on IS NULL"),
        )


def _create_promises() -> None:
    op.create_table(
        "collection_promises",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("paid_paise", sa.BigInteger(), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=True),
        sa.Column("status_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(FACILITY, name=op.f("ck_collection_promises_kind_known")),
        sa.CheckConstraint(
            "status IN ('open', 'kept', 'broken', 'withdrawn')", name=op.f("ck_collection_promises_status_known")
        ),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_collection_promises_amount_positive")),
        sa.CheckConstraint(
            "paid_paise BETWEEN 0 AND amount_paise", name=op.f("ck_collection_promises_paid_within_amount")
        ),
        sa.CheckConstraint(
            "(status = 'kept') = (kept_on IS NOT NULL)", name=op.f("ck_collection_promises_kept_has_its_day")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name=op.f("fk_collection_promises_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_collection_promises")),
    )
    for name, columns in {
        "facility": ["customer_id", "kind", "facility_id", "id"],
        "by_day": ["pay_by", "customer_id", "id"],
        "status": ["status", "pay_by", "customer_id", "id"],
    }.items():
        op.create_index(f"ix_collection_promises_{name}", "collection_promises", columns)


def _create_entries() -> None:
    op.create_table(
        "collection_entries",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("facility_id", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "entry IN ('note', 'attempt', 'promise_made', 'promise_kept', 'promise_broken', 'promise_reopened', "
            "'promise_withdrawn', 'assigned', 'planned')",
            name=op.f("ck_collection_entries_entry_known"),
        ),
        sa.CheckConstraint(FACILITY, name=op.f("ck_collection_entries_kind_known")),
        sa.CheckConstraint(
            "(kind IS NULL) = (facility_id IS NULL)", name=op.f("ck_collection_entries_facility_has_its_kind")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name=op.f("fk_collection_entries_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_collection_entries")),
    )
    op.create_index(
        "ix_collection_entries_facility", "collection_entries", ["customer_id", "kind", "facility_id", "id"]
    )


def _create_views() -> None:
    op.create_table(
        "collection_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user_accounts.id"], name=op.f("fk_collection_views_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_views")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_collection_views_owner_id_name")),
    )


def _create_days() -> None:
    op.create_table(
        "collection_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ran_on", sa.Date(), nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("verdicts", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_collection_days")),
    )
    op.create_table(
        "collection_day_ranges",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=True),
        sa.Column("verdicts", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["day"], ["collection_days.day"], name=op.f("fk_collection_day_ranges_day")),
        sa.PrimaryKeyConstraint("day", "number", name=op.f("pk_collection_day_ranges")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM public_ids WHERE kind = 'promise'")
    _allow(BEFORE)
    op.drop_table("collection_day_ranges")
    op.drop_table("collection_days")
    op.drop_table("collection_views")
    op.drop_table("collection_entries")
    op.drop_table("collection_promises")
    op.drop_table("collection_cases")
    for name in SEQUENCES:
        op.execute(sa.schema.DropSequence(sa.Sequence(name)))


def _allow(condition: str) -> None:
    """Replaces the CHECK on kinds of public numbers. Validating reads the table without keeping writers waiting."""
    op.execute(f"ALTER TABLE public_ids DROP CONSTRAINT {KIND}")
    op.execute(f"ALTER TABLE public_ids ADD CONSTRAINT {KIND} CHECK ({condition}) NOT VALID")
    op.execute(f"ALTER TABLE public_ids VALIDATE CONSTRAINT {KIND}")
