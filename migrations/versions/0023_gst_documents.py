"""Tax documents of the charges of loans, their numbers, and the state of a customer for the place of supply.

The index of the transfers of tax is built while writers go on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
INDEX = "ix_transfers_tax"
GRANTS = {"gst_documents": "SELECT, INSERT", "gst_series": "SELECT, INSERT, UPDATE"}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # A build that was interrupted leaves an index that is never used.
        op.drop_index(INDEX, table_name="transfers", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            INDEX,
            "transfers",
            ["booked_on", "customer_id", "loan_id", "number"],
            postgresql_where=sa.text("debit = 'gst_payable' OR credit = 'gst_payable'"),
            postgresql_concurrently=True,
        )
    op.add_column("customers", sa.Column("gst_state", sa.Text(), nullable=True))
    op.create_table(
        "gst_documents",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transfer_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplied_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("sac", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("central_paise", sa.BigInteger(), nullable=False),
        sa.Column("state_paise", sa.BigInteger(), nullable=False),
        sa.Column("integrated_paise", sa.BigInteger(), nullable=False),
        sa.Column("of_transfer", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_gst_documents_kind_known")),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (of_transfer IS NOT NULL)", name=op.f("ck_gst_documents_note_of_an_invoice")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_gst_documents_customer_id_loan_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", "transfer_number", name=op.f("pk_gst_documents")),
    )
    op.create_index("ix_gst_documents_booked", "gst_documents", ["booked_on"])
    op.create_table(
        "gst_series",
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", "kind", name=op.f("pk_gst_series")),
    )
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        for table, rights in GRANTS.items():
            op.execute(f"GRANT {rights} ON {table} TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("gst_series")
    op.drop_table("gst_documents")
    op.drop_column("customers", "gst_state")
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, table_name="transfers", postgresql_concurrently=True)
