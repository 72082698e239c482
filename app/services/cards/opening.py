"""Opens a card account with its first card, in the transaction that approved it."""

from typing import Protocol

from app.db.repositories.cards.accounts import AccountKey
from app.domain.cards.engine.cycles import usual_statement_day
from app.domain.products.products import Product
from app.services.cards import cards
from app.services.cards.accounts import open_card_account
from app.services.unit_of_work import UnitOfWork


class Approved(Protocol):
    """What an approved application says: who asked for how much."""

    @property
    def id(self) -> int: ...

    @property
    def customer_id(self) -> int: ...

    @property
    def amount_paise(self) -> int: ...


async def open_for_application(uow: UnitOfWork, application: Approved, *, product: Product) -> dict[str, int]:
    """Opens the account of an approved application: the amount is the limit, the first statement comes in a month.
    Answers the columns of the application that name it."""
    key = await open_with_card(
        uow,
        customer_id=application.customer_id,
        product=product,
        limit_paise=application.amount_paise,
        statement_day=usual_statement_day(await uow.business_date()),
        application_id=application.id,
    )
    return {"account_id": key.account_id}


async def open_with_card(
    uow: UnitOfWork,
    *,
    customer_id: int,
    product: Product,
    limit_paise: int,
    statement_day: int,
    application_id: int | None = None,
    cardholder: str | None = None,
) -> AccountKey:
    """Opens an account with its first card on the business date. Raises NotACardProduct, StatementDayInvalid."""
    key = await open_card_account(
        uow,
        customer_id=customer_id,
        product=product,
        limit_paise=limit_paise,
        statement_day=statement_day,
        application_id=application_id,
    )
    await cards.issue_account_card(uow, key, name=cardholder)
    return key
