"""Who signs in is a user account: `principal` is the word for the amount that is lent.

Names change and nothing else, in a moment, under a lock that waits for running requests. An older version of the
program does not find the table under its new name: stop it first, or roll back with it.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

#: Table by table: what is renamed, from, to.
CONSTRAINTS = (
    ("user_accounts", "ck_principals_role_known", "ck_user_accounts_role_known"),
    ("user_accounts", "pk_principals", "pk_user_accounts"),
    ("user_accounts", "uq_principals_customer_id", "uq_user_accounts_customer_id"),
    ("user_accounts", "uq_principals_email", "uq_user_accounts_email"),
    ("refresh_tokens", "fk_refresh_tokens_principal_id", "fk_refresh_tokens_user_account_id"),
)


def upgrade() -> None:
    op.rename_table("principals", "user_accounts")
    op.alter_column("refresh_tokens", "principal_id", new_column_name="user_account_id")
    for table, old, new in CONSTRAINTS:
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    op.execute("ALTER INDEX ix_refresh_tokens_principal_id RENAME TO ix_refresh_tokens_user_account_id")
    op.execute("ALTER SEQUENCE principals_id_seq RENAME TO user_accounts_id_seq")


def downgrade() -> None:
    op.execute("ALTER SEQUENCE user_accounts_id_seq RENAME TO principals_id_seq")
    op.execute("ALTER INDEX ix_refresh_tokens_user_account_id RENAME TO ix_refresh_tokens_principal_id")
    for table, old, new in CONSTRAINTS:
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {new} TO {old}")
    op.alter_column("refresh_tokens", "user_account_id", new_column_name="principal_id")
    op.rename_table("user_accounts", "principals")
