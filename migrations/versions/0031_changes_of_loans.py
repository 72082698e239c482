"""Changes of living loans, agreements of loans beside their products, benchmarks and notices of new rates.

Additive: new tables, new columns that may be null, and CHECKs that are wider than the old ones, so they are added
without reading the tables while writers wait.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
DOCUMENT = postgresql.JSONB(astext_type=sa.Text())
KINDS = "'write_off', 'waiver', 'limit_override', 'card_limit', 'card_charge_off', 'refund'"
AMOUNTS = (
    "interest_paise >= 0 AND past_due_paise >= 0 AND unpaid_charges_paise >= 0 AND unpaid_interest_paise >= 0"
    " AND unpaid_principal_paise >= 0"
)


def upgrade() -> None:
    op.add_column("loans", sa.Column("agreement", DOCUMENT, nullable=True))
    op.add_column("loans", sa.Column("alterations", DOCUMENT, nullable=True))
    op.add_column("applications", sa.Column("agreement", DOCUMENT, nullable=True))
    _create_changes()
    _create_notices()
    op.create_table(
        "benchmarks",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("rate_percent", sa.Numeric(precision=12, scale=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "from_on", name=op.f("pk_benchmarks")),
    )
    _allow("proposals", "kind_known", f"kind IN ({KINDS}, 'restructure', 'top_up')")
    _allow("bills", "not_negative", AMOUNTS)
    _add("bills", "demand_not_negative", "principal_due_paise >= -interest_paise")
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT ON loan_changes, benchmarks TO {APPLICATION_ROLE}")
        op.execute(f"GRANT UPDATE (undone_on, undone_reason) ON loan_changes TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON rate_notices TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT ON holidays TO {APPLICATION_ROLE}")


def _create_changes() -> None:
    op.create_table(
        "loan_changes",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("terms", DOCUMENT, nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_on", sa.Date(), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('rate_reset', 'restructure', 'due_day', 'top_up')", name=op.f("ck_loan_changes_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_loan_changes_customer_id_loan_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "proposal_id"],
            ["proposals.customer_id", "proposals.id"],
            name=op.f("fk_loan_changes_customer_id_proposal_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_loan_changes")),
    )
    op.create_index("ix_loan_changes_loan", "loan_changes", ["customer_id", "loan_id"])
    op.create_index("uq_loan_changes_proposal", "loan_changes", ["customer_id", "proposal_id"], unique=True)


def _create_notices() -> None:
    op.create_table(
        "rate_notices",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("annual_rate_percent", sa.Numeric(precision=12, scale=8), nullable=False),
        sa.Column("adjusts", sa.Text(), nullable=False),
        sa.Column("emi_paise", sa.BigInteger(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=True),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("adjusts IN ('emi', 'tenor', 'both')", name=op.f("ck_rate_notices_adjusts_known")),
        sa.CheckConstraint("annual_rate_percent >= 0", name=op.f("ck_rate_notices_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_rate_notices_customer_id_loan_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", "effective_on", name=op.f("pk_rate_notices")),
    )
    op.create_index(
        "ix_rate_notices_open", "rate_notices", ["effective_on"], postgresql_where=sa.text("change_id IS NULL")
    )


def downgrade() -> None:
    op.execute("DELETE FROM proposals WHERE kind IN ('restructure', 'top_up') AND status <> 'approved'")
    op.drop_table("rate_notices")
    op.drop_table("loan_changes")
    op.execute("DELETE FROM proposals WHERE kind IN ('restructure', 'top_up')")
    _allow("proposals", "kind_known", f"kind IN ({KINDS})")
    op.execute("ALTER TABLE bills DROP CONSTRAINT ck_bills_demand_not_negative")
    op.execute("UPDATE bills SET principal_due_paise = 0, interest_paise = 0 WHERE principal_due_paise < 0")
    _allow("bills", "not_negative", f"principal_due_paise >= 0 AND {AMOUNTS}")
    op.drop_table("benchmarks")
    op.drop_column("applications", "agreement")
    op.drop_column("loans", "alterations")
    op.drop_column("loans", "agreement")


def _allow(table: str, name: str, check: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")
    _add(table, name, check)


def _add(table: str, name: str, check: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
