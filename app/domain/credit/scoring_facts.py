"""The facts behind a score, and their spelling as a document that is kept beside it for ever.

The document holds integers, ISO dates and nothing else, so that a score computed today replays to the same figure in
ten years whatever the code around it has become. A fact that a later version adds is absent from older documents and
then reads as its default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeAlias

FactsDocument: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFacts:
    """What a customer's bank transactions sum to. `recent_credits_paise` are the credits of the twelve months that end
    at the latest transaction: an estimated income where none was declared."""

    transactions: int = 0
    credits_paise: int = 0
    debits_paise: int = 0
    recent_credits_paise: int = 0
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanFacts:
    """What a customer's loans come to.

    `instalments` are those that count for the on-time share: the due ones of our own loans, the whole tenure of
    imported ones. `active_emi_paise` is what the instalments of the active loans come to in a month. `limit_paise` is
    None where no limit is known.
    """

    loans_taken: int = 0
    loans_this_year: int = 0
    volume_paise: int = 0
    active_paise: int = 0
    active_emi_paise: int = 0
    instalments: int = 0
    paid_on_time: int = 0
    first_on: date | None = None
    limit_paise: int | None = None


def add_external(own: LoanFacts, *, external: LoanFacts) -> LoanFacts:
    """The facts of a customer's own loans and of imported ones together; the limit is known with the own ones."""
    began = [day for day in (own.first_on, external.first_on) if day is not None]
    summed = ("loans_taken", "loans_this_year", "volume_paise", "active_paise", "active_emi_paise", "instalments",
              "paid_on_time")  # fmt: skip
    sums = {name: getattr(own, name) + getattr(external, name) for name in summed}
    return LoanFacts(**sums, first_on=min(began, default=None), limit_paise=own.limit_paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a scorecard may look at."""

    bank: BankFacts = field(default_factory=BankFacts)
    loans: LoanFacts = field(default_factory=LoanFacts)


def write_facts(facts: Facts) -> FactsDocument:
    """The facts as they are kept."""
    return {"bank": _write(facts.bank), "loans": _write(facts.loans)}


def read_facts(document: Mapping[str, Any]) -> Facts:
    """The facts as they were."""
    return Facts(bank=BankFacts(**_read(document["bank"])), loans=LoanFacts(**_read(document["loans"])))


def _write(part: BankFacts | LoanFacts) -> dict[str, Any]:
    values = {known.name: getattr(part, known.name) for known in fields(part)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _read(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name.endswith("_on") and value is not None else value
        for name, value in document.items()
    }
