"""What the terms of a product mean: read from the comment (`#:`) above each term, for documents and forms."""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import Field, fields
from functools import cache
from typing import Any, get_type_hints


def described(kind: Any) -> Iterator[tuple[Field[Any], Any, str, str]]:
    """The fields of a dataclass that are read from a document: each with its type, its meaning and its source."""
    hints = get_type_hints(kind)
    for item in fields(kind):
        if item.init:
            meaning, _, source = _comments(kind).get(item.name, "").partition(" Source: ")
            yield item, hints[item.name], meaning, source.rstrip(".")


@cache
def _comments(kind: Any) -> dict[str, str]:
    """The `#:` comment above each field, read from the source of its class."""
    source = inspect.getsource(sys.modules[kind.__module__])
    lines = source.splitlines()
    found = {}
    body = next(
        node.body
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            above: list[str] = []
            for line in reversed(lines[: node.lineno - 1]):
                if not line.strip().startswith("#:"):
                    break
                above.insert(0, line.strip().removeprefix("#:").strip())
            found[node.target.id] = " ".join(above)
    return found
