"""Loans with a bill in its days of grace: the next day by which something falls due, for lists of what is due.

Additive. The column may be null, and is of most loans, so that adding it writes no row and the index holds few. Loans
that wait for a charge are filled, a thousand at a time. The version before leaves the column as it was: a loan that it
puts into days of grace is listed by the day of its charge until that day, and what it left of an earlier grace is never
after the next event, and so is passed over.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INDEX = "ix_loans_in_grace"
IN_GRACE = "status = 'active' AND due_event_on IS NOT NULL"
#: An open bill is closed on the day after its due date.
WAITING = sa.text("""
SELECT w.customer_id, w.id, w.due_event_on
FROM (
    SELECT l.customer_id, l.id, l.next_event_on,
           least(l.next_billing_on, min(b.due_on) FILTER (WHERE b.closed_on IS NULL) + 1) AS due_event_on
    FROM products AS p
    JOIN loans AS l ON l.product_code = p.code AND l.product_version = p.version AND l.status = 'active'
    JOIN bills AS b ON b.customer_id = l.customer_id AND b.loan_id = l.id AND b.settled_on IS NULL
    WHERE (p.terms #>> '{repayment,late_charge,grace_days}')::int > 0
    GROUP BY l.customer_id, l.id, l.next_event_on, l.next_billing_on
) AS w
WHERE w.due_event_on > w.next_event_on
""")
FILL = sa.text("""
UPDATE loans AS l SET due_event_on = w.due_event_on
FROM unnest(CAST(:customers AS bigint[]), CAST(:loans AS bigint[]), CAST(:days AS date[]))
    AS w(customer_id, id, due_event_on)
WHERE l.customer_id = w.customer_id AND l.id = w.id
""")
#: Whoever writes one of them waits for these alone.
AT_A_TIME = 1_000


def upgrade() -> None:
    op.execute("ALTER TABLE loans ADD COLUMN IF NOT EXISTS due_event_on date")
    # What is in this block is committed statement by statement, and the column before it.
    with op.get_context().autocommit_block():
        waiting = op.get_bind().execute(WAITING).all()
        for first in range(0, len(waiting), AT_A_TIME):
            customers, loans, days = zip(*waiting[first : first + AT_A_TIME], strict=True)
            op.get_bind().execute(FILL, {"customers": customers, "loans": loans, "days": days})
        # A build that was interrupted leaves an index that is never used.
        op.drop_index(INDEX, table_name="loans", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            INDEX,
            "loans",
            ["due_event_on", "customer_id"],
            postgresql_where=sa.text(IN_GRACE),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="loans")
    op.drop_column("loans", "due_event_on")
