"""Tax documents: each taxed charge has an invoice, and one that is taken back or waived a credit note.

They follow from the ledger: one document for each posting of tax. An invoice is for tax that is posted, a credit note
for tax that is taken back or given back by a waiver, a debit note for a credit note that is undone. Numbers are
consecutive within a financial year and a kind. The place of supply of a lender's service is where its customer is, by
the records; without a record it is where the lender is. Within a state the tax is half central and half state tax,
across states it is integrated tax. Source: docs/business-rules.md, charges of a loan; rules 46 and 53 of the CGST
Rules; section 34 of the CGST Act; section 12(12) of the IGST Act.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from app.domain.money import RoundingMode, round_ratio
from app.domain.products.charges import split_tax

#: The month with which a financial year begins.
_FIRST_MONTH: Final = 4


class DocumentKind(StrEnum):
    """What a tax document says: tax is charged, it is given back, or what was given back is charged after all."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"


class LoanTaxKey(NamedTuple):
    """A tax document of a loan, by its transfer of tax."""

    customer_id: int
    loan_id: int
    transfer_number: int


class CardTaxKey(NamedTuple):
    """A tax document of a card account, by its row of charges."""

    customer_id: int
    account_id: int
    cause: str
    cause_number: int
    cause_of: int
    posting: int
    found_by: int


DocumentKey = LoanTaxKey | CardTaxKey


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedPosting:
    """A posting of tax that has no document yet. `of` is what it takes back: of a credit note its invoice, of a debit
    note the credit note. `taxable_paise` is None where it is the share of the invoice's. `customer_state` is the state
    of the customer by the records."""

    key: DocumentKey
    kind: DocumentKind
    supplied_on: date
    booked_on: date
    charge: str
    name: str | None
    sac: str | None
    taxable_paise: int | None
    tax_paise: int
    customer_state: str | None
    of: DocumentKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDocument:
    """An invoice, or a note for the invoice `of`. Money in paise."""

    key: DocumentKey
    kind: DocumentKind
    number: str
    supplied_on: date
    booked_on: date
    charge: str
    name: str | None
    sac: str | None
    place: str
    taxable_paise: int
    central_paise: int
    state_paise: int
    integrated_paise: int
    of: DocumentKey | None

    @property
    def tax_paise(self) -> int:
        """The tax of all heads."""
        return self.central_paise + self.state_paise + self.integrated_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """The documents of a month of one kind, place and service, together. Money in paise."""

    kind: DocumentKind
    place: str
    sac: str | None
    documents: int
    taxable_paise: int
    central_paise: int
    state_paise: int
    integrated_paise: int

    @property
    def tax_paise(self) -> int:
        """The tax of all heads."""
        return self.central_paise + self.state_paise + self.integrated_paise


def financial_year(day: date) -> str:
    """The financial year of a day, such as `2627` for one from April 2026 to March 2027."""
    first = day.year if day.month >= _FIRST_MONTH else day.year - 1
    return f"{first % 100:02}{(first + 1) % 100:02}"


def document_number(kind: DocumentKind, *, year: str, number: int) -> str:
    """The number on the paper, such as `I2627-000012`: at most sixteen characters, unique within a financial year."""
    return f"{kind.value[0].upper()}{year}-{number:06}"


def make_documents(
    taxed: Sequence[TaxedPosting],
    *,
    state_on: Callable[[date], str],
    known: Mapping[DocumentKey, TaxDocument],
    used: Mapping[tuple[str, DocumentKind], int],
) -> Iterator[TaxDocument]:
    """A document for each posting, in order. `state_on` is where the lender is registered on a day. `known` are the
    documents that these postings take back, `used` the last number of each financial year and kind."""
    last, made = dict(used), dict(known)
    for each in taxed:
        series = financial_year(each.booked_on), each.kind
        last[series] = last.get(series, 0) + 1
        number = document_number(each.kind, year=series[0], number=last[series])
        if each.of is None:
            document = _invoice(each, number=number, lender_state=state_on(each.booked_on))
        else:
            document = _note(each, made[each.of], number=number)
        made[each.key] = document
        yield document


def _invoice(taxed: TaxedPosting, *, number: str, lender_state: str) -> TaxDocument:
    assert taxed.taxable_paise is not None, "an invoice has its own amount"
    place = taxed.customer_state or lender_state
    split = split_tax(taxed.tax_paise, is_same_state=place == lender_state)
    return TaxDocument(
        key=taxed.key,
        kind=taxed.kind,
        number=number,
        supplied_on=taxed.supplied_on,
        booked_on=taxed.booked_on,
        charge=taxed.charge,
        name=taxed.name,
        sac=taxed.sac,
        place=place,
        taxable_paise=taxed.taxable_paise,
        central_paise=split.central_paise,
        state_paise=split.state_paise,
        integrated_paise=split.integrated_paise,
        of=None,
    )


def _note(taxed: TaxedPosting, before: TaxDocument, *, number: str) -> TaxDocument:
    """The note for an invoice or a part of it: with its place and its heads, also if the customer has moved."""
    taxable = taxed.taxable_paise
    if taxable is None:
        share = before.taxable_paise * taxed.tax_paise
        taxable = round_ratio(share, before.tax_paise, mode=RoundingMode.HALF_UP)
    split = split_tax(taxed.tax_paise, is_same_state=before.integrated_paise == 0)
    return TaxDocument(
        key=taxed.key,
        kind=taxed.kind,
        number=number,
        supplied_on=before.supplied_on,
        booked_on=taxed.booked_on,
        charge=before.charge,
        name=before.name,
        sac=before.sac,
        place=before.place,
        taxable_paise=taxable,
        central_paise=split.central_paise,
        state_paise=split.state_paise,
        integrated_paise=split.integrated_paise,
        of=before.of or before.key,
    )


def added(lines: Iterable[ReportLine]) -> list[ReportLine]:
    """The lines with those of one kind, place and service together: of the loans and of the card accounts."""
    sums: dict[tuple[DocumentKind, str, str | None], ReportLine] = {}
    for line in lines:
        key = line.kind, line.place, line.sac
        sums[key] = line if key not in sums else _sum_of(sums[key], line)
    order = list(DocumentKind)
    return sorted(sums.values(), key=lambda line: (order.index(line.kind), line.place, line.sac or ""))


def _sum_of(first: ReportLine, second: ReportLine) -> ReportLine:
    return replace(
        first,
        documents=first.documents + second.documents,
        taxable_paise=first.taxable_paise + second.taxable_paise,
        central_paise=first.central_paise + second.central_paise,
        state_paise=first.state_paise + second.state_paise,
        integrated_paise=first.integrated_paise + second.integrated_paise,
    )


def net_tax_paise(lines: Sequence[ReportLine]) -> int:
    """The tax of the invoices and debit notes less that of the credit notes."""
    return sum(-line.tax_paise if line.kind is DocumentKind.CREDIT_NOTE else line.tax_paise for line in lines)
