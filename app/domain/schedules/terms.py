"""The terms of a schedule, the schedule itself, and the errors of wrong terms.

Terms hold everything that the computation needs: amount, number of instalments, rate, conventions and rounding. A
schedule is a tuple of instalments. It is replaced as a whole and never edited.
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

#: Larger values are mistakes. 1200 monthly instalments are a hundred years. The rate is in percent a year.
MAX_INSTALMENTS = 1200
MAX_RATE_PERCENT = Decimal(1000)


class Amortisation(StrEnum):
    """How principal is repaid over the instalments. Source: docs/business-rules.md, schedules and interest."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    FLAT = "flat"
    INTEREST_ONLY = "interest_only"


class OddFirstPeriod(StrEnum):
    """How a first period of another length is charged, on the basis `period` and on `flat`: by its days, or as one."""

    BY_DAYS = "by_days"
    IGNORED = "ignored"


class MoratoriumOf(StrEnum):
    """What is not paid during a moratorium."""

    PRINCIPAL = "principal"
    BOTH = "both"


class MoratoriumInterest(StrEnum):
    """What happens to unpaid interest: deferred without interest on it, or added to the principal each period."""

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
    """In the first `instalments` periods principal, or principal and interest, are not paid."""

    instalments: int
    of: MoratoriumOf = MoratoriumOf.PRINCIPAL
    interest: MoratoriumInterest = MoratoriumInterest.SIMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursal:
    """An amount disbursed on a day, in paise."""

    on: date
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """From instalment `from_number` on, the instalments are `by_percent` percent larger than those before."""

    from_number: int
    by_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTerms:
    """Everything that a schedule depends on. Money in paise, rates in percent a year.

    The borrower finances `amount_paise - down_payment_paise + financed_fees_paise`. `disbursals` split `amount_paise -
    down_payment_paise` (empty: everything on `disbursed_on`). Financed fees are owed from the first day. From the
    period of a later disbursal or of a `rate_changes` entry on, the instalment is solved again over the rest of the
    term. `balloon_paise` is principal that only the last instalment repays. The basis `period` and `flat` use
    `odd_first_period`; None means ignored on `flat` and by days otherwise. `weekend` holds weekdays (0 is Monday).
    Source: docs/business-rules.md, schedules and interest.
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
    """One planned repayment, for the period `[from_on, due_on)`. `balance_paise` is the principal left after it.

    `capitalised_paise` is interest of a moratorium that was added to the balance and not paid.
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
        """Principal and interest."""
        return self.principal_paise + self.interest_paise

    @property
    def days(self) -> int:
        """The calendar days of the period."""
        return self.due_on.toordinal() - self.from_on.toordinal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule: its instalments in order, and the instalment that is quoted for it. Money in paise.

    `emi_paise` is the instalment after any moratorium and before any step-up. It is not always the amount of the first
    row: that row may pay more (interest above the instalment) or, on `flat`, less (a short first period). With one row
    it is that row's amount. `equal_principal` and `interest_only` have no equal instalment; theirs is the principal of
    the first row plus the interest of the first whole period. `emi_unrounded` is the instalment before rounding.
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
        """The interest paid."""
        return sum(row.interest_paise for row in self.instalments)

    @property
    def capitalised_paise(self) -> int:
        """The interest that was capitalised."""
        return sum(row.capitalised_paise for row in self.instalments)

    @property
    def amount_paise(self) -> int:
        """The total of all instalments."""
        return sum(row.principal_paise + row.interest_paise for row in self.instalments)
