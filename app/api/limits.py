"""Limits on calls and on attempts to sign in, counted on Valkey for all processes together.

Each caller may make a number of calls in a window of one minute. The caller is the account of a valid token, else the
client address. Asking Valkey at every request would cost more than some requests do. So a process leases a fiftieth of
the calls at a time and counts them off by itself. Calls that a process leases and does not use are lost until the
window ends: a caller never gets more than the limit, and up to 2 % less for each process.

Payments must not stop because a counter is lost, so calls pass uncounted while Valkey is unreachable. Password guessing
must stay limited, so attempts to sign in are then counted within the process.
"""

import asyncio
import hashlib
import ipaddress
import math
import time
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog
from limits.aio.storage import MemoryStorage, RedisStorage
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError
from starlette.types import Scope

from app.api.permissions import bearer_token
from app.domain.people.access import Role, TooManyAttempts
from app.services.people.tokens import AccessTokens
from app.settings import Settings

WINDOW_SECONDS: Final = 60
ATTEMPTS_WINDOW_SECONDS: Final = 15 * 60
#: A process leases one part in `SHARE` of a window's calls at a time.
SHARE: Final = 50
MOST_LEASES: Final = 20_000
VALKEY_TIMEOUT_SECONDS: Final = 0.5
RETRY_VALKEY_SECONDS: Final = 1.0
#: More calls than a process can answer in that second.
UNCOUNTED_CALLS: Final = 1_000_000
#: Probes are not limited: a refused probe would get a healthy process stopped.
PROBES: Final = frozenset({"/livez", "/readyz"})

log = structlog.get_logger(__name__)


class Counters:
    """The counters of one Valkey server, which may be unreachable."""

    def __init__(self, redis_dsn: str) -> None:
        self._pool: ConnectionPool = ConnectionPool.from_url(
            redis_dsn, socket_connect_timeout=VALKEY_TIMEOUT_SECONDS, socket_timeout=VALKEY_TIMEOUT_SECONDS
        )
        self._valkey = Redis(connection_pool=self._pool)
        # The storage requires an address but does not use it: the connections come from the pool.
        self._storage = RedisStorage(
            "async+redis://localhost:6379",
            implementation="redispy",
            connection_pool=self._pool,  # type: ignore[arg-type]
        )
        self._retry_at = 0.0
        self._is_unreachable = False

    async def add(self, key: str, amount: int = 1, *, window_seconds: int) -> tuple[int, float] | None:
        """Adds to a counter and returns its total and the seconds until its window ends. The first count opens the
        window.

        None while Valkey does not answer; the next try is a second later.
        """
        if time.monotonic() < self._retry_at:
            return None
        try:
            total = await self._storage.incr(key, window_seconds, amount)
            # `get_expiry` gives whole seconds: in the last half of one each call would be a lease of its own.
            left = await self._valkey.pttl(self._storage.bridge.prefixed_key(key)) / 1000
        except (RedisError, OSError) as error:
            self._retry_at = time.monotonic() + RETRY_VALKEY_SECONDS
            if not self._is_unreachable:
                self._is_unreachable = True
                log.warning("calls are not limited: Valkey does not answer", error=type(error).__name__)
            return None
        if self._is_unreachable:
            self._is_unreachable = False
            log.info("calls are limited again")
        return total, min(max(left, 0.0), window_seconds)

    async def can_write(self) -> bool:
        """Whether Valkey accepts a write: a full server or a replica answers but refuses writes."""
        try:
            return bool(await self._valkey.set("ready", b"", ex=WINDOW_SECONDS))
        except (RedisError, OSError):
            return False

    async def clear(self, key: str) -> None:
        try:
            await self._storage.clear(key)
        except (RedisError, OSError):
            return  # The counter ends with its window.

    async def close(self) -> None:
        await self._pool.disconnect()


@dataclass(slots=True)
class Lease:
    """The calls that this process may still let pass for a caller (`permits`), and the calls of the window that no
    process has leased (`unleased`). `ends_at` is in seconds of the monotonic clock."""

    permits: int = 0
    unleased: int = 0
    ends_at: float = 0.0
    is_counted: bool = True
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Counted(NamedTuple):
    """A call that was counted: whether it is allowed, who called (None without a token), the headers that give the
    calls that are left, and the seconds until the window ends."""

    is_allowed: bool
    holder: tuple[int, Role] | None
    headers: tuple[tuple[bytes, bytes], ...]
    reset_seconds: int


