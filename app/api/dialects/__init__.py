"""The two older surfaces, for clients of the source systems: the same use cases, in the words they already speak.

`credit_card` is what the two credit card services spoke (under `/api`), `credit_approval` what the two approval systems
spoke (at the root). Nothing is decided here: a route reads the old field names, makes one call and writes the old
answer. A refusal is worded by `refusals`, and paths are good with and without the last slash.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from app.api.dialects import credit_approval, credit_card, refusals
from app.api.errors import Presenter, problem
from app.api.openapi import PROBLEM_FORM, ErrorForm

#: Where each surface lives. `/api/v1` lies within the older `/api/` and keeps its own language.
_LANGUAGES: Final[Sequence[tuple[str, Presenter, ErrorForm]]] = (
    ("/api/", refusals.present_line, refusals.LINE_FORM),
    ("/api/v1", problem, PROBLEM_FORM),
    *(
        (prefix, refusals.present_fields, refusals.FIELDS_FORM)
        for prefix in ("/register", "/check-eligibility", "/create-loan", "/view-loan")
    ),
)

PRESENTERS: Final = tuple((prefix, present) for prefix, present, _ in _LANGUAGES)
ERROR_FORMS: Final = tuple((prefix, form) for prefix, _, form in _LANGUAGES)


def routers() -> list[APIRouter]:
    """The routers of the older surfaces, in the order of the documentation."""
    return [credit_card.router, credit_approval.router]
