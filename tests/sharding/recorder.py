"""Runs every repository function without a database, and hears what it sends.

So each statement is judged, also one that no test of a service sends. A function runs several times: with and without
optional arguments, with rows found and none, on one server and on a cluster. What it answers, or raises, does not
matter. Each place in the source that sends a statement must have been heard, so a new one cannot be forgotten.
"""

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Final, NamedTuple, get_type_hints
from unittest.mock import patch

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.db import repositories
from app.db.placement import ONE_SERVER, Placement, keep_placement
from app.db.repositories.public_ids import forget_owners
from app.db.statements import NAME, Statement
from tests.sharding.arguments import ARGUMENTS
from tests.sharding.hearing import REPOSITORIES, find_faults
from tests.sharding.made_up import FoundRow, Variant, make_up

SENDING: Final = {"execute", "scalar", "scalars", "stream", "list", "find"}
VARIANTS: Final = [Variant(*each) for each in product((True, False), (True, False), (0, 1))]
PLACEMENTS: Final = (ONE_SERVER, Placement((-(2**31), 0)))
_DIALECT: Final = asyncpg.dialect()  # type: ignore[no-untyped-call]


class Place(NamedTuple):
    """A place in the source that sends a statement: a file and its lines."""

    module: str
    function: str
    first: int
    last: int


@dataclass(slots=True)
class Heard:
    """What was heard: lines of files, and the faults of the statements."""

    lines: set[tuple[str, int]] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)
    texts: set[tuple[str, str]] = field(default_factory=set)

    def note(self, statement: str) -> None:
        """A statement, sent by the function of a repository that is running."""
        frame: FrameType | None = sys._getframe(1)
        sender = None
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(REPOSITORIES):
                module = ".".join(path.relative_to(REPOSITORIES).with_suffix("").parts)
                self.lines.add((module, frame.f_lineno))
                sender = sender or f"{module}.{frame.f_code.co_name}"
            frame = frame.f_back
        if sender is not None and (sender, statement) not in self.texts:
            self.texts.add((sender, statement))
            self.faults.update(find_faults(statement, sender))


class _Result:
    """What a statement found: no row, or one that has whatever is asked of it."""

    returns_rows = True
    rowcount = 1

    def __init__(self, variant: Variant) -> None:
        self.rows = [FoundRow(has_year=variant.flag) for _ in range(variant.rows)]

    def all(self) -> list[Any]:
        return self.rows

    def first(self) -> Any:
        return self.rows[0] if self.rows else None

    def one(self) -> Any:
        return FoundRow()

    def scalar_one(self) -> Any:
        return len(self.rows)

    def scalar_one_or_none(self) -> Any:
        return 1 if self.rows else None

    def scalars(self) -> "_Result":
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    async def partitions(self, _size: int) -> AsyncIterator[list[Any]]:
        yield self.rows

    one_or_none = first
    mappings = scalars


class _Session(AsyncSession):
    """A session that is connected to nothing."""

    def __init__(self, engine: AsyncEngine, heard: Heard, variant: Variant) -> None:
        super().__init__(engine)
        self.heard, self.variant = heard, variant

    async def execute(self, statement: Any, params: Any = None, **_: Any) -> Any:
        self.heard.note(_text_of(statement, params))
        return _Result(self.variant)

    async def scalar(self, statement: Any, params: Any = None, **_: Any) -> Any:
        self.heard.note(_text_of(statement, params))
        return 1 if self.variant.rows else None

    stream = scalars = execute

    def begin_nested(self) -> Any:
        return _nothing()


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


def _text_of(statement: Any, params: Any) -> str:
    keys = None
    if isinstance(params, Sequence) and params:
        keys = [str(name) for name in params[0]]
        if getattr(statement, "is_update", False):
            # SQLAlchemy writes many rows by their primary keys.
            table = statement.table
            statement = statement.where(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))
            keys = [name for name in keys if name not in table.primary_key.columns]
    compiled = statement.compile(dialect=_DIALECT, column_keys=keys, compile_kwargs={"render_postcompile": True})
    return str(compiled)


def modules() -> list[ModuleType]:
    """Every module of the repositories."""
    prefix = f"{repositories.__name__}."
    return [importlib.import_module(each.name) for each in pkgutil.walk_packages(repositories.__path__, prefix)]


def places() -> list[Place]:
    """Every place of the repositories that sends a statement."""
    found = []
    for path in sorted(REPOSITORIES.rglob("*.py")):
        module = ".".join(path.relative_to(REPOSITORIES).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.AsyncFunctionDef):
                found += [
                    Place(module, function.name, each.lineno, each.end_lineno or each.lineno)
                    for each in ast.walk(function)
                    if isinstance(each, ast.Await)
                    and isinstance(each.value, ast.Call)
                    and isinstance(each.value.func, ast.Attribute)
                    and each.value.func.attr in SENDING
                ]
    return found


async def hear_all() -> Heard:
    """Runs every function of the repositories, and answers what was heard."""
    heard = Heard()
    engine = create_async_engine("postgresql+asyncpg://nobody@nowhere/nothing")

    async def listed(statement: Statement, session: _Session, **_values: Any) -> Any:
        names = list(dict.fromkeys(NAME.findall(statement.text)))
        heard.note(NAME.sub(lambda match: f"${names.index(match[1]) + 1}", statement.text))
        return _Result(session.variant).rows

    with patch.object(Statement, "list", listed):
        for module in modules():
            with ExitStack() as patched:
                for name in ("copy_rows", "copy_csv"):
                    if hasattr(module, name):
                        patched.enter_context(patch.object(module, name, _copy_nothing))
                for function, variant, placement in product(_functions(module), VARIANTS, PLACEMENTS):
                    session = _Session(engine, heard, variant)
                    keep_placement(session, placement)
                    forget_owners()
                    await _run(function, session, variant)
    await engine.dispose()
    return heard


async def _copy_nothing(*_: Any, **__: Any) -> None:
    """In place of a COPY."""


def _functions(module: ModuleType) -> list[Any]:
    return [
        each
        for each in vars(module).values()
        if (inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each))
        and each.__module__ == module.__name__
    ]


async def _run(function: Any, session: _Session, variant: Variant) -> None:
    first, *others = inspect.signature(function).parameters
    hints = get_type_hints(function)
    made: dict[str, Any] = {name: make_up(hints.get(name, Any), variant) for name in others}
    name = f"{function.__module__.removeprefix(f'{repositories.__name__}.')}.{function.__name__}"
    all_given = ARGUMENTS.get(name, [{}])
    if len(all_given) > 1 and not (variant.given and variant.flag):
        return
    for given in all_given:
        try:
            called = function(**{first: session}, **(made | dict(given)))
            if inspect.isasyncgen(called):
                await anext(called)
            else:
                await called
        except Exception:
            # Made-up rows are no objects of the domain. What was sent before is heard.
            continue
