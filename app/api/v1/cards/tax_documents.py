"""The tax documents of a card account: the invoices and notes, and one of them as PDF."""

from app.api.deps import READERS, KistRouter, UnitOfWorkDep
from app.api.documents import Accepted, PdfFile, documented_pdf, insist_on_pdf
from app.api.v1.cards.account_schemas import AccountPath
from app.api.v1.reporting.tax_documents import LanguageAsked, NumberPath, TaxDocumentAnswer, present_documents
from app.documents.tax_document import tax_document_pdf
from app.documents.words import Language
from app.services.cards import documents
from app.services.reporting import tax_documents

router = KistRouter(prefix="/card-accounts", tags=["Card accounts"])


@router.get("/{account_id}/tax-documents", dependencies=[READERS], summary="List the tax documents of a card account")
async def list_card_tax_documents(account_id: AccountPath, uow: UnitOfWorkDep) -> list[TaxDocumentAnswer]:
    """Gives every invoice, credit note and debit note of the fees and the interest of an account, in the order of
    booking. A number is given when the day of the charge is over."""
    return present_documents(await documents.list_tax_documents(uow, account_id))


@router.get(
    "/{account_id}/tax-documents/{number}",
    dependencies=[READERS],
    summary="A tax document of a card account",
    response_class=PdfFile,
    responses=documented_pdf(),
)
async def get_card_tax_document(
    account_id: AccountPath,
    number: NumberPath,
    uow: UnitOfWorkDep,
    language: LanguageAsked = Language.ENGLISH,
    accept: Accepted = None,
) -> PdfFile:
    """Gives the invoice or the note with its value, its tax by head, and the invoice that a note is for."""
    insist_on_pdf(accept)
    found = await documents.list_tax_documents(uow, account_id)
    facts = await tax_documents.get_paper(uow, found, number, language=language)
    return PdfFile(lambda: tax_document_pdf(facts), name=f"{facts.document.kind.value}-{number}")
