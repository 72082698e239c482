"""The keys under which the books are written leave a check value in them.

Additive. The application's role may add check values and retire them, and change nothing else of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
KEYS = "'aadhaar_key', 'aadhaar_index_key', 'audit_key'"


def upgrade() -> None:
    op.create_table(
        "key_checks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "key IN ('aadhaar_key', 'aadhaar_index_key', 'audit_key')", name=op.f("ck_key_checks_key_known")
        ),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_key_checks")),
    )
    if _has_application_role():
        op.execute(f"GRANT SELECT, INSERT, UPDATE (retired_at) ON key_checks TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("key_checks")


def _has_application_role() -> bool:
    return bool(
        op.get_bind().scalar(
            sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
        )
    )
