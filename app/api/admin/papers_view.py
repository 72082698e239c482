"""Papers as files, for the links of pages: `/admin/papers/loans/LN-2026-0001/no-dues-letter?language=hi`.

A paper is the same file that the API gives. An error is shown as a page.
"""

from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import CustomView
from starlette_admin.routing import route

from app.api.admin.context import open_uow
from app.api.documents import PdfFile
from app.api.v1.credit.key_facts import about_of
from app.documents.card_statement import card_statement_pdf
from app.documents.key_facts import key_facts_pdf
from app.documents.letters import certificate_pdf, foreclosure_pdf, no_dues_pdf
from app.documents.period_statement import period_statement_pdf
from app.documents.receipt import receipt_pdf
from app.documents.statement import statement_pdf
from app.documents.tax_document import tax_document_pdf
from app.documents.words import Language
from app.domain.calendar import DateOutOfRange
from app.domain.public_ids import (
    LoanReference,
    parse_application_id,
    parse_card_account_id,
    parse_loan_id,
    parse_payment_id,
)
from app.domain.reporting.papers import PaperUnknown
from app.services.cards import documents as card_documents
from app.services.credit import acceptance
from app.services.credit.acceptance import KeyFactsView
from app.services.reporting import documents, papers, tax_documents
from app.services.reporting.tax_documents import TaxDocuments
from app.services.unit_of_work import UnitOfWork

#: No account has a statement whose number is longer.
LONGEST_NUMBER: Final = 6


class PapersView(CustomView):
    """Files without a page of their own."""

    def __init__(self) -> None:
        super().__init__(menu_label="Papers", path="/papers", route_name="papers", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        """There is no list of papers."""
        raise PaperUnknown("there is no such paper")

    @route("/payments/{payment_id}/receipt")
    async def receipt(self, request: Request) -> Response:
        """The receipt of a payment."""
        async with open_uow(request) as uow:
            number = parse_payment_id(request.path_params["payment_id"])
            facts = await papers.get_receipt(uow, number, language=_language(request))
        return PdfFile(lambda: receipt_pdf(facts), name=f"receipt-{facts.payment_id}")

    @route("/card-accounts/{account_id}/statements/{number}")
    async def of_card(self, request: Request) -> Response:
        """A statement of a card account."""
        account_id, number = parse_card_account_id(request.path_params["account_id"]), request.path_params["number"]
        if not (number.isdecimal() and 0 < len(number) <= LONGEST_NUMBER):
            raise PaperUnknown("there is no such statement", field="number")
        async with open_uow(request) as uow:
            facts = await card_documents.get_statement_facts(uow, account_id, int(number), language=_language(request))
        return PdfFile(lambda: card_statement_pdf(facts), name=f"statement-{facts.account_id}-{number}")

    @route("/card-accounts/{account_id}/tax-documents/{number}")
    async def tax_of_card(self, request: Request) -> Response:
        """An invoice or a note of a card account."""
        account_id = parse_card_account_id(request.path_params["account_id"])
        async with open_uow(request) as uow:
            return await _tax_paper(uow, request, await card_documents.list_tax_documents(uow, account_id))

    @route("/loans/{loan_id}/tax-documents/{number}")
    async def tax_of_loan(self, request: Request) -> Response:
        """An invoice or a note of a loan."""
        loan = parse_loan_id(request.path_params["loan_id"])
        async with open_uow(request) as uow:
            return await _tax_paper(uow, request, await tax_documents.list_of_loan(uow, loan))

    @route("/applications/{application_id}/key-facts")
    async def key_facts(self, request: Request) -> Response:
        """The key facts of an application."""
        number = parse_application_id(request.path_params["application_id"])
        async with open_uow(request) as uow:
            return await _key_facts(uow, request, await acceptance.view_of_application(uow, number))

    @route("/loans/{loan_id}/{paper}")
    async def of_loan(self, request: Request) -> Response:
        """A paper of a loan."""
        loan = parse_loan_id(request.path_params["loan_id"])
        async with open_uow(request) as uow:
            return await _of_loan(uow, request, loan, request.path_params["paper"])


async def _tax_paper(uow: UnitOfWork, request: Request, found: TaxDocuments) -> Response:
    number = request.path_params["number"]
    facts = await tax_documents.get_paper(uow, found, number, language=_language(request))
    return PdfFile(lambda: tax_document_pdf(facts), name=f"{facts.document.kind.value}-{facts.document.number}")


async def _key_facts(uow: UnitOfWork, request: Request, view: KeyFactsView) -> Response:
    language, about = _language(request), about_of(view, await acceptance.get_parties(uow, view))
    return PdfFile(
        lambda: key_facts_pdf(view.facts.quote, terms=view.facts.terms, about=about, language=language),
        name=f"key-facts-{view.proposal}",
    )


async def _of_loan(uow: UnitOfWork, request: Request, loan: LoanReference, paper: str) -> Response:
    language, name = _language(request), f"{paper}-{request.path_params['loan_id']}"
    if paper == "key-facts":
        return await _key_facts(uow, request, await acceptance.view_of_loan(uow, loan))
    if paper == "statement":
        statement = await documents.get_statement_facts(uow, loan, language=language)
        return PdfFile(lambda: statement_pdf(statement), name=name)
    if paper == "account-statement":
        period = await papers.get_period_statement(
            uow, loan, from_on=_day(request, "from"), to_on=_day(request, "to"), language=language
        )
        return PdfFile(lambda: period_statement_pdf(period), name=name)
    if paper == "interest-certificate":
        year = request.query_params.get("year", "")
        certificate = await papers.get_interest_certificate(
            uow, loan, year=int(year) if year.isdecimal() and len(year) == len("2026") else None, language=language
        )
        return PdfFile(lambda: certificate_pdf(certificate), name=name)
    if paper == "no-dues-letter":
        letter = await papers.get_no_dues_letter(uow, loan, language=language)
        return PdfFile(lambda: no_dues_pdf(letter), name=name)
    if paper == "foreclosure-letter":
        foreclosure = await papers.get_foreclosure_letter(uow, loan, on=_day(request, "on"), language=language)
        return PdfFile(lambda: foreclosure_pdf(foreclosure), name=name)
    raise PaperUnknown("there is no such paper")


def _language(request: Request) -> Language:
    """The language that the link names. Raises PaperUnknown."""
    try:
        return Language(request.query_params.get("language", Language.ENGLISH.value))
    except ValueError:
        raise PaperUnknown("there is no paper in this language", field="language") from None


def _day(request: Request, name: str) -> date | None:
    """A day that the link names, as 2026-12-31; None if it names none. Raises DateOutOfRange."""
    text = request.query_params.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DateOutOfRange(f"write {name} as 2026-12-31", field=name) from None
