"""The search over everything: one page of people, loans, card accounts, payments and applications."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.routing import route

from app.api.admin.acts.subjects import card_account_address, customer_address, loan_address
from app.api.admin.context import ADMIN_PATH, open_uow
from app.api.admin.drawing.page import Page
from app.db.repositories.operations.finding import FoundAccount, FoundLoan
from app.domain.public_ids import format_card_account_id, format_loan_id
from app.services.operations import finding
from app.services.operations.finding import Found


def only_address(found: Found) -> str | None:
    """The page of what was found, if it is one thing."""
    if found.count != 1 or found.is_cut:
        return None
    if found.named_loans:
        loan = next(each for each in found.loans if each.loan_id in found.named_loans)
        return loan_address(format_loan_id(year=loan.disbursed_on.year, number=loan.loan_id))
    if found.named_accounts:
        return card_account_address(format_card_account_id(next(iter(found.named_accounts))))
    if found.payments:
        paid = found.payments[0]
        return f"{loan_address(format_loan_id(year=paid.disbursed_on.year, number=paid.loan_id))}?tab=payments"
    if found.card_payments:
        account = format_card_account_id(found.card_payments[0].account_id)
        return f"{card_account_address(account)}?tab=postings"
    if found.applications:
        return f"{customer_address(found.applications[0].customer_id)}?tab=applications"
    return customer_address(found.people[0].customer_id)


class FindView(Page):
    """One search over everything."""

    def __init__(self) -> None:
        super().__init__(menu_label="Find", icon="fa-solid fa-magnifying-glass", path="/find", route_name="find")

    @route("")
    async def index(self, request: Request) -> Response:
        """What was found; if it is one thing, its page."""
        text = request.query_params.get("text", "").strip()
        async with open_uow(request) as uow:
            found = await finding.find(uow, text)
        address = only_address(found)
        if address is not None:
            return RedirectResponse(address, status_code=303)
        loans_of: dict[int, list[FoundLoan]] = {}
        for loan in found.loans:
            loans_of.setdefault(loan.customer_id, []).append(loan)
        accounts_of: dict[int, list[FoundAccount]] = {}
        for account in found.accounts:
            accounts_of.setdefault(account.customer_id, []).append(account)
        # A text that could be an identity number is not written into the page.
        shown = "" if found.is_identity else text
        return self.show(
            request, "kist/pages/find.html", title="Find", found=found, loans_of=loans_of, accounts_of=accounts_of,
            text=shown, find_text=shown,
            named_accounts=[each for each in found.accounts if each.account_id in found.named_accounts],
            named=[each for each in found.loans if each.loan_id in found.named_loans], root=ADMIN_PATH,
        )  # fmt: skip
