"""Virtual cards: the token, the last four digits and the state of the card that a credit line comes with.

Additive: a new table, which no version before this one knows of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
#: A card's token, number and dates are what they are; only whether it is blocked ever changes.
UPDATABLE = "status, blocked_on, blocked_by"


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("blocked_on", sa.Date(), nullable=True),
        sa.Column("blocked_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'blocked')", name=op.f("ck_cards_status_known")),
        sa.CheckConstraint("last_four ~ '^[0-9]{4}$'", name=op.f("ck_cards_last_four_digits")),
        sa.CheckConstraint(
            "(status = 'blocked') = (blocked_on IS NOT NULL)", name=op.f("ck_cards_blocked_has_its_day")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"], ["loans.customer_id", "loans.id"], name=op.f("fk_cards_customer_id_loan_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "token", name=op.f("pk_cards")),
    )
    op.create_index("uq_cards_loan", "cards", ["customer_id", "loan_id"], unique=True)
    op.create_index("ix_cards_token", "cards", ["token"], unique=False)
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({UPDATABLE}) ON cards TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_index("ix_cards_token", table_name="cards")
    op.drop_index("uq_cards_loan", table_name="cards")
    op.drop_table("cards")
