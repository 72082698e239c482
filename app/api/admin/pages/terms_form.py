"""A form of a product's terms, generated from their definition, and back to the document that the API takes.

A new term of a dataclass is a new input, without a line here. Money is typed in rupees and stored in paise; a part that
may be missing has a switch; a list of parts has its rows and two empty ones. What the terms mean stands beside them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin

from app.domain.errors import DomainError
from app.domain.money import paise_to_rupees, rupees_to_paise
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import OfferTerms, RepaymentTerms
from app.services.products.terms import described

Texts: TypeAlias = Mapping[str, str]
#: The parts of the document, in the order of the form.
PARTS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("offer", OfferTerms, "What may be applied for"),
    ("repayment", RepaymentTerms, "How a loan is planned, billed and paid"),
    ("card", CardTerms | None, "How a card account works"),
)
#: Rows that a list may have.
MOST_ROWS: Final = 40
EMPTY_ROWS: Final = 2
PRESENT: Final = ".?"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input. `choices` are the values of a select; an empty one stands for null."""

    place: str
    label: str
    kind: Literal["text", "select"] = "text"
    text: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Inputs that belong together. `switch` is the input that says whether an optional part is there."""

    title: str
    help: str
    nodes: tuple["Input | Section", ...]
    switch: Input | None = None


class TermsFaults(Exception):
    """Inputs that cannot be read, by their places."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("inputs cannot be read")
        self.faults = faults


# --- the form --------------------------------------------------------------------------------------------------------


def form_of(texts: Texts) -> list[Section]:
    """The whole form, with these texts in its inputs."""
    sections = []
    for name, kind, title in PARTS:
        inner, is_optional = _inner(kind)
        nodes = tuple(_node(hint, f"{name}.{item.name}", help_, texts) for item, hint, help_, _ in described(inner))
        switch = _switch(name, texts) if is_optional else None
        sections.append(Section(title=title, help="", nodes=nodes, switch=switch))
    return sections


def _node(kind: Any, place: str, help_: str, texts: Texts) -> Input | Section:
    inner, is_optional = _inner(kind)
    title = _label(place)
    if is_dataclass(inner):
        nodes = tuple(_node(hint, f"{place}.{item.name}", text, texts) for item, hint, text, _ in described(inner))
        switch = _switch(place, texts) if is_optional else None
        return Section(title=title, help=help_.replace("null:", "without:"), nodes=nodes, switch=switch)
    if get_origin(inner) is tuple:
        return _list_node(get_args(inner), place, help_, texts)
    return _input(inner, place, title, help_, texts, is_optional=is_optional)


def _list_node(kinds: tuple[Any, ...], place: str, help_: str, texts: Texts) -> Input | Section:
    title = _label(place)
    if kinds[-1] is not Ellipsis:
        ends = tuple(
            _input(_inner(kind)[0], f"{place}.{number}", ("from", "to")[number], "", texts, is_optional=_inner(kind)[1])
            for number, kind in enumerate(kinds)
        )
        return Section(title=title, help=help_.replace("null", "empty"), nodes=ends)
    if not is_dataclass(kinds[0]):
        choices = f": {', '.join(each.value for each in kinds[0])}" if issubclass(kinds[0], StrEnum) else ""
        several = f"{help_} Several, with commas between them{choices}."
        return Input(place=place, label=title, text=texts.get(place, ""), help=several)
    rows = _rows(place, texts) + EMPTY_ROWS
    nodes = tuple(
        Section(
            title=f"{number + 1}.",
            help="",
            nodes=tuple(
                _node(hint, f"{place}.{number}.{item.name}", text if number == 0 else "", texts)
                for item, hint, text, _ in described(kinds[0])
            ),
        )
        for number in range(min(rows, MOST_ROWS))
    )
    return Section(title=title, help=f"{help_} A row that is left empty does not count.", nodes=nodes)


def _input(kind: Any, place: str, label: str, help_: str, texts: Texts, *, is_optional: bool) -> Input:
    text = texts.get(place, "")
    if kind is bool:
        return Input(place=place, label=label, kind="select", text=text or NO, help=help_, choices=(NO, YES))
    if issubclass(kind, StrEnum):
        choices = (*(("",) if is_optional else ()), *(each.value for each in kind))
        return Input(place=place, label=label, kind="select", text=text, help=help_, choices=choices)
    return Input(place=place, label=label, text=text, help=help_.replace("null", "empty"))


def _switch(place: str, texts: Texts) -> Input:
    return Input(
        place=place + PRESENT, label="There is one", kind="select", text=texts.get(place + PRESENT, NO),
        choices=(NO, YES),
    )  # fmt: skip


def _label(place: str) -> str:
    """`offer.minimum_income_paise` is `Minimum income (₹)`."""
    name = place.rpartition(".")[2]
    for ending, unit in (("_paise", " (₹)"), ("_percent", " (%)"), ("_days", " (days)")):
        if name.endswith(ending):
            name = name.removesuffix(ending) + unit
    return f"{name[:1].upper()}{name[1:]}".replace("_", " ")


