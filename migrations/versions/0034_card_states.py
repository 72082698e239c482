"""The state of a card account in two columns that cost a run little: JSON as text, and untouched purchases as bytes.

Additive: both may be null. A row is as it was until it is written again; then its state is in the new columns, and the
old one is empty. Going back, the state is written into the old column as the version before reads it. A proposal may be
to pay the credit balance of a card account back.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
#: A row of `untouched`: three numbers of four bytes and one of eight, the most significant byte first.
NUMBERS = ", ".join(
    f"('x' || encode(substring(a.untouched FROM p.at + {place} FOR {size}), 'hex'))::bit({size * 8})::bigint"
    for place, size in ((1, 4), (5, 4), (9, 4), (13, 8))
)
BACK = f"""
UPDATE card_accounts AS a SET state = jsonb_build_object(
    'items', '[]'::jsonb, 'credits', '[]'::jsonb, 'plans', '[]'::jsonb, 'disputes', '[]'::jsonb,
    'questions', '[]'::jsonb, 'statements', '[]'::jsonb, 'revolving', '[]'::jsonb, 'first', NULL, 'moved', false,
    'always', false, 'moves', 0
) || (a.kept::jsonb - 'rows') || jsonb_build_object('bought', coalesce((
    SELECT jsonb_agg(jsonb_build_array(r.billed_by, (
        SELECT jsonb_agg(n.number ORDER BY p.at, n.place)
        FROM generate_series(r.begins, r.begins + r.size - 1, 20) AS p(at),
             unnest(ARRAY[{NUMBERS}]) WITH ORDINALITY AS n(number, place)
    )) ORDER BY r.place)
    FROM (
        SELECT place, one -> 0 AS billed_by, (one ->> 3)::int AS size,
               (sum((one ->> 3)::int) OVER (ORDER BY place) - (one ->> 3)::int)::int AS begins
        FROM jsonb_array_elements(a.kept::jsonb -> 'rows') WITH ORDINALITY AS e(one, place)
    ) AS r
), '[]'::jsonb))
WHERE a.state = '{{}}'::jsonb AND a.kept IS NOT NULL
"""


KINDS = "'write_off', 'waiver', 'limit_override', 'card_limit', 'card_charge_off', 'refund', 'restructure', 'top_up'"


def upgrade() -> None:
    op.add_column("card_accounts", sa.Column("kept", postgresql.JSON(astext_type=sa.Text()), nullable=True))
    op.add_column("card_accounts", sa.Column("untouched", sa.LargeBinary(), nullable=True))
    _allow_kinds(KINDS.replace("'refund'", "'card_refund', 'refund'"))
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT UPDATE (kept, untouched) ON card_accounts TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.execute(BACK)
    op.drop_column("card_accounts", "untouched")
    op.drop_column("card_accounts", "kept")
    op.execute(
        "DELETE FROM public_ids AS i USING proposals AS p"
        " WHERE i.kind = 'proposal' AND i.number = p.id AND p.kind = 'card_refund'"
    )
    op.execute("DELETE FROM proposals WHERE kind = 'card_refund'")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    op.execute("ALTER TABLE proposals DROP CONSTRAINT ck_proposals_kind_known")
    op.execute(f"ALTER TABLE proposals ADD CONSTRAINT ck_proposals_kind_known CHECK (kind IN ({kinds})) NOT VALID")
    op.execute("ALTER TABLE proposals VALIDATE CONSTRAINT ck_proposals_kind_known")
