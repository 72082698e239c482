"""The audit trail says from where, and is sealed: a chain of seals over stretches of its events.

Additive. The application's role may add events (whose number it may not choose) and seals, and change neither.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
WRITTEN = "at, actor, action, object_kind, object_id, customer_id, request_id, client_address, details"


def upgrade() -> None:
    op.add_column("audit_events", sa.Column("client_address", sa.Text(), nullable=True))
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("events > 0 AND first_id <= last_id", name=op.f("ck_audit_seals_on_something")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seals")),
    )
    if _has_application_role():
        op.execute(f"REVOKE INSERT ON audit_events FROM {APPLICATION_ROLE}")
        op.execute(f"GRANT INSERT ({WRITTEN}) ON audit_events TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT ON audit_seals TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("audit_seals")
    if _has_application_role():
        op.execute(f"GRANT INSERT ON audit_events TO {APPLICATION_ROLE}")
    op.drop_column("audit_events", "client_address")


def _has_application_role() -> bool:
    return bool(
        op.get_bind().scalar(
            sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
        )
    )
