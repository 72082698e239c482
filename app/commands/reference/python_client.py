"""The parts of `kist.client` that follow from the OpenAPI document: its models, its operations, and its codes.

Each operation of `/api/v1` becomes a method of both clients, each schema a dataclass or an enumeration. A list becomes
a second method, `iter_...`, which reads all pages. The two older surfaces are left out: the client is for new programs.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.commands.reference.client_types import TypeNames, field_name
from app.commands.reference.contract import make_document
from app.commands.reference.error_codes import all_codes

NOTE: Final = "Written by `kist reference` from the OpenAPI document. Change the service, not this file."
API: Final = "/api/v1/"
JSON, FORM, FILES = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
STREAM: Final = "text/event-stream"
KEY: Final = "Idempotency-Key"
#: A stream has no end that a method could wait for, and another form is `download`.
LEFT_OUT: Final = {"format"}
#: Values that an OAuth2 form must or need not have: the service reads two of its fields.
FORM_FIELDS: Final = ("username", "password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method: its name, its arguments (name in Python, type, default), and the parts of its request."""

    name: str
    summary: str
    arguments: tuple[tuple[str, str, str | None], ...]
    request: str
    kind: str
    row: str | None


def models() -> str:
    """The module `kist.client.models`."""
    document = make_document()
    types = TypeNames(document)
    head = f'''"""The bodies and the answers of `/api/v1`. {NOTE}"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from kist.client.values import UNSET, Amount, Id, Unset
'''
    return "\n\n".join([head, *types.definitions()]) + "\n"


def operations() -> str:
    """The module `kist.client.operations`."""
    document = make_document()
    types = TypeNames(document)
    found = list(_operations(document, types))
    head = f'''"""The operations of `/api/v1` as methods. {NOTE}"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Literal
from urllib.parse import quote

from kist.client.exchange import Request
from kist.client.models import *  # noqa: F403
from kist.client.values import UNSET, Amount, Id, Unset
'''
    classes = [*_class("Operations", found, is_async=False), *_class("AsyncOperations", found, is_async=True)]
    return "\n\n".join([head, *classes])


def codes() -> str:
    """The module `kist.client.codes`."""
    lines = [f'"""Every code of a refusal. {NOTE}"""\n\nfrom enum import StrEnum\n\n\nclass Code(StrEnum):']
    lines.append('    """The code of a refusal: `error.code == Code.BUSY`."""\n')
    return "\n".join([*lines, *(f'    {code.upper()} = "{code}"' for code in sorted(all_codes()))]) + "\n"


def _operations(document: Mapping[str, Any], types: TypeNames) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            is_stream = STREAM in operation["responses"].get("200", {}).get("content", {})
            if path.startswith(API) and not is_stream:
                yield _operation(method, path, operation, types)


def _operation(method: str, path: str, operation: Mapping[str, Any], types: TypeNames) -> Operation:
    given = [each for each in operation.get("parameters", ()) if each["name"] not in LEFT_OUT]
    arguments: list[tuple[str, str, str | None]] = []
    for each in given:
        if each["in"] != "header":
            kind = types.taken(each["schema"], optional=not each["required"])
            arguments.append((field_name(each["name"]), kind, None if each["required"] else "UNSET"))
    names = {each["name"]: field_name(each["name"]) for each in given}
    place = re.sub(r"\{(\w+)\}", lambda name: "{quote(str(" + names[name[1]] + "), safe='')}", path)
    parts = [f'method="{method.upper()}"', f'path=f"{place}"' if "{" in path else f'path="{path}"']
    if query := [each["name"] for each in given if each["in"] == "query"]:
        parts.append("query={" + ", ".join(f'"{name}": {names[name]}' for name in query) + "}")
    for argument, text in _body(operation, types):
        arguments += argument
        parts.append(text)
    if any(each["name"] == KEY for each in given):
        arguments.append(("idempotency_key", "str | None", "None"))
        parts += ["is_keyed=True", "key=idempotency_key"]
    kind, row = _answer(operation, types)
    return Operation(
        name=operation["operationId"],
        summary=f"{operation['summary']}. {' '.join(operation.get('description', '').split())}",
        arguments=tuple(arguments),
        request=f"Request({', '.join(parts)})",
        kind=kind,
        row=row,
    )


