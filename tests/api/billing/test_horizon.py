"""Calculations of a loan far ahead: limited by its cycles, refused with the last possible day, and done in a thread."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest
import pytest_asyncio

from app.db.repositories.products.products import add_product
from app.domain.calendar import Frequency
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.lending import calculations
from app.services.lending.calculations import Bench, TooManyCalculations
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START
from tests.services.lending_desk import LendingHelper

TODAY = START.date()
DAILY = replace(
    CREDIT_CARD_LOAN,
    code="DAILY_LOAN",
    repayment=replace(CREDIT_CARD_LOAN.repayment, every=1, frequency=Frequency.DAY),
)
#: 40,000 rows at four per cycle, one more cycle until the limit is noticed, and the day before the next cycle.
LAST_DAY = TODAY + timedelta(days=10_001)


@pytest_asyncio.fixture
async def daily(uow_factory: UnitOfWorkFactory, opened: None) -> str:
    """A loan with one cycle a day and no payments."""
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, DAILY, offered_from=date(2000, 1, 1), now=START, actor="system")
    made = await LendingHelper(uow_factory).disburse(DAILY, amount=50_000, rate="24", instalments=12)
    return f"LN-2026-{made.number:04d}"


@pytest.fixture
def frozen() -> Iterator[None]:
    """Freezes the loaded objects for the garbage collector, as a serving process does: a collection of everything that
    a test session has loaded takes longer than the calculation."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


async def test_a_day_too_far_ahead_is_refused_with_the_last_possible_day(
    client: httpx.AsyncClient, officer: dict[str, str], daily: str
) -> None:
    path = f"/api/v1/loans/{daily}/payoff"
    refused = await client.get(path, params={"on": (TODAY + timedelta(days=50 * 365)).isoformat()}, headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (422, "horizon_too_far")
    assert refused.json()["figures"] == {"last_date": LAST_DAY.isoformat()}
    last = await client.get(path, params={"on": LAST_DAY.isoformat()}, headers=officer)
    assert last.status_code == 200
    # 24 % a year is 0.066 % a day: 33.00 on 50,000.00, for each of 10,001 days without a payment.
    assert last.json()["interest_billed"] == 330_033.0
    assert last.json()["principal"] == 50_000.0
    beyond = await client.get(path, params={"on": (LAST_DAY + timedelta(days=1)).isoformat()}, headers=officer)
    assert beyond.json()["code"] == "horizon_too_far"
    simulated = await client.post(
        f"/api/v1/loans/{daily}/simulate",
        json={"kind": "payoff", "on": (LAST_DAY + timedelta(days=1)).isoformat()},
        headers=officer,
    )
    assert simulated.json()["code"] == "horizon_too_far"


async def test_a_monthly_loan_is_foreseen_for_fifty_years(
    client: httpx.AsyncClient, officer: dict[str, str], uow_factory: UnitOfWorkFactory, opened: None
) -> None:
    made = await LendingHelper(uow_factory).disburse(CREDIT_CARD_LOAN, amount=50_000, rate="24", instalments=12)
    on = (TODAY + timedelta(days=50 * 366)).isoformat()
    answer = await client.get(f"/api/v1/loans/{made.number}/payoff", params={"on": on}, headers=officer)
    assert answer.status_code == 200
    beyond = (TODAY + timedelta(days=50 * 366 + 1)).isoformat()
    refused = await client.get(f"/api/v1/loans/{made.number}/payoff", params={"on": beyond}, headers=officer)
    assert refused.json()["code"] == "day_too_far_ahead"


async def test_other_requests_are_answered_during_a_long_calculation(
    client: httpx.AsyncClient, officer: dict[str, str], daily: str, frozen: None
) -> None:
    looking = asyncio.gather(
        *(
            client.get(f"/api/v1/loans/{daily}/payoff", params={"on": LAST_DAY.isoformat()}, headers=officer)
            for _ in range(3)
        )
    )
    loop = asyncio.get_running_loop()
    began, waits = loop.time(), []
    while not looking.done():
        asked = loop.time()
        assert (await client.get("/livez")).status_code == 200
        waits.append(loop.time() - asked)
        await asyncio.sleep(0.001)
    assert [answer.status_code for answer in await looking] == [200, 200, 200]
    # On the event loop, one answer would have waited for all three. The waiting time depends on the machine.
    assert len(waits) > 10
    assert max(waits) < (loop.time() - began) / 2


async def test_waiting_calculations_are_bounded_and_a_cancelled_one_is_not_started() -> None:
    bench = Bench("test", waiting_at_most=2)
    begun: list[int] = []
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def action(number: int) -> Callable[[], int]:
        def run() -> int:
            begun.append(number)
            asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
            return number

        return run

    first = asyncio.create_task(bench.run(action(1)))
    second = asyncio.create_task(bench.run(action(2)))
    await asyncio.sleep(0.05)
    with pytest.raises(TooManyCalculations):
        await bench.run(action(3))
    second.cancel()
    await asyncio.sleep(0)
    fourth = asyncio.create_task(bench.run(action(4)))
    await asyncio.sleep(0.05)
    gate.set()
    assert (await first, await fourth) == (1, 4)
    assert begun == [1, 4]


async def test_too_many_calculations_are_a_503_with_retry_after(
    client: httpx.AsyncClient, officer: dict[str, str], daily: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calculations, "LOANS", Bench("full", waiting_at_most=0))
    path = f"/api/v1/loans/{daily}/payoff"
    answer = await client.get(path, params={"on": LAST_DAY.isoformat()}, headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (503, "too_many_calculations")
    assert answer.headers["Retry-After"] == "1"
    # A short calculation is done at once and does not wait.
    assert (await client.get(path, headers=officer)).status_code == 200
