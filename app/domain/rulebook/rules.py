"""The rules, by name, and a row: the value of a rule for some lenders, products and borrowers, for a time."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.money import format_inr
from app.domain.rulebook.kinds import ALL_BORROWERS, ALL_LENDERS, ALL_PRODUCTS, BorrowerKind, LenderKind, ProductKind


class Rule(StrEnum):
    """A rule. The name says what is limited and in which unit; `RuleRow.words` says it in a sentence."""

    # Conduct: offers, interest, charges, prepayments.
    KEY_FACTS_VALID_WORKING_DAYS = "key_facts_valid_working_days"
    KEY_FACTS_VALID_WORKING_DAYS_SHORT = "key_facts_valid_working_days_short"
    KEY_FACTS_SHORT_BELOW_DAYS = "key_facts_short_below_days"
    KEY_FACTS_NAME_EVERY_CHARGE = "key_facts_name_every_charge"
    DIGITAL_COOLING_OFF_DAYS = "digital_cooling_off_days"
    LIMIT_INCREASE_ON_REQUEST = "limit_increase_on_request"
    INTEREST_FROM_DISBURSAL = "interest_from_disbursal"
    PENAL_CHARGE_BEARS_NO_INTEREST = "penal_charge_bears_no_interest"
    PENAL_CHARGE_GST_PERCENT = "penal_charge_gst_percent"
    LOAN_FEE_GST_PERCENT = "loan_fee_gst_percent"
    FLOATING_PREPAYMENT_CHARGE_PERCENT = "floating_prepayment_charge_percent"
    FLOATING_PREPAYMENT_FREE_UP_TO_PAISE = "floating_prepayment_free_up_to_paise"
    PREPAYMENT_LOCK_IN_DAYS = "prepayment_lock_in_days"
    FLOATING_STATEMENT_EVERY_MONTHS = "floating_statement_every_months"
    FLOATING_SWITCH_TO_FIXED = "floating_switch_to_fixed"
    NEGATIVE_AMORTISATION_FORBIDDEN = "negative_amortisation_forbidden"
    CO_LENDING_KEPT_PERCENT = "co_lending_kept_percent"
    CO_LENDING_SETTLED_WITHIN_DAYS = "co_lending_settled_within_days"
    CO_LENDING_ONE_RATE = "co_lending_one_rate"
    CO_LENDING_ONE_CLASS = "co_lending_one_class"
    LOSS_GUARANTEE_PERCENT = "loss_guarantee_percent"
    RECOVERY_CONTACT_HOURS = "recovery_contact_hours"
    CONSENT_MANAGERS = "consent_managers"
    DATA_BREACH_DETAILS_WITHIN_HOURS = "data_breach_details_within_hours"
    DATA_LOGS_KEPT_MONTHS = "data_logs_kept_months"
    # Assets: overdue, classes, provisions, income, reports to credit bureaus.
    SMA_1_AFTER_DAYS = "sma_1_after_days"
    SMA_2_AFTER_DAYS = "sma_2_after_days"
    NPA_AFTER_DAYS = "npa_after_days"
    NPA_IS_OF_BORROWER = "npa_is_of_borrower"
    UPGRADE_WHEN_ALL_IS_PAID = "upgrade_when_all_is_paid"
    RESTRUCTURED_IS_NPA = "restructured_is_npa"
    RESTRUCTURED_UPGRADE_REPAID_PERCENT = "restructured_upgrade_repaid_percent"
    RESTRUCTURED_UPGRADE_AFTER_MONTHS = "restructured_upgrade_after_months"
    RESTRUCTURED_MONITORED_AT_ONCE = "restructured_monitored_at_once"
    RESTRUCTURED_DEFAULT_AFTER_DAYS = "restructured_default_after_days"
    RESTRUCTURED_NOTHING_OVERDUE_AT_END = "restructured_nothing_overdue_at_end"
    RESTRUCTURED_ANEW_AFTER_DEFAULT = "restructured_anew_after_default"
    DOUBTFUL_1_AFTER_MONTHS = "doubtful_1_after_months"
    DOUBTFUL_2_AFTER_MONTHS = "doubtful_2_after_months"
    DOUBTFUL_3_AFTER_MONTHS = "doubtful_3_after_months"
    INCOME_OF_NPA_WHEN_RECEIVED = "income_of_npa_when_received"
    PROVISION_STANDARD_PERCENT = "provision_standard_percent"
    PROVISION_SUB_STANDARD_PERCENT = "provision_sub_standard_percent"
    PROVISION_SUB_STANDARD_UNSECURED_PERCENT = "provision_sub_standard_unsecured_percent"
    PROVISION_DOUBTFUL_1_PERCENT = "provision_doubtful_1_percent"
    PROVISION_DOUBTFUL_2_PERCENT = "provision_doubtful_2_percent"
    PROVISION_DOUBTFUL_3_PERCENT = "provision_doubtful_3_percent"
    PROVISION_DOUBTFUL_UNSECURED_PERCENT = "provision_doubtful_unsecured_percent"
    PROVISION_LOSS_PERCENT = "provision_loss_percent"
    EXPECTED_CREDIT_LOSS = "expected_credit_loss"
    BUREAU_AS_ON_DAYS = "bureau_as_on_days"
    BUREAU_FULL_FILE_BY_DAY = "bureau_full_file_by_day"
    BUREAU_FILE_WITHIN_DAYS = "bureau_file_within_days"
    # Cards.
    CARD_DUE_AFTER_DAYS = "card_due_after_days"
    CARD_LATE_AFTER_DAYS = "card_late_after_days"
    CARD_GST_PERCENT = "card_gst_percent"
    CARD_MINIMUM_COVERS_GROWTH = "card_minimum_covers_growth"
    CARD_CHARGES_BEAR_NO_INTEREST = "card_charges_bear_no_interest"
    CARD_REFUND_COUNTS_AT_ONCE = "card_refund_counts_at_once"
    CARD_REFUND_CONSENT_PERCENT = "card_refund_consent_percent"
    CARD_REFUND_CONSENT_PAISE = "card_refund_consent_paise"
    CARD_REFUND_ANSWER_DAYS = "card_refund_answer_days"
    CARD_CREDIT_PAID_WITHIN_WORKING_DAYS = "card_credit_paid_within_working_days"
    CARD_OVER_LIMIT_ON_CONSENT = "card_over_limit_on_consent"
    CARD_CLOSE_WITHIN_WORKING_DAYS = "card_close_within_working_days"
    CARD_CLOSE_PENALTY_PAISE = "card_close_penalty_paise"
    # Payments: mandates.
    E_MANDATE_FREE_PAISE = "e_mandate_free_paise"
    E_MANDATE_CARD_BILL_FREE_PAISE = "e_mandate_card_bill_free_paise"
    E_MANDATE_NOTICE_HOURS = "e_mandate_notice_hours"
    UPI_AUTOPAY_ATTEMPTS = "upi_autopay_attempts"
    UPI_AUTOPAY_MINUTES = "upi_autopay_minutes"
    NACH_MANDATE_YEARS = "nach_mandate_years"


class Unit(StrEnum):
    """The unit of a value."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"
    HOURS = "hours"
    TIMES = "times"
    PERCENT = "percent"
    PAISE = "paise"
    #: A duty without a number: 1 where it holds, 0 where it does not.
    DUTY = "duty"
    #: Days of a month; 31 is the last one, also of a shorter month.
    DAYS_OF_MONTH = "days_of_month"
    #: Hours of the day, from and until, in pairs.
    HOURS_OF_DAY = "hours_of_day"
    #: Minutes since midnight, from and until, in pairs.
    MINUTES_OF_DAY = "minutes_of_day"