def _body(operation: Mapping[str, Any], types: TypeNames) -> Iterator[tuple[list[tuple[str, str, str | None]], str]]:
    """The arguments of a body, and the part of the request that they make."""
    if "requestBody" not in operation:
        return
    ((media_type, content),) = operation["requestBody"]["content"].items()
    schema = types.resolved(content["schema"])
    if media_type == FORM:
        yield (
            [(name, "str", None) for name in FORM_FIELDS],
            "form={" + ", ".join(f'"{name}": {name}' for name in FORM_FIELDS) + "}",
        )
    elif media_type == FILES:
        kind = types.taken(schema["properties"]["kind"], optional=False)
        arguments: list[tuple[str, str, str | None]] = [("kind", kind, None), ("file", "bytes", None)]
        yield [*arguments, ("file_name", "str", None)], 'form={"kind": kind}, files={"file": (file_name, file)}'
    elif "properties" not in schema:
        yield [("body", types.taken(content["schema"], optional=False), None)], "body=body"
    else:
        required = schema.get("required", ())
        fields = {name: field_name(name) for name in schema["properties"]}
        yield (
            [
                (fields[name], types.taken(part, optional=name not in required), None if name in required else "UNSET")
                for name, part in schema["properties"].items()
            ],
            "body={" + ", ".join(f'"{name}": {argument}' for name, argument in fields.items()) + "}",
        )


def _answer(operation: Mapping[str, Any], types: TypeNames) -> tuple[str, str | None]:
    """The type of an answer and, if it is a page of a list that has a cursor, that of its rows."""
    status = min(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][status].get("content", {})
    if not content:
        return "None", None
    if JSON not in content:
        return "bytes", None
    schema = content[JSON]["schema"]
    kind = types.answered(schema)
    has_cursor = any(each["name"] == "cursor" for each in operation.get("parameters", ()))
    rows = types.resolved(schema).get("properties", {}).get("items", {}) if has_cursor else {}
    return kind, types.answered(rows["items"]) if rows else None


def _class(name: str, found: list[Operation], *, is_async: bool) -> Iterator[str]:
    what = "a client for asyncio" if is_async else "a client for threads"
    yield f'class {name}:\n    """The operations of {what}."""\n'
    start = "async def" if is_async else "def"
    yield f"    {start} _send(self, request: Request, kind: Any) -> Any:\n        raise NotImplementedError\n"
    for operation in found:
        yield _method(operation, is_async=is_async)
        if operation.row is not None:
            yield _iteration(operation, is_async=is_async)


def _signature(operation: Operation, *, without: str | None = None) -> str:
    parts = [
        f"{name}: {kind}" + ("" if default is None else f" = {default}")
        for name, kind, default in operation.arguments
        if name != without
    ]
    return ", ".join(["self", *(["*", *parts] if parts else [])])


def _method(operation: Operation, *, is_async: bool) -> str:
    start, wait = ("async def", "await ") if is_async else ("def", "")
    lines = [f"    {start} {operation.name}({_signature(operation)}) -> {operation.kind}:"]
    lines.append(_docstring(operation.summary))
    send = f"{wait}self._send({operation.request}, {operation.kind})"
    if operation.kind == "None":
        lines.append(f"        {send}")
    else:
        lines += [f"        found: {operation.kind} = {send}", "        return found"]
    return "\n".join(lines) + "\n"


def _iteration(operation: Operation, *, is_async: bool) -> str:
    start, wait, kind = ("async def", "await ", "AsyncIterator") if is_async else ("def", "", "Iterator")
    name = "iter_" + re.sub(r"^(list|get)_", "", operation.name)
    given = "".join(f", {argument}={argument}" for argument, _, _ in operation.arguments if argument != "cursor")
    return "\n".join(
        [
            f"    {start} {name}({_signature(operation, without='cursor')}) -> {kind}[{operation.row}]:",
            _docstring(f"Every row of `{operation.name}`, page by page; `limit` is the size of a page."),
            f"        page = {wait}self.{operation.name}({given.removeprefix(', ')})",
            "        while True:",
            "            for row in page.items:",
            "                yield row",
            "            if page.next_cursor is None:",
            "                return",
            f"            page = {wait}self.{operation.name}(cursor=page.next_cursor{given})\n",
        ]
    )


def _docstring(text: str) -> str:
    lines = textwrap.wrap(text, width=108)
    return '        """' + "\n        ".join(lines) + '"""'
