"""Key facts statements that wait to be accepted, and the status of an application that waits for it.

Additive: a new table and an index on few rows. The check of the status is made anew without reading the table; rows
that are there already keep it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
ACCEPTED = "accepted_on, accepted_at, accepted_by, accepted_language, loan_id"


def upgrade() -> None:
    op.create_table(
        "key_facts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("annual_rate_percent", sa.Numeric(12, 8), nullable=False),
        sa.Column("instalments", sa.SmallInteger(), nullable=False),
        sa.Column("fees", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("apr_percent", sa.Numeric(12, 8), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_language", sa.Text(), nullable=True),
        sa.Column("loan_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("valid_until >= issued_on", name=op.f("ck_key_facts_valid_from_its_day")),
        sa.CheckConstraint(
            "(accepted_on IS NULL) = (loan_id IS NULL)", name=op.f("ck_key_facts_accepted_with_its_loan")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "application_id"],
            ["applications.customer_id", "applications.id"],
            name=op.f("fk_key_facts_customer_id_application_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "application_id", name=op.f("pk_key_facts")),
    )
    op.create_index(
        "ix_key_facts_loan", "key_facts", ["customer_id", "loan_id"], postgresql_where=sa.text("loan_id IS NOT NULL")
    )
    _know("pending", "offered", "approved", "refused", "expired")
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({ACCEPTED}) ON key_facts TO {APPLICATION_ROLE}")
    with op.get_context().autocommit_block():
        op.drop_index(
            "uq_applications_offered", table_name="applications", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            "uq_applications_offered",
            "applications",
            ["customer_id", "product_code"],
            unique=True,
            postgresql_where=sa.text("status = 'offered'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("uq_applications_offered", table_name="applications")
    # An older version knows no offers: whoever has one applies again.
    op.execute("UPDATE applications SET status = 'expired' WHERE status = 'offered'")
    _know("pending", "approved", "refused", "expired")
    op.drop_table("key_facts")


def _know(*statuses: str) -> None:
    """Lets an application have these statuses. Rows that are there are not read again."""
    known = ", ".join(f"'{status}'" for status in statuses)
    name = op.f("ck_applications_status_known")
    op.execute(f"ALTER TABLE applications DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE applications ADD CONSTRAINT {name} CHECK (status IN ({known})) NOT VALID")
    op.execute(f"ALTER TABLE applications VALIDATE CONSTRAINT {name}")
