"""Which failures of the database pass by themselves.

A deadlock, a lock that was not granted in time, a server that restarts: the same work done again succeeds. Everything
else (a constraint, a mistake in a statement) fails again for ever. The SQLSTATE decides, since messages and constraint
names differ between servers.
"""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Whole classes: connection exceptions, insufficient resources, operator intervention (a statement timeout is of these).
TRANSIENT_CLASSES = ("08", "53", "57")
# Serialization failure, deadlock, lock not available, idle in a transaction for too long.
TRANSIENT_STATES = frozenset({"40001", "40P01", "55P03", "25P03"})


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed when it is done again."""
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        if state is not None:
            return state in TRANSIENT_STATES or state.startswith(TRANSIENT_CLASSES)
        return error.connection_invalidated
    # asyncpg cannot reach the server: an OSError, which covers refused and broken connections and timeouts.
    return isinstance(error, PoolTimeout | OSError)


def sqlstate(error: DBAPIError) -> str | None:
    """The five characters that say what happened; None where the server was not reached."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state if isinstance(state, str) else None
