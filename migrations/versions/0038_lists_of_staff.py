"""Lists whose order or filter had no index, and the restructured loans of some days.

The lists are those of proposals, loans that were parked, charges, card accounts, applications of a product, promises of
an officer, customers behind prospects, and deliveries of a status. The restructured are asked for by each day-end; they
are few among the changes of rates.

The indexes are built while writers go on. Two that they replace are dropped afterwards.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

#: Name, table, columns, condition.
INDEXES: tuple[tuple[str, str, list[Any], str | None], ...] = (
    ("ix_proposals_number", "proposals", ["id"], None),
    ("ix_proposals_status", "proposals", ["status", "id"], None),
    ("ix_parked_loans_run", "parked_loans", ["run_id", "loan_id"], None),
    ("ix_loan_charges_booked", "loan_charges", ["booked_on", "id"], None),
    ("ix_card_accounts_opened", "card_accounts", ["opened_on", "id"], None),
    ("ix_applications_product", "applications", ["product_code", "id"], None),
    ("ix_customers_registered", "customers", ["customer_id"], "state = 'customer'"),
    ("ix_collection_cases_officer", "collection_cases", ["officer_id", "customer_id"], "officer_id IS NOT NULL"),
    ("ix_loan_changes_restructured", "loan_changes", ["made_on"], "kind = 'restructure'"),
    ("ix_webhook_deliveries_status", "webhook_deliveries", ["endpoint_id", "status", "number"], None),
)
REPLACED: tuple[tuple[str, str, list[Any], str], ...] = (
    ("ix_proposals_open", "proposals", ["id"], "status = 'proposed'"),
    ("ix_webhook_deliveries_dead", "webhook_deliveries", ["endpoint_id", "number"], "status = 'dead'"),
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, table, columns, condition in INDEXES:
            # A build that was interrupted leaves an index that is never used.
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                columns,
                postgresql_where=None if condition is None else sa.text(condition),
                postgresql_concurrently=True,
            )
        for name, table, _, _ in REPLACED:
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    for name, table, columns, condition in REPLACED:
        op.create_index(name, table, columns, postgresql_where=sa.text(condition))
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
