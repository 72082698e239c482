"""Money that comes otherwise: recoveries after a write-off, and refunds of what is owed to the borrower.

Additive: one new table. The new CHECKs are wider than the old ones, so they are added without reading the tables while
writers wait.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
TREATED = "'instalment', 'prepayment', 'prepay_smaller_emi', 'prepay_earlier_end'"
KINDS = "'write_off', 'waiver', 'limit_override', 'card_limit', 'card_charge_off'"


def upgrade() -> None:
    op.create_table(
        "refunds",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_paise > 0", name=op.f("ck_refunds_amount_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"], ["loans.customer_id", "loans.id"], name=op.f("fk_refunds_customer_id_loan_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "proposal_id"],
            ["proposals.customer_id", "proposals.id"],
            name=op.f("fk_refunds_customer_id_proposal_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_refunds")),
    )
    op.create_index("ix_refunds_loan", "refunds", ["customer_id", "loan_id"])
    op.create_index("uq_refunds_proposal", "refunds", ["customer_id", "proposal_id"], unique=True)
    _allow("payments", "treated_as_known", f"treated_as IN ({TREATED}, 'recovery')")
    _allow("proposals", "kind_known", f"kind IN ({KINDS}, 'refund')")
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT ON refunds TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("refunds")
    op.execute("DELETE FROM proposals WHERE kind = 'refund'")
    op.execute("UPDATE payments SET treated_as = 'instalment' WHERE treated_as = 'recovery'")
    _allow("proposals", "kind_known", f"kind IN ({KINDS})")
    _allow("payments", "treated_as_known", f"treated_as IN ({TREATED})")


def _allow(table: str, name: str, check: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
