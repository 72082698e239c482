"""How often somebody may call, counted on Valkey for all processes together.

Every caller has a window of a minute and a number of calls in it: a principal where the request shows a token of ours,
else the address it comes from. Asking Valkey at every request would cost more than some requests do, so a process takes
a fiftieth of the window at a time and counts that off by itself. What a process took and did not use is lost to the
others until the window ends: the bound is never exceeded, and undershot by two parts in a hundred for each process.

A lender's payments must not stop because a counter is lost: without Valkey calls are let through. Guessing of passwords
must not begin because a counter is lost: attempts to sign in are then counted within the process.
"""

import asyncio
import hashlib
import ipaddress
import math
import time
from dataclasses import dataclass, field
from typing import Final

import structlog
from limits.aio.storage import MemoryStorage, RedisStorage
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import respond
from app.api.permissions import bearer_token
from app.api.request_log import ACTOR
from app.domain.people.access import Actor, Role, TooManyAttempts, TooManyCalls
from app.services.people.tokens import AccessTokens
from app.settings import Settings

WINDOW_SECONDS: Final = 60
ATTEMPTS_WINDOW_SECONDS: Final = 15 * 60
#: A process takes this part of a window at a time.
SHARE: Final = 50
MOST_LEASES: Final = 20_000
PATIENCE_SECONDS: Final = 0.5
REST_SECONDS: Final = 1.0
#: More than a process can answer in that second.
UNCOUNTED: Final = 1_000_000
#: A probe that is refused would have a healthy process ended.
PROBES: Final = frozenset({"/livez", "/readyz"})

log = structlog.get_logger(__name__)


class Counters:
    """The counters of one Valkey, which may be away."""

    def __init__(self, redis_dsn: str) -> None:
        self._pool: ConnectionPool = ConnectionPool.from_url(
            redis_dsn, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
        )
        # The address is only looked at: the connections are those of the pool.
        self._storage = RedisStorage(
            "async+redis://localhost:6379",
            implementation="redispy",
            connection_pool=self._pool,  # type: ignore[arg-type]
        )
        self._asks_again_at = 0.0
        self._is_away = False

    async def add(self, key: str, amount: int = 1, *, window_seconds: int) -> tuple[int, float] | None:
        """Counts on, in the window that the first count of it opened: the sum, and the seconds until it ends.

        None while Valkey does not answer; it is asked again after a second.
        """
        if time.monotonic() < self._asks_again_at:
            return None
        try:
            total = await self._storage.incr(key, window_seconds, amount)
            left = await self._storage.get_expiry(key) - time.time()
        except (RedisError, OSError) as error:
            self._asks_again_at = time.monotonic() + REST_SECONDS
            if not self._is_away:
                self._is_away = True
                log.warning("calls are not limited: Valkey does not answer", error=type(error).__name__)
            return None
        if self._is_away:
            self._is_away = False
            log.info("calls are limited again")
        return total, min(max(left, 0.0), window_seconds)

    async def can_write(self) -> bool:
        """Whether Valkey takes what is written: one that is full, or a replica, answers and does not."""
        try:
            async with Redis(connection_pool=self._pool) as valkey:
                return bool(await valkey.set("ready", b"", ex=WINDOW_SECONDS))
        except (RedisError, OSError):
            return False

    async def clear(self, key: str) -> None:
        try:
            await self._storage.clear(key)
        except (RedisError, OSError):
            return  # It ends by itself.

    async def close(self) -> None:
        await self._pool.disconnect()


