"""Authorisations: a promise to pay a merchant, which holds a part of what is available.

    available = limit - what is owed - plan principal - disputed amounts - holds + credit balance

No authorisation is approved beyond it, unless the holder consented to go over the limit and the product allows it. A
hold is captured (in part, in several parts, a little above it where the product allows), reversed, or it expires. What
is not captured stays held until the capture is final. Source: docs/cards.md, authorisations.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from app.domain.cards.cards import CardStatus, Controls
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.errors import Conflict, Invalid, Rejected
from app.domain.money import format_inr, percent_ratio
from app.domain.products.card_terms import CardTerms


class SpendKind(StrEnum):
    """What an authorisation is for."""

    PURCHASE = "purchase"
    CASH = "cash"


class HoldStatus(StrEnum):
    """What became of an authorisation."""

    DECLINED = "declined"
    OPEN = "open"
    CAPTURED = "captured"
    REVERSED = "reversed"
    EXPIRED = "expired"


class Decline(StrEnum):
    """Why an authorisation was declined."""

    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_BLOCKED = "account_blocked"
    CARD_BLOCKED = "card_blocked"
    CARD_EXPIRED = "card_expired"
    OVER_LIMIT = "over_limit"
    OVER_CASH_LIMIT = "over_cash_limit"
    CONTROL_TRANSACTION = "control_transaction"
    CONTROL_DAY = "control_day"
    CONTROL_KIND = "control_kind"
    CONTROL_CATEGORY = "control_category"
    CONTROL_COUNTRY = "control_country"
    CONTROL_ONLINE = "control_online"


class CaptureAboveHold(Rejected):
    """The captures of an authorisation would exceed it by more than the product allows. Capture at most
    `figures.at_most`, or post the clearing without an authorisation."""

    code = "capture_above_hold"


class HoldNotOpen(Conflict):
    """The authorisation was declined, reversed or captured finally. Look at its status."""

    code = "hold_not_open"


class ReferenceOfAnother(Conflict):
    """This reference was used for another amount or another kind of movement. A reference belongs to one movement for
    ever: send another one."""

    code = "card_reference_reused"


class AmountOfNothing(Invalid):
    """An amount must be above 0. Send what the network sent."""

    code = "card_amount_not_positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the network asks for. `reference` is the network's."""

    reference: str
    amount_paise: int
    kind: SpendKind
    transacted_at: datetime
    merchant_name: str
    category_code: str
    country: str
    is_online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How an account stands when an authorisation is asked for. `spent_today_paise` is what the card has spent."""

    status: AccountStatus
    is_blocked: bool
    limit_paise: int
    used_paise: int
    held_paise: int
    cash_used_paise: int
    cash_held_paise: int
    consented_over_limit: bool

    @property
    def available_paise(self) -> int:
        """What may still be spent; below 0 when interest, fees or clearings went over the limit."""
        return self.limit_paise - self.used_paise - self.held_paise

    def cash_limit_paise(self, terms: CardTerms) -> int:
        """The part of the limit that may be taken as cash."""
        numerator, denominator = percent_ratio(terms.cash_limit_percent)
        return self.limit_paise * numerator // denominator

    def cash_available_paise(self, terms: CardTerms) -> int:
        """What may still be taken as cash."""
        limit = self.cash_limit_paise(terms)
        return min(limit - self.cash_used_paise - self.cash_held_paise, self.available_paise)


class Drawing(Protocol):
    """The card that asks, as far as it decides."""

    @property
    def status(self) -> CardStatus: ...

    @property
    def expires_on(self) -> date: ...

    @property
    def controls(self) -> Controls: ...


def decline(
    ask: Ask, line: Line, card: Drawing, terms: CardTerms, *, spent_today_paise: int, on: date
) -> Decline | None:
    """Why an authorisation is declined; None when it is approved. Raises AmountOfNothing."""
    if ask.amount_paise <= 0:
        raise AmountOfNothing("an amount must be above 0", field="amount")
    if line.status is not AccountStatus.OPEN:
        return Decline.ACCOUNT_CLOSED
    if line.is_blocked:
        return Decline.ACCOUNT_BLOCKED
    if card.status is not CardStatus.ACTIVE:
        return Decline.CARD_BLOCKED
    if card.expires_on < on:
        return Decline.CARD_EXPIRED
    return _by_controls(ask, card.controls, spent_today_paise) or _by_limits(ask, line, terms)


def _by_controls(ask: Ask, controls: Controls, spent_today_paise: int) -> Decline | None:
    allowed = controls.cash if ask.kind is SpendKind.CASH else controls.purchases
    most, day = controls.per_transaction_paise, controls.per_day_paise
    refused = {
        Decline.CONTROL_KIND: not allowed,
        Decline.CONTROL_ONLINE: ask.is_online and not controls.online,
        Decline.CONTROL_CATEGORY: ask.category_code in controls.blocked_categories,
        Decline.CONTROL_COUNTRY: bool(controls.countries) and ask.country not in controls.countries,
        Decline.CONTROL_TRANSACTION: most is not None and ask.amount_paise > most,
        Decline.CONTROL_DAY: day is not None and spent_today_paise + ask.amount_paise > day,
    }
    return next((code for code, is_so in refused.items() if is_so), None)


def _by_limits(ask: Ask, line: Line, terms: CardTerms) -> Decline | None:
    available = line.available_paise
    if line.consented_over_limit and available >= 0:
        numerator, denominator = percent_ratio(terms.over_limit_percent)
        available += line.limit_paise * numerator // denominator
    if ask.amount_paise > available:
        return Decline.OVER_LIMIT
    if ask.kind is SpendKind.CASH and ask.amount_paise > line.cash_available_paise(terms):
        return Decline.OVER_CASH_LIMIT
    return None


def first_hold(ask: Ask, code: Decline | None, *, terms: CardTerms, now: datetime) -> "Hold":
    """The hold of an authorisation that was just decided. A declined one holds nothing."""
    return Hold(
        reference=ask.reference,
        kind=ask.kind,
        amount_paise=ask.amount_paise,
        captured_paise=0,
        status=HoldStatus.OPEN if code is None else HoldStatus.DECLINED,
        expires_at=now + timedelta(days=terms.hold_days),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An authorisation that was approved, and what is left of it."""

    reference: str
    kind: SpendKind
    amount_paise: int
    captured_paise: int
    status: HoldStatus
    expires_at: datetime

    @property
    def held_paise(self) -> int:
        """What it still holds."""
        return max(0, self.amount_paise - self.captured_paise) if self.status is HoldStatus.OPEN else 0


