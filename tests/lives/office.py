"""The service as the town sees it: asked and told over HTTP, by the two people of the lender; and the date it has."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import httpx

from app.db.repositories.products.products import add_product
from app.domain.calendar import Frequency
from app.domain.money import rupees_to_paise
from app.domain.people.access import SYSTEM
from app.domain.products.products import Product
from app.domain.products.seeded import SEEDED_PRODUCTS, STANDARD_LOAN
from tests.lives.contracts import Contract, draw_contract
from tests.services.lending_desk import LendingHelper

API = "/api/v1"
#: The surface of the credit approval systems is at the root.
AT_THE_ROOT = ("/register", "/create-loan")
Headers = dict[str, str]
#: Nobody borrows fewer rupees here.
LEAST = 1000


@dataclass(slots=True)
class Home:
    """A borrower's loan: its number, the dice of its own, what was done, and what was shown."""

    loan: str
    rng: Random
    diary: list[str]
    payments: list[str] = field(default_factory=list)
    ahead: list[dict[str, Any]] = field(default_factory=list)
    pays_off: tuple[date, int] | None = None
    over: bool = False


@dataclass(slots=True)
class Office:
    """Asks, tells, lends and moves the date; keeps every answer that nobody may get."""

    client: httpx.AsyncClient
    lending: LendingHelper
    officer: Headers
    admin: Headers
    rng: Random
    today: date = date.min
    breaches: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    deeds: int = 0
    keys: int = 0

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(f"{API}{path}", params=query, headers=self.officer)
        return self._read(answer, expected=200)

    async def draw(self, path: str, **query: Any) -> None:
        """A document, which only has to come."""
        answer = await self.client.get(f"{API}{path}", params=query, headers=self.officer)
        self.statuses[answer.status_code] += 1
        if answer.status_code != 200:
            self.breaches.append(f"{answer.status_code} for {answer.request.url}: {answer.text}")

    async def post(self, path: str, body: dict[str, Any], *, who: Headers | None = None) -> tuple[int, Any]:
        """A deed; whoever is told that somebody else is at it asks again. The key makes a repeat the same deed."""
        self.keys += 1
        self.deeds += 1
        headers = {**(who or self.officer), "Idempotency-Key": f"town-{self.keys}"}
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
            self.breaches.append(
                f"{answer.status_code} for {request.method} {request.url} {request.content!r}: {answer.text}"
            )
        return answer.json(parse_float=Decimal)

    async def read_date(self) -> date:
        return date.fromisoformat((await self.get("/clock"))["business_date"])

    async def move_to(self, day: date) -> None:
        """The date moves on; sometimes the run bills at once, sometimes whoever looks finds it has not come yet."""
        self.today = day
        answer = await self.client.put(f"{API}/clock", json={"business_date": day.isoformat()}, headers=self.admin)
        self._read(answer, expected=200)
        if self.rng.random() < 0.6:
            await self.lending.run_billing(on=day)

    async def lend(self) -> Home:
        """A loan of a seeded product, or of one whose terms nobody has offered yet."""
        contract = draw_contract(self.rng, on=self.today)
        while (contract.terms.frequency, contract.terms.every) == (Frequency.DAY, 1) or contract.instalments > 6:
            contract = draw_contract(self.rng, on=self.today)
        if contract.terms == STANDARD_LOAN.repayment:
            number = await self._apply(contract)
        else:
            number = await self._disburse(contract)
        home = Home(f"LN-{self.today.year}-{number:04d}", Random(self.rng.random()), [])
        begun = f"{contract.amount_paise} paise at {contract.annual_rate_percent} %, {contract.instalments}"
        home.diary.append(f"{contract.product}, {begun} from {self.today}: {contract.terms}")
        await self._compare_quote(home, contract)
        return home

    async def _compare_quote(self, home: Home, contract: Contract) -> None:
        """What somebody is quoted who asks for these terms is the schedule of the loan."""
        terms, loan = contract.terms, await self.get(f"/loans/{home.loan}")
        rounding, interest_rounding = terms.emi_rounding, terms.interest_rounding
        body = {
            "amount": str(loan["amount"]), "annual_rate": str(loan["annual_rate"]), "instalments": loan["instalments"],
            "disbursed_on": loan["disbursed_on"], "every": terms.every, "frequency": terms.frequency,
            "amortisation": terms.amortisation, "interest_basis": terms.interest_basis, "day_count": terms.day_count,
            "due_day": terms.due_day, "odd_first_period": terms.odd_first_period,
            "rounding": {"mode": rounding.mode, "unit": rupees(rounding.unit_paise)},
            "interest_rounding": {"mode": interest_rounding.mode, "unit": rupees(interest_rounding.unit_paise)},
        }  # fmt: skip
        status, quoted = await self.post("/loans/quote", body)
        if status != 200:
            self.breaches.append(told("no quote for terms under which a loan was made", home, quoted))
            return
        schedule = await self.get(f"/loans/{home.loan}/schedule")
        rows = [[(row["due_on"], *parts_of(row)) for row in found["instalments"]] for found in (quoted, schedule)]
        if rows[0] != rows[1] or quoted["emi"] != schedule["emi"]:
            self.breaches.append(told("the schedule is not as quoted", home, quoted, schedule))

    async def _apply(self, contract: Contract) -> int:
        """Somebody new registers and applies; what is asked for is small enough to be granted."""
        person = {
            "first_name": "Asha", "last_name": "Rao", "age": 30, "monthly_income": 900_000,
            "phone_number": 9_000_000_000 + self.rng.randrange(10**9),
        }  # fmt: skip
        _, registered = await self.post("/register", person)
        amount = min(max(contract.amount_paise // 100, LEAST), 50_000 * contract.instalments)
        rate = max(contract.annual_rate_percent, Decimal(16))
        wish = {"loan_amount": amount, "interest_rate": str(rate), "tenure": contract.instalments}
        _, made = await self.post("/create-loan", {"customer_id": registered["customer_id"], **wish})
        assert made["loan_approved"], made
        return int(made["loan_id"])

    async def _disburse(self, contract: Contract) -> int:
        product = {product.code: product for product in SEEDED_PRODUCTS}[contract.product]
        if contract.terms != product.repayment:
            code = f"LIFE_{self.today:%y%m%d}_{self.rng.randrange(10**9)}"
            product = Product(code=code, version=1, name=code, offer=STANDARD_LOAN.offer, repayment=contract.terms)
            async with self.lending.uow_factory.open(SYSTEM) as uow:
                await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        amount, rate = max(contract.amount_paise // 100, LEAST), str(contract.annual_rate_percent)
        made = await self.lending.disburse(product, amount=amount, rate=rate, instalments=contract.instalments)
        return made.number


def paise(amount: Any) -> int:
    """Rupees of an answer as paise."""
    return rupees_to_paise(Decimal(amount))


def rupees(amount_paise: int) -> str:
    """Paise as a request writes them."""
    return f"{amount_paise // 100}.{amount_paise % 100:02d}"


def parts_of(row: Any) -> tuple[Any, Any]:
    """The principal and the interest of a row."""
    return row["principal"], row["interest"]


def told(what: str, home: Home, *found: Any) -> str:
    """A breach with the life that led there."""
    return "\n  ".join([f"{home.loan}: {what}", *map(str, found), *home.diary])