@dataclass(slots=True)
class Lease:
    """What this process may still let through for a caller, and what of the window it has not taken."""

    permits: int = 0
    beyond: int = 0
    ends_at: float = 0.0
    is_counted: bool = True
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class CallLimits:
    """The calls of every caller."""

    def __init__(self, counters: Counters, *, tokens: AccessTokens, settings: Settings) -> None:
        self.counters = counters
        self._tokens = tokens
        self._leases: dict[str, Lease] = {}
        others, staff, service = settings.calls_a_minute
        self._most = {Role.OFFICER: staff, Role.ADMIN: staff, Role.SERVICE: service}
        self._others = others

    def caller_of(self, scope: Scope) -> tuple[tuple[int, Role] | None, str, int]:
        """Whose token it is, under which key the caller is counted, and how many calls they have. A token counts only
        if we signed it: a made-up one must neither open a new account of calls nor use up somebody else's."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                token = bearer_token(value)
                holder = None if token is None else self._tokens.holder(token.encode("latin-1"))
                if holder is not None:
                    principal_id, role = holder
                    return holder, f"principal:{principal_id}", self._most.get(role, self._others)
                break
        return None, f"address:{address_of(scope)}", self._others

    async def take(self, caller: str, most: int) -> tuple[bool, Lease]:
        """Takes one call of the caller's; whether there was one."""
        lease = self._leases.get(caller)
        if lease is None:
            if len(self._leases) >= MOST_LEASES:
                self._leases.clear()
            lease = self._leases[caller] = Lease()
        if lease.permits == 0 or time.monotonic() >= lease.ends_at:
            async with lease.asking:
                # Whoever waited for the lock finds what the first one was given.
                now = time.monotonic()
                if now >= lease.ends_at or (lease.permits == 0 and lease.beyond > 0):
                    await self._renew(caller, lease, most=most)
        if lease.permits == 0:
            return False, lease
        lease.permits -= 1
        return True, lease

    async def _renew(self, caller: str, lease: Lease, *, most: int) -> None:
        wanted = max(1, most // SHARE)
        found = await self.counters.add(f"calls:{caller}", wanted, window_seconds=WINDOW_SECONDS)
        lease.is_counted = found is not None
        if found is None:
            lease.permits, lease.beyond, lease.ends_at = UNCOUNTED, 0, time.monotonic() + REST_SECONDS
            return
        total, seconds_left = found
        before = total - wanted
        lease.permits = max(0, min(wanted, most - before))
        lease.beyond = max(0, most - total)
        lease.ends_at = time.monotonic() + seconds_left


class RateLimits:
    """Refuses the calls that are too many, and says in the head of every answer how many are left."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        limits: CallLimits = scope["app"].state.call_limits
        holder, caller, most = limits.caller_of(scope)
        allowed, lease = await limits.take(caller, most)
        reset = max(1, math.ceil(lease.ends_at - time.monotonic()))
        standing = [
            (b"ratelimit-limit", b"%d" % most),
            (b"ratelimit-remaining", b"%d" % (lease.permits + lease.beyond)),
            (b"ratelimit-reset", b"%d" % reset),
        ]

        async def send_standing(message: Message) -> None:
            if message["type"] == "http.response.start" and lease.is_counted:
                message["headers"] = [*message.get("headers", ()), *standing]
            await send(message)

        if allowed:
            await self.app(scope, receive, send_standing)
            return
        # Nobody reads the token any more: this says in the log whose calls were too many.
        if holder is not None:
            scope["state"][ACTOR] = Actor(principal_id=holder[0], role=holder[1])
        error = TooManyCalls("too many calls: come back when the window ends", retry_after_seconds=reset)
        await respond(Request(scope), error)(scope, receive, send_standing)


class SignInAttempts:
    """Attempts to sign in, by account and by address, in windows of a quarter of an hour."""

    def __init__(self, counters: Counters, *, settings: Settings) -> None:
        self._counters = counters
        self._in_process = MemoryStorage()
        self._most_of_account = settings.sign_in_attempts_of_account
        self._most_of_address = settings.sign_in_attempts_of_address

    async def count(self, *, account: str | None = None, address: str | None = None) -> None:
        """Counts an attempt before it is judged. Raises TooManyAttempts."""
        for key, most in self._keys(account, address):
            total, seconds_left = await self._add(key, 1)
            if total > most:
                raise TooManyAttempts(
                    "too many attempts to sign in: try again later", retry_after_seconds=math.ceil(seconds_left)
                )

    async def succeeded(self, *, account: str | None = None, address: str | None = None) -> None:
        """Forgets the account's failures, and that the address made this attempt."""
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
    """Where a request comes from. Of an IPv6 address the network: whoever has one has all of its 2^64 addresses."""
    host = scope["client"][0] if scope.get("client") else "unknown"
    if ":" not in host:
        return str(host)
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return str(host)


def _attempts_key(kind: str, value: str) -> str:
    # An e-mail address is nobody's business in a counter.
    return f"attempts:{kind}:{hashlib.sha256(value.encode(errors='replace')).hexdigest()[:32]}"