def check_same(*, known_paise: int, paise: int, known_kind: str, kind: str) -> None:
    """Refuses a known reference with another amount or kind. Raises ReferenceOfAnother."""
    if known_paise != paise or known_kind != kind:
        raise ReferenceOfAnother(
            f"this reference was used for a {known_kind.replace('_', ' ')} of {format_inr(known_paise)}",
            field="reference",
            known_paise=known_paise,
        )


def capture(hold: Hold, *, paise: int, is_final: bool, terms: CardTerms) -> Hold:
    """A hold after a capture. One that has expired is captured all the same: the merchant was promised the money.

    Raises CaptureAboveHold, HoldNotOpen, AmountOfNothing.
    """
    if paise <= 0:
        raise AmountOfNothing("an amount must be above 0", field="amount")
    if hold.status not in (HoldStatus.OPEN, HoldStatus.EXPIRED):
        raise HoldNotOpen(f"the authorisation is {hold.status.value}", field="reference")
    numerator, denominator = percent_ratio(terms.capture_above_percent)
    at_most = hold.amount_paise + hold.amount_paise * numerator // denominator - hold.captured_paise
    if paise > at_most:
        raise CaptureAboveHold(f"at most {format_inr(at_most)} may be captured", field="amount", at_most_paise=at_most)
    captured = hold.captured_paise + paise
    is_done = is_final or captured >= hold.amount_paise
    status = HoldStatus.CAPTURED if is_done else hold.status
    return replace(hold, captured_paise=captured, status=status)


def release(hold: Hold, *, status: HoldStatus) -> Hold:
    """A hold that is reversed or has expired. A second time changes nothing. Raises HoldNotOpen."""
    if hold.status is status:
        return hold
    if hold.status is HoldStatus.EXPIRED:
        return replace(hold, status=status)
    if hold.status is not HoldStatus.OPEN:
        raise HoldNotOpen(f"the authorisation is {hold.status.value}", field="reference")
    return replace(hold, status=status)
