"""The first schema: the books, the machinery beside them, and what each database role may do.

The application's role may insert and read transfers, schedules, scores, products and audit events, and nothing else;
of a bill it may update only the cache of what payments left. The owner's role, used by migrations alone, made them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
SEQUENCES = ("customer_numbers", "loan_numbers", "payment_numbers", "application_numbers", "score_numbers")
APPEND_ONLY = ("transfers", "schedules", "credit_scores", "products", "scorecards", "audit_events", "bank_transactions")
UPDATABLE_COLUMNS = {
    "bills": (
        "unpaid_charges_paise, unpaid_interest_paise, unpaid_principal_paise, returned_paise, closed_on, settled_on"
    ),
    "payments": "reversed_on, reversal_reason",
}
READ_WRITE = (
    "principals", "refresh_tokens", "customers", "identities", "public_ids", "holidays", "loans", "billing_runs",
    "billing_ranges", "parked_loans", "applications", "imports", "import_rejects", "business_clock",
    "idempotency_keys", "outbox",
)  # fmt: skip

INSTALMENTS = """
CREATE VIEW instalments AS
SELECT s.customer_id, s.loan_id, s.version, row.number::smallint AS number, row.due_on, row.principal_paise,
       row.interest_paise, row.principal_paise + row.interest_paise AS amount_paise
FROM schedules AS s
CROSS JOIN LATERAL unnest(s.due_on, s.principal_paise, s.interest_paise)
    WITH ORDINALITY AS row(due_on, principal_paise, interest_paise, number)
"""

# A payment's allocations are its transfers, netted: what a reversal undid is gone, an advance that was consumed has
# become interest and principal of the bill that consumed it.
PAYMENT_ALLOCATIONS = """
CREATE VIEW payment_allocations AS
SELECT t.customer_id, t.loan_id, t.payment_id, side.cycle, side.component,
       sum(side.amount_paise)::bigint AS amount_paise
FROM transfers AS t
CROSS JOIN LATERAL (
    VALUES (t.credit, CASE WHEN t.credit <> 'advance' THEN t.cycle END, t.amount_paise),
           (t.debit, CASE WHEN t.debit <> 'advance' THEN t.cycle END, -t.amount_paise)
) AS side(component, cycle, amount_paise)
WHERE t.payment_id IS NOT NULL AND (t.debit IN ('cash', 'advance') OR t.credit IN ('cash', 'advance'))
  AND side.component IN ('charges', 'interest', 'principal', 'advance')
GROUP BY t.customer_id, t.loan_id, t.payment_id, side.cycle, side.component
HAVING sum(side.amount_paise) <> 0
"""


def upgrade() -> None:
    for name in SEQUENCES:
        op.execute(sa.schema.CreateSequence(sa.Sequence(name)))
    _create_tables()
    op.execute(INSTALMENTS)
    op.execute(PAYMENT_ALLOCATIONS)
    _grant()


def _grant() -> None:
    """Gives the application's role what it needs, where there is such a role (a server of one role has none)."""
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if not exists:
        return
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE}")
    op.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE}")
    op.execute(f"GRANT SELECT ON instalments, payment_allocations TO {APPLICATION_ROLE}")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO {APPLICATION_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(READ_WRITE)} TO {APPLICATION_ROLE}")
    for table, columns in UPDATABLE_COLUMNS.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.execute("DROP VIEW payment_allocations")
    op.execute("DROP VIEW instalments")
    _drop_tables()
    for name in SEQUENCES:
        op.execute(sa.schema.DropSequence(sa.Sequence(name)))


