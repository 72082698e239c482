"""A proposal may be to give the holder of a card account money."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KINDS = (
    "'write_off', 'waiver', 'limit_override', 'card_limit', 'card_charge_off', 'card_refund', 'refund', 'restructure', "
    "'top_up'"
)


def upgrade() -> None:
    _allow_kinds(KINDS.replace("'card_refund'", "'card_credit', 'card_refund'"))


def downgrade() -> None:
    # What was given stays on the accounts; only who proposed it is forgotten, which the audit trail keeps.
    op.execute(
        "DELETE FROM public_ids AS i USING proposals AS p"
        " WHERE i.kind = 'proposal' AND i.number = p.id AND p.kind = 'card_credit'"
    )
    op.execute("DELETE FROM proposals WHERE kind = 'card_credit'")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    op.execute("ALTER TABLE proposals DROP CONSTRAINT ck_proposals_kind_known")
    op.execute(f"ALTER TABLE proposals ADD CONSTRAINT ck_proposals_kind_known CHECK (kind IN ({kinds})) NOT VALID")
    op.execute("ALTER TABLE proposals VALIDATE CONSTRAINT ck_proposals_kind_known")
