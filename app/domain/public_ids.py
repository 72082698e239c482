"""The ids that clients see: `BC-USER-009`, `LN-2025-0456`, `PM-000012`, `AP-000034`, `PR-000056`, `CS-000078`,
`CA-000090`, `PTP-000012`.

The database uses plain numbers. A public id adds the kind, so that nobody takes a loan for a customer in a letter or a
spreadsheet. Parsing is the exact inverse of formatting: only the spelling that `format_*` produces is accepted, so each
object has one id. A plain number is accepted too, because clients of the older systems send one. An error message never
contains the refused id. Source: source system 2 of docs/sources.md.
"""

import re
from dataclasses import dataclass
from typing import Final

from app.domain.errors import Invalid

MAX_NUMBER: Final = 2**63 - 1
BARE: Final = re.compile(r"[1-9][0-9]{0,18}")
LOAN: Final = re.compile(r"LN-([0-9]{4})-([0-9]{4,19})")

USER: Final = ("BC-USER", 3)
PAYMENT: Final = ("PM", 6)
APPLICATION: Final = ("AP", 6)
PROPOSAL: Final = ("PR", 6)
SCORE: Final = ("CS", 6)
CARD_ACCOUNT: Final = ("CA", 6)
EVENT: Final = ("EV", 6)
PROMISE: Final = ("PTP", 6)


class NotAnId(Invalid):
    """The text is not the id of a thing of this kind. Write it as in the message, or send its number alone."""

    code = "not_an_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanReference:
    """The content of a loan id: its number, and the year of disbursal (None when the text was a plain number)."""

    number: int
    year: int | None


def format_user_id(number: int) -> str:
    return _format(number, USER)


def parse_user_id(text: str) -> int:
    """The number: 9 for `BC-USER-009` and for the plain `9`. Raises NotAnId."""
    return _parse(text, USER)


def format_payment_id(number: int) -> str:
    return _format(number, PAYMENT)


def parse_payment_id(text: str) -> int:
    """The number: 12 for `PM-000012` and for the plain `12`. Raises NotAnId."""
    return _parse(text, PAYMENT)


def format_application_id(number: int) -> str:
    return _format(number, APPLICATION)


def parse_application_id(text: str) -> int:
    """The number: 34 for `AP-000034` and for the plain `34`. Raises NotAnId."""
    return _parse(text, APPLICATION)


def format_proposal_id(number: int) -> str:
    return _format(number, PROPOSAL)


def parse_proposal_id(text: str) -> int:
    """The number: 56 for `PR-000056` and for the plain `56`. Raises NotAnId."""
    return _parse(text, PROPOSAL)


def format_score_id(number: int) -> str:
    return _format(number, SCORE)


def parse_score_id(text: str) -> int:
    """The number: 56 for `CS-000056` and for the plain `56`. Raises NotAnId."""
    return _parse(text, SCORE)


def format_card_account_id(number: int) -> str:
    return _format(number, CARD_ACCOUNT)


def parse_card_account_id(text: str) -> int:
    """The number: 78 for `CA-000078` and for the plain `78`. Raises NotAnId."""
    return _parse(text, CARD_ACCOUNT)


def format_promise_id(number: int) -> str:
    return _format(number, PROMISE)


def parse_promise_id(text: str) -> int:
    """The number: 12 for `PTP-000012` and for the plain `12`. Raises NotAnId."""
    return _parse(text, PROMISE)


def format_event_id(number: int) -> str:
    return _format(number, EVENT)


def parse_event_id(text: str) -> int:
    """The number: 78 for `EV-000078` and for the plain `78`. Raises NotAnId."""
    return _parse(text, EVENT)


def format_loan_id(*, year: int, number: int) -> str:
    """The public id of a loan: the year of its disbursal, and its number (`LN-2025-0456`)."""
    assert 1 <= number <= MAX_NUMBER, "a loan number is from 1 to the largest bigint"
    return f"LN-{year:04d}-{number:04d}"


#: The formatter of each kind that the audit trail names. A loan is missing: its id needs the year too.
FORMATS: Final = {
    "customer": format_user_id, "payment": format_payment_id, "application": format_application_id,
    "proposal": format_proposal_id, "score": format_score_id, "card_account": format_card_account_id,
    "promise": format_promise_id,
}  # fmt: skip
_PARSERS: Final = {
    "customer": parse_user_id, "payment": parse_payment_id, "application": parse_application_id,
    "proposal": parse_proposal_id, "score": parse_score_id, "card_account": parse_card_account_id,
    "promise": parse_promise_id,
}  # fmt: skip


def parse_any_id(text: str) -> tuple[str, int] | None:
    """The kind and the number of a public id: `PM-000012` gives `("payment", 12)`.

    None for any other text. A plain number gives None as well, because it names no kind.
    """
    if BARE.fullmatch(text):
        return None
    for kind, parse in _PARSERS.items():
        try:
            return kind, parse(text)
        except NotAnId:
            continue
    try:
        return "loan", parse_loan_id(text).number
    except NotAnId:
        return None


def parse_loan_id(text: str) -> LoanReference:
    """`LN-2025-0456` gives loan 456 of 2025; `456` gives loan 456 without a year. Raises NotAnId.

    The caller checks the year when it reads the loan: a wrong year means that the loan is not found.
    """
    if BARE.fullmatch(text):
        return LoanReference(number=_bounded(int(text), "LN-2025-0456"), year=None)
    match = LOAN.fullmatch(text)
    if match is not None:
        year, number = int(match[1]), int(match[2])
        if 1 <= number <= MAX_NUMBER and format_loan_id(year=year, number=number) == text:
            return LoanReference(number=number, year=year)
    raise _refusal("LN-2025-0456")


def _format(number: int, kind: tuple[str, int]) -> str:
    assert 1 <= number <= MAX_NUMBER, "a number is from 1 to the largest bigint"
    prefix, width = kind
    return f"{prefix}-{number:0{width}d}"


def _parse(text: str, kind: tuple[str, int]) -> int:
    prefix, width = kind
    example = f"{prefix}-{9:0{width}d}"
    if BARE.fullmatch(text):
        return _bounded(int(text), example)
    digits = text.removeprefix(f"{prefix}-")
    if digits != text and re.fullmatch(rf"[0-9]{{{width},19}}", digits):
        number = _bounded(int(digits), example)
        if _format(number, kind) == text:
            return number
    raise _refusal(example)


def _bounded(number: int, example: str) -> int:
    if not 1 <= number <= MAX_NUMBER:
        raise _refusal(example)
    return number


def _refusal(example: str) -> NotAnId:
    return NotAnId(f"an id looks like {example}", field="id")
