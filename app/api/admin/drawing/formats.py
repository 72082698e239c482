"""Figures, days and business words, as all pages write them. The templates use these as filters.

{{ loan.principal_paise | inr }}   {{ loan.disbursed_on | day }}   {{ bill.status | words }}
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from app.domain.errors import DomainError
from app.domain.money import format_inr
from app.domain.payments.payments import Due
from app.domain.public_ids import (
    format_application_id,
    format_card_account_id,
    format_loan_id,
    format_payment_id,
    format_promise_id,
    format_proposal_id,
    format_user_id,
)
from app.services.unit_of_work import INDIA

#: A figure of a refusal, as the API names it.
_FIGURE: Final = re.compile(r"`figures\.(\w+)`")
_ISO_DAY: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
#: What people call something that the program names otherwise.
BUSINESS_WORDS: Final = {
    "prepay_smaller_emi": "prepayment, smaller EMI",
    "prepay_earlier_end": "prepayment, earlier end",
    "limit_override": "approved limit",
    "card_charge_off": "card charge-off",
    "card_credit": "credit of a card",
    "card_refund": "refund of a card",
    "smaller_emi": "smaller EMI",
    "written_off": "written off",
    "write_off": "write-off",
    "due_day": "move of the due day",
    "restructure": "restructuring",
    "top_up": "top-up",
    "sma_0": "SMA-0",
    "sma_1": "SMA-1",
    "sma_2": "SMA-2",
    "sub_standard": "sub-standard",
    "score_customer": "score a customer",
    "score_imported": "score a customer of a file",
    "decide_pending": "decide waiting applications",
    "reconcile": "reconcile loans",
    "control_transaction": "above the most for each transaction",
    "control_day": "above the most for each day",
    "control_kind": "not allowed by the card's controls",
    "control_category": "a kind of merchant that the card declines",
    "control_country": "a country in which the card does not work",
    "control_online": "not allowed online",
    "reconcile_cards": "reconcile card accounts",
    "run_billing": "bill the loans of a run",
    "judge_day_ends": "judge the classes of a day",
    "judge_borrower": "judge a borrower again",
    "make_bureau_file": "make a file for credit bureaus",
    "load_import": "load a file",
    "deliver_webhooks": "send events to other programs",
    "cash": "cash",
    "cheque": "cheque",
    "card": "card",
    "upi": "UPI",
    "neft": "NEFT",
    "rtgs": "RTGS",
    "imps": "IMPS",
}
#: Who acts without a name of their own.
_OTHERS: Final = {"customer": "the customer", "system": "Kist"}


def inr(paise: int | None) -> str:
    """Paise as rupees, or a dash."""
    return "–" if paise is None else format_inr(paise)


def exact(paise: Fraction) -> str:
    """Paise before they are rounded, as rupees with six decimals."""
    return f"₹{Decimal(paise.numerator) / Decimal(paise.denominator) / 100:,.6f}"


def day(value: date | str | None) -> str:
    """A business date, also one in ISO form, or a dash."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return "–" if value is None else f"{value:%d %b %Y}"


def moment(value: datetime | None) -> str:
    """A point in time in India's time zone, or a dash."""
    return "–" if value is None else f"{value.astimezone(INDIA):%d %b %Y, %H:%M}"


def rate(value: Decimal | None) -> str:
    """Percent a year, without trailing zeros."""
    return "–" if value is None else f"{format(Decimal(value).normalize(), 'f')} %"


def due(what: Due | None, on: date) -> str:
    """What is due next, and by when; of a day before `on`, since when."""
    if what is None:
        return "nothing"
    return f"{format_inr(what.amount_paise)}{' by' if what.due_on >= on else ', due since'} {day(what.due_on)}"


def sentence(text: str) -> str:
    """A message as a sentence, with the days as all pages write them."""
    told = _ISO_DAY.sub(lambda found: day(found[0]), text)
    return f"{told[:1].upper()}{told[1:]}{'' if told.endswith('.') else '.'}"


def words(value: Any) -> str:
    """A name of the program as people say it: `prepay_smaller_emi` is `prepayment, smaller EMI`."""
    text = "" if value is None else str(getattr(value, "value", value))
    return BUSINESS_WORDS.get(text.lower(), text.replace("_", " "))


def who(actor: str | None, names: Mapping[int, str]) -> str:
    """Who did something: the name behind `officer:3`, by the numbers of accounts; for others what they are."""
    kind, _, number = (actor or "–").partition(":")
    return _OTHERS.get(kind) or names.get(int(number) if number else 0) or actor or "–"


def advice(refusal: DomainError) -> str:
    """What can be done about a refusal, with the figures that the API names: `figures.owed` is an amount here."""

    def figure(found: re.Match[str]) -> str:
        name, details = found[1], refusal.details
        if isinstance(paise := details.get(f"{name}_paise"), int):
            return format_inr(paise)
        if isinstance(percent := details.get(f"{name}_percent"), Decimal):
            return rate(percent)
        value = details.get(name)
        if isinstance(value, date):
            return day(value)
        return "the message" if value is None or isinstance(value, list | tuple | dict) else words(value)

    return _FIGURE.sub(figure, refusal.what_to_do).replace("`", "")


def grouped(number: int) -> str:
    """A number with Indian grouping: `1,00,000`."""
    head, tail = str(number)[:-3], str(number)[-3:]
    groups = [tail]
    while head:
        groups.append(head[-2:])
        head = head[:-2]
    return ",".join(reversed(groups))


def plain(value: Decimal | None) -> str:
    """A decimal number without trailing zeros."""
    return "–" if value is None else format(Decimal(value).normalize(), "f")


#: Functions of the templates: the public ids.
IDS: Final = {
    "user_id": format_user_id,
    "payment_id": format_payment_id,
    "application_id": format_application_id,
    "card_account_id": format_card_account_id,
    "promise_id": format_promise_id,
    "proposal_id": format_proposal_id,
    "loan_id": lambda year, number: format_loan_id(year=year, number=number),
    "loan_name": lambda row: format_loan_id(year=row.disbursed_on.year, number=row.loan_id),
}
FILTERS: Final = {
    "inr": inr,
    "exact": exact,
    "day": day,
    "due": due,
    "moment": moment,
    "rate": rate,
    "words": words,
    "advice": advice,
    "plain": plain,
    "sentence": sentence,
    "who": who,
    "grouped": grouped,
}
