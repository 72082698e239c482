"""The time at which a request arrived.

A request's time counts from the moment when the server reads its first byte, and not from the moment when its handler
starts: other requests, or an earlier request on the same connection, may come between the two. The time that bytes
wait in the kernel is not known. It is short, because no turn of the event loop is long.
"""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: The key of the arrival time in a request's scope, in seconds of the event loop's clock.
ARRIVED: Final = "kist.arrived"


class StampingProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, which also stores the arrival time of each request."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[ARRIVED] = self.loop.time()  # type: ignore[typeddict-unknown-key]
