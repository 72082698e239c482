"""A client of the service over HTTP, with the tokens of an officer and an admin, and the business date."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import httpx
from sqlalchemy import select

from app.db.models import OutboxRow
from app.db.repositories.products.products import add_product
from app.domain.calendar import Frequency
from app.domain.money import rupees_to_paise
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import SEEDED_PRODUCTS, STANDARD_LOAN
from app.services.delinquency.corrections import judge_borrower
from app.services.delinquency.day_ends import day_before, judge_day_ends
from app.services.outbox import perform_in_steps
from app.services.payments.rate_notices import make_due_resets
from app.services.payments.reversals import JUDGE_BORROWER
from tests.lives.agreements import LATEST_FIRST_DUE_DAYS, RHYTHMS
from tests.lives.contracts import Contract, draw_contract
from tests.services.lending_desk import FAR, LendingHelper

API = "/api/v1"
#: The surface of the credit approval systems is at the root.
AT_THE_ROOT = ("/register", "/create-loan")
Headers = dict[str, str]
#: The smallest amount of a loan, in rupees.
LEAST_RUPEES = 1000
#: Under this offer a loan may have a first due date and a rhythm of its own.
OFFER = replace(STANDARD_LOAN.offer, first_due_days=(1, LATEST_FIRST_DUE_DAYS), rhythms=tuple(RHYTHMS))


@dataclass(slots=True)
class Borrower:
    """A borrower's loan: its id, its random generator, a log of what was done, the forecast of the views, and what
    follows from its terms."""

    loan: str
    rng: Random
    log: list[str]
    since: date
    payments: list[str] = field(default_factory=list)
    forecast: list[dict[str, Any]] = field(default_factory=list)
    payoff_plan: tuple[date, int] | None = None
    is_done: bool = False
    floats: bool = False
    is_daily: bool = False

    @property
    def number(self) -> int:
        return int(self.loan.rpartition("-")[2])


@dataclass(slots=True)
class ServiceClient:
    """Sends requests, makes loans and moves the business date. It collects every response that must not occur."""

    client: httpx.AsyncClient
    lending: LendingHelper
    sign_in: Callable[[], Awaitable[tuple[Headers, Headers]]]
    rng: Random
    officer: Headers = field(default_factory=dict)
    admin: Headers = field(default_factory=dict)
    today: date = date.min
    failures: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    writes: int = 0
    keys: int = 0

    async def renew_tokens(self) -> None:
        """Staff signs in again: a token does not live as long as a simulation may."""
        self.officer, self.admin = await self.sign_in()

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(f"{API}{path}", params=query, headers=self.officer)
        return self._read(answer, expected=200)

    async def get_pages(self, path: str) -> list[Any]:
        """All rows of a list."""
        rows: list[Any] = []
        cursor: str | None = "0"
        while cursor is not None:
            page = await self.get(path, cursor=cursor)
            rows, cursor = [*rows, *page["items"]], page["next_cursor"]
        return rows

    async def get_document(self, path: str, **query: Any) -> None:
        """Requests a document. Only its status is checked."""
        answer = await self.client.get(f"{API}{path}", params=query, headers=self.officer)
        self.statuses[answer.status_code] += 1
        if answer.status_code != 200:
            self.failures.append(f"{answer.status_code} for {answer.request.url}: {answer.text}")

    async def post(self, path: str, body: dict[str, Any], *, who: Headers | None = None) -> tuple[int, Any]:
        """Sends a change. While the service answers `busy`, it is sent again with the same idempotency key."""
        self.keys += 1
        self.writes += 1
        headers = {**(who or self.officer), "Idempotency-Key": f"simulation-{self.keys}"}
        while True:
            url = path if path in AT_THE_ROOT else f"{API}{path}"
            answer = await self.client.post(url, json=body, headers=headers)
            found = self._read(answer, expected=None)
            if answer.status_code != 409 or found["code"] != "busy":
                return answer.status_code, found
            await asyncio.sleep(0.2)

    def _read(self, answer: httpx.Response, *, expected: int | None) -> Any:
        self.statuses[answer.status_code] += 1
        request = answer.request
        if answer.status_code >= 500 or expected not in (None, answer.status_code):
            self.failures.append(
                f"{answer.status_code} for {request.method} {request.url} {request.content!r}: {answer.text}"
            )
        return answer.json(parse_float=Decimal)

    async def read_date(self) -> date:
        return date.fromisoformat((await self.get("/clock"))["business_date"])

    async def move_to(self, day: date) -> None:
        """Moves the business date, and makes the resets that borrowers were told of. Sometimes it also runs the billing
        and judges the day-ends that are over; otherwise views must bill in memory."""
        self.today = day
        answer = await self.client.put(f"{API}/clock", json={"business_date": day.isoformat()}, headers=self.admin)
        self._read(answer, expected=200)
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            await make_due_resets(uow)
        if self.rng.random() >= 0.6:
            return
        await self.lending.run_billing(on=day)
        # A billing run asks for the day-ends before it: they are judged by the bills.
        if self.rng.random() < 0.5:
            through = {"through": day_before(day).isoformat()}
            assert await judge_day_ends(self.lending.uow_factory, through, until=FAR)
            await self.judge_again()

    async def judge_again(self) -> None:
        """Judges every borrower again of whom a correction of the past, or a day-end, asked for it. None may fail."""
        factory = self.lending.uow_factory
        async with factory.open(SYSTEM) as uow:
            waiting = select(OutboxRow.id).where(OutboxRow.job == JUDGE_BORROWER, OutboxRow.done_at.is_(None))
            jobs = (await uow.session.execute(waiting.order_by(OutboxRow.id))).scalars().all()
        for job in jobs:
            assert await perform_in_steps(factory, job, action=judge_borrower)

    async def lend(self) -> Borrower:
        """Makes a loan of a seeded product, or of a new product with random terms."""
        contract = draw_contract(self.rng, on=self.today)
        while (contract.agreed.frequency, contract.agreed.every) == (Frequency.DAY, 1) or contract.instalments > 6:
            contract = draw_contract(self.rng, on=self.today)
        if contract.terms == STANDARD_LOAN.repayment and contract.agreement is None:
            number = await self._apply(contract)
        else:
            number = await self._disburse(contract)
        loan, floats = f"LN-{self.today.year}-{number:04d}", contract.terms.benchmark is not None
        borrower = Borrower(
            loan, Random(self.rng.random()), [], self.today, floats=floats, is_daily=contract.agreed.is_daily
        )
        terms_text = f"{contract.amount_paise} paise at {contract.annual_rate_percent} %, {contract.instalments}"
        borrower.log.append(f"{contract.product}, {terms_text} from {self.today}: {contract.terms}")
        await self._compare_quote(borrower, contract)
        return borrower

    async def _compare_quote(self, borrower: Borrower, contract: Contract) -> None:
        """Checks that the quote for the same terms is the schedule of the loan."""
        terms, loan = contract.agreed, await self.get(f"/loans/{borrower.loan}")
        rounding, interest_rounding = terms.emi_rounding, terms.interest_rounding
        body = {
            "amount": str(loan["amount"]), "annual_rate": str(loan["annual_rate"]), "instalments": loan["instalments"],
            "disbursed_on": loan["disbursed_on"], "every": terms.every, "frequency": terms.frequency,
            "amortisation": terms.amortisation, "interest_basis": terms.interest_basis, "day_count": terms.day_count,
            "due_day": terms.due_day, "odd_first_period": terms.odd_first_period,
            "first_due_on": contract.first_due_on and contract.first_due_on.isoformat(),
            "rounding": {"mode": rounding.mode, "unit": rupees(rounding.unit_paise)},
            "interest_rounding": {"mode": interest_rounding.mode, "unit": rupees(interest_rounding.unit_paise)},
        }  # fmt: skip
        status, quoted = await self.post("/loans/quote", body)
        if status != 200:
            self.failures.append(describe("no quote for terms under which a loan was made", borrower, quoted))
            return
        schedule = await self.get(f"/loans/{borrower.loan}/schedule")
        rows = [[(row["due_on"], *parts_of(row)) for row in found["instalments"]] for found in (quoted, schedule)]
        if rows[0] != rows[1] or quoted["emi"] != schedule["emi"]:
            self.failures.append(describe("the schedule is not as quoted", borrower, quoted, schedule))

    async def _apply(self, contract: Contract) -> int:
        """A new customer registers and applies for an amount that is small enough to be approved."""
        person = {
            "first_name": "Asha", "last_name": "Rao", "age": 30, "monthly_income": 900_000,
            "phone_number": 9_000_000_000 + self.rng.randrange(10**9),
        }  # fmt: skip
        _, registered = await self.post("/register", person)
        amount = min(max(contract.amount_paise // 100, LEAST_RUPEES), 50_000 * contract.instalments)
        rate = max(contract.annual_rate_percent, Decimal(16))
        terms = {"loan_amount": amount, "interest_rate": str(rate), "tenure": contract.instalments}
        _, made = await self.post("/create-loan", {"customer_id": registered["customer_id"], **terms})
        assert made["loan_approved"], made
        return int(made["loan_id"])

    async def _disburse(self, contract: Contract) -> int:
        product = {product.code: product for product in SEEDED_PRODUCTS}[contract.product]
        if contract.terms != product.repayment or contract.agreement is not None:
            code = f"LIFE_{self.today:%y%m%d}_{self.rng.randrange(10**9)}"
            product = Product(code=code, version=1, name=code, offer=OFFER, repayment=contract.terms)
            async with self.lending.uow_factory.open(SYSTEM) as uow:
                await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        amount, rate = max(contract.amount_paise // 100, LEAST_RUPEES), str(contract.annual_rate_percent)
        made = await self.lending.disburse(
            product, amount=amount, rate=rate, instalments=contract.instalments, chosen=contract.agreement
        )
        return made.number


def paise(amount: Any) -> int:
    """Rupees of a response as paise."""
    return rupees_to_paise(Decimal(amount))


def rupees(amount_paise: int) -> str:
    """Paise as rupees in a request."""
    return f"{amount_paise // 100}.{amount_paise % 100:02d}"


def parts_of(row: Any) -> tuple[Any, Any]:
    """The principal and the interest of a row."""
    return row["principal"], row["interest"]


def describe(what: str, borrower: Borrower, *found: Any) -> str:
    """A failure with the log of the borrower."""
    return "\n  ".join([f"{borrower.loan}: {what}", *map(str, found), *borrower.log])
