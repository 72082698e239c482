"""Loans of other lenders, and uploaded files that wait to be loaded.

Additive: two new tables, two columns that may be empty, and one more state that an import may be in. The new CHECK is
wider than the old one, so it is added without reading the table again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
STATUS = "ck_imports_status_known"


def upgrade() -> None:
    op.create_table(
        "external_loans",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("tenure", sa.SmallInteger(), nullable=False),
        sa.Column("annual_rate_percent", sa.Numeric(precision=12, scale=8), nullable=False),
        sa.Column("instalment_paise", sa.BigInteger(), nullable=False),
        sa.Column("paid_on_time", sa.SmallInteger(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "annual_rate_percent >= 0 AND paid_on_time >= 0", name=op.f("ck_external_loans_not_negative")
        ),
        sa.CheckConstraint(
            "amount_paise > 0 AND instalment_paise > 0 AND tenure > 0", name=op.f("ck_external_loans_figures_positive")
        ),
        sa.CheckConstraint("ends_on >= approved_on", name=op.f("ck_external_loans_ends_after_approval")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"], name=op.f("fk_external_loans_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_external_loans")),
    )
    op.create_index("uq_external_loans_external_id", "external_loans", ["customer_id", "external_id"], unique=True)
    op.create_table(
        "import_chunks",
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_chunks_import_id")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_chunks")),
    )
    op.add_column("imports", sa.Column("size_bytes", sa.BigInteger(), nullable=True))
    op.add_column("imports", sa.Column("bytes_read", sa.BigInteger(), nullable=True))
    _allow("'queued', 'running', 'finished', 'failed'")
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT ON external_loans TO {APPLICATION_ROLE}")
        op.execute(f"GRANT SELECT, INSERT, DELETE ON import_chunks TO {APPLICATION_ROLE}")


def downgrade() -> None:
    # What waits was never begun: without its chunks it has to be uploaded again.
    op.execute("UPDATE imports SET status = 'failed', failure = 'downgraded' WHERE status = 'queued'")
    _allow("'running', 'finished', 'failed'")
    op.drop_column("imports", "bytes_read")
    op.drop_column("imports", "size_bytes")
    op.drop_table("import_chunks")
    op.drop_index("uq_external_loans_external_id", table_name="external_loans")
    op.drop_table("external_loans")


def _allow(statuses: str) -> None:
    op.execute(f"ALTER TABLE imports DROP CONSTRAINT {STATUS}")
    op.execute(f"ALTER TABLE imports ADD CONSTRAINT {STATUS} CHECK (status IN ({statuses})) NOT VALID")
    op.execute(f"ALTER TABLE imports VALIDATE CONSTRAINT {STATUS}")
