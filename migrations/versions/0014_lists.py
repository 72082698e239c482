"""Lists across customers: what orders and finds their rows.

The indexes are built while writers go on. `loan_origins` is filled from the loans; stop an older version of the program
first, because a loan that it disburses afterwards would be missing in the lists by product and by day.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
FILL = """
INSERT INTO loan_origins (customer_id, loan_id, product_code, disbursed_on)
SELECT customer_id, id, product_code, disbursed_on FROM loans ORDER BY customer_id, id
"""
PHONE = sa.text(r"right(regexp_replace(phone, '[^0-9]+', '', 'g'), 10)")
#: Name, table, columns, condition.
INDEXES: tuple[tuple[str, str, list[Any], str | None], ...] = (
    ("ix_loans_ended", "loans", ["status", "customer_id", "id"], "status <> 'active'"),
    ("ix_bills_overdue", "bills", ["customer_id", "loan_id"], "closed_on IS NOT NULL AND settled_on IS NULL"),
    ("ix_payments_booked", "payments", ["booked_on", "id"], None),
    ("ix_payments_reference", "payments", ["reference", "id"], "reference IS NOT NULL"),
    ("ix_applications_number", "applications", ["id"], None),
    ("ix_applications_status", "applications", ["status", "id"], None),
    ("ix_customers_email", "customers", ["email", "customer_id"], "email IS NOT NULL"),
    ("ix_customers_phone", "customers", [PHONE, "customer_id"], "phone IS NOT NULL"),
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, table, columns, condition in INDEXES:
            # A build that was interrupted leaves an index that is never used.
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                columns,
                postgresql_where=None if condition is None else sa.text(condition),
                postgresql_concurrently=True,
            )
    op.create_table(
        "loan_origins",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_code", sa.Text(), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_loan_origins_customer_id_loan_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", name=op.f("pk_loan_origins")),
    )
    op.execute(FILL)
    op.create_index("ix_loan_origins_product", "loan_origins", ["product_code", "customer_id", "loan_id"])
    op.create_index("ix_loan_origins_disbursed", "loan_origins", ["disbursed_on", "customer_id", "loan_id"])
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT ON loan_origins TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("loan_origins")
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
