"""Makes books of many card accounts: the services make a few, and the database copies them.

Account n belongs to customer n, and the token of a copied card follows from n. Every second account of a book with
postings has had 20 purchases, the others 19 and a payment.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from app.db.models import Card, CardAccount, CardCharge, CardPosting, CardTransfer, Customer, PublicId
from app.db.models.base import Base
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import REVOLVING_CARD
from app.services.cards import movements, opening
from app.services.cards.movements import MoneyRequest
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bench.decisions import BEGAN

POSTINGS: Final = 20
#: The accounts that the services make.
PATTERNS: Final = 10
LIMIT_PAISE, STATEMENT_DAY, STATEMENT_ON = 2_00_000_00, 28, BEGAN + timedelta(days=27)
#: The run of this date issues the statements.
RUN_ON = STATEMENT_ON + timedelta(days=1)
PAID_PAISE = 2_000_00
#: The token of the card of an account that was copied, in SQL.
TOKEN = "'card_' || md5(CAST({number} AS text))"  # noqa: S105 - how the name of a card is made


async def load_accounts(uow_factory: UnitOfWorkFactory, *, count: int, with_postings: bool) -> None:
    """A book of so many accounts, on the day before its statements with postings, or on the first day without."""
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(BEGAN)
    made = [await _open(uow_factory, number) for number in range(1, PATTERNS + 1)]
    assert made == list(range(1, PATTERNS + 1)), "account n belongs to customer n"
    if with_postings:
        async with uow_factory.open(SYSTEM) as uow:
            await uow.set_business_date(STATEMENT_ON)
        for number in made:
            await _use(uow_factory, number)
    async with uow_factory.open(SYSTEM) as uow:
        await _replicate(uow, first=PATTERNS + 1, last=count)
        if with_postings:
            await uow.set_business_date(RUN_ON)


async def _open(uow_factory: UnitOfWorkFactory, number: int) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        customer = {"id": number, "now": uow.now}
        await uow.session.execute(
            text(
                "INSERT INTO customers (customer_id, state, name, created_at, actor)"
                " VALUES (:id, 'customer', 'Asha Rao', :now, 'system')"
            ),
            customer,
        )
        key = await opening.open_with_card(
            uow,
            customer_id=number,
            product=REVOLVING_CARD,
            limit_paise=LIMIT_PAISE,
            statement_day=STATEMENT_DAY,
        )
    return key.account_id


async def _use(uow_factory: UnitOfWorkFactory, number: int) -> None:
    """The postings of one account, on a day each."""
    for place in range(POSTINGS):
        on = BEGAN + timedelta(days=place)
        request = MoneyRequest(paise=500_00 + number * 10_00 + place, reference=f"bench-{place}", value_on=on)
        async with uow_factory.open(SYSTEM) as uow:
            if place == POSTINGS - 1 and number % 2:
                paid = MoneyRequest(paise=PAID_PAISE, reference=f"bench-{place}", value_on=STATEMENT_ON)
                await movements.take_payment(uow, number, paid)
            else:
                await movements.clear(uow, number, request, is_cash=False)


async def _replicate(uow: UnitOfWork, *, first: int, last: int) -> None:
    """Copies all rows of the patterns, one after the other, for the accounts with the numbers `first` to `last`."""
    await uow.session.execute(text("SET LOCAL statement_timeout = 0"))
    for model in (Customer, PublicId, CardAccount, Card, CardPosting, CardCharge, CardTransfer):
        await uow.session.execute(text(_copies(model)), {"first": first, "last": last, "patterns": PATTERNS})


def _copies(model: type[Base]) -> str:
    """The SQL that copies the rows of the patterns for other numbers."""
    own = {"customer_id": "n", "account_id": "n"}
    if model is CardAccount:
        own["id"] = "n"
    if model is PublicId:
        own["number"] = "n"
    if model is Card:
        own["token"] = TOKEN.format(number="n")
    names = [column.name for column in model.__table__.columns]
    only = "AND t.kind = 'card_account'" if model is PublicId else ""
    # Only names of our own tables and columns are put in.
    return f"""
        INSERT INTO {model.__tablename__} ({", ".join(names)})
        SELECT {", ".join(own.get(name, f"t.{name}") for name in names)}
        FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
        JOIN {model.__tablename__} AS t ON t.customer_id = (n - 1) % :patterns + 1 {only} ORDER BY n"""  # noqa: S608
