"""One piece of work is one transaction and the jobs it calls for: commit, then ring.

A use case is handed a `UnitOfWork`. It reads and writes through `uow.session`, asks it for the instant and the business
date, and calls `uow.enqueue` for what must happen afterwards. The edge (a request, a job, a command) opens the work
and commits it before it answers. A job is a row of the outbox, written in the same transaction; after the commit the
queue is rung, and where the bell is not heard a sweeper finds the row.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog

from app.db.data_loader import BatchingReader, DataLoader
from app.db.repositories import audit as audit_repository
from app.db.repositories import unit_of_work as repository
from app.db.repositories.audit import Trace
from app.db.session import Reader, Session, SessionFactory, create_reading_session_factory, engine_of
from app.domain.errors import Conflict
from app.domain.people.access import ANONYMOUS, Actor

INDIA = ZoneInfo("Asia/Kolkata")
# How long the bell may stay unheard before the sweeper rings again.
SWEEP_AFTER = timedelta(seconds=30)

#: From where the request came that is being served: the edge sets it once, and no deed can forget to say it.
client_address: ContextVar[str | None] = ContextVar("client_address", default=None)

#: Whom committed work has let in by other means than a token: who signed in, registered, refreshed or signed out. The
#: edge makes the list, and the tasks that a request begins write into the same one.
authenticated_actors: ContextVar[list[Actor] | None] = ContextVar("authenticated_actors", default=None)

log = structlog.get_logger(__name__)


class ClockMovesForward(Conflict):
    """The business date would move backwards. Name a later date."""

    code = "clock_moves_forward"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job on its way: which, under which business key, and the outbox row that says it must happen."""

    name: str
    key: str
    outbox_id: int


class JobQueue(Protocol):
    """The port to the queue. The only thing that services know of it."""

    async def enqueue(self, job: Job) -> None: ...