def _inner(kind: Any) -> tuple[Any, bool]:
    """A type without null, and whether it may be null."""
    if get_origin(kind) is UnionType:
        (inner,) = (part for part in get_args(kind) if part is not NoneType)
        return inner, True
    return kind, False


def _rows(place: str, texts: Texts) -> int:
    numbers = [key.removeprefix(f"{place}.").partition(".")[0] for key in texts if key.startswith(f"{place}.")]
    return max((int(number) + 1 for number in numbers if number.isdecimal() and len(number) < 4), default=0)


# --- the document ----------------------------------------------------------------------------------------------------


def texts_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a document, as `product_document` writes it."""
    texts: dict[str, str] = {}
    for name, kind, _ in PARTS:
        texts |= _texts(kind, document.get(name), name)
    return texts


def _texts(kind: Any, value: Any, place: str) -> Iterator[tuple[str, str]]:
    inner, is_optional = _inner(kind)
    if is_dataclass(inner):
        if is_optional:
            yield place + PRESENT, NO if value is None else YES
        for item, hint, _, _ in described(inner) if value is not None else ():
            if item.name in value:
                yield from _texts(hint, value[item.name], f"{place}.{item.name}")
    elif get_origin(inner) is tuple:
        kinds = get_args(inner)
        if kinds[-1] is Ellipsis and not is_dataclass(kinds[0]):
            yield place, ", ".join(map(str, value or ()))
            return
        for number, part in enumerate(value or ()):
            yield from _texts(kinds[0] if kinds[-1] is Ellipsis else kinds[number], part, f"{place}.{number}")
    else:
        yield place, _text(inner, value, place)


def _text(kind: Any, value: Any, place: str) -> str:
    if value is None:
        return ""
    if kind is bool:
        return YES if value else NO
    return str(paise_to_rupees(value) if _is_money(place) else value)


def _is_money(place: str) -> bool:
    """Whether a term, or the two ends of one, is an amount."""
    parts = place.split(".")
    return (parts[-2] if parts[-1].isdecimal() else parts[-1]).endswith("_paise")


def document_of(name: str, texts: Texts) -> dict[str, Any]:
    """The document that the inputs say. Raises TermsFaults."""
    faults: dict[str, str] = {}
    document: dict[str, Any] = {"name": name}
    for part, kind, _ in PARTS:
        value = _value(kind, part, texts, faults)
        if value is not None:
            document[part] = value
    if faults:
        raise TermsFaults(faults)
    return document


def _value(kind: Any, place: str, texts: Texts, faults: dict[str, str]) -> Any:
    inner, is_optional = _inner(kind)
    if is_dataclass(inner):
        if is_optional and texts.get(place + PRESENT) != YES:
            return None
        return {item.name: _value(hint, f"{place}.{item.name}", texts, faults) for item, hint, _, _ in described(inner)}
    if get_origin(inner) is tuple:
        if is_optional and not any(text.strip() for name, text in texts.items() if name.startswith(f"{place}.")):
            return None
        return _list_value(get_args(inner), place, texts, faults)
    text = texts.get(place, "").strip()
    if not text and is_optional:
        return None
    return _leaf(inner, text, place, faults)


def _list_value(kinds: tuple[Any, ...], place: str, texts: Texts, faults: dict[str, str]) -> list[Any]:
    if kinds[-1] is not Ellipsis:
        return [_value(kind, f"{place}.{number}", texts, faults) for number, kind in enumerate(kinds)]
    if not is_dataclass(kinds[0]):
        parts = [part.strip() for part in texts.get(place, "").split(",") if part.strip()]
        return parts if issubclass(kinds[0], StrEnum) else [_leaf(kinds[0], part, place, faults) for part in parts]
    rows = []
    for number in range(min(_rows(place, texts), MOST_ROWS)):
        row = f"{place}.{number}"
        if any(
            texts.get(f"{row}.{item.name}", "").strip() for item, hint, _, _ in described(kinds[0]) if _is_typed(hint)
        ):
            rows.append(_value(kinds[0], row, texts, faults))
    return rows


def _is_typed(kind: Any) -> bool:
    """Whether a term is typed, and not chosen: a row without anything typed is empty."""
    inner, _ = _inner(kind)
    return inner is not bool and isinstance(inner, type) and not issubclass(inner, StrEnum)


def _leaf(kind: Any, text: str, place: str, faults: dict[str, str]) -> Any:
    if kind is bool:
        return text == YES
    if kind is int and _is_money(place):
        try:
            return rupees_to_paise(text.replace(",", "").replace("₹", "").strip())
        except DomainError as error:
            faults[place] = error.message
            return None
    if kind is int:
        digits = text.replace(",", "")
        if digits.isascii() and digits.isdigit() and len(digits) <= 15:
            return int(digits)
        faults[place] = "write a whole number"
        return None
    if kind is Decimal:
        return text.replace(",", "").removesuffix("%").strip()
    return text
