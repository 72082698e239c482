"""Looking at a loan writes nothing, also where cycles were missed, and shows what the run will have made of them."""

from datetime import date

import httpx
import pytest

from app.db.models import Base
from app.domain.people.access import Role
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD, CREDIT_CARD_LOAN, PERSONAL_LOAN, STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests import databases
from tests.api.conftest import HeadersOf, Time
from tests.services.lending_desk import LendingHelper

READS = (
    "/api/v1/statements?loan_id=1", "/api/v1/statements?loan_id=1&format=csv", "/api/get-statement/?loan_id=1",
    "/api/v1/loans/1/bills", "/api/v1/loans/1", "/api/v1/loans/1/payoff", "/api/v1/loans/1/explain",
    "/api/v1/loans/1/schedule", "/api/v1/loans/1/ledger", "/api/v1/loans?user_id=1001", "/view-loan/1",
    "/view-loans/1001",
)  # fmt: skip
#: What of a loan's plan and ledger stands in the books is shown as it stands there.
AS_STORED = ("/schedule", "/ledger")
#: How many EMIs are left is counted from the plan, and the emi of a list is the stored one.
LISTS = ("/api/v1/loans?", "/view-loan")
TABLES = [table.name for table in Base.metadata.sorted_tables if table.name != "refresh_tokens"]


async def contents(owner_dsn: str) -> dict[str, str]:
    """A digest of every row of every table."""
    async with databases.connection(owner_dsn) as owner:
        return {
            name: await owner.fetchval(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
            )
            for name in TABLES
        }


async def read_all(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, str]:
    found = {}
    for path in READS:
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        found[path] = answer.text
    pdf = await client.get("/api/v1/statements?loan_id=1&format=pdf", headers=headers)
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    return found


@pytest.mark.parametrize(
    "product, rate, paid",
    [
        # Of 5,200.00 the first bill takes 4,406.04, and the next one, which nobody has raised yet, the rest.
        (CREDIT_CARD_LOAN, "10.5", 5_200_00),
        # The minimum: what is above it returns to the plan when the bill is closed, which nobody has done yet.
        (CREDIT_CARD_LOAN, "10.5", 1_935_00),
        (PERSONAL_LOAN, "8.8", 6_000_00),
        (STANDARD_LOAN, "12", 6_000_00),
        (CREDIT_CARD, "14", 0),
    ],
    ids=["advance", "minimum", "flat", "standard", "card"],
)
async def test_a_read_writes_nothing_and_shows_what_the_run_will_write(
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    time: Time,
    headers_of: HeadersOf,
    owner_dsn: str,
    product: Product,
    rate: str,
    paid: int,
) -> None:
    lending = LendingHelper(uow_factory)
    amount = 5_000 if product is CREDIT_CARD else 50_000
    loan = await lending.disburse(product, amount=amount, rate=rate, instalments=12)
    await lending.run_billing(on=date(2026, 12, 22))
    if paid:
        await lending.pay(loan, amount=paid)
    await lending.set_date(date(2027, 3, 25))
    officer = await headers_of(Role.OFFICER)
    before = await contents(owner_dsn)

    seen = await read_all(client, officer)

    assert await contents(owner_dsn) == before
    bills = (await client.get("/api/v1/loans/1/bills", headers=officer)).json()
    assert len(bills) >= 4
    run = await lending.run_billing(on=date(2027, 3, 25))
    assert run.bills >= 3
    after = await read_all(client, officer)
    for path in READS:
        if not path.endswith(AS_STORED) and not path.startswith(LISTS):
            assert after[path] == seen[path], path
