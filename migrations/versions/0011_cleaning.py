"""Done jobs and expired refresh tokens are found by their age, so that they can be removed.

Two indexes, built while the tables are written to. The application's role may delete from these tables since 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

DONE = "ix_outbox_done"
EXPIRED = "ix_refresh_tokens_expires_at"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # A build that was interrupted leaves an index that is never used.
        op.drop_index(DONE, table_name="outbox", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            DONE,
            "outbox",
            ["done_at"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("done_at IS NOT NULL"),
        )
        op.drop_index(EXPIRED, table_name="refresh_tokens", if_exists=True, postgresql_concurrently=True)
        op.create_index(EXPIRED, "refresh_tokens", ["expires_at"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(EXPIRED, table_name="refresh_tokens")
    op.drop_index(DONE, table_name="outbox")
