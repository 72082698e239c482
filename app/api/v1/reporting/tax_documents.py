"""The tax documents of a loan: the invoices and notes, and one of them as PDF."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field, StringConstraints

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.documents import Accepted, PdfFile, documented_pdf, insist_on_pdf
from app.api.schemas import Answer, RupeesOut
from app.api.v1.lending.loans import LoanPath
from app.documents.tax_document import tax_document_pdf
from app.documents.words import Language
from app.domain.reporting.gst import DocumentKind
from app.services.reporting import tax_documents
from app.services.reporting.tax_documents import TaxDocuments

router = KistRouter(prefix="/loans", tags=["Papers"])

NumberPath = Annotated[
    str,
    StringConstraints(pattern="^[ICD][0-9]{4}-[0-9]{6,10}$"),
    Path(description="The number, such as `I2627-000012`"),
]
LanguageAsked = Annotated[Language, Query(description="The language of the paper")]


class TaxDocumentAnswer(Answer):
    """An invoice for a charge, or a note that gives its tax back or asks for it again. Amounts are in rupees."""

    number: str = Field(examples=["I2627-000012"])
    kind: DocumentKind
    booked_on: date
    supplied_on: date
    charge: str = Field(description="The kind of the charge", examples=["bounce_charge"])
    name: str | None
    sac: str | None
    place: str = Field(description="The state of the place of supply, by its GST code", examples=["29"])
    taxable: RupeesOut
    central: RupeesOut
    state: RupeesOut
    integrated: RupeesOut
    tax: RupeesOut
    invoice: str | None = Field(description="The invoice that a note is for")


def present_documents(found: TaxDocuments) -> list[TaxDocumentAnswer]:
    """The documents as they are answered."""
    answers = []
    for each in found.documents:
        invoice = found.invoice_of(each)
        answers.append(
            TaxDocumentAnswer(
                number=each.number,
                kind=each.kind,
                booked_on=each.booked_on,
                supplied_on=each.supplied_on,
                charge=each.charge,
                name=each.name,
                sac=each.sac,
                place=each.place,
                taxable=each.taxable_paise,
                central=each.central_paise,
                state=each.state_paise,
                integrated=each.integrated_paise,
                tax=each.tax_paise,
                invoice=None if invoice is None else invoice.number,
            )
        )
    return answers


@router.get("/{loan_id}/tax-documents", dependencies=[READERS], summary="List the tax documents of a loan")
async def list_loan_tax_documents(loan_id: LoanPath, uow: ReadingDep) -> list[TaxDocumentAnswer]:
    """Gives every invoice, credit note and debit note of the charges of a loan, in the order of booking. A number is
    given when the day of the charge is over."""
    return present_documents(await tax_documents.list_of_loan(uow, loan_id))


@router.get(
    "/{loan_id}/tax-documents/{number}",
    dependencies=[READERS],
    summary="A tax document of a loan",
    response_class=PdfFile,
    responses=documented_pdf(),
)
async def get_loan_tax_document(
    loan_id: LoanPath,
    number: NumberPath,
    uow: ReadingDep,
    language: LanguageAsked = Language.ENGLISH,
    accept: Accepted = None,
) -> PdfFile:
    """Gives the invoice or the note with its value, its tax by head, and the invoice that a note is for."""
    insist_on_pdf(accept)
    facts = await tax_documents.get_paper(
        uow, await tax_documents.list_of_loan(uow, loan_id), number, language=language
    )
    return PdfFile(lambda: tax_document_pdf(facts), name=f"{facts.document.kind.value}-{number}")
