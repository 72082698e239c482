"""The terms a schedule is built from, and the plan that comes out.

Terms are everything that two lenders agree on before anybody computes: how much, for how long, at what rate, counted
and rounded how. They are checked here, once and by name, before anything is computed, so that the arithmetic behind
them may assume sense. A plan is a tuple of instalments; it is replaced as a whole and never edited.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.calendar import DayCount, Frequency, HolidayRule, periods_per_year
from app.domain.errors import Invalid
from app.domain.interest_measure import InterestBasis, RateChange, scaled_rate
from app.domain.money import MAX_PAISE, TO_THE_PAISA, Rounding, RoundingMode

#: Beyond these a request is a mistake: 1200 instalments are a hundred years of months; 1000 % is no offer.
MAX_INSTALMENTS = 1200
MAX_RATE_PERCENT = Decimal(1000)


class Amortisation(StrEnum):
    """How principal is spread over the instalments."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    FLAT = "flat"
    INTEREST_ONLY = "interest_only"


class OddFirstPeriod(StrEnum):
    """What a first period longer or shorter than the others costs on the basis `period`."""

    BY_DAYS = "by_days"
    IGNORED = "ignored"


class MoratoriumOf(StrEnum):
    """What is not paid during a moratorium."""

    PRINCIPAL = "principal"
    BOTH = "both"


class MoratoriumInterest(StrEnum):
    """What becomes of interest not paid: kept beside the principal, bearing none, or added to it each period."""

    SIMPLE = "simple"
    CAPITALISED = "capitalised"


class AmountInvalid(Invalid):
    """An amount that is zero or negative, beyond the largest, or larger than what it is a part of."""

    code = "amount_invalid"


class InstalmentsInvalid(Invalid):
    """No instalment, or more than a hundred years of months."""

    code = "instalments_invalid"


class RateOutOfBounds(Invalid):
    """An annual rate below zero or beyond 1000 %."""

    code = "rate_out_of_bounds"


class MoratoriumTooLong(Invalid):
    """A moratorium that leaves no instalment to repay in."""

    code = "moratorium_too_long"


class InstalmentTooSmall(Invalid):
    """Less principal than a paisa for every instalment."""

    code = "instalment_too_small"


class InstalmentNeverRepays(Invalid):
    """The instalment does not even cover the interest, so that it would repay nothing until the last day."""

    code = "instalment_never_repays"


class DisbursalsInvalid(Invalid):
    """Disbursals that do not begin on the day of disbursal, run past the last due date or do not sum to the amount."""

    code = "disbursals_invalid"


