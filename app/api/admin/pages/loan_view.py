"""The page of a loan: a head with what an officer asks first, the acts, and everything about it in tabs."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.routing import route

from app.api.admin.acts.act import About
from app.api.admin.acts.changes import CHOOSE, UNDO
from app.api.admin.acts.charges import TAKE_BACK
from app.api.admin.acts.collections import WITHDRAW
from app.api.admin.acts.doing import may_do
from app.api.admin.acts.every import offered
from app.api.admin.acts.payments import REVERSE
from app.api.admin.acts.subjects import customer_address, find_subject, loan_address
from app.api.admin.context import ADMIN_PATH, open_uow
from app.api.admin.drawing.page import Page
from app.api.admin.pages.balance_chart import balance_chart
from app.api.documents import AnswerForm, GeneratedFile
from app.documents.statement import statement_pdf
from app.domain.public_ids import LoanReference, parse_loan_id
from app.services.collections import diary, work_list
from app.services.collections.diary import Subject
from app.services.lending import loans
from app.services.operations import browsing
from app.services.operations.browsing import AllOrAny, Condition, ListingQuery
from app.services.payments import changes, rate_notices
from app.services.people import staff
from app.services.reporting import charges, documents, explanations, loan_file, tax_documents
from app.services.reporting.loan_file import LoanHead
from app.services.unit_of_work import UnitOfWork

TABS: Final = (
    ("schedule", "Schedule"),
    ("payments", "Payments"),
    ("charges", "Charges"),
    ("changes", "Changes"),
    ("ledger", "Ledger"),
    ("documents", "Documents"),
    ("events", "Events"),
    ("notes", "Notes"),
    ("explanation", "Explanation"),
)
#: The acts about a row of a tab.
_ACTS_OF_ROWS: Final = {
    "reverse_act": REVERSE, "take_back_act": TAKE_BACK, "undo_act": UNDO, "choose_act": CHOOSE,
    "withdraw_act": WITHDRAW,
}  # fmt: skip
#: Rows of the ledger that the page shows; all of them are in the list of transfers.
LEDGER_ROWS: Final = 200
#: Entries of the diary that the page shows.
NOTES: Final = 200


class LoanPage(Page):
    """A loan with everything about it."""

    def __init__(self) -> None:
        super().__init__(menu_label="Loan", path="/loan", route_name="loan-page", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        """Without an id there is no page: the list shows all loans."""
        return RedirectResponse(f"{ADMIN_PATH}/loans/list", status_code=303)

    @route("/{loan_id}", name="loan")
    async def loan(self, request: Request) -> Response:
        """The page."""
        loan = parse_loan_id(request.path_params["loan_id"].upper())
        asked = request.query_params.get("tab", "")
        tab = asked if asked in dict(TABS) else TABS[0][0]
        async with open_uow(request) as uow:
            head = await loan_file.view_head(uow, loan)
            subject = await find_subject(uow, About.LOAN, head.public_id)
            await browsing.note_look(uow, head.position.customer_id)
            context = await _PARTS[tab](uow, loan, head)
            context["parked"] = await browsing.page(uow, "parked_loans", _of_loan(head), skip=0, limit=1)
        context |= {name: act if may_do(request, act) else None for name, act in _ACTS_OF_ROWS.items()}
        return self.show(
            request, "kist/pages/loan.html", title=head.public_id, head=head, tabs=TABS, tab=tab,
            acts=offered(request, subject), address=loan_address(head.public_id),
            customer=customer_address(head.position.customer_id),
            **context,
        )  # fmt: skip

    @route("/{loan_id}/statement.pdf", name="loan-statement")
    async def statement(self, request: Request) -> Response:
        """The statement of the loan as a PDF."""
        loan = parse_loan_id(request.path_params["loan_id"].upper())
        async with open_uow(request) as uow:
            facts = await documents.get_statement_facts(uow, loan)
            await browsing.note_look(uow, await _owner(uow, loan))
        name = f"statement-{facts.loan_id}-{facts.statement.on.isoformat()}"
        return GeneratedFile(lambda: statement_pdf(facts), form=AnswerForm.PDF, name=name)


async def _owner(uow: UnitOfWork, loan: LoanReference) -> int:
    return (await loans.find_key(uow, loan)).customer_id


async def _schedule(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    lines, statement = await loan_file.view_lines(uow, loan)
    chart = balance_chart(await loan_file.view_balance(uow, loan), on=head.on)
    return {"lines": lines, "statement": statement, "chart": chart}


async def _payments(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    _, statement = await loan_file.view_lines(uow, loan)
    return {"payments": statement.payments}


def _of_loan(head: LoanHead, *more: Condition) -> ListingQuery:
    own = (
        Condition(column="customer_id", operator="eq", value=head.position.customer_id),
        Condition(column="loan_id", operator="eq", value=head.position.loan_id),
    )
    return ListingQuery(conditions=AllOrAny(logic="and", parts=(*own, *more)))


async def _charges(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    of_charges = Condition(column="component", operator="eq", value="charges")
    rows = await browsing.page(uow, "transfers", _of_loan(head, of_charges), skip=0, limit=LEDGER_ROWS)
    bills = [(bill, left) for bill, left in await loans.list_bills(uow, loan) if left.unpaid_charges_paise]
    return {"transfers": rows, "open_charges": bills, "charges": await charges.list_charges(uow, loan)}


async def _changes(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    made, notices = await changes.list_changes(uow, loan), await rate_notices.list_notices(uow, loan)
    return {"changes": made, "notices": notices}


async def _ledger(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    rows = await browsing.page(uow, "transfers", _of_loan(head), skip=0, limit=LEDGER_ROWS)
    return {"transfers": rows, "is_cut": len(rows) == LEDGER_ROWS}


async def _documents(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    return {"found": await tax_documents.list_of_loan(uow, loan)}


async def _events(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    return {"happenings": await loan_file.view_happenings(uow, loan, changes=head.delinquency.changes)}


async def _notes(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    entries = await diary.list_entries(uow, Subject(loan=loan), limit=NOTES)
    view = await work_list.view_case(uow, loan=loan)
    names = await staff.list_names(uow)
    return {"entries": entries, "collections": view, "names": names}


async def _explanation(uow: UnitOfWork, loan: LoanReference, head: LoanHead) -> dict[str, Any]:
    if head.on <= head.position.disbursed_on:
        return {"explanation": None}
    return {"explanation": await explanations.explain(uow, loan, from_on=None, to_on=None)}


_PARTS: Final = {
    "schedule": _schedule,
    "payments": _payments,
    "charges": _charges,
    "changes": _changes,
    "ledger": _ledger,
    "documents": _documents,
    "events": _events,
    "explanation": _explanation,
    "notes": _notes,
}
