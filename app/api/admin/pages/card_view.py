"""The page of a card account: a head with what an officer asks first, the acts, and everything about it in tabs."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.routing import route

from app.api.admin.acts.card_money import REFUND, RELEASE, RETURN, REVERSE, SPENT
from app.api.admin.acts.card_plans import CONVERT, DECIDE, DISPUTE, FORECLOSE
from app.api.admin.acts.card_subjects import STATEMENT_DAYS, card_account_address, subject_of_account
from app.api.admin.acts.cards import BLOCK, CONTROL, REPLACE, UNBLOCK
from app.api.admin.acts.collections import WITHDRAW
from app.api.admin.acts.doing import may_do
from app.api.admin.acts.every import offered
from app.api.admin.acts.subjects import customer_address
from app.api.admin.context import ADMIN_PATH, open_uow
from app.api.admin.drawing.page import Page
from app.api.admin.pages.balance_chart import StepLine, step_chart
from app.api.schemas import Rupees
from app.documents.words import Language
from app.domain.cards.account_file import Level
from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.outlooks import Outlook
from app.domain.products.card_terms import CardBucket
from app.domain.public_ids import parse_card_account_id
from app.services.cards import account_file, cards, documents, views
from app.services.cards.account_file import LAST, AccountHead
from app.services.collections import diary, work_list
from app.services.collections.diary import Subject
from app.services.operations import browsing
from app.services.operations.browsing import AllOrAny, Condition, ListingQuery
from app.services.people import staff
from app.services.unit_of_work import UnitOfWork

TABS: Final = (
    ("statements", "Statements"),
    ("postings", "Postings"),
    ("authorisations", "Authorisations"),
    ("plans", "Plans"),
    ("disputes", "Disputes"),
    ("cards", "Cards"),
    ("outlook", "What would happen"),
    ("explanation", "Interest"),
    ("ledger", "Ledger"),
    ("documents", "Documents"),
    ("events", "Events"),
    ("notes", "Notes"),
)
#: The acts about a row of a tab.
_ACTS_OF_ROWS: Final = {
    "dispute_act": DISPUTE, "convert_act": CONVERT, "reverse_act": REVERSE, "refund_act": REFUND, "return_act": RETURN,
    "release_act": RELEASE, "foreclose_act": FORECLOSE, "decide_act": DECIDE, "block_act": BLOCK,
    "unblock_act": UNBLOCK, "replace_act": REPLACE, "control_act": CONTROL, "withdraw_act": WITHDRAW,
}  # fmt: skip
#: Rows of a tab; the lists have all of them.
ROWS: Final = 200
#: Months of the outlook that are drawn and listed.
MONTHS: Final = 60
_AMOUNT: Final[TypeAdapter[int]] = TypeAdapter(Rupees)

Parts = dict[str, Any]


class CardPage(Page):
    """A card account with everything about it."""

    def __init__(self) -> None:
        super().__init__(menu_label="Card account", path="/card-account", route_name="card-page", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        """Without an id there is no page: the list shows all accounts."""
        return RedirectResponse(f"{ADMIN_PATH}/card-accounts/list", status_code=303)

    @route("/{account_id}", name="card-account")
    async def account(self, request: Request) -> Response:
        """The page."""
        account_id = parse_card_account_id(request.path_params["account_id"].upper())
        asked = request.query_params.get("tab", "")
        tab = asked if asked in dict(TABS) else TABS[0][0]
        async with open_uow(request) as uow:
            head = await account_file.view_head(uow, account_id)
            working = head.view.working
            subject = subject_of_account(head.view, head.holder.profile.name)
            await browsing.note_look(uow, working.key.customer_id)
            context = await _PARTS[tab](uow, head, request.query_params)
        context |= {name: act if may_do(request, act) else None for name, act in _ACTS_OF_ROWS.items()}
        return self.show(
            request, "kist/pages/card.html", title=head.public_id, head=head, state=working.state, working=working,
            tabs=TABS, tab=tab, acts=offered(request, subject), address=card_account_address(head.public_id),
            customer=customer_address(working.key.customer_id), product=working.product,
            statement_day=dict(STATEMENT_DAYS)[str(working.state.statement_day)], is_open=_is_open(working.state),
            **context,
        )  # fmt: skip


def _is_open(state: State) -> bool:
    return state.status is AccountStatus.OPEN


def _own(head: AccountHead, *, newest: str) -> ListingQuery:
    """The rows of a listing that are this account's, the newest first."""
    key = head.view.working.key
    own = (
        Condition(column="customer_id", operator="eq", value=key.customer_id),
        Condition(column="account_id", operator="eq", value=key.account_id),
    )
    return ListingQuery(conditions=AllOrAny(logic="and", parts=own), sorts=((newest, True),))


