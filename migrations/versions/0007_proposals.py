"""Proposals that two people decide, and what they may grant: waivers and write-offs.

Additive: two new tables, a sequence, and one more kind of public id. The new CHECK is wider than the old one, so it is
added without reading the table again while writers wait.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
KIND = "ck_public_ids_kind_known"
#: What was proposed is what it is; only how it was decided is written later, once.
UPDATABLE = "status, checker_id, checker, decided_at, decided_on, note, result"


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("proposal_numbers")))
    _create_proposals()
    _create_concessions()
    _allow("'loan', 'payment', 'application', 'proposal'")
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT USAGE ON SEQUENCE proposal_numbers TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({UPDATABLE}) ON proposals TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT ON concessions TO {APPLICATION_ROLE}")


def _create_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("maker_id", sa.BigInteger(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("checker_id", sa.BigInteger(), nullable=True),
        sa.Column("checker", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("kind IN ('write_off', 'waiver', 'limit_override')", name=op.f("ck_proposals_kind_known")),
        sa.CheckConstraint(
            "status IN ('proposed', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_proposals_status_known")
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_proposals_decided_has_its_time")
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'rejected') OR checker_id <> maker_id", name=op.f("ck_proposals_two_people")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"], name=op.f("fk_proposals_customer_id")),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"], ["loans.customer_id", "loans.id"], name=op.f("fk_proposals_customer_id_loan_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_open", "proposals", ["id"], postgresql_where=sa.text("status = 'proposed'"))


def _create_concessions() -> None:
    op.create_table(
        "concessions",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("interest_paise", sa.BigInteger(), nullable=False),
        sa.Column("charges_paise", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('waiver', 'write_off')", name=op.f("ck_concessions_kind_known")),
        sa.CheckConstraint("interest_paise >= 0 AND charges_paise >= 0", name=op.f("ck_concessions_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_concessions_customer_id_loan_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "proposal_id"],
            ["proposals.customer_id", "proposals.id"],
            name=op.f("fk_concessions_customer_id_proposal_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_concessions")),
    )
    op.create_index("ix_concessions_loan", "concessions", ["customer_id", "loan_id"])
    op.create_index("uq_concessions_proposal", "concessions", ["customer_id", "proposal_id"], unique=True)


def downgrade() -> None:
    op.drop_table("concessions")
    op.drop_table("proposals")
    op.execute("DELETE FROM public_ids WHERE kind = 'proposal'")
    _allow("'loan', 'payment', 'application'")
    op.execute(sa.schema.DropSequence(sa.Sequence("proposal_numbers")))


def _allow(kinds: str) -> None:
    op.execute(f"ALTER TABLE public_ids DROP CONSTRAINT {KIND}")
    op.execute(f"ALTER TABLE public_ids ADD CONSTRAINT {KIND} CHECK (kind IN ({kinds})) NOT VALID")
    op.execute(f"ALTER TABLE public_ids VALIDATE CONSTRAINT {KIND}")
