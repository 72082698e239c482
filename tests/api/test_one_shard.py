"""On a cluster, the requests of a busy hour are each executed by one server: the cluster's own counters say so."""

import httpx
import pytest
import pytest_asyncio

from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests import clusters, databases
from tests.services.lending_desk import LendingHelper

COUNTERS = (
    "SELECT coalesce(sum(query_execution_multi_shard), 0) FROM citus_stat_counters"
    " WHERE database_id = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest_asyncio.fixture
async def on_cluster(owner_dsn: str, clean_database: None) -> str:
    """The owner's address of a database that is a cluster's."""
    async with databases.connection(owner_dsn) as database:
        if not await clusters.is_cluster(database):
            pytest.skip("the database of these tests has no extension citus, so nothing counts its executions")
    return owner_dsn


async def count_of_many(owner_dsn: str) -> int:
    """How many executions asked more than one shard."""
    async with databases.connection(owner_dsn) as database:
        return int(await database.fetchval(COUNTERS))


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("POST", "/api/v1/loans/payments", {"loan_id": 1, "amount": "100.00"}),
        ("GET", "/api/v1/loans/1", None),
        ("GET", "/api/v1/loans/1/ledger", None),
        ("GET", "/api/v1/loans/1/schedule", None),
        ("GET", "/api/v1/loans/1/bills", None),
        ("GET", "/api/v1/statements?loan_id=1", None),
    ],
)
async def test_a_busy_request_asks_one_shard(
    on_cluster: str,
    client: httpx.AsyncClient,
    uow_factory: UnitOfWorkFactory,
    opened: None,
    officer: dict[str, str],
    method: str,
    path: str,
    body: dict[str, object] | None,
) -> None:
    await LendingHelper(uow_factory).disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await client.get("/api/v1/loans/1", headers=officer)
    before = await count_of_many(on_cluster)
    answer = await client.request(method, path, json=body, headers=officer | {"Idempotency-Key": path})
    assert answer.status_code in (200, 201), answer.text
    assert await count_of_many(on_cluster) == before