async def _statements(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    lines = await account_file.view_lines(uow, head)
    chart = step_chart(
        (StepLine("planned", "the limit", lines.limit), StepLine("real", "what was owed", lines.owed)),
        title="Owed", what="with the limit", on=head.on, now_paise=lines.owed[-1].paise,
    )  # fmt: skip
    rows = await views.list_statements(uow, head.view.working.key.account_id, before=LAST, limit=ROWS)
    return {"statements": rows, "chart": chart, "open_statements": {one.number: one for one in _state(head).statements}}


def _state(head: AccountHead) -> State:
    return head.view.working.state


async def _postings(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    rows = await browsing.page(uow, "card_postings", _own(head, newest="number"), skip=0, limit=ROWS)
    state, least = _state(head), head.view.working.terms.plan_minimum_paise
    unpaid = [item for item in state.items if item.bucket is CardBucket.PURCHASES and item.left_paise > 0]
    return {
        "postings": rows, "is_cut": len(rows) == ROWS, "spent": SPENT,
        "disputed": {one.purchase for one in state.disputes},
        "convertible": {item.number for item in unpaid if item.left_paise >= least},
    }  # fmt: skip


async def _authorisations(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    holds = await account_file.list_authorisations(uow, head.view.working.key.account_id, limit=ROWS)
    return {"holds": holds, "card_names": await _card_names(uow, head)}


async def _card_names(uow: UnitOfWork, head: AccountHead) -> dict[str, str]:
    """The last four digits of each card, by its token, which no page shows."""
    return {each.card.token: each.card.last_four for each in await cards.list_account_cards(uow, head.view.working.key)}


async def _plans(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    return {}


async def _disputes(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    rows = await account_file.list_of_kinds(uow, head.view.working.key.account_id, frozenset({"dispute"}))
    return {"opened": rows, "open_disputes": {one.number: one for one in _state(head).disputes}}


async def _cards(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    return {"cards": [view.card for view in await cards.list_account_cards(uow, head.view.working.key)]}


async def _outlook(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    text = asked.get("amount", "").strip()[:40]
    amount, fault = _read_amount(text)
    ways: list[int | None] = [None] if amount is None else [None, amount]
    account_id = head.view.working.key.account_id
    found = await views.what_if(uow, account_id, amounts=ways) if _is_open(_state(head)) else []
    quote = await views.quote_closing(uow, account_id, on=None) if _is_open(_state(head)) else None
    return {"outlooks": list(zip(ways, found, strict=False)), "quote": quote, "amount": text, "fault": fault,
            "months": MONTHS, "chart": _ways_chart(head, found)}  # fmt: skip


def _read_amount(text: str) -> tuple[int | None, str]:
    """An amount that was typed, or what is wrong with it."""
    if not text:
        return None, ""
    try:
        return _AMOUNT.validate_python(text.replace(",", "").replace("₹", "").replace(" ", "")), ""
    except ValidationError as error:
        return None, str(error.errors(include_url=False)[0]["msg"])


def _ways_chart(head: AccountHead, found: list[Outlook]) -> object:
    """What each way of paying leaves to pay at each statement."""
    now = Level(head.on, max(0, _state(head).owed_paise + _state(head).plan_paise))
    styles = (("planned", "paying only the minimum"), ("real", "paying the amount"))
    lines = [
        StepLine(style, title, [now, *_to_pay(outlook)])
        for (style, title), outlook in zip(styles, found, strict=False)
        if outlook.months
    ]
    if not lines:
        return None
    return step_chart(lines, title="To pay", what="by ways of paying", on=head.on, now_paise=now.paise)


def _to_pay(outlook: Outlook) -> list[tuple[date, int]]:
    """What each statement asks for, and nothing from the day on which the debt is paid."""
    points = [(month.on, month.total_paise) for month in outlook.months[:MONTHS]]
    if outlook.cleared_on is not None and len(outlook.months) <= MONTHS:
        points.append((outlook.cleared_on, 0))
    return points


async def _explanation(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    account_id = head.view.working.key.account_id
    rows = await views.list_statements(uow, account_id, before=LAST, limit=ROWS)
    numbers = [row["number"] for row in rows]
    wanted = asked.get("statement", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and int(wanted[:9]) in numbers else None
    number = number or (numbers[0] if numbers else None)
    if number is None:
        return {"facts": None, "numbers": []}
    facts = await documents.get_statement_facts(uow, account_id, number, language=Language.ENGLISH)
    return {"facts": facts, "numbers": numbers, "number": number}


async def _ledger(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    rows = await browsing.page(uow, "card_transfers", _own(head, newest="number"), skip=0, limit=ROWS)
    return {"transfers": rows, "is_cut": len(rows) == ROWS}


async def _documents(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    account_id = head.view.working.key.account_id
    rows = await views.list_statements(uow, account_id, before=LAST, limit=ROWS)
    return {"statements": rows, "found": await documents.list_tax_documents(uow, account_id)}


async def _events(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    return {"happenings": await account_file.view_happenings(uow, head), "names": await staff.list_names(uow)}


async def _notes(uow: UnitOfWork, head: AccountHead, asked: Mapping[str, str]) -> Parts:
    account_id = head.view.working.key.account_id
    entries = await diary.list_entries(uow, Subject(account_id=account_id), limit=ROWS)
    view = await work_list.view_case(uow, account_id=account_id)
    return {"entries": entries, "collections": view, "names": await staff.list_names(uow)}


_PARTS: Final[Mapping[str, Callable[[UnitOfWork, AccountHead, Mapping[str, str]], Awaitable[Parts]]]] = {
    "statements": _statements,
    "postings": _postings,
    "authorisations": _authorisations,
    "plans": _plans,
    "disputes": _disputes,
    "cards": _cards,
    "outlook": _outlook,
    "explanation": _explanation,
    "ledger": _ledger,
    "documents": _documents,
    "events": _events,
    "notes": _notes,
}
