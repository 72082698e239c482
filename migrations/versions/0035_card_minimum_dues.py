"""Statements of cards by their due date: an index for the day of collections. It is built while writers go on."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

INDEX = "ix_card_statements_due_on"
TABLE = "card_statements"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # A build that was interrupted leaves an index that is never used.
        op.drop_index(INDEX, table_name=TABLE, if_exists=True, postgresql_concurrently=True)
        op.create_index(INDEX, TABLE, ["due_on"], postgresql_using="brin", postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
