"""The schemas of the OpenAPI document as Python types, for the client.

What is answered has exact types: an amount is a `Decimal`, because the client asks for text. What is taken is wider: an
amount is a `Decimal`, an int or a text, and an id is a text or its number.
"""

import keyword
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

REFERENCE: Final = "#/components/schemas/"
PREFIX: Final = "V1"
#: What the client does not make: other surfaces, problems (they are raised), and bodies that are forms.
LEFT_OUT: Final = re.compile(
    r"CreditCard|CreditApproval|Error|Problem$|V1Refusal$|.*Form$|Ho|He|Probe|Ready|Stats|LoansA"
)
FORMATS: Final = {"date": "dt.date", "date-time": "dt.datetime", "binary": "bytes"}
KINDS: Final = {"integer": "int", "boolean": "bool", "string": "str"}
#: What is taken in more than one form.
WIDE: Final = {frozenset({"number", "string"}): "Amount", frozenset({"integer", "string"}): "Id"}


def field_name(name: str) -> str:
    """The name of a field in Python: `from_` for `from`."""
    return f"{name}_" if keyword.iskeyword(name) else name


class TypeNames:
    """The types of a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A schema, or the one that it refers to. A body that may be left out is taken for one that may not."""
        parts = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
        if len(parts) == 1 and "$ref" in parts[0]:
            schema = parts[0]
        if "$ref" not in schema:
            return schema
        found: Mapping[str, Any] = self._schemas[schema["$ref"].removeprefix(REFERENCE)]
        return found

    def answered(self, schema: Mapping[str, Any]) -> str:
        """The type of a part of an answer."""
        return self._named(schema) or self._type(schema, wide=False)

    def taken(self, schema: Mapping[str, Any], *, optional: bool) -> str:
        """The type of an argument. One that may be left out may be `UNSET`."""
        return self._taken(schema) + (" | Unset" if optional else "")

    def definitions(self) -> Iterator[str]:
        """The classes of all schemas, in the order of their names."""
        for name, schema in self._schemas.items():
            if LEFT_OUT.match(name):
                continue
            if "enum" in schema:
                yield _enumeration(_class_name(name), schema)
            elif "properties" in schema:
                yield self._dataclass(_class_name(name), schema, is_body=name.endswith("Body"))

    def _dataclass(self, name: str, schema: Mapping[str, Any], *, is_body: bool) -> str:
        lines = ["@dataclass(frozen=True, slots=True, kw_only=True)", f"class {name}:", _docstring(schema)]
        required = schema.get("required", ())
        for field, part in schema["properties"].items():
            is_optional = field not in required
            if is_body:
                kind, default = self.taken(part, optional=is_optional), "UNSET"
            else:
                kind, default = self.answered(part), "None"
                kind += " | None" if is_optional and not kind.endswith("| None") else ""
            lines.append(f"    {field_name(field)}: {kind}" + (f" = {default}" if is_optional else ""))
        return "\n".join(lines) + "\n"

    def _taken(self, schema: Mapping[str, Any]) -> str:
        if found := self._named(schema):
            return found
        # The document gives a form or a page no class of its own: the client spells its values out.
        return self._type(schema, wide=True)

    def _named(self, schema: Mapping[str, Any]) -> str | None:
        return _class_name(schema["$ref"].removeprefix(REFERENCE)) if "$ref" in schema else None

    def _type(self, schema: Mapping[str, Any], *, wide: bool) -> str:
        if parts := schema.get("anyOf") or schema.get("oneOf"):
            return self._union(parts, wide=wide)
        if "const" in schema:
            return f'Literal["{schema["const"]}"]'
        if "enum" in schema:
            return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]".replace("'", '"')
        kind = schema.get("type")
        if kind == "array":
            row = self._taken(schema["items"]) if wide else self.answered(schema["items"])
            return f"Sequence[{row}]" if wide else f"list[{row}]"
        if kind == "number":
            return "Amount" if wide else "Decimal"
        if kind == "string":
            return FORMATS.get(schema.get("format", ""), "str")
        return KINDS.get(str(kind), "dict[str, Any]" if kind == "object" else "Any")

    def _union(self, parts: list[Mapping[str, Any]], *, wide: bool) -> str:
        kinds = frozenset(str(part.get("type")) for part in parts if part.get("type") != "null")
        has_null = any(part.get("type") == "null" for part in parts)
        if wide and kinds in WIDE and not any("$ref" in part for part in parts):
            names = [WIDE[kinds]]
        else:
            others = [part for part in parts if part.get("type") != "null"]
            names = [self._taken(part) if wide else self.answered(part) for part in others]
        return " | ".join([*dict.fromkeys(names), *(["None"] if has_null else [])])


def _class_name(name: str) -> str:
    return name.removeprefix(PREFIX)


def _enumeration(name: str, schema: Mapping[str, Any]) -> str:
    lines = [f"class {name}(StrEnum):", _docstring(schema)]
    for value in schema["enum"]:
        member = re.sub(r"\W+", "_", value).strip("_").upper() + ("_DESCENDING" if value.startswith("-") else "")
        lines.append(f'    {"_" if member[0].isdigit() else ""}{member} = "{value}"'.replace("    _", "    N"))
    return "\n".join(lines) + "\n"


def _docstring(schema: Mapping[str, Any]) -> str:
    text = " ".join(schema.get("description", "").split()).replace("\\", "")
    return '    """' + "\n    ".join(textwrap.wrap(text or "A value of the API.", width=112)) + '"""\n'
