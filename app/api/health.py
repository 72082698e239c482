"""The health page of people and the two probes of machines: is the process alive, and can it do its work."""

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
    """How many there are, as the older systems count: a loan is one whoever lent it."""

    customers: int
    loans: int


class LoansAnswer(Answer):
    """Whose the loans are."""

    own: int = Field(description="Lent here: they are billed, and have a ledger")
    external: int = Field(description="Of other lenders, as imported files tell: facts about a customer")


class HealthAnswer(Answer):
    """The state of the service."""

    status: Literal["healthy", "unhealthy"]
    timestamp: datetime
    database: Literal["connected", "unreachable"]
    stats: StatsAnswer | None
    loans: LoansAnswer | None


class ProbeAnswer(Answer):
    """A probe's answer."""

    status: Literal["ok", "unavailable"]


class ReadyAnswer(ProbeAnswer):
    """What can be written."""

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


@router.get("/health", dependencies=[OPEN], summary="Health and counts", responses={503: {"model": HealthAnswer}})
async def health(uow_factory: UnitOfWorkFactoryDep, cache: CacheDep, response: Response) -> HealthAnswer:
    """Whether the database answers, and how many customers and loans there are. 503 when it does not."""
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


@router.get("/livez", dependencies=[OPEN], summary="Is the process alive")
async def alive() -> ProbeAnswer:
    """Answers as long as the event loop turns; restart the process when it does not."""
    return ProbeAnswer(status="ok")


@router.get("/readyz", dependencies=[OPEN], summary="Can it do its work", responses={503: {"model": ReadyAnswer}})
async def ready(uow_factory: UnitOfWorkFactoryDep, counters: CountersDep, response: Response) -> ReadyAnswer:
    """503 while nothing can be written to the database: send the traffic elsewhere. Without a queue the work goes on,
    later and uncounted, so that is said and does not take the process out of the traffic."""
    database, queue = await asyncio.gather(can_write(uow_factory), counters.can_write())
    if not database:
        response.status_code = 503
    return ReadyAnswer(
        status="ok" if database else "unavailable",
        database="writable" if database else "unavailable",
        queue="writable" if queue else "unavailable",
    )