def _create_tables() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index("ix_audit_events_object", "audit_events", ["object_kind", "object_id"], unique=False)
    op.create_table(
        "billing_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("loans_due", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'paused', 'cancelled', 'finished')", name=op.f("ck_billing_runs_status_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_runs")),
    )
    op.create_index(
        "uq_billing_runs_open",
        "billing_runs",
        ["business_date"],
        unique=True,
        postgresql_where=sa.text("status IN ('running', 'paused')"),
    )
    op.create_table(
        "business_clock",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_business_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_clock")),
    )
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("age", sa.SmallInteger(), nullable=True),
        sa.Column("employment_type", sa.Text(), nullable=True),
        sa.Column("annual_income_paise", sa.BigInteger(), nullable=True),
        sa.Column("approved_limit_paise", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("aadhaar_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("aadhaar_key_version", sa.Integer(), nullable=True),
        sa.Column("aadhaar_last_four", sa.Text(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('prospect', 'customer')", name=op.f("ck_customers_state_known")),
        sa.CheckConstraint("annual_income_paise >= 0", name=op.f("ck_customers_income_not_negative")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customers")),
    )
    op.create_table(
        "holidays",
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("calendar", "on", name=op.f("pk_holidays")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status_code", sa.SmallInteger(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('aadhaar', 'external')", name=op.f("ck_identities_kind_known")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_customer_id"), "identities", ["customer_id"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_loaded", sa.BigInteger(), nullable=False),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('customers', 'loans', 'transactions')", name=op.f("ck_imports_kind_known")),
        sa.CheckConstraint("status IN ('running', 'finished', 'failed')", name=op.f("ck_imports_status_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("uq_imports_content", "imports", ["kind", "content_hash"], unique=True)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_undone", "outbox", ["due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL"))
    op.create_index("uq_outbox_key", "outbox", ["job", "key"], unique=True, postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "principals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("credentials_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('customer', 'officer', 'admin', 'service')", name=op.f("ck_principals_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principals")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_principals_customer_id")),
        sa.UniqueConstraint("email", name=op.f("uq_principals_email")),
    )
    op.create_table(
        "products",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("offered_from", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_products")),
    )
    op.create_table(
        "public_ids",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('loan', 'payment', 'application')", name=op.f("ck_public_ids_kind_known")),
        sa.PrimaryKeyConstraint("kind", "number", name=op.f("pk_public_ids")),
    )
    op.create_table(
        "scorecards",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_scorecards")),
    )
    op.create_table(
        "applications",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False),
        sa.Column("product_version", sa.Integer(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("instalments", sa.SmallInteger(), nullable=False),
        sa.Column("requested_rate_percent", sa.Numeric(precision=12, scale=8), nullable=True),
        sa.Column("annual_rate_percent", sa.Numeric(precision=12, scale=8), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("score_id", sa.BigInteger(), nullable=True),
        sa.Column("loan_id", sa.BigInteger(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'refused', 'expired')", name=op.f("ck_applications_status_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"], name=op.f("fk_applications_customer_id")),
        sa.ForeignKeyConstraint(
            ["product_code", "product_version"],
            ["products.code", "products.version"],
            name=op.f("fk_applications_product_code_product_version"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_applications")),
    )
    op.create_index(
        "ix_applications_fingerprint", "applications", ["customer_id", "fingerprint", "created_at"], unique=False
    )
    op.create_index(
        "uq_applications_pending",
        "applications",
        ["customer_id", "product_code"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "bank_transactions",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transacted_on", sa.Date(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint("direction IN ('CREDIT', 'DEBIT')", name=op.f("ck_bank_transactions_direction_known")),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_bank_transactions_amount_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name=op.f("fk_bank_transactions_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "import_id", "row_number", name=op.f("pk_bank_transactions")),
    )
    op.create_table(
        "billing_ranges",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("to_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("loans", sa.Integer(), nullable=False),
        sa.Column("bills", sa.Integer(), nullable=False),
        sa.Column("demanded_paise", sa.BigInteger(), nullable=False),
        sa.Column("parked", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'claimed', 'done')", name=op.f("ck_billing_ranges_status_known")),
        sa.ForeignKeyConstraint(["run_id"], ["billing_runs.id"], name=op.f("fk_billing_ranges_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_billing_ranges")),
    )
    op.create_table(
        "credit_scores",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scorecard_code", sa.Text(), nullable=False),
        sa.Column("scorecard_version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("factors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"], name=op.f("fk_credit_scores_customer_id")),
        sa.ForeignKeyConstraint(
            ["scorecard_code", "scorecard_version"],
            ["scorecards.code", "scorecards.version"],
            name=op.f("fk_credit_scores_scorecard_code_scorecard_version"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_credit_scores")),
    )
    op.create_index("ix_credit_scores_latest", "credit_scores", ["customer_id", "scorecard_code", "id"], unique=False)
    op.create_table(
        "import_rejects",
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_rejects_import_id")),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_import_rejects")),
    )
    op.create_table(
        "loans",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False),
        sa.Column("product_version", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("disbursed_paise", sa.BigInteger(), nullable=False),
        sa.Column("annual_rate_percent", sa.Numeric(precision=12, scale=8), nullable=False),
        sa.Column("instalments", sa.SmallInteger(), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("next_cycle", sa.SmallInteger(), nullable=False),
        sa.Column("cycle_began_on", sa.Date(), nullable=False),
        sa.Column("next_billing_on", sa.Date(), nullable=True),
        sa.Column("next_event_on", sa.Date(), nullable=True),
        sa.Column("last_event_on", sa.Date(), nullable=False),
        sa.Column("principal_paise", sa.BigInteger(), nullable=False),
        sa.Column("interest_paise", sa.BigInteger(), nullable=False),
        sa.Column("charges_paise", sa.BigInteger(), nullable=False),
        sa.Column("advance_paise", sa.BigInteger(), nullable=False),
        sa.Column("unbilled_interest_paise", sa.BigInteger(), nullable=False),
        sa.Column("advance_payment_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("advance_part_paise", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("movement_dates", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("movement_paise", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("last_transfer", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'closed', 'written_off')", name=op.f("ck_loans_status_known")),
        sa.CheckConstraint("disbursed_paise > 0", name=op.f("ck_loans_disbursed_positive")),
        sa.CheckConstraint(
            "principal_paise >= 0 AND charges_paise >= 0 AND advance_paise >= 0", name=op.f("ck_loans_not_negative")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"], name=op.f("fk_loans_customer_id")),
        sa.ForeignKeyConstraint(
            ["product_code", "product_version"],
            ["products.code", "products.version"],
            name=op.f("fk_loans_product_code_product_version"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_loans")),
    )
    op.create_index(
        "ix_loans_due",
        "loans",
        ["next_event_on", "customer_id"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("principal_id", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["principal_id"], ["principals.id"], name=op.f("fk_refresh_tokens_principal_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index("ix_refresh_tokens_family", "refresh_tokens", ["family"], unique=False)
    op.create_index(op.f("ix_refresh_tokens_principal_id"), "refresh_tokens", ["principal_id"], unique=False)
    op.create_table(
        "bills",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cycle", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("opening_principal_paise", sa.BigInteger(), nullable=False),
        sa.Column("interest_paise", sa.BigInteger(), nullable=False),
        sa.Column("principal_due_paise", sa.BigInteger(), nullable=False),
        sa.Column("past_due_paise", sa.BigInteger(), nullable=False),
        sa.Column("total_due_paise", sa.BigInteger(), nullable=False),
        sa.Column("minimum_due_paise", sa.BigInteger(), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("unpaid_charges_paise", sa.BigInteger(), nullable=False),
        sa.Column("unpaid_interest_paise", sa.BigInteger(), nullable=False),
        sa.Column("unpaid_principal_paise", sa.BigInteger(), nullable=False),
        sa.Column("returned_paise", sa.BigInteger(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.CheckConstraint("minimum_due_paise <= total_due_paise", name=op.f("ck_bills_minimum_within_total")),
        sa.CheckConstraint(
            "principal_due_paise >= 0 AND interest_paise >= 0 AND past_due_paise >= 0 AND unpaid_charges_paise >= 0"
            " AND unpaid_interest_paise >= 0 AND unpaid_principal_paise >= 0",
            name=op.f("ck_bills_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"], ["loans.customer_id", "loans.id"], name=op.f("fk_bills_customer_id_loan_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", "cycle", name=op.f("pk_bills")),
    )
    op.create_index(
        "ix_bills_open",
        "bills",
        ["customer_id", "loan_id", "cycle"],
        unique=False,
        postgresql_where=sa.text("settled_on IS NULL"),
    )
    op.create_table(
        "parked_loans",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_parked_loans_customer_id_loan_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", name=op.f("pk_parked_loans")),
    )
    op.create_table(
        "payments",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("instalment", sa.SmallInteger(), nullable=True),
        sa.Column("treated_as", sa.Text(), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("reversal_reason", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "treated_as IN ('instalment', 'prepayment', 'prepay_smaller_emi', 'prepay_earlier_end')",
            name=op.f("ck_payments_treated_as_known"),
        ),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_payments_amount_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"], ["loans.customer_id", "loans.id"], name=op.f("fk_payments_customer_id_loan_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_payments")),
    )
    op.create_index("ix_payments_loan", "payments", ["customer_id", "loan_id", "value_date"], unique=False)
    op.create_index(
        "uq_payments_reference",
        "payments",
        ["customer_id", "loan_id", "reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_table(
        "schedules",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_planned", sa.SmallInteger(), nullable=False),
        sa.Column("after_payment_id", sa.BigInteger(), nullable=True),
        sa.Column("emi_paise", sa.BigInteger(), nullable=False),
        sa.Column("due_on", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("principal_paise", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("interest_paise", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint(
            "cardinality(due_on) = cardinality(principal_paise) AND cardinality(due_on) = cardinality(interest_paise)",
            name=op.f("ck_schedules_same_length"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"], ["loans.customer_id", "loans.id"], name=op.f("fk_schedules_customer_id_loan_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", "version", name=op.f("pk_schedules")),
    )
    op.create_table(
        "transfers",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_transfers_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfers_two_accounts")),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id", "reverses"],
            ["transfers.customer_id", "transfers.loan_id", "transfers.number"],
            name=op.f("fk_transfers_customer_id_loan_id_reverses"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"], ["loans.customer_id", "loans.id"], name=op.f("fk_transfers_customer_id_loan_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", "number", name=op.f("pk_transfers")),
    )
    op.create_index(
        "uq_transfers_reverses",
        "transfers",
        ["customer_id", "loan_id", "reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )


def _drop_tables() -> None:
    op.drop_index("uq_transfers_reverses", table_name="transfers", postgresql_where=sa.text("reverses IS NOT NULL"))
    op.drop_table("transfers")
    op.drop_table("schedules")
    op.drop_index("uq_payments_reference", table_name="payments", postgresql_where=sa.text("reference IS NOT NULL"))
    op.drop_index("ix_payments_loan", table_name="payments")
    op.drop_table("payments")
    op.drop_table("parked_loans")
    op.drop_index("ix_bills_open", table_name="bills", postgresql_where=sa.text("settled_on IS NULL"))
    op.drop_table("bills")
    op.drop_index(op.f("ix_refresh_tokens_principal_id"), table_name="refresh_tokens")
    op.drop_index("ix_refresh_tokens_family", table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index("ix_loans_due", table_name="loans", postgresql_where=sa.text("status = 'active'"))
    op.drop_table("loans")
    op.drop_table("import_rejects")
    op.drop_index("ix_credit_scores_latest", table_name="credit_scores")
    op.drop_table("credit_scores")
    op.drop_table("billing_ranges")
    op.drop_table("bank_transactions")
    op.drop_index("uq_applications_pending", table_name="applications", postgresql_where=sa.text("status = 'pending'"))
    op.drop_index("ix_applications_fingerprint", table_name="applications")
    op.drop_table("applications")
    op.drop_table("scorecards")
    op.drop_table("public_ids")
    op.drop_table("products")
    op.drop_table("principals")
    op.drop_index("uq_outbox_key", table_name="outbox", postgresql_where=sa.text("done_at IS NULL"))
    op.drop_index("ix_outbox_undone", table_name="outbox", postgresql_where=sa.text("done_at IS NULL"))
    op.drop_table("outbox")
    op.drop_index("uq_imports_content", table_name="imports")
    op.drop_table("imports")
    op.drop_index(op.f("ix_identities_customer_id"), table_name="identities")
    op.drop_table("identities")
    op.drop_index("ix_idempotency_keys_created", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("holidays")
    op.drop_table("customers")
    op.drop_table("business_clock")
    op.drop_index(
        "uq_billing_runs_open", table_name="billing_runs", postgresql_where=sa.text("status IN ('running', 'paused')")
    )
    op.drop_table("billing_runs")
    op.drop_index("ix_audit_events_object", table_name="audit_events")
    op.drop_table("audit_events")
