"""Group commit: calls that arrive during a transaction are taken together in the next one.

A call that arrives alone is sent at once. Those that arrive meanwhile wait until that transaction has ended, and then
are one group. A process has one group of a kind under way at a time, so with more load a call costs fewer round trips
and commits. A call that is put off goes to the lane of its loan or account. Later calls of that loan follow it there,
so that those of a loan are taken in the order of their arrival. A lane waits for locks. Only a few lanes run at a time,
because each holds a connection of the pool.

On a cluster a group is of one shard, so that one server takes it: calls are collected by the place of their customer.
On one server there is one place.

Payments go this way, authorisations of cards (`cards/groups.py`) and applications (`credit/groups.py`).
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Coroutine, Sequence
from contextvars import Context
from typing import Any, ClassVar, Final, Generic, NamedTuple, Self, TypeVar

from app import measures, tracing
from app.db.errors import DatabaseFault, classify
from app.db.placement import Placement, known_placement
from app.db.repositories import public_ids
from app.db.repositories.public_ids import NumberedKind
from app.db.session import engine_of
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM
from app.services.payments.calls import Outcome, PaymentCall, PutOff, Taken
from app.services.payments.payments import take_together
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Larger groups gain little, and the last payment of a group waits for all of it.
MOST_TOGETHER: Final = 32
#: Groups of different places that may be under way, each with a connection. On one server there is one place.
MOST_GROUPS: Final = 2
#: Lanes that may hold a connection at a time.
MOST_LANES: Final = 2


#: What is asked for, and what is answered where it was done.
CallT = TypeVar("CallT")
DoneT = TypeVar("DoneT")


class Waiting(NamedTuple):
    """A call, and where its outcome is awaited. `loan` is the number of the loan or account whose lane is its own."""

    call: Any
    outcome: "asyncio.Future[Any]"
    traceparent: str | None
    loan: int


class CallGroups(ABC, Generic[CallT, DoneT]):
    """The calls of one kind in one process."""

    #: The kind of public number that says whose calls belong together.
    number_kind: ClassVar[NumberedKind]
    #: The name of the span of a group.
    span: ClassVar[str]

    @abstractmethod
    def number_of(self, call: CallT) -> int:
        """The number of the loan or account that a call is about."""

    @abstractmethod
    async def take_together(
        self, uow: UnitOfWork, calls: Sequence[CallT], *, waits: bool
    ) -> Sequence[DoneT | DomainError | PutOff]:
        """Takes calls in one transaction; answers what became of each. Without `waits` nothing is waited for."""

    def measure(self, outcomes: Sequence[DoneT | DomainError | PutOff]) -> None:
        """Counts the outcomes of a group that was committed."""

    def __init__(self, uow_factory: UnitOfWorkFactory) -> None:
        self.uow_factory = uow_factory
        #: The payments that wait, by the place of their customer. A place whose groups run is here.
        self._waiting: dict[int, deque[Waiting]] = {}
        self._lanes: dict[int, deque[Waiting]] = {}
        self._free_groups = asyncio.Semaphore(MOST_GROUPS)
        self._free_lanes = asyncio.Semaphore(MOST_LANES)
        self._engine = engine_of(uow_factory.sessions)
        self._placement: Placement | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, call: CallT) -> DoneT:
        """Takes a call. If the caller gives up while it waits (deadline, closed connection), it is never begun. Raises
        what refuses it."""
        place = 0
        # The first group asks for the placement. Before that, all payments are in one place, which is never wrong.
        self._placement = self._placement or known_placement(self._engine)
        if self._placement is not None and self._placement.is_cluster:
            place = await self.find_place(call, self._placement)
        outcome: asyncio.Future[DoneT] = asyncio.get_running_loop().create_future()
        waiting = Waiting(call, outcome, tracing.traceparent(), self.number_of(call))
        if place in self._waiting:
            self._waiting[place].append(waiting)
        else:
            self._waiting[place] = deque([waiting])
            self._begin(self._run(place))
        return await outcome

    async def find_place(self, call: CallT, placement: Placement) -> int:
        """The place of the customer of a loan. A loan that does not exist is refused in any place."""
        async with self.uow_factory.reading(SYSTEM) as uow:
            owner = await public_ids.find_owner(uow.reader, self.number_kind, self.number_of(call))
        return 0 if owner is None else placement.place_of(owner.customer_id)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        """Waits for what is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, running: Coroutine[Any, Any, None]) -> None:
        # The task serves many requests, so it inherits no context of the first one.
        task = asyncio.get_running_loop().create_task(running, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, place: int) -> None:
        try:
            while self._waiting[place]:
                async with self._free_groups:
                    if group := self._next_group(self._waiting[place]):
                        await self._take(group, waits=False)
        finally:
            del self._waiting[place]

    def _next_group(self, all_waiting: deque[Waiting]) -> list[Waiting]:
        """The payments that waited longest. A payment whose loan has a lane goes there instead."""
        group: list[Waiting] = []
        while all_waiting and len(group) < MOST_TOGETHER:
            waiting = all_waiting.popleft()
            if waiting.outcome.done():
                continue
            if waiting.loan in self._lanes:
                self._lanes[waiting.loan].append(waiting)
            else:
                group.append(waiting)
        return group

    async def _take(self, group: Sequence[Waiting], *, waits: bool) -> list[Waiting]:
        """Takes a group in its own transaction, and answers the callers after the commit. Returns the payments that a
        lane has to take again. If the database refuses a group, its payments are taken one by one."""
        if not group:
            return []
        calls = [waiting.call for waiting in group]
        try:
            # A payment alone belongs to its own trace; a group is linked to those of all its payments.
            traces = [waiting.traceparent for waiting in group]
            parent = traces[0] if len(traces) == 1 else None
            with tracing.span(self.span, parent=parent, links=traces, size=len(group)):
                async with self.uow_factory.open(SYSTEM) as uow:
                    outcomes = await self.take_together(uow, calls, waits=waits)
        except Exception as error:
            fault = classify(error)
            if fault is not DatabaseFault.UNAVAILABLE and not waits:
                return self.put_off(group)
            if fault not in (DatabaseFault.UNAVAILABLE, DatabaseFault.BUSY) and len(group) > 1:
                return await self._take_each(group)
            for waiting in group:
                _refuse(waiting, error)
            return []
        put_off = []
        self.measure(outcomes)
        for waiting, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, PutOff):
                put_off.append(waiting)
            elif isinstance(outcome, DomainError):
                _refuse(waiting, outcome)
            elif not waiting.outcome.done():
                waiting.outcome.set_result(outcome)
        return put_off if waits else self.put_off(put_off)

    async def _take_each(self, group: Sequence[Waiting]) -> list[Waiting]:
        for waiting in group:
            await self._take([waiting], waits=True)
        return []

    def put_off(self, group: Sequence[Waiting]) -> list[Waiting]:
        """Puts each into the lane of its loan."""
        for waiting in group:
            if waiting.loan in self._lanes:
                self._lanes[waiting.loan].append(waiting)
            else:
                self._lanes[waiting.loan] = deque([waiting])
                self._begin(self._run_lane(waiting.loan))
        return []

    async def _run_lane(self, loan: int) -> None:
        """Takes the payments of a lane in their order, until none waits."""
        lane = self._lanes[loan]
        try:
            while lane:
                async with self._free_lanes:
                    group = [lane.popleft() for _ in range(min(len(lane), MOST_TOGETHER))]
                    put_off = await self._take([each for each in group if not each.outcome.done()], waits=True)
                lane.extendleft(reversed(put_off))
        finally:
            del self._lanes[loan]