class Counted(StrEnum):
    """The day whose rule counts: that of the sanction of the loan, of the event, or each day-end."""

    SANCTION = "sanction"
    EVENT = "event"
    DAY_END = "day_end"


class Sureness(StrEnum):
    """How well a row is supported: by the regulator's own text, by one good secondary source, or by inference.

    A lender has every row that is not `high` confirmed before it relies on it.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


#: A whole number, a percentage, or a list of whole numbers.
Value = int | Decimal | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule is written: the document that made it, and the direction in which it stands today."""

    reference: str
    lives_in: str
    sureness: Sureness = Sureness.HIGH


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The value of a rule for some lenders, products and borrowers, from a day (included) until a day (excluded)."""

    rule: Rule
    value: Value
    unit: Unit
    words: str
    source: Source
    from_on: date
    until: date | None = None
    counted: Counted = Counted.EVENT
    lenders: frozenset[LenderKind] = ALL_LENDERS
    products: frozenset[ProductKind] = ALL_PRODUCTS
    borrowers: frozenset[BorrowerKind] = ALL_BORROWERS

    @property
    def number(self) -> int:
        """The value as a whole number (days, months, paise, times)."""
        assert isinstance(self.value, int), f"{self.rule.value} is a whole number"
        return self.value

    @property
    def percent(self) -> Decimal:
        """The value as a percentage."""
        assert isinstance(self.value, Decimal), f"{self.rule.value} is a percentage"
        return self.value

    @property
    def numbers(self) -> tuple[int, ...]:
        """The value as a list of whole numbers."""
        assert isinstance(self.value, tuple), f"{self.rule.value} is a list"
        return self.value

    @property
    def holds(self) -> bool:
        """Whether the duty holds."""
        assert self.unit is Unit.DUTY, f"{self.rule.value} is a duty"
        return self.value == 1

    @property
    def shown(self) -> str:
        """The value as a person reads it: an amount in rupees, whether a duty holds, or a number with its unit."""
        if self.unit is Unit.PAISE:
            return format_inr(self.number)
        if self.unit is Unit.DUTY:
            return "holds" if self.holds else "does not hold"
        value = ", ".join(map(str, self.value)) if isinstance(self.value, tuple) else str(self.value)
        return f"{value} {self.unit.value.replace('_', ' ')}"

    def is_for(self, *, lender: LenderKind, product: ProductKind, borrower: BorrowerKind) -> bool:
        """Whether the row binds this lender, for this kind of product and borrower."""
        return lender in self.lenders and product in self.products and borrower in self.borrowers

    def is_in_force(self, on: date) -> bool:
        """Whether the row is in force on a day."""
        return self.from_on <= on and (self.until is None or on < self.until)

    def is_before_the_end_of(self, other: "RuleRow") -> bool:
        """Whether this row begins before another one ends."""
        return other.until is None or self.from_on < other.until
