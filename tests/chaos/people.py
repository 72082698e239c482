"""The people of a chaos run: borrowers with loans, holders of card accounts, applicants, and an officer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.models import CreditScore, Customer
from app.db.session import create_session_factory
from app.domain.people.access import SYSTEM, Role
from app.domain.products.products import Product
from app.domain.products.seeded import PERSONAL_LOAN, REVOLVING_CARD, STANDARD_LOAN
from app.domain.public_ids import format_card_account_id
from app.services.cards.cards import list_account_cards
from app.services.cards.opening import open_with_card
from app.services.people.passwords import Passwords
from app.services.people.staff import create_staff
from app.services.unit_of_work import Job, UnitOfWorkFactory
from tests.chaos.target import Target
from tests.services.lending_desk import LendingHelper

PRODUCTS: Sequence[Product] = (STANDARD_LOAN, PERSONAL_LOAN)
INCOME_PAISE = 40_00_000_00


class SilentJobQueue:
    """Ignores jobs: these loans need none."""

    async def enqueue(self, job: Job) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTarget:
    """A card account, and the token of its card."""

    number: int
    token: str

    @property
    def public_id(self) -> str:
        return format_card_account_id(self.number)


@dataclass(slots=True, kw_only=True)
class People:
    """The numbers of the loans, the card accounts, the applicants with a score and those without one, and the form
    with which an officer signs in."""

    loans: list[int] = field(default_factory=list)
    accounts: list[CardTarget] = field(default_factory=list)
    applicants: list[int] = field(default_factory=list)
    newcomers: list[int] = field(default_factory=list)
    officer: dict[str, str]


async def settle(target: Target, *, loans: int) -> People:
    """Makes loans that are too large to be paid off, a fifth as many card accounts, and as many applicants of each
    kind. Each has a customer of its own."""
    engine = create_async_engine(target.postgres.dsn(role="kist_app"))
    uow_factory = UnitOfWorkFactory(
        sessions=create_session_factory(engine), job_queue=SilentJobQueue(), clock=lambda: datetime.now(UTC)
    )
    lending = LendingHelper(uow_factory)
    people = People(officer=await _add_officer(uow_factory))
    for number in range(loans):
        product = PRODUCTS[number % len(PRODUCTS)]
        rate = "12" if product is STANDARD_LOAN else "8.8"
        loan = await lending.disburse(product, amount=900_000, rate=rate, instalments=36)
        people.loans.append(loan.number)
    for _ in range(max(loans // 5, 5)):
        people.accounts.append(await _open_card(lending))
        people.applicants.append(await _add_applicant(lending, score=720))
        people.newcomers.append(await _add_applicant(lending, score=None))
    await engine.dispose()
    return people


async def _add_officer(uow_factory: UnitOfWorkFactory) -> dict[str, str]:
    form = {"username": "officer@chaos.example", "password": secrets.token_urlsafe(16)}
    passwords = Passwords(threads=1)
    await create_staff(
        uow_factory,
        SYSTEM,
        passwords=passwords,
        email=form["username"],
        name="Second Pair of Eyes",
        role=Role.OFFICER,
        password=form["password"],
    )
    passwords.close()
    return form


async def _add_applicant(lending: LendingHelper, *, score: int | None) -> int:
    """A customer who may borrow. Without a score they wait for one."""
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(SYSTEM) as uow:
        figures = {"annual_income_paise": INCOME_PAISE, "approved_limit_paise": INCOME_PAISE}
        await uow.session.execute(update(Customer).where(Customer.customer_id == customer_id).values(figures))
        if score is not None:
            await uow.session.execute(
                insert(CreditScore).values(
                    customer_id=customer_id,
                    id=10_000_000 + customer_id,
                    scorecard_code="bank_balance",
                    scorecard_version=1,
                    score=score,
                    facts={},
                    factors={},
                    reasons=[],
                    as_of=await uow.business_date(),
                    computed_at=uow.now,
                )
            )
    return customer_id


async def _open_card(lending: LendingHelper) -> CardTarget:
    customer_id = await lending.add_customer()
    async with lending.uow_factory.open(SYSTEM) as uow:
        key = await open_with_card(
            uow, customer_id=customer_id, product=REVOLVING_CARD, limit_paise=50_000_00, statement_day=28
        )
        (card,) = await list_account_cards(uow, key)
    return CardTarget(number=key.account_id, token=card.card.token)
