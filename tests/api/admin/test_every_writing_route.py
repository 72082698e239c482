"""Every route that writes about loans, payments, cards and card accounts has an act on the desk, or a reason why not.

A new route fails here until somebody declares its act or writes its reason down.
"""

from collections import defaultdict
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.api.admin.acts.every import ACTS
from app.api.routing import KistRoute

ABOUT: Final = (
    "/api/v1/loans", "/api/v1/payments", "/api/v1/cards", "/api/v1/card-accounts", "/api/v1/applications",
    "/api/v1/proposals", "/api/v1/collections", "/api/v1/billing",
)  # fmt: skip
PREVIEWED: Final = "every act shows a preview, which is the act itself in a transaction that is rolled back"
CALCULATES: Final = "it calculates for somebody who may not be a customer, and writes nothing"
NETWORK: Final = "the card network sends it, by its clearing files or one by one"
#: The routes without an act, and why.
WITHOUT: Final = {
    "POST /api/v1/loans/{loan_id}/charges/simulate": PREVIEWED,
    "POST /api/v1/loans/{loan_id}/changes/simulate": PREVIEWED,
    "POST /api/v1/loans/{loan_id}/simulate": PREVIEWED,
    "POST /api/v1/loans/quote": CALCULATES,
    "POST /api/v1/loans/apr": CALCULATES,
    "POST /api/v1/card-accounts/{account_id}/authorisations": NETWORK,
    "POST /api/v1/card-accounts/{account_id}/captures": NETWORK,
    "POST /api/v1/card-accounts/{account_id}/postings": NETWORK,
}
#: What else staff do on pages that are no acts: the work list has forms of its own.
ON_PAGES: Final = {
    "POST /api/v1/collections/assignments": "the form Assign",
    "POST /api/v1/collections/assignments/bulk": "the form Assign",
    "PUT /api/v1/collections/views": "the filters of the work list",
    "DELETE /api/v1/collections/views/{view_id}": "the filters of the work list",
}


def writing_routes(app: FastAPI) -> set[str]:
    found = set()
    for context in iter_route_contexts(app.routes):
        path = context.path_format or ""
        if isinstance(context.original_route, KistRoute) and path.startswith(ABOUT):
            found |= {f"{verb} {path}" for verb in context.methods or () if verb not in {"GET", "HEAD"}}
    return found


def test_every_route_that_writes_has_an_act_or_a_reason(app: FastAPI) -> None:
    acts = defaultdict(list)
    for act in ACTS:
        acts[act.route].append(act.name)
    routes = writing_routes(app)
    said = WITHOUT | ON_PAGES
    assert {route for route in routes if route not in acts and route not in said} == set()
    assert said.keys() - routes == set(), "these routes are no longer there"
    assert {route for route in said if route in acts} == set(), "these routes have an act now"
