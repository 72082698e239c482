"""All acts, and those that a page offers for what it shows."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from app.api.admin.acts import (
    billing,
    card_accounts,
    card_money,
    card_plans,
    cards,
    change_proposals,
    changes,
    charges,
    collections,
    concessions,
    credit,
    payments,
    proposals,
)
from app.api.admin.acts.act import About, Act, Subject
from app.api.admin.acts.doing import may_do
from app.api.admin.context import ADMIN_PATH
from app.domain.errors import NotFound

ACTS: Final[Sequence[Act]] = (
    *payments.ACTS, *charges.ACTS, *changes.ACTS, *change_proposals.ACTS, *proposals.ACTS, *concessions.ACTS,
    *cards.ACTS, *card_money.ACTS, *card_accounts.ACTS, *card_plans.ACTS, *billing.ACTS,
    *credit.ACTS, *collections.ACTS,
)  # fmt: skip
BY_NAME: Final = {act.name: act for act in ACTS}


class ActUnknown(NotFound):
    """There is no such form. Open it from the page of what it is about."""


def find_act(name: str) -> Act:
    """The act of this name. Raises ActUnknown."""
    if name not in BY_NAME:
        raise ActUnknown("there is no such form")
    return BY_NAME[name]


def followers(act: Act) -> list[Act]:
    """The other acts about the same kind of thing, for the page of a receipt."""
    return [each for each in ACTS if each.about is act.about and each is not act]


def offered(request: Request, subject: Subject) -> list[Act]:
    """The acts that a page offers: those that the signed-in person may do, and that fit what is shown."""
    return [each for each in ACTS if each.about is subject.about and each.is_offered(subject) and may_do(request, each)]


def address_of(act: Act, subject_id: str, **starts: str) -> str:
    """The address of a form, with values to start from."""
    return f"{ADMIN_PATH}/acts/{act.name}?{urlencode({'of': subject_id, **starts})}"


__all__ = ["ACTS", "About", "address_of", "find_act", "followers", "offered"]
