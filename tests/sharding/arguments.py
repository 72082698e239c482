"""Arguments of functions for which made-up ones will not do: names of columns, rows of tables, listings of staff."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from app.db.models import CardCharge, CardPosting, CardStatement, CardTransfer
from app.db.repositories.billing.bills import BILL_COLUMNS
from app.db.repositories.cards.rows import Rows
from app.db.repositories.operations.browsing import AllOrAny, Condition, ListingQuery
from app.db.repositories.operations.cleaning import KINDS
from app.db.repositories.operations.listings import LISTINGS
from app.domain.reporting.gst import CardTaxKey, TaxDocument
from tests.sharding.made_up import DAY, FoundRow, Variant, make_up

_USUAL: Final = Variant(given=True, flag=True, rows=1)
_ROWS: Final = {"postings": CardPosting, "statements": CardStatement, "charges": CardCharge, "transfers": CardTransfer}
_TAX: Final = make_up(TaxDocument, _USUAL)
_CARD_TAX: Final = replace(_TAX, key=make_up(CardTaxKey, _USUAL), of=None)
_QUERIES: Final = (
    ListingQuery(),
    ListingQuery(search="ravi"),
    ListingQuery(search="#1"),
    ListingQuery(search="LN-2026-0001"),
)


def _conditions(listing: Any) -> ListingQuery:
    """A query with a condition on each column, of which one must hold, in the order of all columns."""
    names = list(listing.columns)
    conditions = tuple(Condition(column=name, operator="is_not_null") for name in names)
    return ListingQuery(
        conditions=AllOrAny(logic="or", parts=conditions), sorts=tuple((name, True) for name in names[:2])
    )


_BROWSED: Final[Sequence[Mapping[str, Any]]] = [
    {"listing": listing, "query": query} for listing in LISTINGS.values() for query in (*_QUERIES, _conditions(listing))
]
_ONLY: Final[Sequence[Mapping[str, Any]]] = [
    {name: [(1,) * len(table.__table__.columns)]} for name, table in _ROWS.items()
]
ARGUMENTS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "billing.bills.add_bills": [{"records": [(1,) * len(BILL_COLUMNS)]}],
    "cards.accounts.update_account": [{"values": {"held_paise": 1}}],
    "cards.groups.add_holds": [{"holds": [FoundRow()]}],
    "cards.rows.add_rows": [{"rows": Rows(**only)} for only in _ONLY],
    "collections.saved_views.put_view": [
        {"values": {"owner_id": 1, "name": "x", "is_shared": False, "sort": "days", "filters": {}}}
    ],
    "credit.applications.update_waiting": [{"values": {"status": "approved"}}],
    "events.endpoints.update_endpoint": [{"values": {"failures": 0}}],
    "lending.changes.add_notice": [{"values": {"effective_on": DAY}}],
    "lending.changes.update_notice": [{"values": {"failure": "x"}}],
    "operations.browsing.count_rows": _BROWSED,
    "operations.browsing.list_rows": _BROWSED,
    "operations.browsing.list_rows_by_key": [
        {"listing": listing, "keys": keys}
        for listing in LISTINGS.values()
        for one in [".".join("1" for _ in listing.key)]
        for keys in ([one], [one, one])
    ],
    "operations.cleaning.remove_old": [{"kind": kind} for kind in KINDS],
    "people.customers.add_customer": [{"values": {"customer_id": 1}}],
    "people.customers.add_customers": [{"rows": [{"customer_id": 1, "name": "x"}]}],
    "people.customers.add_prospects": [{"rows": [{"customer_id": 1, "name": "x"}]}],
    "people.customers.update_customer": [{"values": {"name": "x"}}],
    "people.customers.update_customers": [{"rows": [{"customer_id": 1, "name": "x"}]}],
    "reporting.card_gst.add_documents": [{"documents": [_CARD_TAX]}],
    "reporting.gst.add_documents": [{"documents": [replace(_TAX, of=None)]}],
}
