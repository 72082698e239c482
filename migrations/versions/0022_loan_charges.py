"""Charges of a loan: fees of the disbursal, charges for events, and the days on which something is overdue.

Additive: new columns may be null or have a constant default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
ZEROS = (
    ("loans", "unbilled_charges_paise"),
    ("loans", "late_principal_days"),
    ("loans", "late_amount_days"),
    ("bills", "charges_paise"),
)


def upgrade() -> None:
    for table, column in ZEROS:
        op.add_column(table, sa.Column(column, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("loans", sa.Column("late_counted_on", sa.Date(), nullable=True))
    op.create_table(
        "loan_charges",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("paid", sa.Text(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("tax_paise", sa.BigInteger(), nullable=False),
        sa.Column("sac", sa.Text(), nullable=True),
        sa.Column("for_third_party", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("taken_back_on", sa.Date(), nullable=True),
        sa.Column("taken_back_reason", sa.Text(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('fee', 'bounce')", name=op.f("ck_loan_charges_kind_known")),
        sa.CheckConstraint("amount_paise >= 0 AND tax_paise >= 0", name=op.f("ck_loan_charges_not_negative")),
        sa.CheckConstraint("tax_paise = 0 OR sac IS NOT NULL", name=op.f("ck_loan_charges_taxed_has_its_code")),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_loan_charges_customer_id_loan_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_loan_charges")),
    )
    op.create_index("ix_loan_charges_loan", "loan_charges", ["customer_id", "loan_id"])
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        rights = "SELECT, INSERT, UPDATE (taken_back_on, taken_back_reason)"
        op.execute(f"GRANT {rights} ON loan_charges TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("loan_charges")
    op.drop_column("loans", "late_counted_on")
    for table, column in reversed(ZEROS):
        op.drop_column(table, column)
