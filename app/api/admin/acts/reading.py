"""Reads a form as the body of the API's route, with the faults of each input in the words of the API.

People type amounts with `₹` and commas; these are removed. Everything else is the body's own reading, so a form accepts
exactly what the API accepts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from app.api.admin.acts.act import ITS_ID, ITS_PART, Act, Choice, Subject
from app.api.field_faults import fault_of

#: The most letters that an input of a form may hold: somewhat more than any field, so that a long text is refused and
#: not cut.
LONGEST = 2_500
#: One of several values that are typed into one input, with commas or spaces between them.
LISTED: Final = re.compile(r"[^,;\s]+")
#: What is wrong with an input that a form needs, although the route does without it.
MISSING = "this field is required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed into a form, by the name of the input."""

    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A form that was read: the body, or what is wrong with the inputs (by name; the empty name is the form)."""

    body: Any
    faults: Mapping[str, str]


def typed_of(act: Act, form: Mapping[str, Any]) -> Typed:
    """The texts of the act's own inputs; anything else that was sent is left out."""
    return Typed(texts={each.name: str(form.get(each.name, "")).strip()[:LONGEST] for each in act.inputs})


def read_form(act: Act, subject: Subject, typed: Typed, choice: Choice) -> Read:
    """The body of the API's route, from what was typed."""
    values: dict[str, str | list[str]] = {}
    of_others = {each.needs for each in act.choices} - {choice.needs}
    for each in act.inputs:
        if each.name in of_others:
            continue
        text = typed.texts[each.name]
        if each.kind == "money":
            text = text.replace(",", "").replace("₹", "").replace(" ", "")
        if text:
            values[each.name] = LISTED.findall(text) if each.kind == "list" else text
    own = {ITS_ID: subject.id, ITS_PART: subject.part}
    values |= {name: own.get(value, value) for name, value in act.constants.items()}
    values |= choice.values
    if act.body is None:
        return Read(body=None, faults={})
    faults = {each.name: MISSING for each in act.inputs if each.is_required and each.name not in values | _said(act)}
    try:
        body = act.body.model_validate(values)
    except ValidationError as error:
        return Read(body=None, faults=faults | _faults(act, error))
    return Read(body=None if faults else body, faults=faults)


def ways(act: Act, typed: Typed) -> list[Choice]:
    """The ways to do an act with what was typed: one that needs an input is left out without it."""
    return [choice for choice in act.choices if not choice.needs or typed.texts[choice.needs]]


def _said(act: Act) -> dict[str, str]:
    """The inputs that always have a value: the browser sends the first of their choices."""
    return {each.name: "" for each in act.inputs if each.kind == "choice"}


def _faults(act: Act, error: ValidationError) -> dict[str, str]:
    names, faults = {each.name for each in act.inputs}, dict[str, str]()
    for entry in error.errors(include_url=False):
        fault = fault_of({**entry, "loc": ("body", *entry["loc"])})
        place = fault.field.split(".")[0]
        faults.setdefault(place if place in names else "", fault.message)
    return faults