def _refuse(waiting: Waiting, error: Exception) -> None:
    if not waiting.outcome.done():
        waiting.outcome.set_exception(error)


class PaymentGroups(CallGroups[PaymentCall, Taken]):
    """The payments of one process.

    `take` raises what refuses a payment: TokenExpired, TokenRevoked, IdempotencyKeyReused, LoanNotFound,
    ReferenceReused, PaymentRepeated, ValueDateForStaff, and what `decide_payment` raises.
    """

    number_kind: ClassVar[NumberedKind] = "loan"
    span = "payments"

    def number_of(self, call: PaymentCall) -> int:
        return call.request.loan.number

    async def take_together(self, uow: UnitOfWork, calls: Sequence[PaymentCall], *, waits: bool) -> Sequence[Outcome]:
        return await take_together(uow, calls, waits=waits)

    def measure(self, outcomes: Sequence[Outcome]) -> None:
        if not measures.is_measuring():
            return
        measures.observe(measures.GROUP_SIZE, len(outcomes))
        for outcome in outcomes:
            if isinstance(outcome, Taken):
                measures.count(measures.PAYMENTS, outcome="repeated" if outcome.is_stored_answer else "taken")
            else:
                measures.count(measures.PAYMENTS, outcome="put_off" if isinstance(outcome, PutOff) else "refused")
