"""Look-ups that come at the same time are one statement.

A request that reads asks for a row by its key, and a busy process serves many requests at a time. A statement costs a
connection taken and given back, a turn over the wire and work of the driver, however little it asks for. So the keys
that come while a statement is out are gathered and asked for by the next one. A look-up that comes alone goes at once,
and every answer is as fresh as if it had been asked for alone: its statement begins after the question.
"""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.db.errors import DatabaseFault, classify
from app.db.session import Reader
from app.db.statements import Statement

#: Who waits for the row of which key.
_Asked: TypeAlias = dict[int, list[asyncio.Future[Any]]]


class Lookup:
    """A statement that finds a row for each of `:keys`, and says which in the column `key`."""

    __slots__ = ("key", "statement")

    def __init__(self, statement: str, *, key: str) -> None:
        self.statement = Statement(statement)
        self.key = key

    async def find(self, reader: AsyncSession | Reader, key: int) -> Any:
        """The row of a key, or None."""
        if isinstance(reader, BatchingReader) and not reader.is_taken:
            return await reader.data_loader.find(self, key)
        return await self.statement.find(reader, keys=[key])


class DataLoader:
    """Gathers the look-ups of one process. A statement of each kind is out at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._waiting: dict[Lookup, _Asked] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def find(self, lookup: Lookup, key: int) -> Any:
        """The row of a key, or None."""
        waiting = self._waiting.get(lookup)
        if waiting is None:
            waiting = self._waiting[lookup] = {}
            # On behalf of many, so with nothing of the one who came first.
            task = asyncio.create_task(self._ask(lookup), context=Context())
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting.setdefault(key, []).append(answer)
        return await answer

    async def _ask(self, lookup: Lookup) -> None:
        """Asks until nobody waits."""
        asked: _Asked = {}
        try:
            while asked := self._waiting[lookup]:
                self._waiting[lookup] = {}
                await self._answer(lookup, asked)
        finally:
            # Only where the process is ended: nobody is left waiting.
            for answer in [*_open(asked), *_open(self._waiting.pop(lookup))]:
                answer.cancel()

    async def _answer(self, lookup: Lookup, asked: _Asked) -> None:
        try:
            rows = await self._rows(lookup, list(asked))
        except Exception as error:  # It is theirs who asked.
            if len(asked) > 1 and classify(error) is not DatabaseFault.UNAVAILABLE:
                # Some key is at fault. Nobody else is made to pay for it.
                for key, answers in asked.items():
                    await self._answer(lookup, {key: answers})
                return
            for answer in _open(asked):
                answer.set_exception(error)
            return
        found = {row[lookup.key]: row for row in rows}
        for key, answers in asked.items():
            for answer in answers:
                if not answer.done():
                    answer.set_result(found.get(key))

    async def _rows(self, lookup: Lookup, keys: list[int]) -> Sequence[Any]:
        reader = Reader(self.engine)
        try:
            return await lookup.statement.list(reader, keys=keys)
        finally:
            reader.close()


class BatchingReader(Reader):
    """A reader whose look-ups are gathered with those of others, until it has a connection of its own."""

    __slots__ = ("data_loader",)

    def __init__(self, data_loader: DataLoader) -> None:
        super().__init__(data_loader.engine)
        self.data_loader = data_loader


def _open(asked: _Asked) -> list[asyncio.Future[Any]]:
    return [answer for answers in asked.values() for answer in answers if not answer.done()]
