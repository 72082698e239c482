"""The health page of people and the two probes of machines: is the process alive, and can it do its work."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from pydantic import Field

from app.api.deps import OPEN, DeskDep, KistRouter
from app.api.schemas import Answer
from app.services.health import CountCache, check_health

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


async def get_cache(request: Request) -> CountCache:
    cache = request.app.state.counts
    assert isinstance(cache, CountCache), "create_app() puts the cache on app.state"
    return cache


CacheDep = Annotated[CountCache, Depends(get_cache)]


@router.get("/health", dependencies=[OPEN], summary="Health and counts", responses={503: {"model": HealthAnswer}})
async def health(desk: DeskDep, cache: CacheDep, response: Response) -> HealthAnswer:
    """Whether the database answers, and how many customers and loans there are. 503 when it does not."""
    found = await check_health(desk, cache)
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


@router.get("/readyz", dependencies=[OPEN], summary="Can it do its work", responses={503: {"model": ProbeAnswer}})
async def ready(desk: DeskDep, cache: CacheDep, response: Response) -> ProbeAnswer:
    """503 while the database does not answer: send the traffic elsewhere."""
    found = await check_health(desk, cache)
    if not found.database_answers:
        response.status_code = 503
    return ProbeAnswer(status="ok" if found.database_answers else "unavailable")
