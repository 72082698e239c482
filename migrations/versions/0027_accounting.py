"""Accounting: the chart of accounts, periods, and what finds transfers by the day on which they were booked.

Additive: a column of the business clock, three new tables, and a BRIN index on each ledger, which is built while
transfers are written. The application's role may close a period and add its balances; it may change neither.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
GRANTS = {
    "chart_versions": "SELECT, INSERT",
    "book_periods": "SELECT, INSERT, UPDATE (status, checker_id, checker, decided_at, note)",
    "book_balances": "SELECT, INSERT",
}
INDEXES = {"ix_transfers_booked": "transfers", "ix_card_transfers_booked": "card_transfers"}


def upgrade() -> None:
    op.add_column("business_clock", sa.Column("closed_through", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_business_clock_closed_days_are_over"), "business_clock", "closed_through < business_date"
    )
    _create_chart()
    _create_periods()
    _create_balances()
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        for table, rights in GRANTS.items():
            op.execute(f"GRANT {rights} ON {table} TO {APPLICATION_ROLE}")
    with op.get_context().autocommit_block():
        for name, table in INDEXES.items():
            # A build that was interrupted leaves an index that is never used.
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                ["booked_on"],
                postgresql_using="brin",
                postgresql_with={"pages_per_range": 32, "autosummarize": "on"},
                postgresql_concurrently=True,
            )


def _create_chart() -> None:
    op.create_table(
        "chart_versions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_chart_versions")),
    )


def _create_periods() -> None:
    op.create_table(
        "book_periods",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("maker_id", sa.BigInteger(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checker_id", sa.BigInteger(), nullable=True),
        sa.Column("checker", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('proposed', 'closed', 'rejected', 'withdrawn')", name=op.f("ck_book_periods_status_known")
        ),
        sa.CheckConstraint("begins_on <= ends_on", name=op.f("ck_book_periods_days_in_order")),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_book_periods_decided_has_its_time")
        ),
        sa.CheckConstraint(
            "status NOT IN ('closed', 'rejected') OR checker_id <> maker_id", name=op.f("ck_book_periods_two_people")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_book_periods")),
    )
    op.create_index(
        "uq_book_periods_proposed",
        "book_periods",
        ["status"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index(
        "uq_book_periods_ends_on",
        "book_periods",
        ["ends_on"],
        unique=True,
        postgresql_where=sa.text("status = 'closed'"),
    )


def _create_balances() -> None:
    op.create_table(
        "book_balances",
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("debit_paise", sa.BigInteger(), nullable=False),
        sa.Column("credit_paise", sa.BigInteger(), nullable=False),
        sa.Column("transfers", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("book IN ('loans', 'cards')", name=op.f("ck_book_balances_book_known")),
        sa.CheckConstraint(
            "debit_paise >= 0 AND credit_paise >= 0 AND transfers >= 0", name=op.f("ck_book_balances_not_negative")
        ),
        sa.ForeignKeyConstraint(["period"], ["book_periods.number"], name=op.f("fk_book_balances_period")),
        sa.PrimaryKeyConstraint("period", "book", "product", "account", name=op.f("pk_book_balances")),
    )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name, table in INDEXES.items():
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
    op.drop_table("book_balances")
    op.drop_table("book_periods")
    op.drop_table("chart_versions")
    op.drop_constraint(op.f("ck_business_clock_closed_days_are_over"), "business_clock")
    op.drop_column("business_clock", "closed_through")
