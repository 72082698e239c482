"""Loads a clearing file of a card network: purchases, cash, refunds and payments of card accounts, row by row.

The file is CSV with the columns of `COLUMNS`; the first five are required. It is read as a stream, and each row is one
transaction. The network's reference is the key of a repeat for ever, so the same file a second time changes nothing,
and a file that broke off is loaded again from its beginning. A row that is refused is listed with its number and its
reason, and the others go on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from app.domain.cards.requests import RUPEES
from app.domain.errors import DomainError, Invalid
from app.domain.people.access import Actor
from app.domain.public_ids import parse_card_account_id
from app.services.cards import authorisations, movements
from app.services.cards.authorisations import CaptureRequest
from app.services.cards.movements import MoneyRequest, Movement
from app.services.plain_csv import CsvRow, HeaderUnknown, NotCsv, read_day, read_paise, read_rows
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

REQUIRED: Final = ("account_id", "kind", "reference", "amount", "transacted_on")
COLUMNS: Final = (*REQUIRED, "merchant", "authorisation", "card_token", "purchase", "currency")
#: More refused rows than this are counted and not listed.
REJECTS_KEPT: Final = 10_000
#: The API takes no longer ones.
LONGEST_FIELD: Final = 100
LONGEST_MERCHANT: Final = 200


class ClearingKind(StrEnum):
    """What a row of a clearing file is."""

    PURCHASE = "purchase"
    CASH = "cash"
    REFUND = "refund"
    PAYMENT = "payment"


#: The kinds that take money which an authorisation has held.
CAPTURES: Final = (ClearingKind.PURCHASE, ClearingKind.CASH)


class ClearingFileInvalid(Invalid):
    """The file is not CSV with the columns of a clearing file. Its first line names them; see `docs/cards.md`."""

    code = "clearing_file_invalid"


class ClearingRowInvalid(Invalid):
    """A field of the row is missing or cannot be read. Correct the row and load the file again."""

    code = "clearing_row_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReject:
    """A row that was refused. The first row after the names of the columns is number 1."""

    row: int
    code: str
    message: str


@dataclass(slots=True, kw_only=True)
class ClearingOutcome:
    """What became of the rows of a file."""

    read: int = 0
    loaded: int = 0
    known: int = 0
    rejected: int = 0
    rejects: list[RowReject] = field(default_factory=list)


async def load_clearings(uow_factory: UnitOfWorkFactory, actor: Actor, lines: Iterable[str]) -> ClearingOutcome:
    """Loads a clearing file. Raises ClearingFileInvalid."""
    outcome = ClearingOutcome()
    for row in _rows(lines):
        outcome.read += 1
        try:
            request = _request(row)
            async with uow_factory.open(actor) as uow:
                movement = await _load(uow, row.fields, request)
        except DomainError as refusal:
            outcome.rejected += 1
            if len(outcome.rejects) < REJECTS_KEPT:
                outcome.rejects.append(RowReject(row=row.number, code=refusal.code, message=refusal.message))
            continue
        outcome.known += movement.replayed
        outcome.loaded += not movement.replayed
    return outcome


def _rows(lines: Iterable[str]) -> Iterator[CsvRow]:
    try:
        yield from read_rows(lines, columns=COLUMNS, required=REQUIRED)
    except HeaderUnknown:
        raise ClearingFileInvalid(f"the columns are {', '.join(COLUMNS)}", field="file") from None
    except NotCsv as error:
        message = f"row {error.row} cannot be read as CSV (is a quote not closed?); the rows before it were loaded"
        raise ClearingFileInvalid(message, field="file", row=error.row) from None


def _request(row: CsvRow) -> MoneyRequest:
    if row.fault is not None:
        raise ClearingRowInvalid(f"the row {row.fault}", field="file")
    fields = row.fields
    return MoneyRequest(
        paise=read_paise(_required(fields, "amount")),
        reference=_required(fields, "reference"),
        value_on=_day(fields),
        token=_optional(fields, "card_token"),
        merchant=_optional(fields, "merchant", longest=LONGEST_MERCHANT),
        purchase=_optional(fields, "purchase"),
        currency=_currency(fields),
    )


async def _load(uow: UnitOfWork, row: Mapping[str, str], request: MoneyRequest) -> Movement:
    account_id, kind = parse_card_account_id(_required(row, "account_id")), _kind(row)
    if authorisation := _optional(row, "authorisation"):
        if kind not in CAPTURES:
            # A refund that names the authorisation of its purchase would be booked as another purchase.
            raise ClearingRowInvalid("only a purchase or cash has an authorisation", field="authorisation")
        return await authorisations.capture_hold(uow, account_id, _capture(request, authorisation))
    match kind:
        case ClearingKind.REFUND:
            return await movements.take_refund(uow, account_id, request)
        case ClearingKind.PAYMENT:
            return await movements.take_payment(uow, account_id, request)
        case _:
            return await movements.clear(uow, account_id, request, is_cash=kind is ClearingKind.CASH)


def _capture(request: MoneyRequest, authorisation: str) -> CaptureRequest:
    assert request.reference is not None, "a row has a reference"
    return CaptureRequest(
        authorisation=authorisation,
        reference=request.reference,
        paise=request.paise,
        is_final=True,
        transacted_on=request.value_on,
        merchant=request.merchant,
        currency=request.currency,
    )


def _currency(row: Mapping[str, str]) -> str:
    """What the merchant was paid in; rupees where the file does not say it. The amount is in rupees."""
    currency = (row.get("currency") or RUPEES).upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise ClearingRowInvalid("currency is three letters", field="currency")
    return currency


def _required(row: Mapping[str, str], name: str) -> str:
    value = _optional(row, name)
    if value is None:
        raise ClearingRowInvalid(f"{name} is missing", field=name)
    return value


def _optional(row: Mapping[str, str], name: str, *, longest: int = LONGEST_FIELD) -> str | None:
    value = row.get(name, "")
    if len(value) > longest:
        raise ClearingRowInvalid(f"{name} is longer than {longest} characters", field=name)
    return value or None


def _kind(row: Mapping[str, str]) -> ClearingKind:
    try:
        return ClearingKind(_required(row, "kind").lower())
    except ValueError:
        raise ClearingRowInvalid(f"kind is one of {', '.join(ClearingKind)}", field="kind") from None


def _day(row: Mapping[str, str]) -> date:
    try:
        return read_day(_required(row, "transacted_on"))
    except ValueError:
        raise ClearingRowInvalid("transacted_on is a day such as 2026-12-21", field="transacted_on") from None
