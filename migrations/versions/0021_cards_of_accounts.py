"""Cards, applications, proposals and billing runs know card accounts.

Additive: new columns may be null or have a constant default. The new CHECKs are wider than the old ones, so they are
added without reading the tables while writers wait.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"
CHECKS = {
    ("public_ids", "kind_known"): (
        "kind IN ('loan', 'payment', 'application', 'proposal', 'score')",
        "kind IN ('loan', 'payment', 'application', 'proposal', 'score', 'card_account')",
    ),
    ("proposals", "kind_known"): (
        "kind IN ('write_off', 'waiver', 'limit_override')",
        "kind IN ('write_off', 'waiver', 'limit_override', 'card_limit', 'card_charge_off')",
    ),
    ("cards", "status_known"): ("status IN ('active', 'blocked')", "status IN ('active', 'blocked', 'replaced')"),
    ("cards", "blocked_has_its_day"): (
        "(status = 'blocked') = (blocked_on IS NOT NULL)",
        "(status = 'active') = (blocked_on IS NULL)",
    ),
}


def upgrade() -> None:
    op.add_column("cards", sa.Column("account_id", sa.BigInteger(), nullable=True))
    op.add_column("cards", sa.Column("name", sa.Text(), nullable=True))
    op.add_column("cards", sa.Column("is_add_on", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    controls = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("cards", sa.Column("controls", controls, server_default=sa.text("'{}'"), nullable=False))
    op.alter_column("cards", "loan_id", nullable=True)
    op.create_index("ix_cards_account", "cards", ["customer_id", "account_id"])
    op.add_column("applications", sa.Column("account_id", sa.BigInteger(), nullable=True))
    op.add_column("proposals", sa.Column("account_id", sa.BigInteger(), nullable=True))
    _add("cards", "of_loan_or_account", "(loan_id IS NULL) <> (account_id IS NULL)")
    for table in ("cards", "proposals"):
        _refer(table)
    for table, column, kind in (
        ("billing_runs", "accounts_due", sa.BigInteger()),
        ("billing_ranges", "accounts", sa.Integer()),
        ("billing_ranges", "statements", sa.Integer()),
    ):
        op.add_column(table, sa.Column(column, kind, server_default=sa.text("0"), nullable=False))
    for (table, name), (_, now) in CHECKS.items():
        _replace(table, name, now)
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT UPDATE (controls) ON cards TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.execute("DELETE FROM cards WHERE account_id IS NOT NULL")
    op.execute("DELETE FROM proposals WHERE kind IN ('card_limit', 'card_charge_off')")
    op.execute("DELETE FROM public_ids WHERE kind = 'card_account'")
    op.execute("UPDATE cards SET status = 'blocked' WHERE status = 'replaced'")
    for (table, name), (before, _) in CHECKS.items():
        _replace(table, name, before)
    for table, column in (
        ("billing_ranges", "statements"),
        ("billing_ranges", "accounts"),
        ("billing_runs", "accounts_due"),
        ("proposals", "account_id"),
        ("applications", "account_id"),
    ):
        op.drop_column(table, column)
    op.execute("ALTER TABLE cards DROP CONSTRAINT ck_cards_of_loan_or_account")
    op.alter_column("cards", "loan_id", nullable=False)
    for column in ("controls", "is_add_on", "name", "account_id"):
        op.drop_column("cards", column)


def _replace(table: str, name: str, check: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")
    _add(table, name, check)


def _add(table: str, name: str, check: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def _refer(table: str) -> None:
    name = f"fk_{table}_customer_id_account_id"
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (customer_id, account_id)"
        " REFERENCES card_accounts (customer_id, id) NOT VALID"
    )
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
