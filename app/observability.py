"""Logs: one JSON object a line, and nothing in it that must not be read.

Whatever is logged, by us or by a library, passes one scrubber: twelve digits that may be an Aadhaar keep their last
four, tokens and passwords are replaced, and the password in an address is cut. Errors are described by their kind and
the place where they happened; their texts only where they cannot hold the values of a row.
"""

import io
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from app.db.errors import is_database_error, sqlstate
from app.domain.people.aadhaar import hide_numbers

HIDDEN: Final = "[hidden]"
SECRET_NAMES: Final = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|cookie|api_?key|aadhaa?r(_(id|number|no))?$|^pwd$", re.IGNORECASE
)
TOKENS: Final = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_-]*|krt_[A-Za-z0-9_-]+")
BEARER: Final = re.compile(r"(bearer\s+)\S+", re.IGNORECASE)
ADDRESS_PASSWORD: Final = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")
ASSIGNED: Final = re.compile(r"((?:password|secret|token)[\"']?\s*[=:]\s*[\"']?)[^\s\"',&}]+", re.IGNORECASE)
#: What every text has in which one of these is found.
SUSPICIOUS: Final = re.compile(r"[0-9]{4}|eyJ|krt_|bearer|://|password|secret|token", re.IGNORECASE)


LARGEST_LOG_BYTES: Final = 10_000_000
#: An IPv6 address with its zone.
LONGEST_ADDRESS: Final = 64


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def scrub_text(text: str) -> str:
    """A text without identity numbers, tokens and passwords."""
    # Nearly all texts are names of ours, and one look is enough.
    if not SUSPICIOUS.search(text):
        return text
    text = TOKENS.sub(HIDDEN, hide_numbers(text))
    text = BEARER.sub(rf"\g<1>{HIDDEN}", text)
    text = ADDRESS_PASSWORD.sub(rf"\g<1>:{HIDDEN}@", text)
    return ASSIGNED.sub(rf"\g<1>{HIDDEN}", text)


def scrub(value: Any, *, name: str = "") -> Any:
    """Any value of a log line, scrubbed as deep as it goes."""
    if value is not None and _is_secret(name):
        return HIDDEN
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        return scrub_text(str(value)) if 10**11 <= value < 10**12 else value
    if isinstance(value, Mapping):
        return {scrub_text(str(key)): scrub(part, name=str(key)) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [scrub(part) for part in value]
    return HIDDEN if isinstance(value, bytes) else scrub_text(str(value))


def scrub_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The scrubber, as structlog calls it."""
    kept = {key: value for key, value in event.items() if key.startswith("_")}
    return {key: scrub(value, name=key) for key, value in event.items() if key not in kept} | kept


def describe_error(error: BaseException) -> dict[str, Any]:
    """What the log may hold of an error: its kind, where it happened, and its text unless a row may speak in it."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    described: dict[str, Any] = {
        "error": type(error).__name__,
        "at": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
    state = sqlstate(error)
    if state is not None:
        described["sqlstate"] = state
    if not is_database_error(error):
        described["text"] = str(error)[:500]
    return described


def _describe_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A traceback with `exc_info` prints the values of variables' texts: it is told by `describe_error` instead."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = describe_error(error)
    return event


def _as_json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()


@lru_cache(maxsize=4096)
def _shown_address(address: str) -> str:
    """An address as it is logged: a proxy may pass on what the client wrote."""
    return scrub_text(address[:LONGEST_ADDRESS])


class ScrubbedHandler(logging.StreamHandler[Any]):
    """Our handler, told apart from others so that configuring twice does not write every line twice."""


class ScrubbedFile(ScrubbedHandler):
    """Lines at the end of a file, in a KIST_HOME that is there: a command that is refused makes none."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.StringIO())
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        home = self._path.parent.parent
        if not home.is_dir():
            return
        try:
            self._path.parent.mkdir(exist_ok=True)
            set_aside(self._path)
            # Opened for each line: commands are few, and several may write at once.
            with self._path.open("a") as stream:
                stream.write(self.format(record) + self.terminator)
        except OSError:
            # A command does not fail because its log cannot be written: a home may be somebody else's to write in.
            return


def set_aside(log: Path) -> None:
    """Begins a log anew that has grown large; the one before it is kept."""
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _file_handler(path: Path, level: str) -> ScrubbedHandler:
    handler = ScrubbedFile(path)
    handler.setLevel(level)
    return handler


def log_request(
    *,
    request_id: str,
    method: str,
    route: str | None,
    status: int | None,
    milliseconds: int,
    principal: str | None,
    client_address: str | None,
) -> None:
    """The line of a request. Most lines are of this kind, and all in them is ours or was checked, so they are written
    past the scrubber and the machinery of logging, which would take as long as the look-up of a loan.

    `route` is the pattern and never the address, which may hold what nobody should read; `principal` is who was let in
    (`customer:9`); `status` is None where the client left before an answer began.
    """
    root = logging.getLogger()
    handler = next((each for each in root.handlers if isinstance(each, ScrubbedHandler)), None)
    if handler is None or handler.level > logging.INFO or not root.isEnabledFor(logging.INFO):
        return
    line = {
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": milliseconds,
        "principal": principal,
        "client_address": client_address and _shown_address(client_address),
        "event": "request",
        "request_id": request_id,
        "level": "info",
        "timestamp": datetime.now(UTC),
    }
    try:
        handler.stream.write(orjson.dumps(line, option=orjson.OPT_UTC_Z).decode() + "\n")
        handler.flush()
    except (OSError, ValueError):
        handler.handleError(logging.makeLogRecord(line))


def configure_logging(level: str = "INFO", *, file: Path | None = None, file_level: str = "INFO") -> None:
    """Sends every log line of the process, ours and the libraries', through the scrubber to standard error; and, from
    `file_level` on, to the end of a file."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _describe_exception,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            scrub_event,
            structlog.processors.JSONRenderer(serializer=_as_json),
        ],
    )
    handler = ScrubbedHandler(sys.stderr)
    handler.setLevel(level)
    handlers = [handler] if file is None else [handler, _file_handler(file, file_level)]
    for each in handlers:
        each.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not isinstance(each, ScrubbedHandler)]
    root.handlers.extend(handlers)
    root.setLevel(min(each.level for each in handlers))
    # These write addresses, statements and arguments at INFO: what a request holds is not theirs to tell.
    for name in ("uvicorn.access", "sqlalchemy.engine", "httpx", "arq.worker"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
