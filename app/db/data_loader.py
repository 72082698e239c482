"""Batched look-ups: look-ups of the same kind that wait at the same time share one statement.

Each statement costs a connection from the pool, a round trip and work of the driver, even for one row. A busy process
serves many requests at a time, and each looks rows up by their keys. So the keys that arrive while a statement runs
are collected for the next one, and those of the next turns of the event loop too. A look-up that arrives alone runs at
once. A result is never older than its look-up, because the statement begins after it. On a cluster the rows of
customers are collected by shard, so that each statement is executed by one server.

A request that only reads asks for its caller's standing and for its first row at the same time (decision 0067). It is
given no row before the standing is known to be good.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any, Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.db.errors import DatabaseFault, classify
from app.db.placement import Placement, find_placement
from app.db.session import Reader
from app.db.statements import Statement

#: The columns of a key, and its values.
_Key: TypeAlias = tuple[Any, ...]
#: The futures that wait for each key's row.
_Waiting: TypeAlias = dict[_Key, list[asyncio.Future[Any]]]
_OWNER: Final = "customer_id"
#: Turns of the event loop that a statement waits for further keys. A busy process begins many requests in one turn,
#: and the statement would be sent for the first of them. A turn without work takes some microseconds.
GATHERING_TURNS: Final = 2
#: PostgreSQL plans a statement once, and not at each execution, if that plan costs no more than those for the values of
#: the first five executions did. It takes an array of unknown length for one of ten elements. So a process whose first
#: look-ups had fewer keys would have them planned for ever, which takes longer than executing them.
FEWEST_KEYS: Final = 12
#: No row of ours has this number.
NOBODY: Final = 0


def _as_it_is(row: Any) -> Any:
    return row


class Lookup:
    """A statement that finds a row for each key. A key has the columns that `key` names, and a row has them too. The
    statement has an array of the values of each: `:customer_ids` for the column `customer_id`. `read` is done once for
    each row that is found, also if several wait for it. With `is_filled_up` the arrays are filled up with `NOBODY` to
    `FEWEST_KEYS` elements."""

    __slots__ = ("is_filled_up", "key", "owner", "read", "statement")

    def __init__(
        self,
        statement: str,
        *,
        key: Sequence[str],
        read: Callable[[Any], Any] = _as_it_is,
        is_filled_up: bool = False,
    ) -> None:
        self.statement = Statement(statement)
        self.key = tuple(key)
        self.read = read
        self.is_filled_up = is_filled_up
        #: The place of the customer in a key. None if the rows are those of no customer.
        self.owner = self.key.index(_OWNER) if _OWNER in self.key else None

    async def find(self, reader: AsyncSession | Reader, *key: Any) -> Any:
        """The row of a key, or None."""
        if isinstance(reader, BatchingReader) and not reader.is_taken:
            return await reader.look_up(self, key)
        row = await self.statement.find(reader, **self.values([key]))
        return None if row is None else self.read(row)

    def values(self, keys: Sequence[_Key]) -> dict[str, list[Any]]:
        """The keys as values of the statement."""
        return {f"{name}s": list(column) for name, column in zip(self.key, zip(*keys, strict=True), strict=True)}

    def filled_up(self, keys: list[_Key]) -> list[_Key]:
        """The keys, and as many of nobody as are missing to the fewest."""
        return keys + [(NOBODY,) * len(self.key)] * (FEWEST_KEYS - len(keys)) if self.is_filled_up else keys


class DataLoader:
    """Batches the look-ups of one process. Of each kind and place one statement runs at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._placement: Placement | None = None
        self._waiting: dict[tuple[Lookup, int], _Waiting] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def place_of(self, lookup: Lookup, key: _Key) -> int:
        """The place of a key's row: its shard on a cluster, else 0."""
        if lookup.owner is None:
            return 0
        placement = self._placement or await self._find_placement()
        return placement.place_of(key[lookup.owner]) if placement.is_cluster else 0

    def ask(self, lookup: Lookup, key: _Key, *, place: int = 0) -> asyncio.Future[Any]:
        """Asks for the row of a key, or None, in a place."""
        waiting = self._waiting.get((lookup, place))
        if waiting is None:
            waiting = self._waiting[lookup, place] = {}
            # An empty context, because the task works for many callers and not only for the first one.
            task = asyncio.create_task(self._run(lookup, place), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting.setdefault(key, []).append(answer)
        return answer

    async def _find_placement(self) -> Placement:
        reader = Reader(self.engine)
        try:
            self._placement = await find_placement(reader)
        finally:
            reader.close()
        return self._placement

    async def _run(self, lookup: Lookup, place: int) -> None:
        """Runs statements until no look-up of this kind waits."""
        batch: _Waiting = {}
        try:
            while self._waiting[lookup, place]:
                for _ in range(GATHERING_TURNS):
                    await asyncio.sleep(0)
                batch, self._waiting[lookup, place] = self._waiting[lookup, place], {}
                await self._resolve(lookup, batch)
        finally:
            # Some futures are only left here when the process stops. They are cancelled, so that no caller waits.
            for answer in [*_pending(batch), *_pending(self._waiting.pop((lookup, place)))]:
                answer.cancel()

    async def _resolve(self, lookup: Lookup, batch: _Waiting) -> None:
        try:
            rows = await self._rows(lookup, list(batch))
            found = {tuple([row[name] for name in lookup.key]): lookup.read(row) for row in rows}
        except Exception as error:  # The callers receive it.
            if len(batch) > 1 and classify(error) is not DatabaseFault.UNAVAILABLE:
                # One of the keys may be the cause. Looked up one by one, the others still succeed.
                for key, answers in batch.items():
                    await self._resolve(lookup, {key: answers})
                return
            for answer in _pending(batch):
                answer.set_exception(error)
                # Of a caller who has gone away nobody asks for it, and asyncio would write that to the log.
                answer.exception()
            return
        for key, answers in batch.items():
            for answer in answers:
                if not answer.done():
                    answer.set_result(found.get(key))

    async def _rows(self, lookup: Lookup, keys: list[_Key]) -> Sequence[Any]:
        # On a cluster the number of nobody would be in another shard, and no plan is made for any values.
        is_spread = self._placement is not None and self._placement.is_cluster
        values = lookup.values(keys if is_spread else lookup.filled_up(keys))
        reader = Reader(self.engine)
        try:
            return await lookup.statement.list(reader, **values)
        finally:
            reader.close()


class BatchingReader(Reader):
    """A reader whose look-ups are batched with those of other readers, until it has a connection of its own.

    `admission` is set while it is not known yet whether its caller may read: it waits for that, and raises what refuses
    the caller. It is waited for before a row is given, and before a connection is taken: a reader that has one must
    not wait for another one's.
    """

    __slots__ = ("admission", "data_loader")

    def __init__(self, data_loader: DataLoader) -> None:
        super().__init__(data_loader.engine)
        self.data_loader = data_loader
        self.admission: Callable[[], Awaitable[None]] | None = None

    async def admitted(self) -> None:
        """Waits until the caller may read. Raises what refuses the caller, each time."""
        if self.admission is not None:
            await self.admission()
            self.admission = None

    async def look_up(self, lookup: Lookup, key: _Key) -> Any:
        """The row of a key, or None."""
        answer = self.data_loader.ask(lookup, key, place=await self.data_loader.place_of(lookup, key))
        await self.admitted()
        return await answer

    async def driver(self) -> Any:
        await self.admitted()
        return await super().driver()


def _pending(batch: _Waiting) -> list[asyncio.Future[Any]]:
    return [answer for answers in batch.values() for answer in answers if not answer.done()]
