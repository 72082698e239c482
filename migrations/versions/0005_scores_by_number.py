"""A score is found by its number alone, so that staff can replay it.

One index, built while the table is written to.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEX = "ix_credit_scores_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # A build that was interrupted leaves an index that is never used.
        op.drop_index(INDEX, table_name="credit_scores", if_exists=True, postgresql_concurrently=True)
        op.create_index(INDEX, "credit_scores", ["id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="credit_scores")
