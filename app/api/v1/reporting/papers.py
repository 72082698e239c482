"""Papers of a loan as PDF: receipts, statements of a period, interest certificates and letters, in English or Hindi."""

from typing import Annotated

from fastapi import Path, Query

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.documents import Accepted, PdfFile, documented_pdf, insist_on_pdf
from app.api.id_schemas import LoanId, PaymentId
from app.api.schemas import Between, Day, Whole
from app.documents.letters import certificate_pdf, foreclosure_pdf, no_dues_pdf
from app.documents.period_statement import period_statement_pdf
from app.documents.receipt import receipt_pdf
from app.documents.words import Language
from app.services.reporting import papers

router = KistRouter(tags=["Papers"])

LoanPath = Annotated[LoanId, Path(description="`LN-2025-0456`, or its number")]
LanguageAsked = Annotated[Language, Query(description="The language of the paper")]


@router.get(
    "/payments/{payment_id}/receipt",
    dependencies=[READERS],
    summary="The receipt of a payment",
    response_class=PdfFile,
    responses=documented_pdf(),
)
async def get_receipt(
    payment_id: Annotated[PaymentId, Path(description="`PM-000012`, or its number")],
    uow: ReadingDep,
    language: LanguageAsked = Language.ENGLISH,
    accept: Accepted = None,
) -> PdfFile:
    """Gives the receipt, with what the payment settles as the books stand. Of a payment that was returned it says
    so."""
    insist_on_pdf(accept)
    facts = await papers.get_receipt(uow, payment_id, language=language)
    return PdfFile(lambda: receipt_pdf(facts), name=f"receipt-{facts.payment_id}")


@router.get(
    "/loans/{loan_id}/account-statement",
    dependencies=[READERS],
    summary="The statement of a period",
    response_class=PdfFile,
    responses=documented_pdf(),
)
async def get_account_statement(
    loan_id: LoanPath,
    uow: ReadingDep,
    from_: Annotated[
        Day | None, Query(alias="from", description="The first day; the default begins the financial year")
    ] = None,
    to: Annotated[Day | None, Query(description="The last day; the default is the business date")] = None,
    language: LanguageAsked = Language.ENGLISH,
    accept: Accepted = None,
) -> PdfFile:
    """Gives every line of the borrower's account in the period, what is owed before and after, the amount that makes
    the loan current today, and how to pay it."""
    insist_on_pdf(accept)
    facts = await papers.get_period_statement(uow, loan_id, from_on=from_, to_on=to, language=language)
    name = f"account-{facts.paper.loan_id}-{facts.account.from_on}-{facts.account.to_on}"
    return PdfFile(lambda: period_statement_pdf(facts), name=name)


@router.get(
    "/loans/{loan_id}/interest-certificate",
    dependencies=[READERS],
    summary="The interest certificate of a financial year",
    response_class=PdfFile,
    responses=documented_pdf(),
)
async def get_interest_certificate(
    loan_id: LoanPath,
    uow: ReadingDep,
    year: Annotated[
        Annotated[Whole, Between(1900, 2200)] | None,
        Query(description="The year in which the financial year begins: 2026 is April 2026 to March 2027"),
    ] = None,
    language: LanguageAsked = Language.ENGLISH,
    accept: Accepted = None,
) -> PdfFile:
    """Gives the interest, principal and charges of the year. The certificate of a year that is not over is
    provisional. The default is the present year."""
    insist_on_pdf(accept)
    facts = await papers.get_interest_certificate(uow, loan_id, year=year, language=language)
    name = f"interest-{facts.paper.loan_id}-{facts.year.from_on.year}"
    return PdfFile(lambda: certificate_pdf(facts), name=name)


@router.get(
    "/loans/{loan_id}/no-dues-letter",
    dependencies=[READERS],
    summary="The no-dues letter of a repaid loan",
    response_class=PdfFile,
    responses=documented_pdf(conflict="The loan is not repaid"),
)
async def get_no_dues_letter(
    loan_id: LoanPath, uow: ReadingDep, language: LanguageAsked = Language.ENGLISH, accept: Accepted = None
) -> PdfFile:
    """Gives the letter that nothing is due. A loan that is not repaid is refused (`dues_outstanding`)."""
    insist_on_pdf(accept)
    facts = await papers.get_no_dues_letter(uow, loan_id, language=language)
    return PdfFile(lambda: no_dues_pdf(facts), name=f"no-dues-{facts.loan_id}")


@router.get(
    "/loans/{loan_id}/foreclosure-letter",
    dependencies=[READERS],
    summary="The foreclosure letter of a loan",
    response_class=PdfFile,
    responses=documented_pdf(conflict="The loan is not active"),
)
async def get_foreclosure_letter(
    loan_id: LoanPath,
    uow: ReadingDep,
    on: Annotated[
        Day | None, Query(description="The day until which it is valid; the default is the business date")
    ] = None,
    language: LanguageAsked = Language.ENGLISH,
    accept: Accepted = None,
) -> PdfFile:
    """Gives what closes the loan on a day within a month, and on each day before it."""
    insist_on_pdf(accept)
    facts = await papers.get_foreclosure_letter(uow, loan_id, on=on, language=language)
    name = f"foreclosure-{facts.paper.loan_id}-{facts.payoffs[-1].on}"
    return PdfFile(lambda: foreclosure_pdf(facts), name=name)
