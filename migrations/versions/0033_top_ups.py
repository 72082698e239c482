"""Top-ups are decided as applications are: the loan that an application asks more on, and the key facts of a top-up.

Additive: columns that may be null.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

DOCUMENT = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("applications", sa.Column("top_up", DOCUMENT, nullable=True))
    op.add_column("key_facts", sa.Column("top_up", DOCUMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("key_facts", "top_up")
    op.drop_column("applications", "top_up")
