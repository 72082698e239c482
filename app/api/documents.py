"""Answers as files: which form of an answer a client wants, and how a file is drawn and sent.

A client says what it wants in `Accept`; a person with a browser's address line says `?format=pdf`, which wins. Without
either the answer is JSON. An `Accept` that none of the forms can serve is refused with 406 rather than answered with
something that the client has said it cannot read.

A file is drawn when it is sent: by then the transaction is over and its connection given back. It is drawn in a thread,
so that other requests go on meanwhile, and there is one such thread a process: drawing is work for the processor, which
more threads would not do sooner, and the drawing library's typefaces are shared.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Header, Query, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from app.api.errors import PROBLEM_JSON
from app.services.lending.calculations import Bench

_DRAWING: Final = Bench("drawing")


class Form(StrEnum):
    """The form of an answer, as `?format=` says it."""

    JSON = "json"
    PDF = "pdf"
    CSV = "csv"


MEDIA_TYPES: Final = {Form.JSON: "application/json", Form.PDF: "application/pdf", Form.CSV: "text/csv"}

FormAsked = Annotated[
    Form | None, Query(alias="format", description="The form of the answer, where `Accept` cannot be set")
]
Accepted = Annotated[str | None, Header(alias="Accept", include_in_schema=False)]


def choose_form(accept: str | None, *, asked: Form | None, offered: Sequence[Form]) -> Form:
    """The form to answer in: the one asked for, else the best of `Accept`; the first offered where there is no say.

    Raises a 406 where nothing that is offered will do. RFC 9110, section 12.5.1: the most specific range decides the
    weight of a type, and of equal weights the order of the offer decides.
    """
    if asked is not None:
        if asked not in offered:
            raise HTTPException(status_code=406)
        return asked
    ranges = _ranges(accept or "*/*")
    weighed = [(_weight(MEDIA_TYPES[form], ranges), form) for form in offered]
    best, form = max(weighed, key=lambda entry: entry[0])
    if best <= 0:
        raise HTTPException(status_code=406)
    return form


def _ranges(accept: str) -> dict[str, float]:
    """`text/csv;q=0.5, */*` as weights by media range. What cannot be read weighs nothing."""
    ranges: dict[str, float] = {}
    for entry in accept.lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        weight = next((part[2:].strip() for part in parameters if part.startswith("q=")), "1")
        try:
            ranges[name] = min(1.0, max(0.0, float(weight)))
        except ValueError:
            ranges[name] = 0.0
    return ranges


def _weight(media_type: str, ranges: dict[str, float]) -> float:
    family = media_type.split("/", 1)[0]
    return next((ranges[name] for name in (media_type, f"{family}/*", "*/*") if name in ranges), 0.0)


class Drawn(Response):
    """A file that is drawn when it is sent. A fault of drawing is an ordinary 500: nothing was sent before."""

    def __init__(self, draw: Callable[[], bytes], *, form: Form, name: str) -> None:
        self._draw = draw
        # A browser shows a PDF and saves a CSV.
        place = "inline" if form is Form.PDF else "attachment"
        headers = {"Content-Disposition": f'{place}; filename="{name}.{form.value}"', "Vary": "Accept"}
        super().__init__(media_type=MEDIA_TYPES[form], headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = await _DRAWING.run(self._draw)
        self.headers["Content-Length"] = str(len(content))
        self.body = content
        await super().__call__(scope, receive, send)


async def written(bench: Bench, make: Callable[[], BaseModel]) -> Response:
    """A long answer as JSON: what it says is calculated, and then written, beside the event loop."""
    text = await bench.run(lambda: make().model_dump_json(by_alias=True))
    return Response(content=text, media_type=MEDIA_TYPES[Form.JSON])


def documented_forms(*forms: Form) -> dict[int | str, dict[str, Any]]:
    """The forms of an answer beside JSON, and the refusal of others, for the OpenAPI document."""
    schemas = {Form.PDF: {"type": "string", "format": "binary"}, Form.CSV: {"type": "string"}}
    files = {MEDIA_TYPES[form]: {"schema": schemas[form]} for form in forms}
    refusal = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        200: {"content": files},
        406: {"description": "The answer has none of the accepted forms", "content": refusal},
    }
