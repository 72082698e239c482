"""Interest in suspense is posted at the end of a day-end, and what was said to credit bureaus is kept.

Additive: two columns of the tables of day-ends, and two new tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
GRANTS = {
    "bureau_files": "SELECT, INSERT, UPDATE (records, after_customer_id, finished_at)",
    "bureau_records": "SELECT, INSERT",
}


def upgrade() -> None:
    op.add_column("day_ends", sa.Column("posts_suspense", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("day_end_ranges", sa.Column("loan_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True))
    op.create_table(
        "bureau_files",
        sa.Column("as_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("after_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('full', 'incremental')", name=op.f("ck_bureau_files_kind_known")),
        sa.PrimaryKeyConstraint("as_on", name=op.f("pk_bureau_files")),
    )
    op.create_table(
        "bureau_records",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("as_on", sa.Date(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "loan_id"],
            ["loans.customer_id", "loans.id"],
            name=op.f("fk_bureau_records_customer_id_loan_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "loan_id", "as_on", name=op.f("pk_bureau_records")),
    )
    op.create_index("ix_bureau_records_as_on", "bureau_records", ["as_on", "customer_id", "loan_id"])
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        for table, rights in GRANTS.items():
            op.execute(f"GRANT {rights} ON {table} TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("bureau_records")
    op.drop_table("bureau_files")
    op.drop_column("day_end_ranges", "loan_ids")
    op.drop_column("day_ends", "posts_suspense")
