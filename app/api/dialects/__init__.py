"""The two older surfaces, for clients of the source systems: the same use cases with the older paths and fields.

`credit_card` has the routes of the two credit card services (under `/api`), `credit_approval` those of the two approval
systems (at the root). A route reads the older field names, calls one use case and writes the older answer; it decides
nothing. `refusals` writes the errors. A path works with and without its last slash.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from app.api.dialects import credit_approval, credit_card, refusals
from app.api.errors import Presenter, problem
from app.api.openapi import PROBLEM_FORM, ErrorForm

#: The error form of each path prefix. `/api/v1` begins with the older prefix `/api/` and keeps its own form.
_SURFACES: Final[Sequence[tuple[str, Presenter, ErrorForm]]] = (
    ("/api/", refusals.present_line, refusals.LINE_FORM),
    ("/api/v1", problem, PROBLEM_FORM),
    *(
        (prefix, refusals.present_fields, refusals.FIELDS_FORM)
        for prefix in ("/register", "/check-eligibility", "/create-loan", "/view-loan")
    ),
)

PRESENTERS: Final = tuple((prefix, present) for prefix, present, _ in _SURFACES)
ERROR_FORMS: Final = tuple((prefix, form) for prefix, _, form in _SURFACES)


def routers() -> list[APIRouter]:
    """The routers of the older surfaces, in the order of the documentation."""
    return [credit_card.router, credit_approval.router]
