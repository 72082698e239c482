"""Charges that an officer books, the tax that a waiver gives back, and tax documents of card accounts.

Additive: one new table and one new column. The new CHECKs are wider than the old ones, so they are added without
reading the tables while writers wait.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
TABLE = "card_gst_documents"
#: The key of what was charged, and so of its document.
KEY = ["customer_id", "account_id", "cause", "cause_number", "cause_of", "posting", "found_by"]


def upgrade() -> None:
    _allow("loan_charges", "kind_known", "kind IN ('fee', 'bounce', 'service')")
    _allow("gst_documents", "kind_known", "kind IN ('invoice', 'credit_note', 'debit_note')")
    _allow("gst_documents", "note_of_an_invoice", "(kind = 'invoice') = (of_transfer IS NULL)")
    op.add_column("concessions", sa.Column("taxes", postgresql.JSONB(), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cause_of", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("posting", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("found_by", sa.Integer(), autoincrement=False, nullable=False),
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
        sa.Column("of_found_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note', 'debit_note')", name=op.f(f"ck_{TABLE}_kind_known")),
        sa.CheckConstraint("(kind = 'invoice') = (of_found_by IS NULL)", name=op.f(f"ck_{TABLE}_note_of_an_invoice")),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["card_accounts.customer_id", "card_accounts.id"],
            name=op.f(f"fk_{TABLE}_customer_id_account_id"),
        ),
        sa.PrimaryKeyConstraint(*KEY, name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_booked", TABLE, ["booked_on"])
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT ON {TABLE} TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("concessions", "taxes")
    op.execute("DELETE FROM gst_documents WHERE kind = 'debit_note'")
    _allow("gst_documents", "note_of_an_invoice", "(kind = 'credit_note') = (of_transfer IS NOT NULL)")
    _allow("gst_documents", "kind_known", "kind IN ('invoice', 'credit_note')")
    op.execute("UPDATE loan_charges SET kind = 'bounce' WHERE kind = 'service'")
    _allow("loan_charges", "kind_known", "kind IN ('fee', 'bounce')")


def _allow(table: str, name: str, check: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
