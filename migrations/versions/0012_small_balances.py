"""A rest below a product's tolerance closes a loan, without the two people that other concessions take.

The new CHECKs are wider than the old ones, so they are added without reading the table while writers wait.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KIND = "ck_concessions_kind_known"
PROPOSED = "ck_concessions_proposed_unless_small"


def upgrade() -> None:
    _allow("'waiver', 'write_off', 'small_balance'")
    op.alter_column("concessions", "proposal_id", nullable=True)
    op.execute(
        f"ALTER TABLE concessions ADD CONSTRAINT {PROPOSED}"
        " CHECK ((kind = 'small_balance') = (proposal_id IS NULL)) NOT VALID"
    )
    op.execute(f"ALTER TABLE concessions VALIDATE CONSTRAINT {PROPOSED}")


def downgrade() -> None:
    op.execute("DELETE FROM concessions WHERE kind = 'small_balance'")
    op.execute(f"ALTER TABLE concessions DROP CONSTRAINT {PROPOSED}")
    op.alter_column("concessions", "proposal_id", nullable=False)
    _allow("'waiver', 'write_off'")


def _allow(kinds: str) -> None:
    op.execute(f"ALTER TABLE concessions DROP CONSTRAINT {KIND}")
    op.execute(f"ALTER TABLE concessions ADD CONSTRAINT {KIND} CHECK (kind IN ({kinds})) NOT VALID")
    op.execute(f"ALTER TABLE concessions VALIDATE CONSTRAINT {KIND}")
