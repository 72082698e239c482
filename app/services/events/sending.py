"""Sends webhooks: one POST, to public addresses only, within limits of time and size.

The host's name is resolved here and the connection is made to the address that was checked, so the name cannot lead
somewhere else in between. Redirects are not followed, and no proxy of the environment is used.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, Self

import httpcore

from app.domain.events.addresses import is_public

USER_AGENT: Final = "Kist-Webhooks/1"
#: What is read of an answer. Its content is not looked at.
LARGEST_ANSWER: Final = 64 * 1024


class AddressRefused(httpcore.ConnectError):
    """The host's name leads to an address that is not public."""


class Sent(NamedTuple):
    """What became of a request: the status of the answer, or why there was none."""

    status: int | None
    error: str | None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves a name, refuses it if one of its addresses is not public, and connects to what was checked."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._private_allowed = private_allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("the name of the host is not known") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._private_allowed and not all(map(is_public, addresses)):
            raise AddressRefused("the host has an address that is not public")
        failure: Exception = httpcore.ConnectError("the name of the host has no address")
        for address in addresses[:2]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("a webhook is sent over the network")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Sender:
    """The connections to one endpoint, for as long as the block lasts."""

    def __init__(self, *, private_allowed: bool, seconds: float, connections: int, tls: ssl.SSLContext | None = None):
        self._seconds = seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            max_keepalive_connections=connections,
            network_backend=CheckedNetwork(private_allowed=private_allowed),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self._pool.aclose()

    async def post(self, url: str, *, headers: Mapping[str, str], body: str) -> Sent:
        """Sends a body of JSON and reads the status of the answer. It never raises for what the other side does."""
        all_headers = {"content-type": "application/json", "user-agent": USER_AGENT, **headers}
        each = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._pool.stream(
                    "POST",
                    url,
                    headers=[(name.encode(), value.encode()) for name, value in all_headers.items()],
                    content=body.encode(),
                    extensions={"timeout": each},
                ) as answer,
            ):
                await _read_a_little(answer)
                return Sent(answer.status, None)
        except AddressRefused:
            return Sent(None, "address_refused")
        except (TimeoutError, httpcore.TimeoutException):
            return Sent(None, "timeout")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
            return Sent(None, "tls_failed" if isinstance(error.__cause__, ssl.SSLError) else type(error).__name__)


async def _read_a_little(answer: httpcore.Response) -> None:
    """Reads the answer, so that the connection can be used again; of a long one, only the beginning."""
    read = 0
    async for part in answer.aiter_stream():
        read += len(part)
        if read > LARGEST_ANSWER:
            return
