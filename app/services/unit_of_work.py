"""A unit of work is one transaction and the jobs it enqueues after the commit.

A use case receives a `UnitOfWork`. It reads and writes through `uow.session`, takes the instant and the business date
from it, and calls `uow.enqueue` for what must happen afterwards. The edge (a request, a job, a command) opens the unit
of work and commits it before it answers. A job is a row of the outbox, written in the same transaction. After the
commit the job goes to the job queue. If the queue loses it, the sweep finds the row and enqueues it again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog

from app import tracing
from app.db.data_loader import BatchingReader, DataLoader
from app.db.repositories import audit as audit_repository
from app.db.repositories import unit_of_work as repository
from app.db.repositories.audit import Act, Trace
from app.db.session import Reader, Session, SessionFactory, create_reading_session_factory, engine_of
from app.domain.errors import Conflict
from app.domain.people.access import ANONYMOUS, Actor
from app.domain.rulebook.kinds import LenderKind

INDIA = ZoneInfo("Asia/Kolkata")
# A job that has not run this long after it was enqueued is enqueued again by the sweep.
SWEEP_AFTER = timedelta(seconds=30)
# An import enqueues hundreds of jobs. One by one, each would wait for its turn in a busy worker several times.
ENQUEUED_TOGETHER = 20

#: The network address of the current request. The edge sets it once, so every audit event has it.
client_address: ContextVar[str | None] = ContextVar("client_address", default=None)

#: The actors that this request authenticated without an access token: by signing in, registering, refreshing or signing
#: out. They are added after the commit. The edge creates the list; the tasks that a request starts share it.
authenticated_actors: ContextVar[list[Actor] | None] = ContextVar("authenticated_actors", default=None)

log = structlog.get_logger(__name__)


class ClockMovesForward(Conflict):
    """The business date would move backwards. Name a later date."""

    code = "clock_moves_forward"


class DayHasEnded(Conflict):
    """The business date moved on while the request waited for its turn. Send it again."""

    code = "day_has_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job for the queue: its name, its business key, and the id of its outbox row."""

    name: str
    key: str
    outbox_id: int


class JobQueue(Protocol):
    """The port to the job queue. Services know nothing else of it."""

    async def enqueue(self, job: Job) -> None: ...


