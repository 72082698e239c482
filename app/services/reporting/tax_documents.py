"""The tax documents of a loan as use cases: the list, and one as a paper."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.reporting import gst as repository
from app.documents.facts import TaxPaperFacts
from app.documents.words import Language
from app.domain.errors import NotFound
from app.domain.public_ids import LoanReference
from app.domain.reporting.gst import TaxDocument
from app.services.lender.profiles import find_profile
from app.services.lending import loans
from app.services.reporting.documents import get_borrower
from app.services.unit_of_work import UnitOfWork


class TaxDocumentUnknown(NotFound):
    """There is no such tax document. List those of the loan or the card account; a number is given on the day after its
    charge."""

    code = "tax_document_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDocuments:
    """The tax documents of a loan or a card account, in order."""

    account_public_id: str
    customer_id: int
    documents: Sequence[TaxDocument]

    def invoice_of(self, document: TaxDocument) -> TaxDocument | None:
        """The invoice that a note is for; None for an invoice."""
        return next((each for each in self.documents if each.key == document.of), None)


async def list_of_loan(uow: UnitOfWork, loan: LoanReference) -> TaxDocuments:
    """The tax documents of a loan. Raises LoanNotFound."""
    position, _ = await loans.find_position(uow, loan)
    key = LoanKey(position.customer_id, position.loan_id)
    return TaxDocuments(
        account_public_id=loans.public_loan_id(position),
        customer_id=key.customer_id,
        documents=await repository.list_documents(uow.session, [key]),
    )


async def get_paper(uow: UnitOfWork, found: TaxDocuments, number: str, *, language: Language) -> TaxPaperFacts:
    """The facts of the paper of one document. Raises TaxDocumentUnknown."""
    document = next((each for each in found.documents if each.number == number), None)
    if document is None:
        raise TaxDocumentUnknown("there is no tax document with this number", field="number")
    return TaxPaperFacts(
        language=language,
        lender=await find_profile(uow, on=document.booked_on),
        borrower=await get_borrower(uow, found.customer_id),
        account=found.account_public_id,
        document=document,
        invoice=found.invoice_of(document),
    )