class CallLimits:
    """The leases of every caller in this process."""

    def __init__(self, counters: Counters, *, tokens: AccessTokens, settings: Settings) -> None:
        self.counters = counters
        self._tokens = tokens
        self._leases: dict[str, Lease] = {}
        others, staff, service = settings.calls_a_minute
        self._most = {Role.OFFICER: staff, Role.ADMIN: staff, Role.SERVICE: service}
        self._others = others

    def caller_of(self, scope: Scope) -> tuple[tuple[int, Role] | None, str, int]:
        """The holder of the token (None without one), the key that counts the caller's calls, and the calls a minute.

        Only a token that we signed counts: a forged one must neither open a new count nor use up another caller's.
        """
        for name, value in scope["headers"]:
            if name == b"authorization":
                token = bearer_token(value)
                holder = None if token is None else self._tokens.holder(token.encode("latin-1"))
                if holder is not None:
                    user_account_id, role = holder
                    return holder, f"user:{user_account_id}", self._most.get(role, self._others)
                break
        return None, f"address:{address_of(scope)}", self._others

    async def take(self, caller: str, most: int) -> tuple[bool, Lease]:
        """Takes one of the caller's calls. The first value says whether one was left."""
        lease = self._leases.get(caller)
        if lease is None:
            if len(self._leases) >= MOST_LEASES:
                self._leases.clear()
            lease = self._leases[caller] = Lease()
        if lease.permits == 0 or time.monotonic() >= lease.ends_at:
            async with lease.lock:
                # Another request may have renewed the lease while this one waited for the lock.
                now = time.monotonic()
                if now >= lease.ends_at or (lease.permits == 0 and lease.unleased > 0):
                    await self._renew(caller, lease, most=most)
        if lease.permits == 0:
            return False, lease
        lease.permits -= 1
        return True, lease

    async def count(self, scope: Scope) -> Counted:
        """Counts the call of a request."""
        holder, caller, most = self.caller_of(scope)
        is_allowed, lease = await self.take(caller, most)
        reset = max(1, math.ceil(lease.ends_at - time.monotonic()))
        headers: tuple[tuple[bytes, bytes], ...] = ()
        if lease.is_counted:
            headers = (
                (b"ratelimit-limit", b"%d" % most),
                (b"ratelimit-remaining", b"%d" % (lease.permits + lease.unleased)),
                (b"ratelimit-reset", b"%d" % reset),
            )
        return Counted(is_allowed, holder, headers, reset)

    async def _renew(self, caller: str, lease: Lease, *, most: int) -> None:
        wanted = max(1, most // SHARE)
        found = await self.counters.add(f"calls:{caller}", wanted, window_seconds=WINDOW_SECONDS)
        lease.is_counted = found is not None
        if found is None:
            lease.permits, lease.unleased, lease.ends_at = UNCOUNTED_CALLS, 0, time.monotonic() + RETRY_VALKEY_SECONDS
            return
        total, seconds_left = found
        before = total - wanted
        lease.permits = max(0, min(wanted, most - before))
        lease.unleased = max(0, most - total)
        lease.ends_at = time.monotonic() + seconds_left


class SignInAttempts:
    """Counts attempts to sign in, by account and by address, in windows of 15 minutes."""

    def __init__(self, counters: Counters, *, settings: Settings) -> None:
        self._counters = counters
        self._in_process = MemoryStorage()
        self._most_of_account = settings.sign_in_attempts_of_account
        self._most_of_address = settings.sign_in_attempts_of_address

    async def count(self, *, account: str | None = None, address: str | None = None) -> None:
        """Counts an attempt before the password is checked. Raises TooManyAttempts."""
        for key, most in self._keys(account, address):
            total, seconds_left = await self._add(key, 1)
            if total > most:
                raise TooManyAttempts(
                    "too many attempts to sign in: try again later", retry_after_seconds=math.ceil(seconds_left)
                )

    async def succeeded(self, *, account: str | None = None, address: str | None = None) -> None:
        """Clears the account's count, and takes this attempt off the address's count."""
        if account is not None:
            key = _attempts_key("account", account)
            await self._counters.clear(key)
            await self._in_process.clear(key)
        if address is not None:
            await self._add(_attempts_key("address", address), -1)

    def _keys(self, account: str | None, address: str | None) -> list[tuple[str, int]]:
        keys = [] if account is None else [(_attempts_key("account", account), self._most_of_account)]
        return keys if address is None else [*keys, (_attempts_key("address", address), self._most_of_address)]

    async def _add(self, key: str, amount: int) -> tuple[int, float]:
        found = await self._counters.add(key, amount, window_seconds=ATTEMPTS_WINDOW_SECONDS)
        if found is not None:
            return found
        total = await self._in_process.incr(key, ATTEMPTS_WINDOW_SECONDS, amount)
        return total, max(1.0, await self._in_process.get_expiry(key) - time.time())


def address_of(scope: Scope) -> str:
    """The client address of a request. For IPv6 it is the /64 network, because one client has all of its addresses."""
    host = scope["client"][0] if scope.get("client") else "unknown"
    if ":" not in host:
        return str(host)
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return str(host)


def _attempts_key(kind: str, value: str) -> str:
    # The key holds a hash, so no e-mail address is stored on Valkey.
    return f"attempts:{kind}:{hashlib.sha256(value.encode(errors='replace')).hexdigest()[:32]}"
