"""The health page for people and two probes for machines: `/livez` (the process runs) and `/readyz` (it can write)."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from pydantic import Field

from app.api.deps import OPEN, KistRouter, UnitOfWorkFactoryDep
from app.api.limits import CallLimits, Counters
from app.api.schemas import Answer
from app.services.operations.health import CountCache, can_write, check_health

router = KistRouter(tags=["Health"])


class StatsAnswer(Answer):
    """Counts, as the older systems count: `loans` includes the loans of other lenders."""

    customers: int
    loans: int


class LoansAnswer(Answer):
    """The number of loans by lender."""

    own: int = Field(description="Loans lent here: they are billed and have a ledger")
    external: int = Field(
        description="Loans of other lenders, from imported files: they only count for scores and limits"
    )


class HealthAnswer(Answer):
    """The state of the service. The counts are null while the database does not answer."""

    status: Literal["healthy", "unhealthy"]
    timestamp: datetime
    database: Literal["connected", "unreachable"]
    stats: StatsAnswer | None
    loans: LoansAnswer | None


class ProbeAnswer(Answer):
    """A probe's answer."""

    status: Literal["ok", "unavailable"]


class ReadyAnswer(ProbeAnswer):
    """The stores that the process can write to."""

    database: Literal["writable", "unavailable"]
    queue: Literal["writable", "unavailable"]


async def get_counters(request: Request) -> Counters:
    limits = request.app.state.call_limits
    assert isinstance(limits, CallLimits), "create_app() puts the limits on app.state"
    return limits.counters


CountersDep = Annotated[Counters, Depends(get_counters)]


async def get_cache(request: Request) -> CountCache:
    cache = request.app.state.counts
    assert isinstance(cache, CountCache), "create_app() puts the cache on app.state"
    return cache


CacheDep = Annotated[CountCache, Depends(get_cache)]


@router.get(
    "/health", dependencies=[OPEN], summary="Read the health and the counts", responses={503: {"model": HealthAnswer}}
)
async def get_health(uow_factory: UnitOfWorkFactoryDep, cache: CacheDep, response: Response) -> HealthAnswer:
    """Says whether the database answers, and counts customers and loans. The status is 503 if it does not answer."""
    found = await check_health(uow_factory, cache)
    if not found.database_answers:
        response.status_code = 503
    counts = found.counts
    return HealthAnswer(
        status="healthy" if found.database_answers else "unhealthy",
        timestamp=found.at,
        database="connected" if found.database_answers else "unreachable",
        stats=None if counts is None else StatsAnswer(customers=counts.customers, loans=counts.loans),
        loans=None if counts is None else LoansAnswer(own=counts.own_loans, external=counts.external_loans),
    )


@router.get("/livez", dependencies=[OPEN], summary="Check that the process runs")
async def check_alive() -> ProbeAnswer:
    """Answers as long as the event loop runs. If it does not answer, restart the process."""
    return ProbeAnswer(status="ok")


@router.get(
    "/readyz",
    dependencies=[OPEN],
    summary="Check that the process can write",
    responses={503: {"model": ReadyAnswer}},
)
async def check_ready(uow_factory: UnitOfWorkFactoryDep, counters: CountersDep, response: Response) -> ReadyAnswer:
    """The status is 503 while the process cannot write to the database: send the traffic elsewhere. If only the queue
    is unavailable, the status is 200: requests are served, their jobs start later, and calls are not limited."""
    database, queue = await asyncio.gather(can_write(uow_factory), counters.can_write())
    if not database:
        response.status_code = 503
    return ReadyAnswer(
        status="ok" if database else "unavailable",
        database="writable" if database else "unavailable",
        queue="writable" if queue else "unavailable",
    )
