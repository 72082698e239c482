"""Server-sent events: an answer that stays open until its events end or its token is no longer valid."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi.responses import StreamingResponse

from app.domain.people.access import Unauthenticated


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


def stream(events: AsyncGenerator[str]) -> EventStream:
    """The answer that sends these events. The header tells proxies not to buffer them."""
    return EventStream(_until_refused(events), headers={"X-Accel-Buffering": "no"})


async def _until_refused(events: AsyncGenerator[str]) -> AsyncIterator[str]:
    """The events. If the token stops being valid, the last event is named `refused` and gives the code."""
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except Unauthenticated as error:
            refusal = {"code": error.code, "detail": error.message}
            yield f"event: refused\ndata: {json.dumps(refusal)}\n\n"