class TermsContradict(Invalid):
    """Options that exclude each other."""

    code = "terms_contradict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moratorium:
    """The first `instalments` of the plan in which principal, or principal and interest, are not paid."""

    instalments: int
    of: MoratoriumOf = MoratoriumOf.PRINCIPAL
    interest: MoratoriumInterest = MoratoriumInterest.SIMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursal:
    """Money handed out on a day."""

    on: date
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """From instalment `from_number` on, instalments are `by_percent` larger than those before."""

    from_number: int
    by_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTerms:
    """Everything a schedule depends on. Money in paise, rates in percent a year.

    The borrower finances `amount_paise - down_payment_paise + financed_fees_paise`. `disbursals` (empty: everything on
    `disbursed_on`) split `amount_paise - down_payment_paise`; financed fees are owed from the first day. A later
    disbursal or a `rate_changes` entry solves the instalment anew, over the rest of the term, from the period it falls
    in. `balloon_paise` is principal left to the last instalment. `odd_first_period` matters to the basis `period` and
    not to `flat`, whose interest is a matter of years. `weekend` holds weekdays, 0 is Monday.
    """

    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    disbursed_on: date
    every: int = 1
    frequency: Frequency = Frequency.MONTH
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENT
    interest_basis: InterestBasis = InterestBasis.PERIOD
    day_count: DayCount = DayCount.ACTUAL_365F
    first_due_on: date | None = None
    due_day: int | None = None
    odd_first_period: OddFirstPeriod = OddFirstPeriod.BY_DAYS
    holiday_rule: HolidayRule = HolidayRule.UNCHANGED
    holidays: frozenset[date] = frozenset()
    weekend: Collection[int] = ()
    emi_rounding: Rounding = TO_THE_PAISA
    interest_rounding: Rounding = TO_THE_PAISA
    moratorium: Moratorium | None = None
    balloon_paise: int = 0
    disbursals: tuple[Disbursal, ...] = ()
    step_ups: tuple[StepUp, ...] = ()
    rate_changes: tuple[RateChange, ...] = ()
    down_payment_paise: int = 0
    financed_fees_paise: int = 0

    @property
    def financed_paise(self) -> int:
        """The principal of the loan: what is disbursed, with the fees added to it."""
        return self.amount_paise - self.down_payment_paise + self.financed_fees_paise

    @property
    def periods_per_year(self) -> tuple[int, int]:
        """Periods a year, m of the formulas, as an exact ratio."""
        return periods_per_year(self.frequency, every=self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One planned repayment of the period `[from_on, due_on)`; `balance_paise` is the principal left after it.

    `capitalised_paise` is interest of a moratorium that was added to the balance instead of being paid.
    """

    number: int
    from_on: date
    due_on: date
    principal_paise: int
    interest_paise: int
    balance_paise: int
    capitalised_paise: int = 0

    @property
    def amount_paise(self) -> int:
        """What is paid: principal and interest."""
        return self.principal_paise + self.interest_paise

    @property
    def days(self) -> int:
        """Calendar days of the period."""
        return self.due_on.toordinal() - self.from_on.toordinal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A plan: its instalments in order, and the instalment that is quoted for it.

    `emi_paise` is the first instalment that repays principal, before any step-up (for `interest_only`: the interest of
    the first period). `emi_unrounded` is the same in paise before rounding, where the method has one.
    """

    emi_paise: int
    emi_unrounded: Decimal
    instalments: tuple[Instalment, ...]

    @property
    def principal_paise(self) -> int:
        """All principal repaid: disbursed, financed and capitalised."""
        return sum(row.principal_paise for row in self.instalments)

    @property
    def interest_paise(self) -> int:
        """All interest paid."""
        return sum(row.interest_paise for row in self.instalments)

    @property
    def capitalised_paise(self) -> int:
        """All interest that became principal."""
        return sum(row.capitalised_paise for row in self.instalments)

    @property
    def amount_paise(self) -> int:
        """Everything the borrower pays under the plan."""
        return sum(row.principal_paise + row.interest_paise for row in self.instalments)


def check_terms(terms: ScheduleTerms) -> None:
    """Refuse terms that make no sense, by name, before anything is computed."""
    _check_amounts(terms)
    if not 1 <= terms.instalments <= MAX_INSTALMENTS:
        raise InstalmentsInvalid(
            f"a plan has 1 to {MAX_INSTALMENTS} instalments", field="instalments", instalments=terms.instalments
        )
    _check_rate(terms.annual_rate_percent)
    for change in terms.rate_changes:
        _check_rate(change.rate_percent)
    if terms.interest_rounding.mode in (RoundingMode.LEVEL, RoundingMode.NONE):
        raise TermsContradict("interest is rounded up, down or to the nearest", field="interest_rounding")
    for rounding in (terms.emi_rounding, terms.interest_rounding):
        if not 1 <= rounding.unit_paise <= MAX_PAISE:
            raise TermsContradict("a rounding unit is at least one paisa", field="rounding", unit=rounding.unit_paise)
    repaying = terms.instalments
    if terms.moratorium is not None:
        repaying -= _moratorium_rows(terms, terms.moratorium)
    if terms.amortisation is not Amortisation.INTEREST_ONLY and terms.financed_paise - terms.balloon_paise < repaying:
        raise InstalmentTooSmall(
            "every instalment repays at least a paisa", field="instalments", instalments=terms.instalments
        )
    _check_step_ups(terms)


def _check_amounts(terms: ScheduleTerms) -> None:
    if not 1 <= terms.amount_paise <= MAX_PAISE:
        raise AmountInvalid("an amount is positive and at most 1e11 rupees", field="amount")
    if not 0 <= terms.down_payment_paise < terms.amount_paise:
        raise AmountInvalid("a down payment is a part of the amount", field="down_payment")
    if not 0 <= terms.financed_fees_paise <= MAX_PAISE:
        raise AmountInvalid("a fee is not negative", field="fees")
    if not 0 <= terms.balloon_paise < terms.financed_paise:
        raise AmountInvalid("a balloon is a part of the principal", field="balloon")
    if not terms.disbursals:
        return
    if any(part.amount_paise <= 0 for part in terms.disbursals):
        raise AmountInvalid("a disbursal is positive", field="disbursals")
    if min(part.on for part in terms.disbursals) != terms.disbursed_on:
        raise DisbursalsInvalid("the first disbursal is on the day of disbursal", field="disbursals")
    total = sum(part.amount_paise for part in terms.disbursals)
    if total != terms.amount_paise - terms.down_payment_paise:
        raise DisbursalsInvalid("the disbursals sum to the amount", field="disbursals", total_paise=total)


def _check_rate(rate_percent: Decimal) -> None:
    scaled_rate(rate_percent)
    if rate_percent > MAX_RATE_PERCENT:
        raise RateOutOfBounds("an annual rate is at most 1000 %", field="annual_rate")


def _moratorium_rows(terms: ScheduleTerms, moratorium: Moratorium) -> int:
    if moratorium.instalments < 0:
        raise TermsContradict("a moratorium has a number of instalments", field="moratorium")
    if moratorium.instalments >= terms.instalments:
        raise MoratoriumTooLong(
            "a moratorium leaves at least one instalment",
            field="moratorium",
            moratorium=moratorium.instalments,
            instalments=terms.instalments,
        )
    return moratorium.instalments


def _check_step_ups(terms: ScheduleTerms) -> None:
    if not terms.step_ups:
        return
    if terms.amortisation is not Amortisation.EQUAL_INSTALMENT:
        raise TermsContradict("only equal instalments step up", field="step_ups")
    numbers = [step.from_number for step in terms.step_ups]
    if numbers != sorted(set(numbers)) or numbers[0] < 2 or numbers[-1] > terms.instalments:
        raise TermsContradict("steps come in order, from the second instalment on", field="step_ups")
    if any(not step.by_percent.is_finite() or not 0 < step.by_percent <= 100 for step in terms.step_ups):
        raise TermsContradict("a step is more than zero and at most 100 percent", field="step_ups")
