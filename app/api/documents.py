"""Answers as files: how a route chooses the form of an answer, and how it makes and sends a file.

A client names the form in `Accept`, or in `?format=pdf`, which wins. With neither, the answer is JSON. If the route
offers none of the types in `Accept`, it answers 406, because the client has said that it cannot read the others.

A file is made when it is sent. By then the transaction is over and its database connection is free again. It is made
in a thread, so that other requests go on. Each process has one such thread: making a file is work for the processor,
so more threads would not be faster, and the drawing library shares its typefaces.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Final

from fastapi import Header, Query, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from app.api.errors import PROBLEM_JSON
from app.services.lending.calculations import Bench

_FILE_MAKING: Final = Bench("drawing")


class AnswerForm(StrEnum):
    """The form of an answer: a value of `?format=`."""

    JSON = "json"
    PDF = "pdf"
    CSV = "csv"


MEDIA_TYPES: Final = {
    AnswerForm.JSON: "application/json",
    AnswerForm.PDF: "application/pdf",
    AnswerForm.CSV: "text/csv",
}

FormAsked = Annotated[
    AnswerForm | None,
    Query(
        alias="format", description="The form of the answer. It wins over `Accept`. Without both, the answer is JSON."
    ),
]
Accepted = Annotated[str | None, Header(alias="Accept", include_in_schema=False)]


def choose_form(accept: str | None, *, asked: AnswerForm | None, offered: Sequence[AnswerForm]) -> AnswerForm:
    """The form to answer in: the one asked for, else the best of `Accept`, else the first one offered.

    Raises HTTPException (406) if no offered form fits. RFC 9110, section 12.5.1: the most specific range decides the
    weight of a type. Between equal weights the order of `offered` decides.
    """
    if asked is not None:
        if asked not in offered:
            raise HTTPException(status_code=406)
        return asked
    form = _best(accept or "*/*", tuple(offered))
    if form is None:
        raise HTTPException(status_code=406)
    return form


@lru_cache(maxsize=256)
def _best(accept: str, offered: tuple[AnswerForm, ...]) -> AnswerForm | None:
    """The best of the offered forms for an `Accept`, or None. Clients send few different ones."""
    ranges = _ranges(accept)
    weighted = [(_weight(MEDIA_TYPES[form], ranges), form) for form in offered]
    best, form = max(weighted, key=lambda entry: entry[0])
    return form if best > 0 else None


def _ranges(accept: str) -> dict[str, float]:
    """`text/csv;q=0.5, */*` as weights by media range. A weight that cannot be read is 0."""
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


class GeneratedFile(Response):
    """A file that is made when it is sent. An error while making it is an ordinary 500: nothing has been sent yet."""

    def __init__(self, draw: Callable[[], bytes], *, form: AnswerForm, name: str) -> None:
        self._draw = draw
        # A browser shows a PDF and saves a CSV.
        disposition = "inline" if form is AnswerForm.PDF else "attachment"
        headers = {"Content-Disposition": f'{disposition}; filename="{name}.{form.value}"', "Vary": "Accept"}
        super().__init__(media_type=MEDIA_TYPES[form], headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = await _FILE_MAKING.run(self._draw)
        self.headers["Content-Length"] = str(len(content))
        self.body = content
        await super().__call__(scope, receive, send)


class PdfFile(GeneratedFile):
    """A PDF: the only form of a paper."""

    media_type = MEDIA_TYPES[AnswerForm.PDF]

    # FastAPI reads the status of an answer for the OpenAPI document from this signature.
    def __init__(self, draw: Callable[[], bytes], *, name: str, status_code: int = 200) -> None:
        super().__init__(draw, form=AnswerForm.PDF, name=name)
        self.status_code = status_code


async def json_answer(bench: Bench, make: Callable[[], BaseModel]) -> Response:
    """A long answer as JSON. A thread calculates and serialises it, so the event loop stays free."""
    text = await bench.run(lambda: make().model_dump_json(by_alias=True))
    return Response(content=text, media_type=MEDIA_TYPES[AnswerForm.JSON])


def insist_on_pdf(accept: str | None) -> None:
    """Refuses a request that reads no PDF. Raises HTTPException (406)."""
    choose_form(accept, asked=None, offered=(AnswerForm.PDF,))


def documented_pdf(*, conflict: str | None = None) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI document: a PDF, the 406 for other forms, and the 409 where the paper may make no sense."""
    documented = documented_forms(AnswerForm.PDF)
    if conflict is not None:
        problem = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        documented[409] = {"description": conflict, "content": problem}
    return documented


def documented_forms(*forms: AnswerForm) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI document: the forms of an answer beside JSON, and the 406 for other forms."""
    schemas = {AnswerForm.PDF: {"type": "string", "format": "binary"}, AnswerForm.CSV: {"type": "string"}}
    files = {MEDIA_TYPES[form]: {"schema": schemas[form]} for form in forms}
    refusal = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        200: {"content": files},
        406: {"description": "The route offers none of the media types in `Accept`", "content": refusal},
    }
