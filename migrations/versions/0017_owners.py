"""The owner of every number is found in one table: scores and cards get their entries, and loans their year.

So no look-up by a number or a token has to ask all servers of a cluster, and a loan's public id can be checked without
reading the loan. An older version of the program writes loans, scores and cards without this: stop it first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OLDER_KINDS = "'loan', 'payment', 'application', 'proposal'"
KINDS = f"{OLDER_KINDS}, 'score'"
OLDER_VALUES = "'aadhaar', 'external'"
VALUES = f"{OLDER_VALUES}, 'card'"


def upgrade() -> None:
    op.add_column("public_ids", sa.Column("year", sa.SmallInteger(), nullable=True))
    _allow("public_ids", KINDS)
    _allow("identities", VALUES)
    op.execute(
        "UPDATE public_ids AS i SET year = date_part('year', l.disbursed_on)::smallint FROM loans AS l"
        " WHERE i.kind = 'loan' AND l.customer_id = i.customer_id AND l.id = i.number"
    )
    op.execute("INSERT INTO public_ids (kind, number, customer_id) SELECT 'score', id, customer_id FROM credit_scores")
    op.execute(
        "INSERT INTO identities (kind, value, customer_id)"
        " SELECT 'card', convert_to(token, 'UTF8'), customer_id FROM cards"
    )


def downgrade() -> None:
    op.execute("DELETE FROM identities WHERE kind = 'card'")
    op.execute("DELETE FROM public_ids WHERE kind = 'score'")
    _allow("identities", OLDER_VALUES)
    _allow("public_ids", OLDER_KINDS)
    op.drop_column("public_ids", "year")


def _allow(table: str, kinds: str) -> None:
    constraint = f"ck_{table}_kind_known"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK (kind IN ({kinds})) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")
