"""What a loan agreed on beside the terms of its product, and what changes of the living loan have altered since.

The *agreement* is made with the loan and never changes: a first due date of its own, a rhythm that the product offers,
the holidays that were known, the spread over a benchmark. The *alterations* are what its changes add up to: the rates
from their days on, another due day, a moratorium, principal that was lent or capitalised later. Most loans have none.
Source: docs/decisions/0042.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from app.domain.calendar import Frequency, HolidayRule
from app.domain.errors import Rejected
from app.domain.products.products import OfferTerms, RepaymentTerms, Rhythm
from app.domain.schedules.interest import RateChange
from app.domain.schedules.terms import Moratorium, MoratoriumInterest, MoratoriumOf


class FirstDueOutsideBounds(Rejected):
    """The first due date is earlier or later than the product allows, or the product allows none. Name a day from
    `figures.earliest` to `figures.latest`, or none."""

    code = "first_due_outside_bounds"


class RhythmNotOffered(Rejected):
    """The product does not offer instalments of that rhythm. Choose one of `figures.offered`, or none."""

    code = "rhythm_not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a loan agreed on. `holidays` are the days of the product's calendar that were known, after the disbursal.

    `spread_percent` is the rate less the benchmark of the day of the disbursal, for a floating rate.
    """

    first_due_on: date | None = None
    rhythm: Rhythm | None = None
    holidays: tuple[date, ...] = ()
    spread_percent: Decimal | None = None


class DueRule(NamedTuple):
    """From cycle `cycle` on, the due dates are counted from `on`, on the day `day` of the month."""

    cycle: int
    on: date
    day: int


class Returnable(NamedTuple):
    """What may be left of a top-up: until a day so much principal is repaid ahead of the plan without a charge."""

    until: date
    paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alterations:
    """What the changes of a loan add up to. Money in paise.

    `weights` are cycles that do not count for one regular period: (cycle, numerator, denominator). The moratorium lasts
    through instalment number `moratorium.instalments`. `topped_up_paise` was lent later, `capitalised_paise` is arrears
    of interest that became principal.
    """

    rates: tuple[RateChange, ...] = ()
    due: DueRule | None = None
    weights: tuple[tuple[int, int, int], ...] = ()
    moratorium: Moratorium | None = None
    topped_up_paise: int = 0
    capitalised_paise: int = 0
    returnable: Returnable | None = None

    def defers(self, cycle: int) -> bool:
        """Whether the interest of a cycle waits, without interest on it, until the moratorium is over."""
        wait = self.moratorium
        if wait is None or wait.of is not MoratoriumOf.BOTH or wait.interest is not MoratoriumInterest.SIMPLE:
            return False
        return cycle <= wait.instalments

    def waits(self, cycle: int) -> int:
        """How many of the instalments from a cycle on are in the moratorium."""
        return 0 if self.moratorium is None else max(self.moratorium.instalments + 1 - cycle, 0)

    def renumbered(self, old: int, new: int, *, weight: tuple[int, int]) -> "Alterations":
        """What they are when the instalment `old`, of that weight, has the number `new`, and later ones follow it."""

        def moved(cycle: int) -> int:
            return cycle + new - old if cycle >= old else cycle

        due, wait = self.due, self.moratorium
        kept = [
            (moved(cycle), numerator, denominator) for cycle, numerator, denominator in self.weights if cycle != old
        ]
        return replace(
            self,
            due=None if due is None else due._replace(cycle=moved(due.cycle)),
            weights=(*kept, *([] if weight == (1, 1) else [(new, *weight)])),
            moratorium=None if wait is None else replace(wait, instalments=moved(wait.instalments)),
        )

    @property
    def planned_moratorium(self) -> Moratorium | None:
        """The moratorium as a plan has it. Interest that is deferred is in its own row, and only its bill waits."""
        wait = self.moratorium
        return wait if wait is None or not self.defers(wait.instalments) else replace(wait, of=MoratoriumOf.PRINCIPAL)

    @property
    def weight_of(self) -> dict[int, tuple[int, int]]:
        """The number of regular periods of each odd cycle, as a ratio."""
        return {cycle: (numerator, denominator) for cycle, numerator, denominator in self.weights}


UNALTERED = Alterations()


def agreed_terms(terms: RepaymentTerms, agreement: Agreement | None) -> RepaymentTerms:
    """The terms of the product with the rhythm of the loan. A rhythm of days or weeks has no due day."""
    rhythm = None if agreement is None else agreement.rhythm
    if rhythm is None:
        return terms
    monthly = rhythm.frequency in (Frequency.MONTH, Frequency.YEAR)
    return replace(terms, every=rhythm.every, frequency=rhythm.frequency, due_day=terms.due_day if monthly else None)


