"""Papers of a loan: reads the facts of each, and refuses it where it makes no sense.

Nothing is written: cycles that no run has closed yet are closed in memory, so that a paper agrees with what a payment
on its day does. The number of queries does not depend on the length of the loan.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending.loans import LoanKey, ProductKey
from app.db.repositories.products import products as product_repository
from app.documents.facts import CertificateFacts, ForeclosureFacts, PaperFacts, PeriodFacts, ReceiptFacts
from app.documents.words import Language
from app.domain.billing.cycles import Billing
from app.domain.lending.ledger import Transfer
from app.domain.lending.positions import Position
from app.domain.payments.payments import next_due, payoff
from app.domain.public_ids import LoanReference, format_payment_id
from app.domain.reporting.account_periods import account_of_period, check_period
from app.domain.reporting.papers import (
    check_foreclosure,
    check_no_dues,
    financial_year_of,
    first_day_of_year,
    interest_of_year,
    to_be_current_paise,
)
from app.services.lender.profiles import find_profile
from app.services.lending import loans
from app.services.lending.calculations import calculate, foreseen
from app.services.payments import payment_lists
from app.services.reporting.documents import get_borrower
from app.services.unit_of_work import UnitOfWork


async def get_receipt(uow: UnitOfWork, payment_id: int, *, language: Language) -> ReceiptFacts:
    """The receipt of a payment, as the books stand. Raises PaymentNotFound."""
    view = await payment_lists.view_payment(uow, payment_id)
    payment, applied = view.summary, view.applied_paise
    loan = LoanReference(number=payment.loan_id, year=None)
    billing, product = await loans.find_current(uow, loan)
    position = billing.decision.position
    return ReceiptFacts(
        paper=await _paper(uow, position, product, language=language),
        payment_id=format_payment_id(payment_id),
        amount_paise=payment.amount_paise,
        value_date=payment.value_date,
        booked_on=payment.booked_on,
        method=payment.method,
        reference=payment.reference,
        charges_paise=applied.get("charges", 0),
        interest_paise=applied.get("interest", 0),
        principal_paise=applied.get("principal", 0),
        advance_paise=applied.get("advance", 0),
        reversed_on=payment.reversed_on,
        outstanding_paise=position.principal_paise,
        next_due=next_due(position),
    )


async def get_period_statement(
    uow: UnitOfWork, loan: LoanReference, *, from_on: date | None, to_on: date | None, language: Language
) -> PeriodFacts:
    """The account of a period: by default from the beginning of the financial year to the business date.

    Raises LoanNotFound, PeriodInvalid.
    """
    billing, product = await loans.find_current(uow, loan)
    today, position = await uow.business_date(), billing.decision.position
    last = to_on or today
    first = from_on or max(first_day_of_year(financial_year_of(last)), position.disbursed_on)
    check_period(from_on=first, to_on=last, today=today)
    transfers = await _transfers(uow, billing)
    return PeriodFacts(
        paper=await _paper(uow, position, product, language=language),
        account=await calculate(lambda: account_of_period(transfers, from_on=first, to_on=last), rows=len(transfers)),
        overdue_paise=position.overdue_paise(today),
        to_be_current_paise=to_be_current_paise(position, on=today),
        next_due=next_due(position),
    )


async def get_interest_certificate(
    uow: UnitOfWork, loan: LoanReference, *, year: int | None, language: Language
) -> CertificateFacts:
    """The interest of a financial year, by default the present one. Raises LoanNotFound, YearNotCovered."""
    billing, product = await loans.find_current(uow, loan)
    today, position = await uow.business_date(), billing.decision.position
    wanted = financial_year_of(today) if year is None else year
    transfers = await _transfers(uow, billing)
    return CertificateFacts(
        paper=await _paper(uow, position, product, language=language),
        year=await calculate(
            lambda: interest_of_year(transfers, position, year=wanted, today=today), rows=len(transfers)
        ),
    )


async def get_no_dues_letter(uow: UnitOfWork, loan: LoanReference, *, language: Language) -> PaperFacts:
    """The facts of a no-dues letter. Raises LoanNotFound, DuesOutstanding."""
    billing, product = await loans.find_current(uow, loan)
    check_no_dues(billing.decision.position)
    return await _paper(uow, billing.decision.position, product, language=language)


async def get_foreclosure_letter(
    uow: UnitOfWork, loan: LoanReference, *, on: date | None, language: Language
) -> ForeclosureFacts:
    """What closes a loan on a day, by default the business date, and on each day before it.

    Raises LoanNotFound, LoanNotActive, LoanWrittenOff, ValueDateInPast, TooFarAhead, ForeclosureTooFar.
    """
    billing, product = await loans.find_current(uow, loan)
    today, position = await uow.business_date(), billing.decision.position
    day = await loans.check_day(uow, on)
    check_foreclosure(position, on=day, today=today)
    paper = await _paper(uow, position, product, language=language)
    payoffs = []
    for ahead in range((day - today).days + 1):
        each = today + timedelta(days=ahead)
        payoffs.append(payoff(position if each == today else await foreseen(uow, position, on=each), on=each))
    return ForeclosureFacts(paper=paper, payoffs=tuple(payoffs))


async def _transfers(uow: UnitOfWork, billing: Billing) -> Sequence[Transfer]:
    """All transfers of a loan up to the business date, with those that the next run would write."""
    position = billing.decision.position
    key = LoanKey(position.customer_id, position.loan_id)
    return [*await ledger_repository.list_all_transfers(uow.session, key), *billing.decision.transfers]


async def _paper(uow: UnitOfWork, position: Position, product: ProductKey, *, language: Language) -> PaperFacts:
    """What every paper of the loan shows."""
    terms = await product_repository.get_product(uow.reader, *product)
    return PaperFacts(
        on=await uow.business_date(),
        language=language,
        lender=await find_profile(uow),
        borrower=await get_borrower(uow, position.customer_id),
        loan_id=loans.public_loan_id(position),
        product=terms.name,
        amount_paise=position.disbursed_paise,
        topped_up_paise=position.lent_paise - position.disbursed_paise,
        annual_rate_percent=position.rate_percent,
        disbursed_on=position.disbursed_on,
        closed_on=position.closed_on,
    )
