"""Card accounts: revolving lines with their postings, statements, charges, transfers and holds.

Additive: new tables and a sequence. Postings, statements, charges and transfers are only ever added; of a posting only
how much of it was undone is written later.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
#: An account's contract is what it is; its state, balances and blocks change.
ACCOUNT = (
    "status, ended_on, limit_paise, statement_day, next_statement_on, next_event_on, blocked_on, blocked_by,"
    " over_limit_consent_on, used_paise, cash_used_paise, held_paise, cash_held_paise, last_posting, last_statement,"
    " last_transfer, version, state"
)
GRANTS = {
    "card_accounts": f"SELECT, INSERT, UPDATE ({ACCOUNT})",
    "card_postings": "SELECT, INSERT, UPDATE (undone_paise)",
    "card_statements": "SELECT, INSERT",
    "card_charges": "SELECT, INSERT",
    "card_transfers": "SELECT, INSERT",
    "card_holds": "SELECT, INSERT, UPDATE (captured_paise, status)",
    "parked_card_accounts": "SELECT, INSERT, UPDATE, DELETE",
}


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("card_account_numbers")))
    _create_card_accounts()
    _create_card_postings()
    _create_card_statements()
    _create_card_charges()
    _create_card_transfers()
    _create_card_holds()
    _create_parked_card_accounts()
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT USAGE ON SEQUENCE card_account_numbers TO {APPLICATION_ROLE}")
        for table, rights in GRANTS.items():
            op.execute(f"GRANT {rights} ON {table} TO {APPLICATION_ROLE}")


def _create_card_accounts() -> None:
    op.create_table(
        "card_accounts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False),
        sa.Column("product_version", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("opening_limit_paise", sa.BigInteger(), nullable=False),
        sa.Column("opening_statement_day", sa.SmallInteger(), nullable=False),
        sa.Column("limit_paise", sa.BigInteger(), nullable=False),
        sa.Column("statement_day", sa.SmallInteger(), nullable=False),
        sa.Column("next_statement_on", sa.Date(), nullable=False),
        sa.Column("next_event_on", sa.Date(), nullable=True),
        sa.Column("blocked_on", sa.Date(), nullable=True),
        sa.Column("blocked_by", sa.Text(), nullable=True),
        sa.Column("over_limit_consent_on", sa.Date(), nullable=True),
        sa.Column("used_paise", sa.BigInteger(), nullable=False),
        sa.Column("cash_used_paise", sa.BigInteger(), nullable=False),
        sa.Column("held_paise", sa.BigInteger(), nullable=False),
        sa.Column("cash_held_paise", sa.BigInteger(), nullable=False),
        sa.Column("last_posting", sa.Integer(), nullable=False),
        sa.Column("last_statement", sa.Integer(), nullable=False),
        sa.Column("last_transfer", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed', 'charged_off')", name=op.f("ck_card_accounts_status_known")),
        sa.CheckConstraint(
            "(blocked_on IS NULL) = (blocked_by IS NULL)", name=op.f("ck_card_accounts_blocked_has_its_day")
        ),
        sa.CheckConstraint(
            "limit_paise >= 0 AND held_paise >= 0 AND cash_held_paise >= 0", name=op.f("ck_card_accounts_not_negative")
        ),
        sa.CheckConstraint(
            "statement_day BETWEEN 1 AND 28 OR statement_day = 31", name=op.f("ck_card_accounts_statement_day")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"], name=op.f("fk_card_accounts_customer_id")),
        sa.ForeignKeyConstraint(
            ["product_code", "product_version"],
            ["products.code", "products.version"],
            name=op.f("fk_card_accounts_product_code_product_version"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_card_accounts")),
    )
    op.create_index(
        "ix_card_accounts_due",
        "card_accounts",
        ["next_event_on", "customer_id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )


def _create_card_postings() -> None:
    op.create_table(
        "card_postings",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_fact", sa.Boolean(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("owed_paise", sa.BigInteger(), nullable=False),
        sa.Column("undone_paise", sa.BigInteger(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("of_number", sa.Integer(), nullable=True),
        sa.Column("of_posted_on", sa.Date(), nullable=True),
        sa.Column("fee", sa.Text(), nullable=True),
        sa.Column("annual_rate_percent", sa.Numeric(precision=12, scale=8), nullable=True),
        sa.Column("instalments", sa.SmallInteger(), nullable=True),
        sa.Column("day", sa.SmallInteger(), nullable=True),
        sa.Column("limit_paise", sa.BigInteger(), nullable=True),
        sa.Column("product_version", sa.Integer(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("merchant", sa.Text(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "undone_paise BETWEEN 0 AND amount_paise", name=op.f("ck_card_postings_undone_within_amount")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["card_accounts.customer_id", "card_accounts.id"],
            name=op.f("fk_card_postings_customer_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "account_id", "number", name=op.f("pk_card_postings")),
    )
    op.create_index(
        "uq_card_postings_reference",
        "card_postings",
        ["customer_id", "account_id", "reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL"),
    )


def _create_card_statements() -> None:
    op.create_table(
        "card_statements",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("opening_paise", sa.BigInteger(), nullable=False),
        sa.Column("closing_paise", sa.BigInteger(), nullable=False),
        sa.Column("total_due_paise", sa.BigInteger(), nullable=False),
        sa.Column("minimum_due_paise", sa.BigInteger(), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("balances", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("interest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan_paise", sa.BigInteger(), nullable=False),
        sa.Column("disputed_paise", sa.BigInteger(), nullable=False),
        sa.Column("interest_free", sa.Boolean(), nullable=False),
        sa.Column("first_posting", sa.Integer(), nullable=False),
        sa.Column("last_posting", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "minimum_due_paise <= total_due_paise", name=op.f("ck_card_statements_minimum_within_total")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["card_accounts.customer_id", "card_accounts.id"],
            name=op.f("fk_card_statements_customer_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "account_id", "number", name=op.f("pk_card_statements")),
    )


def _create_card_charges() -> None:
    op.create_table(
        "card_charges",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cause_of", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("posting", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("found_by", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("is_found", sa.Boolean(), nullable=False),
        sa.Column("paise", sa.BigInteger(), nullable=False),
        sa.Column("tax_paise", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('interest', 'cash_interest', 'plan_interest', 'late_fee', 'fee')",
            name=op.f("ck_card_charges_cause_known"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["card_accounts.customer_id", "card_accounts.id"],
            name=op.f("fk_card_charges_customer_id_account_id"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id",
            "account_id",
            "cause",
            "cause_number",
            "cause_of",
            "posting",
            "found_by",
            name=op.f("pk_card_charges"),
        ),
    )


def _create_card_transfers() -> None:
    op.create_table(
        "card_transfers",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("posting", sa.Integer(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("is_laying", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_card_transfers_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_card_transfers_two_accounts")),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["card_accounts.customer_id", "card_accounts.id"],
            name=op.f("fk_card_transfers_customer_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "account_id", "number", name=op.f("pk_card_transfers")),
    )


def _create_card_holds() -> None:
    op.create_table(
        "card_holds",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("captured_paise", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decline_code", sa.Text(), nullable=True),
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("is_online", sa.Boolean(), nullable=False),
        sa.Column("transacted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_paise", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status = 'declined') = (decline_code IS NOT NULL)", name=op.f("ck_card_holds_declined_has_its_code")
        ),
        sa.CheckConstraint("kind IN ('purchase', 'cash')", name=op.f("ck_card_holds_kind_known")),
        sa.CheckConstraint(
            "status IN ('declined', 'open', 'captured', 'reversed', 'expired')", name=op.f("ck_card_holds_status_known")
        ),
        sa.CheckConstraint("amount_paise > 0 AND captured_paise >= 0", name=op.f("ck_card_holds_amounts")),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["card_accounts.customer_id", "card_accounts.id"],
            name=op.f("fk_card_holds_customer_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "account_id", "reference", name=op.f("pk_card_holds")),
    )
    op.create_index("ix_card_holds_card", "card_holds", ["customer_id", "token", "approved_on"], unique=False)
    op.create_index(
        "ix_card_holds_expiring",
        "card_holds",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )


def _create_parked_card_accounts() -> None:
    op.create_table(
        "parked_card_accounts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["card_accounts.customer_id", "card_accounts.id"],
            name=op.f("fk_parked_card_accounts_customer_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "account_id", name=op.f("pk_parked_card_accounts")),
    )


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("card_account_numbers")))
