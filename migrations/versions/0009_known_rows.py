"""A row of a bank statement is loaded once, whatever file it comes in; a file's refused rows can be tried again.

Additive: new columns with a constant default, and three new tables. The days between which the imports of before have
rows of a person are read once, from the transactions that are there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
COLUMNS = (("rows_known", sa.BigInteger(), "0"), ("attempt", sa.Integer(), "1"), ("rules", sa.Integer(), "0"))
STATEMENTS_OF_BEFORE = """
INSERT INTO bank_statements (customer_id, import_id, first_on, last_on)
SELECT customer_id, import_id, min(transacted_on), max(transacted_on)
FROM bank_transactions
GROUP BY customer_id, import_id
"""


def upgrade() -> None:
    for name, kind, default in COLUMNS:
        op.add_column("imports", sa.Column(name, kind, nullable=False, server_default=default))
    _create_statements()
    _create_known()
    op.create_table(
        "import_turns",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_import_turns")),
    )
    if _has_application_role():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON bank_statements, import_turns TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT ON known_transactions TO {APPLICATION_ROLE}")
    op.execute(STATEMENTS_OF_BEFORE)


def _create_statements() -> None:
    op.create_table(
        "bank_statements",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_bank_statements_days_in_order")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name=op.f("fk_bank_statements_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "import_id", name=op.f("pk_bank_statements")),
    )


def _create_known() -> None:
    op.create_table(
        "known_transactions",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("of_import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("of_row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.ForeignKeyConstraint(
            ["customer_id", "of_import_id", "of_row_number"],
            ["bank_transactions.customer_id", "bank_transactions.import_id", "bank_transactions.row_number"],
            name=op.f("fk_known_transactions_customer_id_of_import_id_of_row_number"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "import_id", "of_import_id", "of_row_number", name=op.f("pk_known_transactions")
        ),
    )
    op.create_index(
        "ix_known_transactions_described",
        "known_transactions",
        ["customer_id", "of_import_id", "of_row_number"],
        unique=True,
        postgresql_where=sa.text("description IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("import_turns")
    op.drop_table("known_transactions")
    op.drop_table("bank_statements")
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("imports", name)


def _has_application_role() -> bool:
    return bool(
        op.get_bind().scalar(
            sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
        )
    )
