"""What was paid, and what bounced, on a day: indexes for the work list. They are built while writers go on."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

#: Name, table, columns, condition.
INDEXES = (
    ("ix_payments_reversed", "payments", ["reversed_on", "id"], "reversed_on IS NOT NULL"),
    (
        "ix_card_postings_paid",
        "card_postings",
        ["posted_on", "customer_id", "account_id", "number"],
        "kind IN ('payment', 'returned_payment')",
    ),
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, table, columns, condition in INDEXES:
            # A build that was interrupted leaves an index that is never used.
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, columns, postgresql_where=sa.text(condition), postgresql_concurrently=True)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
