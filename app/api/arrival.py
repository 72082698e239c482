"""When a request arrived.

A request's time counts from the moment in which the server reads its first byte, and not from the moment in which its
turn comes: a crowd, or an earlier request on the same connection, may lie between the two. How long bytes waited in the
kernel before that nobody can say; the loop takes them up at every turn, and no turn of it is long.
"""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Where a request keeps it, in the seconds of the event loop's clock.
ARRIVED: Final = "kist.arrived"


class StampingProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, which notes when each request begins."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[ARRIVED] = self.loop.time()  # type: ignore[typeddict-unknown-key]
