"""Tax documents: each taxed charge of a loan has an invoice, and each one that is taken back a credit note.

They follow from the ledger: one document for each transfer of tax. Numbers are consecutive within a financial year and
a kind. The place of supply of a lender's service is where its customer is, by the records; without a record it is where
the lender is. Within a state the tax is half central and half state tax, across states it is integrated tax.
Source: docs/business-rules.md, charges of a loan; rule 46 of the CGST Rules; section 12(12) of the IGST Act.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from app.domain.products.charges import split_tax

#: The month with which a financial year begins.
_FIRST_MONTH: Final = 4


class DocumentKind(StrEnum):
    """What a tax document says: that tax is charged, or that it is given back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class DocumentKey(NamedTuple):
    """A tax document by its transfer of tax."""

    customer_id: int
    loan_id: int
    transfer_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedTransfer:
    """A transfer of tax that has no document yet. `reverses` is the number of the transfer of tax that it takes back,
    `customer_state` the state of the customer by the records."""

    key: DocumentKey
    supplied_on: date
    booked_on: date
    charge: str
    name: str | None
    sac: str | None
    taxable_paise: int
    tax_paise: int
    customer_state: str | None
    reverses: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDocument:
    """An invoice, or a credit note for the invoice of the transfer `of_transfer`. Money in paise."""

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
    of_transfer: int | None


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
    return f"{'I' if kind is DocumentKind.INVOICE else 'C'}{year}-{number:06}"


def make_documents(
    taxed: Sequence[TaxedTransfer],
    *,
    state_on: Callable[[date], str],
    known: Mapping[DocumentKey, TaxDocument],
    used: Mapping[tuple[str, DocumentKind], int],
) -> Iterator[TaxDocument]:
    """A document for each transfer, in order. `state_on` is where the lender is registered on a day. `known` are the
    invoices that credit notes of these transfers take back, `used` the last number of each financial year and kind."""
    last, made = dict(used), dict(known)
    for each in taxed:
        kind = DocumentKind.INVOICE if each.reverses is None else DocumentKind.CREDIT_NOTE
        series = financial_year(each.booked_on), kind
        last[series] = last.get(series, 0) + 1
        number = document_number(kind, year=series[0], number=last[series])
        if each.reverses is None:
            document = _invoice(each, number=number, lender_state=state_on(each.booked_on))
        else:
            invoice = made[each.key._replace(transfer_number=each.reverses)]
            document = _credit_note(each, invoice, number=number)
        made[each.key] = document
        yield document


def _invoice(taxed: TaxedTransfer, *, number: str, lender_state: str) -> TaxDocument:
    place = taxed.customer_state or lender_state
    split = split_tax(taxed.tax_paise, is_same_state=place == lender_state)
    return TaxDocument(
        key=taxed.key,
        kind=DocumentKind.INVOICE,
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
        of_transfer=None,
    )


def _credit_note(taxed: TaxedTransfer, invoice: TaxDocument, *, number: str) -> TaxDocument:
    """The credit note for a whole invoice: with its place and its heads, also if the customer has moved."""
    return TaxDocument(
        key=taxed.key,
        kind=DocumentKind.CREDIT_NOTE,
        number=number,
        supplied_on=invoice.supplied_on,
        booked_on=taxed.booked_on,
        charge=invoice.charge,
        name=invoice.name,
        sac=invoice.sac,
        place=invoice.place,
        taxable_paise=invoice.taxable_paise,
        central_paise=invoice.central_paise,
        state_paise=invoice.state_paise,
        integrated_paise=invoice.integrated_paise,
        of_transfer=invoice.key.transfer_number,
    )


def net_tax_paise(lines: Sequence[ReportLine]) -> int:
    """The tax of the invoices less that of the credit notes."""
    return sum(line.tax_paise if line.kind is DocumentKind.INVOICE else -line.tax_paise for line in lines)
