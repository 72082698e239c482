"""The terms a schedule is built from, and the plan that comes out.

Terms are everything that has to be agreed before anybody computes: how much, for how long, at what rate, counted and
rounded how. The names under which terms are refused stand here too. A plan is a tuple of instalments; it is replaced
as a whole and never edited.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.calendar import DayCount, Frequency, HolidayRule, periods_per_year
from app.domain.errors import Invalid
from app.domain.money import TO_THE_PAISA, Rounding
from app.domain.schedules.interest_measure import InterestBasis, RateChange

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
    """What a first period longer or shorter than the others costs on the basis `period`, and on `flat`."""

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
    """An amount is zero or negative, beyond the largest, or larger than what it is a part of. Correct the amount in
    `field`."""

    code = "amount_invalid"


class InstalmentsInvalid(Invalid):
    """The plan has no instalment, or more than 1200. Send a number from 1 to 1200."""

    code = "instalments_invalid"


class RateOutOfBounds(Invalid):
    """The annual rate is below zero or beyond 1000 %. Send a rate in between."""

    code = "rate_out_of_bounds"


class MoratoriumTooLong(Invalid):
    """The moratorium leaves no instalment to repay in. Make it shorter."""

    code = "moratorium_too_long"


class InstalmentTooSmall(Invalid):
    """An instalment would repay less than a paisa of principal. Ask for fewer instalments or a larger amount."""

    code = "instalment_too_small"


class InstalmentNeverRepays(Invalid):
    """The rounded instalment does not exceed the interest, so nothing is repaid before the last day. Ask for a lower
    rate, fewer instalments or a finer rounding."""

    code = "instalment_never_repays"


class DisbursalsInvalid(Invalid):
    """The disbursals do not begin on the day of disbursal, run past the last due date or do not sum to the amount.
    Correct them."""

    code = "disbursals_invalid"


class TermsContradict(Invalid):
    """A term excludes another one, or is of no use here. Correct or leave out the term in `field`."""

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
    to `flat`; where it is None, a flat loan's is ignored and any other counted by its days. `weekend` holds weekdays, 0
    is Monday.
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
    odd_first_period: OddFirstPeriod | None = None
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

    `emi_paise` is the instalment after any moratorium and before any step-up, and not the first row, which may pay
    more (interest above the instalment) or, on `flat`, less (an odd first period). One row is its own instalment.
    `equal_principal` and `interest_only` have no equal instalment: theirs is what the first row repays, with the
    interest of the first period; where the loan was planned anew within a period, with that of the next, whole one.
    `emi_unrounded` is the same in paise before rounding.
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
