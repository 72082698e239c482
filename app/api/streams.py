"""Server-sent events: an answer that goes on for as long as there is something to tell, and its token is good."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi.responses import StreamingResponse

from app.domain.people.access import Unauthenticated


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


def stream(events: AsyncGenerator[str]) -> EventStream:
    """The answer that tells these events. No proxy on the way may keep them back to send more at once."""
    return EventStream(_until_refused(events), headers={"X-Accel-Buffering": "no"})


async def _until_refused(events: AsyncGenerator[str]) -> AsyncIterator[str]:
    """The events, and where their token is worth nothing any more, an event that says so and is the last."""
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except Unauthenticated as error:
            refusal = {"code": error.code, "detail": error.message}
            yield f"event: refused\ndata: {json.dumps(refusal)}\n\n"
