"""The facts of the documents of a card account: a statement as it was issued, the holder and the lender, and tax
documents."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.db.repositories.cards.states import asked_of
from app.db.repositories.reporting import card_gst as gst_repository
from app.db.repositories.reporting.card_gst import CardAccountOf
from app.documents.card_facts import CardPostingFacts, CardStatementFacts
from app.documents.words import Language
from app.domain.cards.engine.interest import InterestLine
from app.domain.products.card_terms import CardBucket
from app.domain.public_ids import format_card_account_id
from app.services.cards import accounts, views
from app.services.lender.profiles import find_profile
from app.services.reporting.documents import get_borrower
from app.services.reporting.tax_documents import TaxDocuments
from app.services.unit_of_work import UnitOfWork


async def get_statement_facts(
    uow: UnitOfWork, account_id: int, number: int, *, language: Language
) -> CardStatementFacts:
    """All facts for the document of a statement. Raises CardAccountNotFound, CardStatementNotFound."""
    view = await views.get_statement(uow, account_id, number)
    row, working = view.statement, view.working
    return CardStatementFacts(
        language=language,
        lender=await find_profile(uow),
        borrower=await get_borrower(uow, working.key.customer_id),
        account_id=view.account_public_id,
        product=working.product.name,
        number=number,
        from_on=row["from_on"],
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        opening_paise=row["opening_paise"],
        closing_paise=row["closing_paise"],
        total_due_paise=row["total_due_paise"],
        minimum_due_paise=row["minimum_due_paise"],
        minimum=asked_of(row["asked"]).parts,
        plan_paise=row["plan_paise"],
        disputed_paise=row["disputed_paise"],
        interest_free=row["interest_free"],
        postings=tuple(
            CardPostingFacts(
                number=posting["number"],
                kind=posting["kind"],
                posted_on=posting["posted_on"],
                value_on=posting["value_on"],
                owed_paise=posting["owed_paise"],
                merchant=posting["merchant"],
                reference=posting["reference"],
            )
            for posting in view.postings
        ),
        interest=tuple(_line(*line) for group in row["interest"] for line in group["lines"]),
    )


async def list_tax_documents(uow: UnitOfWork, account_id: int) -> TaxDocuments:
    """The tax documents of an account. Raises CardAccountNotFound."""
    key = CardAccountOf(*await accounts.find_key(uow, account_id))
    return TaxDocuments(
        account_public_id=format_card_account_id(account_id),
        customer_id=key.customer_id,
        documents=await gst_repository.list_documents(uow.session, [key]),
    )


def _line(number: int, bucket: str, begins: str, ends: str, paise: int, rate: Any) -> InterestLine:
    """A line of interest, as it is stored."""
    return InterestLine(
        number=number,
        bucket=CardBucket(bucket),
        from_on=date.fromisoformat(begins),
        to_on=date.fromisoformat(ends),
        balance_paise=paise,
        annual_rate_percent=Decimal(rate),
    )
