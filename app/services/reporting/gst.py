"""Tax documents as use cases: gives numbers to the taxed charges of past days, and the report of a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.reporting import card_gst as card_repository
from app.db.repositories.reporting import gst as repository
from app.db.repositories.reporting.card_gst import CardAccountOf
from app.domain.calendar import add_months
from app.domain.lender.registrations import Registration
from app.domain.reporting.gst import (
    CardTaxKey,
    DocumentKey,
    DocumentKind,
    LoanTaxKey,
    ReportLine,
    TaxDocument,
    TaxedPosting,
    added,
    financial_year,
    make_documents,
    net_tax_paise,
)
from app.services.lender.registrations import find_gst_state, read_registration
from app.services.unit_of_work import UnitOfWork

#: Documents in one transaction.
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class GstReport:
    """The tax documents of a month, and what the ledger booked in it. Money in paise. What the ledger has and the
    documents have not, waits for its number."""

    month: date
    lender_state: str | None
    lines: Sequence[ReportLine]
    ledger_tax_paise: int

    @property
    def net_tax_paise(self) -> int:
        """The tax of the invoices and debit notes less that of the credit notes."""
        return net_tax_paise(self.lines)

    @property
    def waiting_paise(self) -> int:
        """The tax that has no document yet."""
        return self.ledger_tax_paise - self.net_tax_paise


async def issue_documents(uow: UnitOfWork) -> int:
    """Gives a document to each posting of tax of the days before the business date, at most a page.

    Returns how many. Without a state of registration none is given: the state decides about the heads of the tax.
    """
    registration, today = await read_registration(uow), await uow.business_date()
    if registration.state_on(today) is None:
        return 0
    used = await repository.lock_series(uow.session)
    taxed = [
        *await repository.list_undocumented(uow.session, before=today, most=PAGE),
        *await card_repository.list_undocumented(uow.session, before=today, most=PAGE),
    ]
    # The documents of a day come after those of the days before, of loans and of card accounts alike.
    taxed = sorted(taxed, key=lambda each: each.booked_on)[:PAGE]
    if not taxed:
        return 0
    known = await _documents_taken_back(uow, taxed)
    documents = list(make_documents(taxed, state_on=partial(_state_on, registration), known=known, used=used))
    of_loans = [each for each in documents if isinstance(each.key, LoanTaxKey)]
    await repository.add_documents(uow.session, of_loans, now=uow.now)
    of_cards = [each for each in documents if isinstance(each.key, CardTaxKey)]
    await card_repository.add_documents(uow.session, of_cards, now=uow.now)
    await repository.put_series(uow.session, _last(used, documents))
    return len(documents)


async def _documents_taken_back(uow: UnitOfWork, taxed: Sequence[TaxedPosting]) -> dict[DocumentKey, TaxDocument]:
    """The documents that these postings may take back."""
    loans = {LoanKey(*each.of[:2]) for each in taxed if isinstance(each.of, LoanTaxKey)}
    accounts = {CardAccountOf(*each.of[:2]) for each in taxed if isinstance(each.of, CardTaxKey)}
    found = await repository.list_documents(uow.session, loans) if loans else []
    found += await card_repository.list_documents(uow.session, accounts) if accounts else []
    return {each.key: each for each in found}


def _state_on(registration: Registration, day: date) -> str:
    state = registration.state_on(day)
    assert state is not None, "whoever is registered now has a state on every day"
    return state


def _last(
    used: dict[tuple[str, DocumentKind], int], documents: Sequence[TaxDocument]
) -> dict[tuple[str, DocumentKind], int]:
    last = dict(used)
    for each in documents:
        series = financial_year(each.booked_on), each.kind
        last[series] = last.get(series, 0) + 1
    return last


async def view_month(uow: UnitOfWork, *, on: date | None) -> GstReport:
    """The report of the month of a day (default: the month before the business date)."""
    day = on or (await uow.business_date()).replace(day=1) - timedelta(days=1)
    first = day.replace(day=1)
    span = {"since": first, "before": add_months(first, 1)}
    lines = [
        *await repository.sum_documents(uow.session, **span),
        *await card_repository.sum_documents(uow.session, **span),
    ]
    ledger = await repository.sum_ledger_tax(uow.session, **span)
    return GstReport(
        month=first,
        lender_state=await find_gst_state(uow, on=first),
        lines=added(lines),
        ledger_tax_paise=ledger + await card_repository.sum_ledger_tax(uow.session, **span),
    )