@dataclass(slots=True, kw_only=True)
class UnitOfWork:
    """One transaction in progress, on behalf of an actor, at an instant.

    `session` is opened when it is first asked for. `reader` is for the statements of the busy paths: the session of a
    transaction, and for who only reads a connection without one.
    """

    sessions: SessionFactory
    actor: Actor
    now: datetime
    request_id: str | None = None
    jobs: list[Job] = field(default_factory=list)
    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    batching_reader: BatchingReader | None = None
    is_authenticating: bool = False
    _session: Session | None = None
    _business_date: date | None = None

    @property
    def session(self) -> Session:
        if self._session is None:
            if self.batching_reader is not None:
                # Never two connections for one request: requests that wait for a second one could wait for each other.
                self.batching_reader.close()
            self._session = self.sessions()
        return self._session

    @property
    def reader(self) -> Session | Reader:
        return self.session if self.batching_reader is None or self._session is not None else self.batching_reader

    async def close(self) -> None:
        """Gives back what a look has taken."""
        assert not self.jobs, "who only reads asks for no jobs"
        if self.batching_reader is not None:
            self.batching_reader.close()
        if self._session is not None:
            await self._session.close()

    def act_as(self, actor: Actor) -> None:
        """Says who is acting, where the work itself found that out. Only who was nobody becomes somebody."""
        assert self.actor == ANONYMOUS, "an actor does not change"
        self.actor, self.is_authenticating = actor, True

    async def release_connection(self) -> None:
        """Gives back the connection of who only reads, before something that takes long without it."""
        if self.batching_reader is not None:
            self.batching_reader.close()
            if self._session is not None:
                await self._session.close()

    async def business_date(self) -> date:
        """The lender's date (Asia/Kolkata): the stored one while it is held there, else today's, never earlier than the
        stored one."""
        if self._business_date is None:
            self.set_clock(await repository.find_clock(self.session))
        assert self._business_date is not None, "the clock is set"
        return self._business_date

    def set_clock(self, stored: repository.Clock | None) -> None:
        """Sets the business date by the clock as stored, for who has read it with something else."""
        today = self.now.astimezone(INDIA).date()
        if stored is not None and (stored.held or stored.business_date > today):
            today = stored.business_date
        self._business_date = today

    async def set_business_date(self, to: date) -> None:
        """Holds the clock at a date, for a lender who lives through months in a minute. Never offered in production.

        Raises `ClockMovesForward`: what has been billed stays billed.
        """
        current = await self.business_date()
        if to < current:
            raise ClockMovesForward(
                f"the business date is {current} already; it only moves forward", field="business_date"
            )
        await repository.advance_clock(self.session, to, held=True)
        await self.record("clock_set", object_kind="business_clock", object_id=to.isoformat())
        self._business_date = to

    @property
    def trace(self) -> Trace:
        """What every event of this work says of itself."""
        return {
            "at": self.now,
            "actor": self.actor.label,
            "request_id": self.request_id,
            "client_address": client_address.get(),
        }

    async def record(
        self,
        action: str,
        *,
        object_kind: str,
        object_id: str,
        customer_id: int | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Writes into the audit trail that the actor did this; in this transaction, so never without the deed."""
        await audit_repository.add_event(
            self.session,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            trace=self.trace,
            customer_id=customer_id,
            details=details,
        )

    def log_after_commit(self, event: str, **figures: Any) -> None:
        """Writes a line into the log once this is committed: what was rolled back has not happened."""
        self.lines.append((event, figures))

    async def enqueue(self, name: str, *, key: str, payload: dict[str, Any] | None = None) -> None:
        """Asks for a job after the commit. The same job under the same key, not yet done, is one job."""
        outbox_id = await repository.add_outbox(
            self.session, job=name, key=key, payload=payload or {}, now=self.now, due_at=self.now + SWEEP_AFTER
        )
        self.jobs.append(Job(name=name, key=key, outbox_id=outbox_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOfWorkFactory:
    """Where work is opened: the sessions, the job queue and the clock of one process."""

    sessions: SessionFactory
    job_queue: JobQueue
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _reading_sessions: SessionFactory = field(init=False)
    _data_loader: DataLoader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reading_sessions", create_reading_session_factory(self.sessions))
        object.__setattr__(self, "_data_loader", DataLoader(engine_of(self.sessions)))

    @asynccontextmanager
    async def open(self, actor: Actor, *, request_id: str | None = None) -> AsyncIterator[UnitOfWork]:
        """A piece of work: committed when the block ends well, then its jobs are rung; rolled back when it raises."""
        uow = UnitOfWork(sessions=self.sessions, actor=actor, now=self.clock(), request_id=request_id)
        async with uow.session as session, session.begin():
            yield uow
        if uow.is_authenticating and (found := authenticated_actors.get()) is not None:
            found.append(uow.actor)
        for line, figures in uow.lines:
            log.info(line, **figures)
        for job in uow.jobs:
            await self._enqueue(job)

    def open_reading(self, actor: Actor, *, request_id: str | None = None) -> UnitOfWork:
        """Work that only reads, to be closed. Each of its statements sees what is committed when it begins, as in a
        transaction of ours too, and the two round trips that would begin and end one are saved."""
        return UnitOfWork(
            sessions=self._reading_sessions,
            actor=actor,
            now=self.clock(),
            request_id=request_id,
            batching_reader=BatchingReader(self._data_loader),
        )

    @asynccontextmanager
    async def reading(self, actor: Actor, *, request_id: str | None = None) -> AsyncIterator[UnitOfWork]:
        """The same, closed when the block ends."""
        uow = self.open_reading(actor, request_id=request_id)
        try:
            yield uow
        finally:
            await uow.close()

    async def _enqueue(self, job: Job) -> None:
        try:
            await self.job_queue.enqueue(job)
        except Exception as error:  # The books are committed: a lost bell is the sweeper's business, not the caller's.
            log.warning("job queue unavailable", job=job.name, error=type(error).__name__)
