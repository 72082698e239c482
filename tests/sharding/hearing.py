"""Hears every statement that the repositories send while the tests run, and judges it.

The tests themselves are the list of statements: none has to be kept. A statement is judged when it is heard for the
first time, and the test that sent it fails if it breaks a rule that `allowed` does not allow for its function.
Statements of the tests and of migrations are not judged.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Final

import greenlet
from pglast.parser import ParseError
from sqlalchemy import Engine, event

from app.db.data_loader import Lookup
from app.db.statements import LISTENERS, NAME
from tests.house.source import ROOT
from tests.sharding.allowed import ALLOWED
from tests.sharding.judge import judge

REPOSITORIES: Final = ROOT / "app" / "db" / "repositories"
OURS: Final = (str(ROOT / "app"), str(ROOT / "tests"), str(ROOT / "bench"), str(ROOT / "migrations"))

_heard: set[str] = set()
_faults: list[str] = []


def listen() -> None:
    """Begins to hear. Call it once in a process."""
    event.listen(Engine, "before_cursor_execute", _hear_sqlalchemy)
    LISTENERS.append(_hear_driver)


def take_faults() -> list[str]:
    """What was wrong since the last call."""
    found, _faults[:] = list(_faults), []
    return found


def find_faults(statement: str, sender: str) -> list[str]:
    """What is wrong with a statement of a function, in words."""
    try:
        breaches = judge(statement)
    except ParseError:
        return []  # Not one statement of SQL: a savepoint of the driver, or a test of faulty SQL.
    allowed = ALLOWED.get(sender)
    return [
        f"{sender}: {breach.rule.value} ({breach.where}); see tests/sharding and decision 0029\n{statement.strip()}"
        for breach in breaches
        if allowed is None or breach.rule not in allowed.rules
    ]


def _hear_sqlalchemy(_connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool) -> None:
    if statement not in _heard:
        _heard.add(statement)
        _judge(statement)


def _hear_driver(statement: str, _values: Mapping[str, Any]) -> None:
    if statement not in _heard:
        _heard.add(statement)
        names = list(dict.fromkeys(NAME.findall(statement)))
        _judge(NAME.sub(lambda match: f"${names.index(match[1]) + 1}", statement))


def _judge(statement: str) -> None:
    sender = _sender()
    if sender is not None:
        _faults.extend(find_faults(statement, sender))


def _sender() -> str | None:
    """The function of a repository that sends the present statement, as `lending.loans.add_loan`; None if it is not
    one."""
    for frame in _frames():
        code = frame.f_code
        if code.co_filename.endswith("data_loader.py") and isinstance(lookup := frame.f_locals.get("lookup"), Lookup):
            return _name_of(lookup)
        if code.co_filename.startswith(str(REPOSITORIES)):
            module = Path(code.co_filename).relative_to(REPOSITORIES).with_suffix("")
            return ".".join((*module.parts, code.co_name))
        if code.co_filename.startswith(OURS) and "/app/db/" not in code.co_filename and code.co_filename != __file__:
            return None
    return None


def _frames() -> Iterator[FrameType]:
    """The frames of the present call, also those that wait while a greenlet of SQLAlchemy runs."""
    frame: FrameType | None = sys._getframe()
    current: greenlet.greenlet | None = greenlet.getcurrent()
    while current is not None:
        while frame is not None:
            yield frame
            frame = frame.f_back
        current = current.parent
        frame = None if current is None else current.gr_frame


def _name_of(lookup: Lookup) -> str:
    """The name of a look-up that a data loader sends for many callers."""
    prefix = "app.db.repositories."
    for name, module in list(sys.modules.items()):
        if name.startswith(prefix):
            for constant, value in vars(module).items():
                if value is lookup:
                    return f"{name.removeprefix(prefix)}.{constant}"
    return "app.db.data_loader"