def agree(
    offer: OfferTerms,
    terms: RepaymentTerms,
    *,
    disbursed_on: date,
    first_due_on: date | None = None,
    rhythm: Rhythm | None = None,
    holidays: tuple[date, ...] = (),
    spread_percent: Decimal | None = None,
) -> Agreement | None:
    """The agreement of a new loan; None if it has nothing of its own. `holidays` are those of the product's calendar,
    `spread_percent` is that of a floating rate.

    Raises FirstDueOutsideBounds, RhythmNotOffered.
    """
    usual = Rhythm(every=terms.every, frequency=terms.frequency)
    if rhythm == usual:
        rhythm = None
    if rhythm is not None and rhythm not in offer.rhythms:
        offered = [f"{one.every} {one.frequency.value}" for one in (usual, *offer.rhythms)]
        raise RhythmNotOffered("the product offers no such rhythm", field="rhythm", offered=offered)
    if first_due_on is not None:
        _check_first_due(offer, first_due_on, disbursed_on=disbursed_on)
    known = holidays if terms.holiday_rule is not HolidayRule.UNCHANGED else ()
    agreed = Agreement(
        first_due_on=first_due_on, rhythm=rhythm, holidays=tuple(sorted(known)), spread_percent=spread_percent
    )
    return None if agreed == Agreement() else agreed


def _check_first_due(offer: OfferTerms, first_due_on: date, *, disbursed_on: date) -> None:
    if offer.first_due_days is None:
        raise FirstDueOutsideBounds("the product sets the first due date", field="first_due_on")
    earliest, latest = (date.fromordinal(disbursed_on.toordinal() + days) for days in offer.first_due_days)
    if not earliest <= first_due_on <= latest:
        raise FirstDueOutsideBounds(
            f"the first due date is from {earliest} to {latest}",
            field="first_due_on",
            earliest=earliest,
            latest=latest,
        )


# --- as documents ---


def agreement_document(agreement: Agreement) -> dict[str, Any]:
    """An agreement as its row keeps it."""
    rhythm = agreement.rhythm
    return {
        "first_due_on": None if agreement.first_due_on is None else agreement.first_due_on.isoformat(),
        "rhythm": None if rhythm is None else [rhythm.every, rhythm.frequency.value],
        "holidays": [day.isoformat() for day in agreement.holidays],
        "spread_percent": None if agreement.spread_percent is None else format(agreement.spread_percent, "f"),
    }


def agreement_of(document: Mapping[str, Any]) -> Agreement:
    """The agreement of a row."""
    first, rhythm, spread = document["first_due_on"], document["rhythm"], document["spread_percent"]
    return Agreement(
        first_due_on=None if first is None else date.fromisoformat(first),
        rhythm=None if rhythm is None else Rhythm(every=rhythm[0], frequency=Frequency(rhythm[1])),
        holidays=tuple(map(date.fromisoformat, document["holidays"])),
        spread_percent=None if spread is None else Decimal(spread),
    )


def alterations_document(altered: Alterations) -> dict[str, Any]:
    """The alterations as their row keeps them."""
    due, moratorium = altered.due, altered.moratorium
    return {
        "rates": [[change.from_on.isoformat(), format(change.rate_percent, "f")] for change in altered.rates],
        "due": None if due is None else [due.cycle, due.on.isoformat(), due.day],
        "weights": [list(weight) for weight in altered.weights],
        "moratorium": None
        if moratorium is None
        else [moratorium.instalments, moratorium.of.value, moratorium.interest.value],
        "topped_up_paise": altered.topped_up_paise,
        "capitalised_paise": altered.capitalised_paise,
        "returnable": None
        if altered.returnable is None
        else [altered.returnable.until.isoformat(), altered.returnable.paise],
    }


def alterations_of(document: Mapping[str, Any]) -> Alterations:
    """The alterations of a row."""
    due, moratorium, returnable = document["due"], document["moratorium"], document.get("returnable")
    return Alterations(
        rates=tuple(
            RateChange(from_on=date.fromisoformat(day), rate_percent=Decimal(rate)) for day, rate in document["rates"]
        ),
        due=None if due is None else DueRule(due[0], date.fromisoformat(due[1]), due[2]),
        weights=tuple((cycle, numerator, denominator) for cycle, numerator, denominator in document["weights"]),
        moratorium=None
        if moratorium is None
        else Moratorium(
            instalments=moratorium[0],
            of=MoratoriumOf(moratorium[1]),
            interest=MoratoriumInterest(moratorium[2]),
        ),
        topped_up_paise=document["topped_up_paise"],
        capitalised_paise=document["capitalised_paise"],
        returnable=None if returnable is None else Returnable(date.fromisoformat(returnable[0]), returnable[1]),
    )
