"""The schedule as people see it: when each tick last ran and with what result, and whether it is paused.

Additive: a new table, which no version before this one knows of. Its rows are written by the ticks themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPLICATION_ROLE = "kist_app"


def upgrade() -> None:
    op.create_table(
        "scheduled_tasks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("last_result IN ('done', 'failed')", name=op.f("ck_scheduled_tasks_last_result_known")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduled_tasks")),
    )
    exists = op.get_bind().scalar(
        sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": APPLICATION_ROLE}
    )
    if exists:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON scheduled_tasks TO {APPLICATION_ROLE}")


def downgrade() -> None:
    op.drop_table("scheduled_tasks")
