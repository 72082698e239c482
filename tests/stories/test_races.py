"""Races over real HTTP: two API processes on one socket, the billing in a third process, one database between them.

After each race the books are reconciled. Nobody is answered with a 5xx; whoever is told to come back (409 `busy`) does.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.db.repositories.lending.loan_lists import LoanFilter
from app.db.repositories.products.products import add_product, add_scorecard
from app.db.session import SessionFactory
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.domain.people.customers import Enrolment
from app.domain.products.seeded import CREDIT_CARD_LOAN, SEEDED_PRODUCTS, STANDARD_LOAN
from app.main import make_keyring
from app.services.billing import runs
from app.services.lending import loan_lists
from app.services.people import customers
from app.services.people.access import create_user_account, issue_tokens
from app.services.people.password_proof import Keyring
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.patience import PATIENCE_SECONDS
from tests.services.lending_desk import FAR, OFFICER, LendingHelper
from tests.stories.serving import SilentJobQueue, served

pytestmark = pytest.mark.slow

CROWD = 200
PAY = "/api/v1/loans/payments"
Headers = dict[str, str]


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    with served(settings) as found:
        yield found


@pytest.fixture(scope="module")
def keyring(settings: Settings) -> Iterator[Keyring]:
    made = make_keyring(settings)
    yield made
    made.passwords.close()


@dataclass(slots=True)
class Crowd:
    """Many clients at once, the desk that makes them loans, and what they were answered."""

    client: httpx.AsyncClient
    lending: LendingHelper
    keyring: Keyring
    today: date
    statuses: Counter[int]

    async def sign_in(self, role: Role) -> Headers:
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            actor = await create_user_account(uow, role=role, name="Somebody", customer_id=None)
            assert actor.user_account_id is not None
            tokens = await issue_tokens(uow, self.keyring, user_account_id=actor.user_account_id)
        return {"Authorization": f"Bearer {tokens.access_token}"}

    async def post(self, path: str, body: dict[str, Any], headers: Headers) -> httpx.Response:
        """One request; whoever is told that somebody else is at it asks again, as the answer says."""
        while True:
            answer = await self.client.post(path, json=body, headers=headers)
            self.statuses[answer.status_code] += 1
            if answer.status_code == 409 and answer.json()["code"] == "busy":
                assert answer.headers["Retry-After"] == "1"
                await asyncio.sleep(1)
                continue
            assert answer.status_code < 500, answer.text
            return answer

    async def pay(self, loan: str, amount: float, reference: str, headers: Headers) -> httpx.Response:
        return await self.post(PAY, {"loan_id": loan, "amount": amount, "reference_id": reference}, headers)

    async def lend(self, *, instalments: int = 24) -> str:
        made = await self.lending.disburse(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=instalments)
        return f"LN-{self.today.year}-{made.number:04d}"

    async def loan(self, loan: str, headers: Headers) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.client.get(f"/api/v1/loans/{loan}", headers=headers)).json()
        return answer

    async def bill(self, *, days: int) -> None:
        await self.lending.run_billing(on=self.today + timedelta(days=days))

    async def propose(self, body: dict[str, Any], headers: Headers) -> str:
        keyed = {**headers, "Idempotency-Key": "p"}
        answer = await self.post("/api/v1/proposals", {"reason": "agreed", **body}, keyed)
        return str(answer.json()["proposal_id"])


@pytest_asyncio.fixture
async def crowd(address: str, keyring: Keyring, session_factory: SessionFactory) -> AsyncIterator[Crowd]:
    uow_factory = UnitOfWorkFactory(sessions=session_factory, job_queue=SilentJobQueue())
    async with uow_factory.open(SYSTEM) as uow:
        today = await uow.business_date()
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    # Every request on a connection of its own: one that is kept may be closed by the server while it is written to.
    limits = httpx.Limits(max_connections=CROWD, max_keepalive_connections=0)
    transport = httpx.AsyncHTTPTransport(retries=40, limits=limits)
    async with httpx.AsyncClient(
        base_url=address, transport=transport, timeout=PATIENCE_SECONDS, trust_env=False
    ) as client:
        yield Crowd(client, LendingHelper(uow_factory), keyring, today, Counter())
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


def codes(answers: list[httpx.Response]) -> Counter[str]:
    """How often each code was answered; the status where all went well."""
    return Counter(answer.json().get("code", str(answer.status_code)) for answer in answers)


async def test_two_hundred_identical_payments_are_one(crowd: Crowd) -> None:
    officer, loan = await crowd.sign_in(Role.OFFICER), await crowd.lend()
    keyed = {**officer, "Idempotency-Key": "one"}
    body = {"loan_id": loan, "amount": 1000}
    answers = await asyncio.gather(*(crowd.post(PAY, body, keyed) for _ in range(CROWD)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert (await crowd.loan(loan, officer))["advance"] == 1000.0


async def test_two_hundred_different_payments_all_count(crowd: Crowd) -> None:
    officer, loan = await crowd.sign_in(Role.OFFICER), await crowd.lend()
    answers = await asyncio.gather(*(crowd.pay(loan, 40.01, f"R-{one}", officer) for one in range(CROWD)))
    assert codes(answers) == {"201": CROWD}
    assert len({answer.json()["payment_id"] for answer in answers}) == CROWD
    # Up to the next instalment of 9,091.13 it is money in advance.
    assert (await crowd.loan(loan, officer))["advance"] == 8002.0


async def test_payments_race_two_billing_runs_for_one_date(crowd: Crowd) -> None:
    officer = await crowd.sign_in(Role.OFFICER)
    made = [
        await crowd.lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12) for _ in range(20)
    ]
    names = [f"LN-{crowd.today.year}-{loan.number:04d}" for loan in made]
    await crowd.lending.set_date(crowd.today + timedelta(days=30))
    started = await asyncio.gather(*(crowd.post("/api/v1/billing/runs", {}, officer) for _ in range(8)))
    (run_id,) = {answer.json()["run_id"] for answer in started}
    workers = [
        runs.run_billing(crowd.lending.uow_factory, run_id=run_id, worker=f"worker {number}", until=FAR)
        for number in range(2)
    ]
    payments = [crowd.pay(name, 500, "race", officer) for name in names]
    await asyncio.gather(*workers, *payments)
    for name in names:
        loan = await crowd.loan(name, officer)
        # 435.00 of interest and 65.00 of principal, whichever came first.
        assert (loan["principal_outstanding"], loan["interest_due"]) == (49_935.0, 0.0)
        bills = (await crowd.client.get(f"/api/v1/loans/{name}/bills", headers=officer)).json()
        assert [bill["cycle"] for bill in bills] == [1]


async def test_runs_are_started_and_retried_while_runs_end(crowd: Crowd) -> None:
    """By every door at once, on two processes, while workers end the runs: no start meets a run that is gone."""
    officer = await crowd.sign_in(Role.OFFICER)
    uow_factory = crowd.lending.uow_factory
    (first,) = {(await crowd.post("/api/v1/billing/runs", {}, officer)).json()["run_id"]}
    doors = ("/api/v1/billing/runs", "/api/trigger-billing-cron/", f"/api/v1/billing/runs/{first}/retry")
    started: set[int] = set()

    async def start(door: str) -> None:
        for _ in range(60):
            answer = await crowd.post(door, {}, officer)
            assert answer.status_code == 202, answer.text
            started.add(answer.json()["run_id"])

    async def end() -> None:
        for _ in range(150):
            async with uow_factory.open(SYSTEM) as uow:
                newest = (await runs.list_runs(uow, before=2**62, limit=1))[0].run_id
            await runs.run_billing(uow_factory, run_id=newest, worker="test", until=FAR)
            assert await runs.close_until_today(uow_factory) is None

    await asyncio.gather(*(start(door) for door in doors for _ in range(3)), end())
    async with uow_factory.open(SYSTEM) as uow:
        found = await runs.list_runs(uow, before=2**62, limit=2_000)
    assert started <= {run.run_id for run in found}
    assert len(started) > 1


async def test_applications_race_for_one_limit(crowd: Crowd) -> None:
    """A limit of 18,00,000 has room for three loans of 6,00,000, however many ask at once."""
    officer = await crowd.sign_in(Role.OFFICER)
    async with crowd.lending.uow_factory.open(OFFICER) as uow:
        person = Enrolment(
            first_name="Ravi", last_name="Iyer", age=40, monthly_income_paise=50_000_00, phone="9876500000"
        )
        customer = (await customers.enrol(uow, person)).customer_id
    body = {"customer_id": customer, "loan_amount": 600_000, "interest_rate": 14, "tenure": 180}
    answers = await asyncio.gather(
        *(crowd.post("/create-loan", body, {**officer, "Idempotency-Key": str(one)}) for one in range(16))
    )
    assert Counter(answer.json()["loan_approved"] for answer in answers) == {True: 3, False: 13}
    async with crowd.lending.uow_factory.open(SYSTEM) as uow:
        assert len(await loan_lists.list_loans(uow, LoanFilter(customer_id=customer), limit=50)) == 3


async def test_reversals_race_each_other_and_payments(crowd: Crowd) -> None:
    officer, loan = await crowd.sign_in(Role.OFFICER), await crowd.lend()
    await crowd.bill(days=32)
    first = (await crowd.pay(loan, 9091.13, "bounces", officer)).json()["payment_id"]
    reverse = [crowd.post(f"/api/v1/payments/{first}/reverse", {"reason": "returned"}, officer) for _ in range(10)]
    pay = [crowd.pay(loan, 10, f"stays-{one}", officer) for one in range(20)]
    answers = await asyncio.gather(*reverse, *pay)
    assert codes(answers) == {"200": 1, "201": 20, "payment_reversed": 9}
    after = await crowd.loan(loan, officer)
    # The first bill asked for 1,416.67 of interest; 20 x 10.00 of that is paid.
    assert (after["interest_due"], after["principal_outstanding"]) == (1216.67, 200_000.0)


@pytest.mark.parametrize("word", ["approve", "reject"])
async def test_checkers_race_and_one_decides(crowd: Crowd, word: str) -> None:
    officer, loan = await crowd.sign_in(Role.OFFICER), await crowd.lend()
    await crowd.bill(days=32)
    checkers = [await crowd.sign_in(Role.ADMIN) for _ in range(10)]
    number = await crowd.propose({"kind": "waiver", "loan_id": loan, "interest": 1000}, officer)
    words = ["approve", word] * 5
    answers = await asyncio.gather(
        *(crowd.post(f"/api/v1/proposals/{number}/{each}", {}, who) for who, each in zip(checkers, words, strict=True))
    )
    assert codes(answers) == {"200": 1, "proposal_decided": 9}
    decided = next(answer.json()["status"] for answer in answers if answer.status_code == 200)
    left = {"approved": 416.67, "rejected": 1416.67}[decided]
    assert (await crowd.loan(loan, officer))["interest_due"] == left


async def test_a_write_off_races_payments(crowd: Crowd) -> None:
    officer, admin, loan = await crowd.sign_in(Role.OFFICER), await crowd.sign_in(Role.ADMIN), await crowd.lend()
    number = await crowd.propose({"kind": "write_off", "loan_id": loan}, officer)
    payments = [crowd.pay(loan, 100, f"R-{one}", officer) for one in range(30)]
    approval = crowd.post(f"/api/v1/proposals/{number}/approve", {}, admin)
    answers = await asyncio.gather(*payments[:15], approval, *payments[15:])
    found = codes(answers)
    assert (found["200"], found["201"] + found["loan_written_off"]) == (1, 30)
    written_off = next(answer.json()["result"] for answer in answers if answer.status_code == 200)
    assert written_off["principal"] == 200_000 - 100 * found["201"]
    after = await crowd.loan(loan, officer)
    assert (after["status"], after["principal_outstanding"], after["advance"]) == ("written_off", 0.0, 0.0)
