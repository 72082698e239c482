"""Classifies database errors into six faults.

Only the SQLSTATE of an error is read. Constraint names change when tables are sharded (`uq_cards_loan_102040`), texts
change with the server's language, and texts may hold a customer's data.
"""

from collections.abc import Iterator
from enum import StrEnum

from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class DatabaseFault(StrEnum):
    """The kind of a database error."""

    DUPLICATE = "duplicate"
    REFUSED = "refused"
    REFERENCE = "reference"
    BUSY = "busy"
    UNUSABLE_VALUE = "unusable_value"
    UNAVAILABLE = "unavailable"


#: What a cluster answers if one of its servers refuses a row of a COPY, whatever the reason. Elsewhere it is a bug.
REFUSED_BY_A_SHARD = "XX000"
COPY = "COPY "
#: query_canceled: statement_timeout ran out.
CANCELED = "57014"
#: The fault of each SQLSTATE, or of its first two or three characters. Any other state is a bug of ours.
FAULTS = {
    "23505": DatabaseFault.DUPLICATE,
    "23503": DatabaseFault.REFERENCE,
    "55P03": DatabaseFault.BUSY,  # lock_not_available: lock_timeout ran out
    "40P01": DatabaseFault.BUSY,  # deadlock
    "40001": DatabaseFault.BUSY,  # serialization failure
    "22": DatabaseFault.UNUSABLE_VALUE,  # data exceptions: a zero byte in a text, a number too large
    CANCELED: DatabaseFault.UNAVAILABLE,
    "57P": DatabaseFault.UNAVAILABLE,  # the server is stopping or starting
    "08": DatabaseFault.UNAVAILABLE,  # connection
    "53": DatabaseFault.UNAVAILABLE,  # disk, memory, connections
    "58": DatabaseFault.UNAVAILABLE,  # the operating system's: input and output, files
    "25006": DatabaseFault.UNAVAILABLE,  # read only: a standby, or a server that protects a full disk
    "25P": DatabaseFault.UNAVAILABLE,  # idle in transaction for too long
    "28": DatabaseFault.UNAVAILABLE,  # wrong role or password: the caller cannot correct it
    "3D": DatabaseFault.UNAVAILABLE,  # there is no such database
}
#: These pass by themselves: a lock, a deadlock, a database that cannot be reached. Others would come again.
PASSING = frozenset({DatabaseFault.BUSY, DatabaseFault.UNAVAILABLE})
#: The reason why there is no connection, by SQLSTATE or its first characters. Operators read these texts.
OBSTACLES = {
    "28P01": "PostgreSQL does not take the password of this role",
    "28": "PostgreSQL does not let this role in",
    "3D": "PostgreSQL has no database of this name",
    "53": "PostgreSQL has no room for one more connection",
    "57P": "PostgreSQL is starting or stopping",
    "08": "the connection to PostgreSQL broke",
}


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's error code of five characters, also from inside the exceptions of SQLAlchemy; None without one."""
    for seen in _causes(error):
        found = getattr(seen, "sqlstate", None) or getattr(getattr(seen, "orig", None), "sqlstate", None)
        if isinstance(found, str):
            return found
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was raised from, at most five in all."""
    seen: BaseException | None = error
    for _ in range(5):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__


def classify(error: BaseException) -> DatabaseFault | None:
    """The fault of an exception. None if it is no database error, or one that is a bug of ours."""
    state = sqlstate(error)
    if state is not None:
        for length in (5, 3, 2):
            if (fault := FAULTS.get(state[:length])) is not None:
                return fault
        return DatabaseFault.REFUSED if state == REFUSED_BY_A_SHARD and _is_of_copy(error) else None
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseFault.UNAVAILABLE
    # Without a SQLSTATE the server was not reached, or the connection broke: a refused socket, an exhausted pool.
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError):
        return DatabaseFault.UNAVAILABLE
    # A statement that is sent after the server's last word, and before the connection is seen to be closed.
    if any(isinstance(seen, InternalClientError) for seen in _causes(error)):
        return DatabaseFault.UNAVAILABLE
    return None


def _is_of_copy(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and (error.statement or "").startswith(COPY)


def was_canceled(error: BaseException) -> bool:
    """Whether PostgreSQL stopped a statement because it took too long."""
    return sqlstate(error) == CANCELED


def why_unreachable(error: BaseException) -> str | None:
    """Why the database was not reached, in one line without personal data. None for any other error."""
    state = sqlstate(error)
    if state is not None:
        return next((OBSTACLES[state[:length]] for length in (5, 3, 2) if state[:length] in OBSTACLES), None)
    if isinstance(error, OSError):  # This includes TimeoutError.
        return f"no PostgreSQL answers there ({error.strerror or type(error).__name__})"
    if classify(error) is DatabaseFault.UNAVAILABLE:
        return "the connection to PostgreSQL broke"
    return None


def is_database_error(error: BaseException) -> bool:
    """Whether this is a database error. Its message may hold values of a row and is never logged."""
    return isinstance(error, SQLAlchemyError) or sqlstate(error) is not None


def is_table_missing(error: BaseException) -> bool:
    """Whether a table is missing: the database was never migrated, or not to this version."""
    return sqlstate(error) == "42P01"
