"""Payments to card accounts by their reference: an index. It is built while writers go on."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INDEX = "ix_card_postings_payments"
TABLE = "card_postings"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # A build that was interrupted leaves an index that is never used.
        op.drop_index(INDEX, table_name=TABLE, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            INDEX,
            TABLE,
            ["reference", "posted_on"],
            postgresql_where=sa.text("kind = 'payment' AND reference IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
