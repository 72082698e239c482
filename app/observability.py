"""Logs: one JSON object a line, without personal numbers and secrets.

Every log line, ours or a library's, passes one scrubber. Of twelve digits that may be an Aadhaar number only the last
four stay. Tokens and passwords are replaced, also the password in an address. An error is logged with its class and the
place where it happened; its text is logged only if it is no database error, because those may quote a row.
"""

import io
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from app import tracing
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
#: A text without a match of this pattern has no match of the patterns above either. This one is quicker to search for.
SUSPICIOUS: Final = re.compile(r"[0-9]{4}|eyJ|krt_|bearer|://|password|secret|token", re.IGNORECASE)


#: The id of the request that is answered. Every log line that is written meanwhile holds it.
request_ids: ContextVar[str | None] = ContextVar("request_ids", default=None)

LARGEST_LOG_BYTES: Final = 10_000_000
#: An IPv6 address with its zone.
LONGEST_ADDRESS: Final = 64


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def scrub_text(text: str) -> str:
    """The text without identity numbers, tokens and passwords."""
    # Most texts are our own names, and this one test is enough.
    if not SUSPICIOUS.search(text):
        return text
    text = TOKENS.sub(HIDDEN, hide_numbers(text))
    text = BEARER.sub(rf"\g<1>{HIDDEN}", text)
    text = ADDRESS_PASSWORD.sub(rf"\g<1>:{HIDDEN}@", text)
    return ASSIGNED.sub(rf"\g<1>{HIDDEN}", text)


def scrub(value: Any, *, name: str = "") -> Any:
    """Any value of a log line, scrubbed at every depth."""
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
    """What is logged of an error: its class, where it happened, and its text unless it may quote a database row."""
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
    """Replaces `exc_info` by `describe_error`, because a printed traceback may show values."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = describe_error(error)
    return event


def _add_trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Names the trace that a line belongs to, while there is one."""
    if (found := tracing.trace_id()) is not None:
        event["trace_id"] = found
    return event


def _add_request_id(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Names the request that a line belongs to, while one is answered."""
    if (found := request_ids.get()) is not None:
        event.setdefault("request_id", found)
    return event


def _as_json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()


@lru_cache(maxsize=4096)
def _shown_address(address: str) -> str:
    """The client's address, cut and scrubbed, because a proxy may pass on what the client wrote."""
    return scrub_text(address[:LONGEST_ADDRESS])


class ScrubbedHandler(logging.StreamHandler[Any]):
    """Our handler. Its own class lets `configure_logging` replace it, so a second call does not double every line."""


class ScrubbedFile(ScrubbedHandler):
    """Appends lines to a file in KIST_HOME. It does not create KIST_HOME: a command that is refused must not do so."""

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
            # Opened for each line: commands write few lines, and several commands may write at once.
            with self._path.open("a") as stream:
                stream.write(self.format(record) + self.terminator)
        except OSError:
            # A command does not fail because it cannot write its log: KIST_HOME may belong to another user.
            return


def set_aside(log: Path) -> None:
    """Renames a log that has grown too large to `.log.1`, so that a new one is started."""
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
    actor: str | None,
    client_address: str | None,
) -> None:
    """Writes the log line of a request. Most lines are of this kind, and their values need no scrubbing. So the line is
    written directly: the scrubber and `logging` would take as long as reading a loan.

    `route` is the pattern and never the address, which may hold personal data. `actor` is who holds the token
    (`customer:9`). `status` is None if the client disconnected before an answer began.
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
        "actor": actor,
        "client_address": client_address and _shown_address(client_address),
        "event": "request",
        "request_id": request_id,
        "level": "info",
        "timestamp": datetime.now(UTC),
    }
    if (trace_id := tracing.trace_id()) is not None:
        line["trace_id"] = trace_id
    try:
        handler.stream.write(orjson.dumps(line, option=orjson.OPT_UTC_Z).decode() + "\n")
        handler.flush()
    except (OSError, ValueError):
        handler.handleError(logging.makeLogRecord(line))


def configure_logging(level: str = "INFO", *, file: Path | None = None, file_level: str = "INFO") -> None:
    """Sends every log line of the process, ours and the libraries', through the scrubber to standard error. Lines from
    `file_level` on are appended to `file` too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        _add_trace,
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
    # At INFO these would log addresses, SQL statements and arguments, which may hold personal data.
    for name in ("sqlalchemy.engine", "httpx", "arq.worker"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name, is_ours in (("uvicorn", True), ("uvicorn.error", True), ("uvicorn.access", False)):
        logging.getLogger(name).handlers.clear()
        # uvicorn composes its line of a request as long as any handler could write it. Ours is `log_request`.
        logging.getLogger(name).propagate = is_ours
