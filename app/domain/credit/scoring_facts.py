"""The facts behind a score, and their form as a stored document.

The document holds only integers and ISO dates, so that a score of today gives the same figure when it is replayed years
later. A fact that a later version adds is missing in older documents, and is then read as its default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeAlias

FactsDocument: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFacts:
    """The sums of a customer's bank transactions, in paise.

    `recent_credits_paise` are the credits of the twelve months up to the latest transaction. They are the estimated
    income when none was declared.
    """

    transactions: int = 0
    credits_paise: int = 0
    debits_paise: int = 0
    recent_credits_paise: int = 0
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanFacts:
    """The counts and sums of a customer's loans. Money in paise.

    `instalments` are those that count for the on-time share: the instalments due so far of our loans, and the whole
    tenure of imported loans. `active_emi_paise` is the monthly amount of the active loans' instalments. `limit_paise`
    is None when no limit is known.
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
    """The facts of our loans and of imported loans of a customer, added up. The limit is that of `own`."""
    began = [day for day in (own.first_on, external.first_on) if day is not None]
    summed = ("loans_taken", "loans_this_year", "volume_paise", "active_paise", "active_emi_paise", "instalments",
              "paid_on_time")  # fmt: skip
    sums = {name: getattr(own, name) + getattr(external, name) for name in summed}
    return LoanFacts(**sums, first_on=min(began, default=None), limit_paise=own.limit_paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts that a scorecard may use."""

    bank: BankFacts = field(default_factory=BankFacts)
    loans: LoanFacts = field(default_factory=LoanFacts)


def write_facts(facts: Facts) -> FactsDocument:
    """The facts as a document to store."""
    return {"bank": _write(facts.bank), "loans": _write(facts.loans)}


def read_facts(document: Mapping[str, Any]) -> Facts:
    """The facts of a stored document."""
    return Facts(bank=BankFacts(**_read(document["bank"])), loans=LoanFacts(**_read(document["loans"])))


def _write(part: BankFacts | LoanFacts) -> dict[str, Any]:
    values = {known.name: getattr(part, known.name) for known in fields(part)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _read(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name.endswith("_on") and value is not None else value
        for name, value in document.items()
    }