@dataclass(slots=True, kw_only=True)
class UnitOfWork:
    """One transaction in progress, for an actor, at an instant.

    `lender` is the kind of lender that we are, for the rulebook, and `gst_state` where we are registered for GST.
    `session` is opened on first use. `reader` serves the queries of busy paths: it is the session of a transaction, or,
    in a unit of work that only reads, a connection without a transaction.
    """

    sessions: SessionFactory
    actor: Actor
    clock: Callable[[], datetime]
    now: datetime
    lender: LenderKind = LenderKind.NBFC_MIDDLE
    gst_state: str | None = None
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
                assert self.batching_reader.admission is None, "a session is opened for those who may read"
                # One request holds one connection: requests that wait for a second one could deadlock.
                self.batching_reader.close()
            self._session = self.sessions()
        return self._session

    @property
    def reader(self) -> Session | Reader:
        return self.session if self.batching_reader is None or self._session is not None else self.batching_reader

    async def admitted(self) -> None:
        """Waits until it is known that the caller may read (`access.confirm_meanwhile`). Raises what refuses them."""
        if self.batching_reader is not None:
            await self.batching_reader.admitted()

    async def close(self) -> None:
        """Returns the connections of a unit of work that only read."""
        assert not self.jobs, "a unit of work that only reads enqueues no jobs"
        if self.batching_reader is not None:
            self.batching_reader.close()
        if self._session is not None:
            await self._session.close()

    def act_as(self, actor: Actor) -> None:
        """Sets the actor, where the use case itself authenticates it. Only an anonymous actor can be replaced."""
        assert self.actor == ANONYMOUS, "only an anonymous actor can be replaced"
        self.actor, self.is_authenticating = actor, True

    async def release_connection(self) -> None:
        """Returns the connection of a unit of work that only reads, before a long calculation that needs none."""
        if self.batching_reader is not None:
            self.batching_reader.close()
            if self._session is not None:
                await self._session.close()

    async def business_date(self) -> date:
        """The lender's date (Asia/Kolkata): the stored date while the clock is held, else the later of today and the
        stored date."""
        if self._business_date is None:
            await self.admitted()
        if self._business_date is None:
            self.set_clock(await repository.find_clock(self.session))
        assert self._business_date is not None, "the clock is set"
        return self._business_date

    def set_clock(self, stored: repository.Clock | None) -> None:
        """Sets the business date from a stored clock that the caller has already read."""
        self._business_date = _date_at(self.now, stored)

    async def check_day(self, lived_through: date) -> None:
        """Refuses to act on a locked loan or account that somebody has lived through a later day already.

        The business date is read once, and the lock may be waited for over midnight. What was then written for an
        earlier day would undo what has happened since: a statement would be issued a second time. An account that was
        closed today was lived to the end of the day, so then the date is read again. Raises DayHasEnded.
        """
        today = await self.business_date()
        if lived_through <= today:
            return
        if _date_at(self.clock(), await repository.find_clock(self.session)) > today:
            raise DayHasEnded(f"{today} has ended", field="business_date", business_date=today)

    async def set_business_date(self, to: date) -> None:
        """Holds the clock at a date, so that months can be tried out in a minute. Production does not offer this.

        Raises `ClockMovesForward` for an earlier date: bills already issued stay issued.
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
        """What every audit event of this unit of work has in common."""
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
        """Writes an audit event for an action of the actor, in the same transaction as the action."""
        act = Act(
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            trace=self.trace,
            customer_id=customer_id,
            details=details,
        )
        await audit_repository.add_event(self.session, act)

    def log_after_commit(self, event: str, **figures: Any) -> None:
        """Writes a log line after the commit, and none after a rollback."""
        self.lines.append((event, figures))

    async def enqueue(self, name: str, *, key: str, payload: dict[str, Any] | None = None) -> None:
        """Enqueues a job after the commit. A waiting job with the same name and key is reused."""
        outbox_id = await repository.add_outbox(
            self.session,
            job=name,
            key=key,
            payload=payload or {},
            now=self.now,
            due_at=self.now + SWEEP_AFTER,
            traceparent=tracing.traceparent(),
        )
        self.jobs.append(Job(name=name, key=key, outbox_id=outbox_id))


def _date_at(now: datetime, stored: repository.Clock | None) -> date:
    """The business date at an instant, with a stored clock."""
    today = now.astimezone(INDIA).date()
    return stored.business_date if stored is not None and (stored.held or stored.business_date > today) else today


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOfWorkFactory:
    """Opens units of work with the sessions, the job queue and the clock of one process."""

    sessions: SessionFactory
    job_queue: JobQueue
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    lender: LenderKind = LenderKind.NBFC_MIDDLE
    gst_state: str | None = None
    _reading_sessions: SessionFactory = field(init=False)
    _data_loader: DataLoader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reading_sessions", create_reading_session_factory(self.sessions))
        object.__setattr__(self, "_data_loader", DataLoader(engine_of(self.sessions)))

    @asynccontextmanager
    async def open(self, actor: Actor, *, request_id: str | None = None) -> AsyncIterator[UnitOfWork]:
        """A unit of work. When the block ends without an error, it is committed and its jobs are enqueued; when the
        block raises, it is rolled back."""
        uow = UnitOfWork(
            sessions=self.sessions,
            actor=actor,
            clock=self.clock,
            now=self.clock(),
            lender=self.lender,
            gst_state=self.gst_state,
            request_id=request_id,
        )
        with tracing.span("unit of work"):
            async with uow.session as session, session.begin():
                yield uow
        if uow.is_authenticating and (found := authenticated_actors.get()) is not None:
            found.append(uow.actor)
        for line, figures in uow.lines:
            log.info(line, **figures)
        await self._enqueue(uow.jobs)

    def open_reading(self, actor: Actor, *, request_id: str | None = None) -> UnitOfWork:
        """A unit of work that only reads; the caller closes it. Each statement sees what was committed when it began,
        as inside our transactions. Without a transaction, the round trips for BEGIN and COMMIT are saved."""
        return UnitOfWork(
            sessions=self._reading_sessions,
            actor=actor,
            clock=self.clock,
            now=self.clock(),
            lender=self.lender,
            gst_state=self.gst_state,
            request_id=request_id,
            batching_reader=BatchingReader(self._data_loader),
        )

    @asynccontextmanager
    async def reading(self, actor: Actor, *, request_id: str | None = None) -> AsyncIterator[UnitOfWork]:
        """`open_reading`, closed when the block ends."""
        uow = self.open_reading(actor, request_id=request_id)
        try:
            yield uow
        finally:
            await uow.close()

    async def _enqueue(self, jobs: Sequence[Job]) -> None:
        for first in range(0, len(jobs), ENQUEUED_TOGETHER):
            calls = map(self.job_queue.enqueue, jobs[first : first + ENQUEUED_TOGETHER])
            for error in filter(None, await asyncio.gather(*calls, return_exceptions=True)):
                # The transaction is committed, and the sweep will enqueue the jobs. The others are not tried now: an
                # import has a thousand, and each would wait for seconds.
                log.warning("job queue unavailable", jobs=len(jobs) - first, error=type(error).__name__)
                return
