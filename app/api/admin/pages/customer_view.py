"""The page of a customer: who it is, what staff may do, and everything about the person in tabs."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.routing import route

from app.api.admin.acts.act import About
from app.api.admin.acts.cards import BLOCK, UNBLOCK
from app.api.admin.acts.credit import ACCEPT, DECIDE
from app.api.admin.acts.every import offered
from app.api.admin.acts.subjects import customer_address, find_subject
from app.api.admin.context import ADMIN_PATH, open_uow
from app.api.admin.drawing.page import Page
from app.domain.people.aadhaar import mask_aadhaar
from app.domain.public_ids import format_user_id, parse_user_id
from app.services.collections import diary
from app.services.collections.diary import Subject
from app.services.operations import browsing
from app.services.operations.browsing import LOOKED, AllOrAny, Condition, ListingQuery
from app.services.people import staff
from app.services.unit_of_work import UnitOfWork

TABS: Final = (
    ("loans", "Loans"),
    ("cards", "Cards"),
    ("applications", "Applications"),
    ("scores", "Scores"),
    ("payments", "Payments"),
    ("documents", "Documents"),
    ("notes", "Notes"),
    ("looks", "Who looked"),
)
#: Rows of a tab; the lists have all of them.
ROWS: Final = 100


class CustomerPage(Page):
    """A customer with everything about them."""

    def __init__(self) -> None:
        super().__init__(menu_label="Customer", path="/customer", route_name="customer-page", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        """Without an id there is no page: the list shows all customers."""
        return RedirectResponse(f"{ADMIN_PATH}/users/list", status_code=303)

    @route("/{user_id}", name="customer")
    async def customer(self, request: Request) -> Response:
        """The page."""
        number = parse_user_id(request.path_params["user_id"].upper())
        asked = request.query_params.get("tab", "")
        tab = asked if asked in dict(TABS) else TABS[0][0]
        async with open_uow(request) as uow:
            subject = await find_subject(uow, About.CUSTOMER, format_user_id(number))
            await browsing.note_look(uow, number)
            parts: dict[str, Any] = {name: await _rows(uow, name, number) for name in _OF_TAB[tab]}
            if tab == "notes":
                parts["entries"] = await diary.list_entries(uow, Subject(customer_id=number), limit=ROWS)
            if tab in ("notes", "looks"):
                parts["names"] = await staff.list_names(uow)
        row = subject.row
        return self.show(
            request, "kist/pages/customer.html", title=row.name or subject.id, person=row, tabs=TABS, tab=tab,
            aadhaar=None if row.aadhaar_last_four is None else mask_aadhaar(row.aadhaar_last_four),
            acts=offered(request, subject), address=customer_address(number), decide_act=DECIDE, accept_act=ACCEPT,
            card_acts={"active": BLOCK, "blocked": UNBLOCK}, **parts,
        )  # fmt: skip


#: The listings that a tab shows.
_OF_TAB: Final = {
    "loans": ("loans",),
    "cards": ("cards", "card_accounts"),
    "applications": ("applications",),
    "scores": ("credit_scores",),
    "payments": ("payments",),
    "documents": ("loans", "card_accounts"),
    "notes": (),
    "looks": ("audit_events",),
}
#: The order of a listing: the latest first.
_ORDER: Final = {"cards": "issued_on"}


async def _rows(uow: UnitOfWork, listing: str, number: int) -> list[Any]:
    """The latest rows of a listing that belong to the customer."""
    parts: tuple[Condition, ...] = (Condition(column="customer_id", operator="eq", value=number),)
    if listing == "audit_events":
        parts = (
            Condition(column="object_kind", operator="eq", value="customer"),
            Condition(column="object_id", operator="eq", value=str(number)),
            Condition(column="action", operator="eq", value=LOOKED),
        )
    query = ListingQuery(conditions=AllOrAny(logic="and", parts=parts), sorts=((_ORDER.get(listing, "id"), True),))
    return [*await browsing.page(uow, listing, query, skip=0, limit=ROWS)]
