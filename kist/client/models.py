"""The bodies and the answers of `/api/v1`. Written by `kist reference` from the OpenAPI document. Change the service, not this file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from kist.client.values import UNSET, Amount, Id, Unset


class Adjusts(StrEnum):
    """What gives when a rate is reset or more is lent: the instalment, the end, or both."""

    EMI = "emi"
    TENOR = "tenor"
    BOTH = "both"


class Amortisation(StrEnum):
    """How principal is repaid over the instalments. Source: docs/business-rules.md, schedules and interest."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    FLAT = "flat"
    INTEREST_ONLY = "interest_only"


class ApplicationStatus(StrEnum):
    """The status of an application."""

    PENDING = "pending"
    OFFERED = "offered"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


class AprConvention(StrEnum):
    """The conventions of the annual percentage rate, with their sources."""

    NOMINAL = "nominal"
    EFFECTIVE = "effective"
    REGULATION_Z = "regulation_z"
    XIRR = "xirr"


class AssetClass(StrEnum):
    """The classes, from the best to the worst. From `sub_standard` on, an asset is non-performing."""

    STANDARD = "standard"
    SMA_0 = "sma_0"
    SMA_1 = "sma_1"
    SMA_2 = "sma_2"
    SUB_STANDARD = "sub_standard"
    DOUBTFUL_1 = "doubtful_1"
    DOUBTFUL_2 = "doubtful_2"
    DOUBTFUL_3 = "doubtful_3"
    LOSS = "loss"


class Book(StrEnum):
    """Whose ledger it is."""

    LOANS = "loans"
    CARDS = "cards"


class BorrowerKind(StrEnum):
    """Who borrows, and what for."""

    INDIVIDUAL = "individual"
    INDIVIDUAL_BUSINESS = "individual_business"
    SMALL_ENTERPRISE = "small_enterprise"
    OTHER = "other"


class CardAccountStatus(StrEnum):
    """Whether the account lives."""

    OPEN = "open"
    CLOSED = "closed"
    CHARGED_OFF = "charged_off"


class CardStatus(StrEnum):
    """Whether the card can be used."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"


class CaseSort(StrEnum):
    """The order of the work list: the most days past due first, the largest amount first, or the next action first."""

    DAYS_PAST_DUE_DESCENDING = "-days_past_due"
    OVERDUE_DESCENDING = "-overdue"
    NEXT_ACTION_ON = "next_action_on"


class ChangeKind(StrEnum):
    """What is changed."""

    RATE_RESET = "rate_reset"
    RESTRUCTURE = "restructure"
    DUE_DAY = "due_day"
    TOP_UP = "top_up"


class Channel(StrEnum):
    """How a borrower is contacted."""

    CALL = "call"
    VISIT = "visit"
    MESSAGE = "message"
    EMAIL = "email"
    LETTER = "letter"


class ChargePer(StrEnum):
    """What a charge is for, or what its share is a share of."""

    DISBURSAL = "disbursal"
    RETURNED_PAYMENT = "returned_payment"
    PART_PREPAYMENT = "part_prepayment"
    FORECLOSURE = "foreclosure"
    OVERDUE_BILL = "overdue_bill"
    OVERDUE_YEAR = "overdue_year"
    SERVICE = "service"


class DayCount(StrEnum):
    """The day count conventions. The value is the name in contracts (ISDA 2006 Definitions, section 4.16)."""

    N30_360 = "30/360"
    N30E_360 = "30E/360"
    N30E_360_ISDA = "30E/360 ISDA"
    ACTUAL_365F = "actual/365F"
    ACTUAL_360 = "actual/360"
    ACTUAL_364 = "actual/364"
    ACTUAL_ACTUAL_ISDA = "actual/actual ISDA"
    NL_365 = "NL/365"


class DaySection(StrEnum):
    """A part of the day."""

    DUE = "due"
    ACTIONS = "actions"
    PROMISED = "promised"
    BOUNCED = "bounced"
    PAID = "paid"


class DeliveryStatus(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class DocumentKind(StrEnum):
    """What a tax document says: tax is charged, it is given back, or what was given back is charged after all."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"


class EndpointStatus(StrEnum):
    """Whether events are sent to an endpoint. While it is paused, they wait in the log."""

    ACTIVE = "active"
    PAUSED = "paused"


class EntryKind(StrEnum):
    """What an entry is about."""

    NOTE = "note"
    ATTEMPT = "attempt"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_REOPENED = "promise_reopened"
    PROMISE_WITHDRAWN = "promise_withdrawn"
    ASSIGNED = "assigned"
    PLANNED = "planned"


class EventType(StrEnum):
    """What happened: the object, a dot, and what became of it."""

    APPLICATION_PENDING = "application.pending"
    APPLICATION_APPROVED = "application.approved"
    APPLICATION_OFFERED = "application.offered"
    APPLICATION_REFUSED = "application.refused"
    APPLICATION_EXPIRED = "application.expired"
    SCORE_CHANGED = "score.changed"
    LOAN_APPROVED = "loan.approved"
    LOAN_DISBURSED = "loan.disbursed"
    LOAN_CLOSED = "loan.closed"
    LOAN_REOPENED = "loan.reopened"
    LOAN_WAIVED = "loan.waived"
    LOAN_WRITTEN_OFF = "loan.written_off"
    LOAN_REFUNDED = "loan.refunded"
    LOAN_RATE_NOTICE = "loan.rate_notice"
    LOAN_CHANGED = "loan.changed"
    LOAN_CHANGE_UNDONE = "loan.change_undone"
    LOAN_CLASS_CHANGED = "loan.class_changed"
    BILL_ISSUED = "bill.issued"
    BILL_OVERDUE = "bill.overdue"
    PAYMENT_RECEIVED = "payment.received"
    PAYMENT_REVERSED = "payment.reversed"
    CARD_ISSUED = "card.issued"
    CARD_BLOCKED = "card.blocked"
    CARD_UNBLOCKED = "card.unblocked"
    CARD_REPLACED = "card.replaced"
    CARD_ACCOUNT_OPENED = "card.account_opened"
    CARD_ACCOUNT_CLOSED = "card.account_closed"
    CARD_ACCOUNT_CHARGED_OFF = "card.account_charged_off"
    CARD_ACCOUNT_REOPENED = "card.account_reopened"
    CARD_STATEMENT_ISSUED = "card.statement_issued"
    CARD_PAYMENT_RECEIVED = "card.payment_received"
    CARD_PAYMENT_RETURNED = "card.payment_returned"
    CARD_ACCOUNT_CLASS_CHANGED = "card.account_class_changed"
    PROMISE_MADE = "promise.made"
    PROMISE_KEPT = "promise.kept"
    PROMISE_BROKEN = "promise.broken"
    PROMISE_REOPENED = "promise.reopened"
    PROMISE_WITHDRAWN = "promise.withdrawn"
    RUN_FINISHED = "run.finished"
    RUN_CANCELLED = "run.cancelled"
    IMPORT_FINISHED = "import.finished"
    IMPORT_FAILED = "import.failed"


class ExportOf(StrEnum):
    """What a file holds."""

    JOURNAL = "journal"
    TRANSFERS = "transfers"
    ACCOUNTS = "accounts"


class FeePaid(StrEnum):
    """How a fee is paid: deducted from the disbursal, upfront by the borrower, or financed with the instalments."""

    DEDUCTED = "deducted"
    UPFRONT = "upfront"
    FINANCED = "financed"


class Frequency(StrEnum):
    """The unit of the distance between two due dates."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class HoldStatus(StrEnum):
    """What became of an authorisation."""

    DECLINED = "declined"
    OPEN = "open"
    CAPTURED = "captured"
    REVERSED = "reversed"
    EXPIRED = "expired"


class InstalmentStatus(StrEnum):
    """The status of an instalment on a day."""

    PAID = "PAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    OVERDUE = "OVERDUE"
    WRITTEN_OFF = "WRITTEN_OFF"
    DUE = "DUE"
    UPCOMING = "UPCOMING"


class InterestBasis(StrEnum):
    """How a period's interest is computed, with R the annual rate in percent and m the periods a year. Source:
    docs/business-rules.md, schedules and interest."""

    PERIOD = "period"
    DAYS = "days"
    DAILY_ROUNDED = "daily_rounded"


class Language(StrEnum):
    """The language of a document."""

    EN = "en"
    HI = "hi"


class LedgerAccount(StrEnum):
    """The chart of accounts."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    CHARGES = "charges"
    ADVANCE = "advance"
    CASH = "cash"
    INTEREST_INCOME = "interest_income"
    INTEREST_SUSPENSE = "interest_suspense"
    CHARGE_INCOME = "charge_income"
    GST_PAYABLE = "gst_payable"
    THIRD_PARTY_PAYABLE = "third_party_payable"
    REFUND_PAYABLE = "refund_payable"
    WAIVERS = "waivers"
    WRITE_OFFS = "write_offs"
    RECOVERY_INCOME = "recovery_income"
    CASH_ROUNDING = "cash_rounding"


class LoanSort(StrEnum):
    """The order of a list of loans: by customer and number, by the day of disbursal, or by what falls due next."""

    LOAN = "loan"
    DISBURSED_ON = "disbursed_on"
    DISBURSED_ON_DESCENDING = "-disbursed_on"
    DUE_ON = "due_on"


class LoanStatus(StrEnum):
    """The status of a loan."""

    ACTIVE = "active"
    CLOSED = "closed"
    WRITTEN_OFF = "written_off"


class MoratoriumInterest(StrEnum):
    """What happens to unpaid interest: deferred without interest on it, or added to the principal each period."""

    SIMPLE = "simple"
    CAPITALISED = "capitalised"


class MoratoriumOf(StrEnum):
    """What is not paid during a moratorium."""

    PRINCIPAL = "principal"
    BOTH = "both"


class Nature(StrEnum):
    """Where an account stands in the reports. The balance of assets and expenses is a debit."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class NextAction(StrEnum):
    """What is to be done next."""

    CALL = "call"
    VISIT = "visit"
    MESSAGE = "message"
    LETTER = "letter"
    LEGAL_NOTICE = "legal_notice"
    FIELD_AGENCY = "field_agency"
    WAIT = "wait"


class OddFirstPeriod(StrEnum):
    """How a first period of another length is charged, on the basis `period` and on `flat`: by its days, or as one."""

    BY_DAYS = "by_days"
    IGNORED = "ignored"


class Outcome(StrEnum):
    """What came of an attempt."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    LEFT_MESSAGE = "left_message"
    CALL_BACK = "call_back"
    REFUSED_TO_PAY = "refused_to_pay"
    DISPUTED = "disputed"
    WRONG_CONTACT = "wrong_contact"


class PeriodStatus(StrEnum):
    """The status of a period. Only proposed periods and closed ones count; the others are history."""

    PROPOSED = "proposed"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class PlanReason(StrEnum):
    """Why a version of the plan was made."""

    DISBURSAL = "disbursal"
    PREPAYMENT = "prepayment"
    RETURNED_TO_PLAN = "returned_to_plan"
    REPLAY = "replay"
    RESTORED = "restored"
    RATE_RESET = "rate_reset"
    RESTRUCTURED = "restructured"
    DUE_DAY_MOVED = "due_day_moved"
    TOP_UP = "top_up"


class ProductKind(StrEnum):
    """A loan that is repaid by instalments, or a card."""

    LOAN = "loan"
    CARD = "card"


class PromiseStatus(StrEnum):
    """Where a promise stands."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class ProposalKind(StrEnum):
    """The changes that need two people."""

    WRITE_OFF = "write_off"
    WAIVER = "waiver"
    LIMIT_OVERRIDE = "limit_override"
    CARD_LIMIT = "card_limit"
    CARD_CHARGE_OFF = "card_charge_off"
    CARD_CREDIT = "card_credit"
    CARD_REFUND = "card_refund"
    REFUND = "refund"
    RESTRUCTURE = "restructure"
    TOP_UP = "top_up"


class ProposalStatus(StrEnum):
    """The status of a proposal. `expired` is derived from the dates and never stored."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ReversalCause(StrEnum):
    """Why a payment is taken back: the bank returned it unpaid, or it was entered by mistake."""

    RETURNED = "returned"
    MISTAKE = "mistake"


class RoundingMode(StrEnum):
    """How a ratio is rounded to a multiple of a unit. `level` and `none` set an EMI; they cannot round one figure."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    NONE = "none"


class ServiceScope(StrEnum):
    """What a service may be allowed to do."""

    LENDING_READ = "lending:read"
    LENDING_WRITE = "lending:write"
    PAYMENTS_WRITE = "payments:write"
    BILLING_RUN = "billing:run"
    IMPORTS_WRITE = "imports:write"
    IDENTITY_REVEAL = "identity:reveal"
    EVENTS_READ = "events:read"


class SimulationKind(StrEnum):
    """The kind of a simulation."""

    PAYMENT = "payment"
    PREPAYMENT = "prepayment"
    PAYOFF = "payoff"
    RATE = "rate"


class SpendKind(StrEnum):
    """What an authorisation is for."""

    PURCHASE = "purchase"
    CASH = "cash"


class TransferKind(StrEnum):
    """Why a transfer was posted."""

    DISBURSAL = "disbursal"
    FEE = "fee"
    INTEREST = "interest"
    OVERDUE_INTEREST = "overdue_interest"
    CHARGE = "charge"
    PENAL_CHARGE = "penal_charge"
    BOUNCE_CHARGE = "bounce_charge"
    SERVICE_CHARGE = "service_charge"
    PREPAYMENT_CHARGE = "prepayment_charge"
    PAYMENT = "payment"
    PREPAYMENT = "prepayment"
    ADVANCE = "advance"
    ADVANCE_USED = "advance_used"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"
    REFUND = "refund"
    WAIVER = "waiver"
    WRITE_OFF = "write_off"
    CREDIT_NOTE = "credit_note"
    SUSPENSE = "suspense"
    RECOGNITION = "recognition"
    OVERPAYMENT = "overpayment"
    RECOVERY = "recovery"
    ROUNDING = "rounding"
    REFUND_PAID = "refund_paid"
    CAPITALISED = "capitalised"


class TreatAs(StrEnum):
    """What the payer wants the payment to be: an instalment, a prepayment with a choice of what changes, or a recovery
    on a loan that was written off."""

    INSTALMENT = "instalment"
    PREPAYMENT = "prepayment"
    PREPAY_SMALLER_EMI = "prepay_smaller_emi"
    PREPAY_EARLIER_END = "prepay_earlier_end"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptKeyFactsBody:
    """The acceptance of a key facts statement, and the language in which it was read."""

    language: Language | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AccruedAnswer:
    """Interest that had accrued and was not billed at the end of a day."""

    on: dt.date
    performing: Decimal
    non_performing: Decimal
    products: list[AccruedLineAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccruedLineAnswer:
    """The accrued and unbilled interest of a product's loans or card accounts; `loans` is how many there are."""

    product: str
    loans: int
    performing: Decimal
    non_performing: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionBody:
    """What is done next on a case, and when. Without both, nothing is planned."""

    loan_id: Id | None | Unset = UNSET
    card_account_id: Id | None | Unset = UNSET
    action: NextAction | None | Unset = UNSET
    on: dt.date | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOnCardBody:
    """Another card of the account, for somebody else."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadPart:
    """The bills to come: the EMI, how many, the last day, and their totals in rupees."""

    emi: Decimal
    instalments: int
    ends_on: dt.date | None
    interest: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """The result of one choice."""

    choice: str
    applied: Applied | None
    next_due: NextDue | None
    loan_closed: bool
    outlook: OutlookAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysBody:
    """Whether statements always come."""

    always: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationAnswer:
    """An application and its decision. The fields of the loan are null until the application is approved."""

    application_id: str
    status: ApplicationStatus
    loan_id: str | None
    card_account_id: str | None
    user_id: str
    product: str
    amount: Decimal
    tenure_months: int
    purpose: str | None
    requested_rate: Decimal | None
    annual_rate: Decimal | None
    applied_on: dt.date
    decided_on: dt.date | None
    expires_on: dt.date | None
    disbursed_on: dt.date | None
    emi: Decimal | None
    due_dates: list[DueDate]
    reasons: list[ApplicationReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationData:
    """An application with its status and reasons."""

    application_id: str
    user_id: str
    status: Literal["pending", "offered", "approved", "refused", "expired"]
    product: str
    product_version: int
    amount: Decimal
    tenure_months: int
    annual_rate: Decimal | None
    purpose: str | None
    reasons: list[EventReason]
    loan_id: str | None
    applied_on: dt.date
    decided_on: dt.date | None
    expires_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEvent:
    """An application was received or decided."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["application.pending", "application.offered", "application.approved", "application.refused", "application.expired"]
    data: ApplicationData


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLine:
    """An application in a list. Read it alone to see its reasons and the plan of its loan."""

    application_id: str
    user_id: str
    product: str
    status: ApplicationStatus
    amount: Decimal
    tenure_months: int
    annual_rate: Decimal | None
    purpose: str | None
    applied_on: dt.date
    decided_on: dt.date | None
    loan_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLinePage:
    """A value of the API."""

    items: list[ApplicationLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReason:
    """A rule that failed or a fact that is missing, with the figures that the rule compared (money in rupees)."""

    code: str
    message: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """Where the money went, in rupees. An advance waits for the next bill."""

    charges: Decimal
    interest: Decimal
    principal: Decimal
    advance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedData:
    """What a payment paid, in rupees."""

    charges: Decimal
    interest: Decimal
    principal: Decimal
    advance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyBody:
    """An application. Leave out `amount` and `tenure_months` if the product fixes them. Send `annual_rate` only for a
    product that takes the rate from the request."""

    user_id: Id
    product: str
    amount: Amount | None | Unset = UNSET
    tenure_months: int | None | Unset = UNSET
    purpose: str | None | Unset = UNSET
    annual_rate: Amount | None | Unset = UNSET
    first_due_on: dt.date | None | Unset = UNSET
    every: int | None | Unset = UNSET
    frequency: Frequency | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AprAnswer:
    """The annual percentage rate: `nominal` as in the RBI's key facts statement, `effective` as in the EU directives."""

    nominal: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AprBody:
    """Dated cash flows: `advances` are what the borrower receives, `payments` what the borrower pays. All amounts are
    positive."""

    advances: Sequence[FlowBody]
    payments: Sequence[FlowBody]
    convention: AprConvention | Unset = UNSET
    frequency: Frequency | Unset = UNSET
    every: int | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AprOfFlows:
    """An annual percentage rate and its convention."""

    convention: AprConvention
    apr: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentBody:
    """The officer who is in charge of a case; null: nobody."""

    loan_id: Id | None | Unset = UNSET
    card_account_id: Id | None | Unset = UNSET
    officer_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRiskAnswer:
    """The loans that are past due for more than `after_days`, and their share of all principal."""

    after_days: int
    loans: int
    principal: Decimal
    share_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptBody:
    """An attempt to contact a borrower. `at` is now unless it is given, with its time zone."""

    loan_id: Id | None | Unset = UNSET
    card_account_id: Id | None | Unset = UNSET
    user_id: Id | None | Unset = UNSET
    channel: Channel
    outcome: Outcome
    at: dt.datetime | None | Unset = UNSET
    text: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEventAnswer:
    """One event of the audit trail, written in the same transaction as the change. `object_id` is the public id of the
    changed object, if it has one."""

    id: int
    at: dt.datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    customer_id: str | None
    request_id: str | None
    client_address: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEventAnswerPage:
    """A value of the API."""

    items: list[AuditEventAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHeadAnswer:
    """The last seal. Keep it outside this service: `kist audit verify --head` then proves that no earlier event is
    missing."""

    head: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationAnswer:
    """An authorisation, and what is available on the account now."""

    account_id: str
    reference: str
    approved: bool
    decline_code: str | None
    kind: str
    amount: Decimal
    captured: Decimal
    held: Decimal
    status: HoldStatus
    expires_at: dt.datetime
    available: Decimal
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationBody:
    """What the network asks for. Its reference is the key of a repeat for ever."""

    reference: str
    amount: Amount
    kind: SpendKind
    merchant: Merchant
    card_token: str
    transacted_at: dt.datetime
    online: bool | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationNamed:
    """An authorisation, by the network's reference."""

    authorisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceLineAnswer:
    """An account of the chart with a product: either its debit balance or its credit balance is 0."""

    code: str
    name: str
    nature: Nature
    product: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSheetAnswer:
    """Assets and liabilities at the end of a day, and the result: what the book has earned until then. The assets are
    the sum of the other two."""

    on: dt.date
    assets: Decimal
    liabilities: Decimal
    result: Decimal
    lines: list[BalanceLineAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkAnswer:
    """The rate of a benchmark from a day on."""

    code: str
    from_: dt.date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkBody:
    """The rate of a benchmark from a day on, in percent a year."""

    code: str
    from_: dt.date
    rate: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class BillAnswer:
    """A bill as it was issued, and its unpaid part. `total_due` and `minimum_due` include `past_due`."""

    cycle: int
    from_: dt.date
    billed_on: dt.date
    due_on: dt.date
    opening_principal: Decimal
    interest: Decimal
    principal_due: Decimal
    charges: Decimal
    past_due: Decimal
    total_due: Decimal
    minimum_due: Decimal
    unpaid_charges: Decimal
    unpaid_interest: Decimal
    unpaid_principal: Decimal
    returned_to_plan: Decimal
    closed_on: dt.date | None
    settled_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillData:
    """A bill as it was issued. An overdue bill also has the day on which it was closed, and what was unpaid then."""

    loan_id: str
    user_id: str
    cycle: int
    from_: dt.date
    billed_on: dt.date
    due_on: dt.date
    opening_principal: Decimal
    interest: Decimal
    principal_due: Decimal
    charges: Decimal
    past_due: Decimal
    total_due: Decimal
    minimum_due: Decimal
    closed_on: dt.date | None
    unpaid_charges: Decimal | None
    unpaid_interest: Decimal | None
    unpaid_principal: Decimal | None
    returned_to_plan: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillEvent:
    """A bill was issued, or found overdue."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["bill.issued", "bill.overdue"]
    data: BillData


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedAnswer:
    """A charge with its tax, and the loan with it, in rupees. `charge_id` is null for a simulation."""

    loan_id: str
    charge_id: int | None
    name: str
    on: dt.date
    amount: Decimal
    tax: Decimal
    total: Decimal
    sac: str | None
    charges_due_before: Decimal
    charges_due: Decimal
    next_bill: Decimal
    payoff: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedTransferAnswer:
    """A transfer of a ledger. `of` is its loan or card account, `number` its number there."""

    of: str
    number: int
    kind: str
    debit: str
    credit: str
    amount: Decimal
    value_date: dt.date
    booked_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedTransferAnswerPage:
    """A value of the API."""

    items: list[BookedTransferAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Principal and interest, in rupees."""

    principal: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """What is owed, by what it consists of, in rupees."""

    purchases: Decimal
    cash: Decimal
    instalments: Decimal
    interest: Decimal
    fees: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAssignmentAnswer:
    """How many cases the filter found, up to the limit, and how many of them changed hands."""

    found: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAssignmentBody:
    """The officers to whom the first cases of a list are dealt, in turn."""

    officer_ids: Sequence[int]
    filters: CaseFilters
    sort: CaseSort | Unset = UNSET
    limit: int | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauFileAnswer:
    """A file: as on which day, full or what changed since the file before, how many records, and when it was made.
    `finished_at` is null while it is being made."""

    as_on: dt.date
    kind: str
    since: dt.date | None
    known_on: dt.date
    records: int
    made_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureBody:
    """The clearing of an authorisation, or of a part of it."""

    authorisation: str
    reference: str
    amount: Amount
    final: bool | Unset = UNSET
    transacted_on: dt.date | None | Unset = UNSET
    merchant: str | None | Unset = UNSET
    currency: str | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccountAnswer:
    """A card account on the business date. Amounts are in rupees."""

    account_id: str
    user_id: str
    product: str
    status: CardAccountStatus
    is_blocked: bool
    opened_on: dt.date
    ended_on: dt.date | None
    limit: Decimal
    available: Decimal
    cash_limit: Decimal
    cash_available: Decimal
    held: Decimal
    owed: Decimal
    credit_balance: Decimal
    charged_off: Decimal
    recovered: Decimal
    refund_questions: list[RefundQuestionAnswer]
    buckets: Buckets
    unbilled_plans: Decimal
    disputed: Decimal
    plans: list[CardPlanAnswer]
    disputes: list[DisputeAnswer]
    statement_day: int
    next_statement_on: dt.date
    is_revolving: bool
    over_limit_consent: bool
    due: list[CardDueAnswer]
    days_past_due: int
    reported_past_due: bool
    non_performing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccountAnswerPage:
    """A value of the API."""

    items: list[CardAccountAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccountClassData:
    """A card account with another asset class."""

    user_id: str
    on: dt.date
    from_: str | None
    to: str | None
    days_past_due: int
    oldest_due_on: dt.date | None
    oldest_instalment: int | None
    non_performing_since: dt.date | None
    reason: str
    card_account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccountClassEvent:
    """A card account has another asset class."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["card.account_class_changed"]
    data: CardAccountClassData


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccountData:
    """A card account that was opened, closed or charged off."""

    card_account_id: str
    user_id: str
    status: Literal["open", "closed", "charged_off"]
    limit: Decimal
    owed: Decimal
    credit_balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccountEvent:
    """A card account was opened, closed, opened again or charged off."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["card.account_opened", "card.account_closed", "card.account_charged_off", "card.account_reopened"]
    data: CardAccountData


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAnswer:
    """A card and its status. A card has a token and four digits, but no card number."""

    token: str
    loan_id: str | None
    card_account_id: str | None
    name: str | None
    is_add_on: bool
    user_id: str
    last_four: str
    expiry: str
    status: CardStatus
    issued_on: dt.date
    blocked_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChargeOffBody:
    """A proposal to charge a card account off. The account ends as `charged_off`."""

    kind: Literal["card_charge_off"]
    card_account_id: Id
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardClosingQuoteAnswer:
    """What closes an account on a day, in rupees. A total below 0 is a credit balance that is paid out."""

    on: dt.date
    total: Decimal
    owed: Decimal
    interest: Decimal
    tax: Decimal
    plans: Decimal
    close_by: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCreditBody:
    """A proposal to give the holder of a card account money that settles what is owed, at the lender's expense. What
    is more than is owed is a credit balance."""

    kind: Literal["card_credit"]
    card_account_id: Id
    amount: Amount
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """A virtual card, named by its loan or its card account: its token is secret."""

    loan_id: str | None
    card_account_id: str | None = None
    user_id: str
    last_four: str
    status: Literal["active", "blocked", "replaced"]
    issued_on: dt.date
    expires_on: dt.date
    blocked_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDueAnswer:
    """A statement whose minimum is not paid, or whose due date has not passed."""

    number: int
    statement_on: dt.date
    due_on: dt.date
    total_unpaid: Decimal
    minimum_unpaid: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEvent:
    """Something happened to a virtual card."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["card.issued", "card.blocked", "card.unblocked", "card.replaced"]
    data: CardData


@dataclass(frozen=True, slots=True, kw_only=True)
class CardForeclosureQuoteAnswer:
    """What a plan costs when it is foreclosed on a day, in rupees."""

    on: dt.date
    total: Decimal
    principal: Decimal
    interest: Decimal
    fee: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInterestAnswer:
    """The interest of a group in a statement, rounded, and every line that it came from."""

    group: str
    interest: Decimal
    lines: list[CardInterestLineAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInterestLineAnswer:
    """Days of one posting with one balance and one rate. `interest` is before rounding, in rupees."""

    posting: int
    bucket: str
    from_: dt.date
    to: dt.date
    days: int
    balance: Decimal
    annual_rate: Decimal
    interest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLedgerLine:
    """One transfer of the books of an account."""

    number: int
    posting: int
    debit: str
    credit: str
    amount: Decimal
    value_date: dt.date
    booked_on: dt.date
    is_laying: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLedgerLinePage:
    """A value of the API."""

    items: list[CardLedgerLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLimitBody:
    """Another limit. `requested` says that the holder asked for it, and that this is on record."""

    limit: Amount
    requested: bool | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLimitProposalBody:
    """A proposal to raise the limit of a card account without its holder's request."""

    kind: Literal["card_limit"]
    card_account_id: Id
    limit: Amount
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMinimumAnswer:
    """What the minimum due was made of, before it was rounded up, in rupees."""

    tax: Decimal
    fees: Decimal
    interest: Decimal
    instalments: Decimal
    over_limit: Decimal
    share: Decimal
    past_due: Decimal
    covering: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOutlookAnswer:
    """What a way of paying comes to. `cleared_on` is null where the debt is never paid."""

    pays: Literal["minimum", "amount"]
    amount: Decimal | None
    statements: int
    cleared_on: dt.date | None
    interest: Decimal
    fees: Decimal
    tax: Decimal
    paid: Decimal
    months: list[CardOutlookMonthAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOutlookMonthAnswer:
    """A statement ahead, and what is paid on its due date."""

    statement_on: dt.date
    due_on: dt.date
    total_due: Decimal
    minimum_due: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentBody:
    """A payment of the holder."""

    amount: Amount
    reference: str
    value_date: dt.date | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentData:
    """A payment of a card account, and what is owed after it was taken or returned."""

    card_account_id: str
    user_id: str
    posting: int
    amount: Decimal
    value_date: dt.date
    owed: Decimal
    credit_balance: Decimal
    charged_off: Decimal | None = None
    recovered: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentEvent:
    """A payment of a card account was taken or returned."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["card.payment_received", "card.payment_returned"]
    data: CardPaymentData


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentLine:
    """A payment to a card account as it was taken."""

    account_id: str
    posting: int
    user_id: str
    amount: Decimal
    returned: Decimal
    value_date: dt.date
    posted_on: dt.date
    reference: str | None
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentLinePage:
    """A value of the API."""

    items: list[CardPaymentLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPlanAnswer:
    """An instalment plan: what is left of it that no statement has billed."""

    plan: int
    purchase: int
    annual_rate: Decimal
    instalment: Decimal
    instalments_left: int
    principal: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPostingAnswer:
    """A posting. `owed` is by how much more is owed because of it; less is negative."""

    number: int
    kind: str
    amount: Decimal
    owed: Decimal
    value_date: dt.date
    posted_on: dt.date
    of: int | None
    reference: str | None
    merchant: str | None
    undone: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPostingAnswerPage:
    """A value of the API."""

    items: list[CardPostingAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRefundBody:
    """A refund of the merchant. Without `purchase` it lowers the oldest purchase."""

    amount: Amount
    reference: str
    purchase: int | None | Unset = UNSET
    refunded_on: dt.date | None | Unset = UNSET
    merchant: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRefundProposalBody:
    """A proposal to pay the credit balance of a card account back to its holder, of an account that has ended too."""

    kind: Literal["card_refund"]
    card_account_id: Id
    amount: Amount
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStatementAnswer:
    """A statement as it was issued, with its postings and the explanation of its interest."""

    number: int
    from_: dt.date
    statement_on: dt.date
    due_on: dt.date
    opening: Decimal
    closing: Decimal
    total_due: Decimal
    minimum_due: Decimal
    interest_free: bool
    account_id: str
    buckets: Buckets
    minimum: CardMinimumAnswer
    unbilled_plans: Decimal
    disputed: Decimal
    postings: list[CardPostingAnswer]
    interest: list[CardInterestAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStatementData:
    """A statement of a card account."""

    card_account_id: str
    user_id: str
    statement: int
    statement_on: dt.date
    due_on: dt.date
    total_due: Decimal
    minimum_due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStatementEvent:
    """A statement of a card account was issued."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["card.statement_issued"]
    data: CardStatementData


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStatementLine:
    """A statement in a list."""

    number: int
    from_: dt.date
    statement_on: dt.date
    due_on: dt.date
    opening: Decimal
    closing: Decimal
    total_due: Decimal
    minimum_due: Decimal
    interest_free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStatementLinePage:
    """A value of the API."""

    items: list[CardStatementLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswer:
    """A loan or a card account that is past due. `overdue`, `asset_class` and `days_past_due` are those of the latest
    day-end, by which the list is filtered and sorted. `overdue_now` is what is overdue at this moment.
    `in_list_since` is the day-end that found it past due, and `closed_on` the one that found it current again.
    `promise` is the status of the promise that counts most: the open one that ends first, or else the latest."""

    loan_id: str | None
    card_account_id: str | None
    user_id: str
    name: str | None
    phone: str | None
    product: str | None
    days_past_due: int
    asset_class: AssetClass
    overdue: Decimal
    overdue_now: Decimal
    oldest_due_on: dt.date
    in_list_since: dt.date
    closed_on: dt.date | None
    officer_id: int | None
    officer: str | None
    next_action: NextAction | None
    next_action_on: dt.date | None
    promise: PromiseStatus | None
    promised: Decimal | None
    promised_for: dt.date | None
    contacted_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswerPage:
    """A value of the API."""

    items: list[CaseAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilters:
    """Filters of the work list. All of them apply together; ranges include both ends."""

    kind: ProductKind | None = None
    asset_class: AssetClass | None = None
    officer_id: int | None = None
    unassigned: bool | None = None
    days_from: int | None = None
    days_to: int | None = None
    overdue_from: Decimal | str | None = None
    overdue_to: Decimal | str | None = None
    promise: PromiseStatus | None = None
    action_to: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBody:
    """The values to change; what is left out stays. Null removes a phone number, an address, an employment type, a
    state or an age. Only staff change the name, the e-mail address (which signs in), the age and the income."""

    name: str | None | Unset = UNSET
    email: str | None | Unset = UNSET
    phone: str | None | Unset = UNSET
    address: str | None | Unset = UNSET
    age: int | None | Unset = UNSET
    employment_type: str | None | Unset = UNSET
    gst_state: str | None | Unset = UNSET
    annual_income: Amount | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeData:
    """A change of a loan: its kind, the day from which it counts, and the instalments that it leaves."""

    change_id: int | None
    kind: Literal["rate_reset", "restructure", "due_day", "top_up"]
    made_on: dt.date
    annual_rate: Decimal
    emi: Decimal
    instalments_left: int
    ends_on: dt.date | None
    topped_up: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """A change of a loan. It counts from `made_on` and was entered on `booked_on`."""

    change_id: int
    kind: ChangeKind
    made_on: dt.date
    booked_on: dt.date
    annual_rate: Decimal | None
    adjusts: Adjusts
    emi: Decimal | None
    instalments: int | None
    moratorium_instalments: int | None
    moratorium_of: MoratoriumOf | None
    moratorium_interest: MoratoriumInterest | None
    capitalises_arrears: bool
    for_difficulty: bool
    due_day: int | None
    amount: Decimal | None
    proposal_id: str | None
    undone_on: dt.date | None
    undone_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSinceAnswer:
    """A change of the loan since. `annual_rate` is the rate from its day on, where it changed; a top-up has key facts
    of its own, those of `application_id`."""

    change_id: int
    kind: ChangeKind
    made_on: dt.date
    annual_rate: Decimal | None
    amount: Decimal | None
    application_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """A change with the bills to come before and after it. `change_id` is null for a simulation."""

    loan_id: str
    change_id: int | None
    kind: ChangeKind
    made_on: dt.date
    annual_rate: Decimal
    outstanding: Decimal
    before: AheadPart
    after: AheadPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeBody:
    """A charge to book, by its code in the schedule of charges, and why."""

    charge: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTrialBody:
    """A charge to simulate, by its code in the schedule of charges."""

    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedAnswer:
    """A charge that was posted. `charge_id` is there for a charge that can be taken back, `cycle` for one of a bill."""

    kind: TransferKind
    name: str | None
    on: dt.date
    booked_on: dt.date
    amount: Decimal
    tax: Decimal
    total: Decimal
    cycle: int | None
    charge_id: int | None
    taken_back_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesAnswer:
    """The charges of a loan on the business date. Amounts are in rupees."""

    loan_id: str
    as_of: dt.date
    schedule_of_charges: list[NamedChargeAnswer]
    charged: list[ChargedAnswer]
    charges_due: Decimal
    next_bill: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartBody:
    """Codes and names, which are checked together: accounts that share a code also share its name."""

    accounts: Sequence[ChartEntryBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEntryAnswer:
    """An account of a ledger."""

    book: Book
    account: str
    nature: Nature
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEntryBody:
    """A code and a name for an account."""

    book: Book
    account: str
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceBody:
    """What shall give when the rate is reset: the EMI, the tenor, or both, with the EMI that the borrower names."""

    adjusts: Adjusts
    emi: Amount | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePart:
    """What a choice would do if the rate were reset today."""

    adjusts: Adjusts
    after: AheadPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChange:
    """A change at a day-end: from which class to which (null: not on the books), why, and by which instalment."""

    on: dt.date
    from_: str | None
    to: str | None
    reason: str
    instalment: int | None
    oldest_due_on: dt.date | None
    non_performing_since: dt.date | None
    by: FacilityAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingBody:
    """A clearing that had no authorisation: offline, a tip, or after its expiry."""

    reference: str
    amount: Amount
    kind: SpendKind | Unset = UNSET
    transacted_on: dt.date | None | Unset = UNSET
    merchant: str | None | Unset = UNSET
    card_token: str | None | Unset = UNSET
    currency: str | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAnswer:
    """The lender's date in Asia/Kolkata."""

    business_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBody:
    """The new business date."""

    business_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class CoLendingAnswer:
    """Who lends together with the lender, the shares of both in percent, and the blended rate, which is the rate of
    the loan."""

    partner: str
    partner_share: Decimal
    own_share: Decimal
    blended_rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionsAnswer:
    """A loan or a card account as those who collect see it: its case (null: it never was past due), and its promises,
    the newest first."""

    case: CaseAnswer | None
    promises: list[PromiseAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentBody:
    """Whether the holder consents."""

    consents: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContingentChargeAnswer:
    """A charge that depends on what happens: an amount in rupees, a share in percent, or both, and its GST."""

    name: str
    per: ChargePer
    amount: Decimal
    percent: Decimal
    tax_percent: Decimal
    grace_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsBody:
    """What the card may do. Everything that is left out is allowed."""

    per_transaction: Amount | None | Unset = UNSET
    per_day: Amount | None | Unset = UNSET
    purchases: bool | Unset = UNSET
    cash: bool | Unset = UNSET
    online: bool | Unset = UNSET
    blocked_categories: Sequence[str] | Unset = UNSET
    countries: Sequence[str] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionBody:
    """A purchase that is to be paid in instalments."""

    purchase: int
    instalments: int
    annual_rate: Amount | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolingOffAnswer:
    """Until when the loan can be left, and what closes it on that day if nothing was paid before, in rupees. A top-up
    is given back until then: so much principal is repaid without a charge."""

    until: dt.date
    payoff: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleAnswer:
    """The interest of a cycle, or of the requested part of it. `billed` is the interest on its bill.
    `overdue_interest` is the interest on principal that was overdue, and `overdue_spans` the days behind it. Where
    a product asks for it, the bill demands it on top of `interest`."""

    cycle: int
    from_: dt.date
    to: dt.date
    spans: list[SpanAnswer]
    interest_exact: str
    interest: Decimal
    billed: Decimal | None
    overdue_spans: list[SpanAnswer]
    overdue_interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAnswer:
    """A day by officer: instalments and minimum dues of cards that fall due and are not paid yet (of the whole book),
    actions that are to be done by then, promises for it, payments that bounced, and payments of the work list."""

    on: dt.date
    officers: list[OfficerDayAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLineAnswer:
    """A line of a section. `number` is that of the instalment, the statement, the promise, the payment or the posting;
    0 of an action. `state` says how it stands, or what is to be done."""

    loan_id: str | None
    card_account_id: str | None
    user_id: str
    name: str | None
    phone: str | None
    number: int
    amount: Decimal
    state: str
    asset_class: str | None
    officer_id: int | None
    officer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLineAnswerPage:
    """A value of the API."""

    items: list[DayLineAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMoveAnswer:
    """What moving the statement day means."""

    statement_day: int
    cycle_began_on: dt.date
    would_end_on: dt.date
    ends_on: dt.date
    longest_interest_free_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySumAnswer:
    """How many lines a section has, and how much they come to."""

    number: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionBody:
    """A note on the decision, for later readers."""

    note: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultAnswer:
    """A default within a monitoring period: of which facility and instalment, and the first day-end that shows it."""

    of: FacilityAnswer
    instalment: int
    due_on: dt.date
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class DelinquencyAnswer:
    """Days past due and class at the end of the day `on`, with what was known at the end of `as_known_on`. `is_final`
    is false while the day is not over: the figures are then those if nothing more is paid. The class is the
    borrower's, and `by` is the facility that gives it. `asset_class` is null for a loan that is closed.
    `monitoring` is null for a loan that was not restructured for financial difficulty."""

    loan_id: str
    on: dt.date
    as_known_on: dt.date
    is_final: bool
    days_past_due: int
    asset_class: str | None
    by: FacilityAnswer | None
    oldest_due_on: dt.date | None
    oldest_instalment: int | None
    non_performing_since: dt.date | None
    unpaid: list[UnpaidInstalmentAnswer]
    explanation: list[str]
    monitoring: MonitoringAnswer | None
    changes: list[ClassChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAnswer:
    """One event for one endpoint. `last_status` is that of the last answer; null without one, then `last_error` says
    why."""

    event_id: str
    number: int
    status: DeliveryStatus
    attempts: int
    due_since: dt.datetime
    last_attempt_at: dt.datetime | None
    last_status: int | None
    last_error: str | None
    delivered_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAnswerPage:
    """A value of the API."""

    items: list[DeliveryAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeAnswer:
    """An open dispute, and what is set aside for it."""

    dispute: int
    posting: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeBody:
    """A purchase or a cash advance that the holder disputes, as a whole or in part."""

    posting: int
    amount: Amount | None | Unset = UNSET
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDecisionBody:
    """How a dispute is decided."""

    winner: Literal["holder", "merchant"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """One planned instalment."""

    number: int
    date: dt.date
    principal: Decimal
    interest: Decimal
    amount_due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDayBody:
    """Another due day. The next instalment falls on the first such day on or after its date."""

    due_day: int
    made_on: dt.date | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAnswer:
    """An endpoint. `after` is the last event that was handed to it; `resting_until` is set while it does not answer."""

    endpoint_id: int
    url: str
    events: list[EventType]
    description: str | None
    status: EndpointStatus
    after: int
    failures: int
    resting_until: dt.datetime | None
    old_secret_until: dt.datetime | None
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointBody:
    """A new endpoint. Without `events` it gets all types. Without `after` it begins with the next event."""

    url: str
    events: Sequence[EventType] | Unset = UNSET
    description: str | None | Unset = UNSET
    after: int | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChange:
    """What changes of an endpoint; what is left out stays. A paused endpoint gets what it missed when it is active."""

    url: str | None = None
    events: list[EventType] | None = None
    description: str | None = None
    status: EndpointStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointList:
    """All endpoints."""

    items: list[EndpointAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointWithSecret:
    """An endpoint and its secret, which no other answer shows."""

    endpoint_id: int
    url: str
    events: list[EventType]
    description: str | None
    status: EndpointStatus
    after: int
    failures: int
    resting_until: dt.datetime | None
    old_secret_until: dt.datetime | None
    created_at: dt.datetime
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAnswer:
    """An entry of the diary: a note, an attempt, or what was decided. `details` depend on the kind of entry."""

    entry_id: int
    kind: EntryKind
    user_id: str
    loan_id: str | None
    card_account_id: str | None
    text: str | None
    details: dict[str, Any]
    happened_at: dt.datetime
    written_at: dt.datetime
    written_on: dt.date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAnswerPage:
    """A value of the API."""

    items: list[EntryAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPageAnswer:
    """Events in order. Send `next_after` as `after` to go on, also if `items` is empty: it has passed over events of
    other types, 50,000 at a time."""

    items: list[LoanEvent | LoanClassEvent | CardAccountClassEvent | PromiseEvent | BillEvent | PaymentEvent | ReversalEvent | ApplicationEvent | ScoreEvent | CardEvent | CardAccountEvent | CardStatementEvent | CardPaymentEvent | RunEvent | ImportEvent]
    next_after: int
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReason:
    """A reason of a decision, with the figures that were compared."""

    code: str
    message: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationAnswer:
    """The interest of a loan over a range of days: the days, balances and rates, and the rounding."""

    loan_id: str
    from_: dt.date
    to: dt.date
    interest_basis: str
    day_count: str
    rounding: str
    interest: Decimal
    cycles: list[CycleAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityAnswer:
    """A loan or a card of the borrower, by its kind and number."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorsAnswer:
    """The bands into which the customer's facts fall."""

    payment_history: str
    credit_utilization: str
    credit_age: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorsData:
    """A score in words."""

    payment_history: str
    credit_utilization: str
    credit_age: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeAnswer:
    """A fee of the quote."""

    name: str
    amount: Decimal
    paid: FeePaid


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeBody:
    """A fee at the start of the loan: deducted from the disbursal, paid upfront, or financed."""

    name: str
    amount: Amount
    paid: FeePaid


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowBody:
    """An amount on a day."""

    on: dt.date
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAnswer:
    """The customers who fit, at most 200."""

    items: list[UserLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUpData:
    """What a waiver or a write-off gave up, in rupees."""

    charges: Decimal
    interest: Decimal
    principal: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GstLineAnswer:
    """The documents of one kind, place of supply and service. Amounts are in rupees. A credit note gives tax back, a
    debit note asks for it again."""

    kind: DocumentKind
    place: str
    sac: str | None
    documents: int
    taxable: Decimal
    central: Decimal
    state: Decimal
    integrated: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GstReportAnswer:
    """The tax documents of a month. `waiting` is tax that the ledger has booked and that has no document yet."""

    month: dt.date
    lender_state: str | None
    lines: list[GstLineAnswer]
    net_tax: Decimal
    ledger_tax: Decimal
    waiting: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayAnswer:
    """A holiday."""

    on: dt.date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayPart:
    """A day on which nothing is due."""

    on: dt.date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidaysAdded:
    """How many holidays were new."""

    calendar: str
    added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidaysBody:
    """Holidays to add to a calendar."""

    holidays: Sequence[HolidayPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAnswer:
    """An import and its progress. `rows_known` counts rows that earlier files already loaded. If the status is
    `failed`, `failure` gives the reason: upload the same file again to continue where the import stopped."""

    import_id: int
    kind: Literal["customers", "loans", "transactions"]
    file_name: str
    status: Literal["queued", "running", "finished", "failed"]
    percent_done: int
    rows_read: int
    rows_loaded: int
    rows_known: int
    rows_rejected: int
    failure: str | None
    started_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAnswerPage:
    """A value of the API."""

    items: list[ImportAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportData:
    """An import that has ended."""

    import_id: int
    kind: Literal["customers", "loans", "transactions"]
    file_name: str
    status: Literal["queued", "running", "finished", "failed"]
    rows_read: int
    rows_loaded: int
    rows_known: int
    rows_rejected: int
    failure: str | None
    started_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportEvent:
    """An import has ended."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["import.finished", "import.failed"]
    data: ImportData


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentLine:
    """An instalment: its amount, its unpaid part and its status."""

    number: int
    due_date: dt.date
    status: InstalmentStatus
    amount: Decimal
    unpaid: Decimal
    breakdown: Breakdown


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDayAnswer:
    """What was booked on a day. Debits and credits are equal."""

    on: dt.date
    debit: Decimal
    credit: Decimal
    lines: list[JournalLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """What an account was debited and credited with for a product."""

    code: str
    name: str
    nature: Nature
    book: Book
    account: str
    product: str
    debit: Decimal
    credit: Decimal
    transfers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCredit:
    """The credit balance that the holder keeps on the account."""

    account_id: str
    credit_balance: Decimal
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFactsAnswer:
    """The figures of the RBI's key facts statement (circular of 15 April 2024, Annex A). Its rates have two decimals.
    `total_interest` includes interest that was added to the principal."""

    sanctioned_amount: Decimal
    net_disbursed: Decimal
    instalments: int
    every: int
    frequency: Frequency
    instalment: Decimal
    first_due_on: dt.date
    last_due_on: dt.date
    annual_rate: Decimal
    rate_type: str
    fees: list[FeeAnswer]
    total_interest: Decimal
    total_fees: Decimal
    total_to_pay: Decimal
    apr: Decimal
    apr_effective: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One transfer of the ledger. It belongs to a payment, to an approved waiver or write-off, to a charge for an
    event, or to none of them."""

    number: int
    group: int
    kind: TransferKind
    debit: LedgerAccount
    credit: LedgerAccount
    amount: Decimal
    component: LedgerAccount
    value_date: dt.date
    booked_on: dt.date
    cycle: int | None
    payment_id: str | None
    proposal_id: str | None
    charge_id: int | None
    reverses: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLinePage:
    """A value of the API."""

    items: list[LedgerLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderAnswer:
    """A version of the profile. The logo is shown on papers and not here."""

    version: int
    effective_from: dt.date
    has_logo: bool
    profile: LenderFields


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderBody:
    """A version of the profile, in force from a day on."""

    effective_from: dt.date
    profile: LenderProfileBody
    logo: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderFields:
    """What papers say about the lender. A text in Hindi that is null is shown in English."""

    name: str
    name_hindi: str | None = None
    address: str
    address_hindi: str | None = None
    cin: str | None = None
    gstin: str | None = None
    rbi_registration: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    grievance_officer: str
    grievance_phone: str
    grievance_email: str
    upi_address: str | None = None
    bank_account_name: str | None = None
    bank_account_number: str | None = None
    bank_ifsc: str | None = None
    recovery_clause: str | None = None
    recovery_clause_hindi: str | None = None
    grievance_clause: str | None = None
    grievance_clause_hindi: str | None = None
    transfer_terms: str | None = None
    transfer_terms_hindi: str | None = None
    recovery_service: str | None = None
    recovery_service_hindi: str | None = None
    holiday_calendar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderProfileBody:
    """What papers say about the lender. Leave out what there is not."""

    name: str
    name_hindi: str | None | Unset = UNSET
    address: str
    address_hindi: str | None | Unset = UNSET
    cin: str | None | Unset = UNSET
    gstin: str | None | Unset = UNSET
    rbi_registration: str | None | Unset = UNSET
    phone: str | None | Unset = UNSET
    email: str | None | Unset = UNSET
    website: str | None | Unset = UNSET
    grievance_officer: str
    grievance_phone: str
    grievance_email: str
    upi_address: str | None | Unset = UNSET
    bank_account_name: str | None | Unset = UNSET
    bank_account_number: str | None | Unset = UNSET
    bank_ifsc: str | None | Unset = UNSET
    recovery_clause: str | None | Unset = UNSET
    recovery_clause_hindi: str | None | Unset = UNSET
    grievance_clause: str | None | Unset = UNSET
    grievance_clause_hindi: str | None | Unset = UNSET
    transfer_terms: str | None | Unset = UNSET
    transfer_terms_hindi: str | None | Unset = UNSET
    recovery_service: str | None | Unset = UNSET
    recovery_service_hindi: str | None | Unset = UNSET
    holiday_calendar: str | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitBody:
    """A proposal to set a customer's approved limit by hand."""

    kind: Literal["limit_override"]
    user_id: Id
    approved_limit: Amount
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPromise:
    """A promise in a list, with its user and the officer in charge of the case."""

    promise_id: str
    loan_id: str | None
    card_account_id: str | None
    user_id: str
    amount: Decimal
    pay_by: dt.date
    made_on: dt.date
    made_at: dt.datetime
    made_by: str
    status: PromiseStatus
    paid: Decimal
    kept_on: dt.date | None
    name: str | None
    phone: str | None
    officer_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPromisePage:
    """A value of the API."""

    items: list[ListedPromise]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanAnswer:
    """A loan on the business date. Amounts are in rupees."""

    loan_id: str
    user_id: str
    product: str
    status: LoanStatus
    amount: Decimal
    topped_up: Decimal
    annual_rate: Decimal
    instalments: int
    disbursed_on: dt.date
    closed_on: dt.date | None
    emi: Decimal
    principal_outstanding: Decimal
    interest_due: Decimal
    charges_due: Decimal
    advance: Decimal
    overdue: Decimal
    next_due: NextDue | None
    next_billing_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanClassData:
    """A loan with another asset class."""

    user_id: str
    on: dt.date
    from_: str | None
    to: str | None
    days_past_due: int
    oldest_due_on: dt.date | None
    oldest_instalment: int | None
    non_performing_since: dt.date | None
    reason: str
    loan_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanClassEvent:
    """A loan has another asset class."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["loan.class_changed"]
    data: LoanClassData


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanData:
    """A loan. `product` and `product_version` are given when it is made, `given_up`, `refunded` and `change` then."""

    loan_id: str
    user_id: str
    status: Literal["active", "closed", "written_off"]
    amount: Decimal
    annual_rate: Decimal
    instalments: int
    emi: Decimal
    disbursed_on: dt.date
    closed_on: dt.date | None
    principal_outstanding: Decimal
    interest_due: Decimal
    charges_due: Decimal
    advance: Decimal
    product: str | None
    product_version: int | None
    given_up: GivenUpData | None
    refunded: Decimal | None = None
    change: ChangeData | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanEvent:
    """Something happened to a loan."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["loan.approved", "loan.disbursed", "loan.closed", "loan.reopened", "loan.waived", "loan.written_off", "loan.refunded", "loan.rate_notice", "loan.changed", "loan.change_undone"]
    data: LoanData


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanLine:
    """A loan in a list, as the last run left it."""

    loan_id: str
    user_id: str
    product: str
    status: LoanStatus
    amount: Decimal
    annual_rate: Decimal
    disbursed_on: dt.date
    principal_outstanding: Decimal
    next_billing_on: dt.date | None
    due_on: dt.date | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanLinePage:
    """A value of the API."""

    items: list[LoanLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanSummary:
    """The totals of a loan, in rupees. `outstanding` is principal only. `charges_paid` has the fees of the disbursal.
    `interest_capitalised` became principal, so `principal_paid`, `principal_written_off` and `outstanding` are
    together what was lent and this."""

    principal_paid: Decimal
    interest_paid: Decimal
    charges_paid: Decimal
    interest_capitalised: Decimal
    interest_waived: Decimal
    charges_waived: Decimal
    principal_written_off: Decimal
    interest_written_off: Decimal
    charges_written_off: Decimal
    charges_due: Decimal
    charges_with_next_bill: Decimal
    outstanding: Decimal
    advance: Decimal
    overdue: Decimal
    next_due_date: dt.date | None
    next_due_amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """Who is paid."""

    name: str
    category_code: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringAnswer:
    """What a loan that was restructured for financial difficulty has to show before it is standard again. `to_repay`
    of principal, not before `not_before` (null while no payment has fallen due), and no default from `begins_on`
    (null while the period has not begun). `is_open` is false when it has shown it."""

    restructured_on: dt.date
    is_open: bool
    begins_on: dt.date | None
    not_before: dt.date | None
    to_repay: Decimal
    repaid: Decimal
    default: DefaultAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoratoriumBody:
    """A moratorium: in the first instalments the borrower does not pay principal, or neither principal nor interest."""

    instalments: int
    of: MoratoriumOf | Unset = UNSET
    interest: MoratoriumInterest | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class MoratoriumPart:
    """Instalments, from the current one on, in which principal is not paid, or both principal and interest. Interest
    of `both` falls due with the first instalment after them (`simple`), or becomes principal (`capitalised`)."""

    instalments: int
    of: MoratoriumOf | None = None
    interest: MoratoriumInterest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementAnswer:
    """What was posted, and how the account stands after it."""

    account_id: str
    posting: int
    kind: str
    amount: Decimal
    value_date: dt.date
    posted_on: dt.date
    reference: str | None
    owed: Decimal
    credit_balance: Decimal
    available: Decimal
    charged_off: Decimal
    recovered: Decimal
    replayed: bool
    pay_by: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChargeAnswer:
    """A charge that the product names. It has an amount in rupees, a share in percent, or both, each with its bounds.
    `tax_percent` is the GST on top of it on the business date. A charge with a `code` is booked by it."""

    name: str
    code: str | None
    per: ChargePer
    amount: Decimal
    percent: Decimal
    minimum: Decimal
    maximum: Decimal | None
    tax_percent: Decimal
    sac: str | None
    grace_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServiceAnswer:
    """A service with its token. Store the token now: it is not shown again."""

    service_id: int
    name: str
    scopes: list[ServiceScope]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDue:
    """The next amount to pay. `billed` says whether its bill is issued already."""

    instalment: int
    amount: Decimal
    minimum: Decimal
    due_date: dt.date
    billed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBody:
    """A note. A full Aadhaar number in it is refused."""

    loan_id: Id | None | Unset = UNSET
    card_account_id: Id | None | Unset = UNSET
    user_id: Id | None | Unset = UNSET
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAnswer:
    """A new rate that the borrower is told of, and what gives. On its day it is made by `change_id`, or `failure` says
    why not."""

    loan_id: str | None
    effective_on: dt.date
    annual_rate: Decimal
    adjusts: Adjusts
    emi: Decimal | None
    told_on: dt.date
    chosen_on: dt.date | None
    change_id: int | None
    failure: str | None
    choices: list[ChoicePart]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeBody:
    """From which day the new rate counts. A floating rate follows its benchmark; a fixed one can be lowered."""

    effective_on: dt.date
    annual_rate: Amount | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswer:
    """The bounds for an application. If `maximum_amount` is null, the customer's limit is the bound. If `annual_rate`
    is null, the application names the rate."""

    minimum_amount: Decimal
    maximum_amount: Decimal | None
    minimum_tenure: int
    maximum_tenure: int
    annual_rate: Decimal | None
    minimum_rate: Decimal
    maximum_rate: Decimal
    active_loans_at_most: int | None
    scorecard: str
    minimum_score: int | None
    minimum_annual_income: Decimal | None
    emi_cap_percent: Decimal | None
    waits_for_score: bool
    is_secured: bool
    needs_acceptance: bool
    borrower: BorrowerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFeeAnswer:
    """A fee of the disbursal, in rupees. `total` is with its tax."""

    name: str
    amount: Decimal
    tax: Decimal
    total: Decimal
    paid: FeePaid
    for_third_party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferKeyFactsAnswer:
    """The key facts of an offer or a loan. The dates are those of a disbursal on the day of issue, or of the loan's.
    `valid_until` is null where the loan was made at once. The figures stay those that were accepted: what changed
    since is in `changed_since`."""

    proposal: str
    loan_id: str | None
    product: str
    issued_on: dt.date
    valid_until: dt.date | None
    accepted_on: dt.date | None
    accepted_by: str | None
    sanctioned: Decimal
    net_disbursed: Decimal
    lent_before: Decimal
    annual_rate: Decimal
    rate_type: str
    instalments: int
    instalment: Decimal
    first_due_on: dt.date
    last_due_on: dt.date
    fees: list[OfferFeeAnswer]
    contingent_charges: list[ContingentChargeAnswer]
    total_interest: Decimal
    total_fees: Decimal
    total_to_pay: Decimal
    apr: Decimal
    apr_effective: Decimal
    cooling_off: CoolingOffAnswer
    co_lending: CoLendingAnswer | None
    changed_since: list[ChangeSinceAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerAnswer:
    """A member of staff who may be in charge of cases."""

    officer_id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerDayAnswer:
    """The day of an officer; null: of cases that are nobody's."""

    officer_id: int | None
    officer: str | None
    due: DaySumAnswer
    actions: DaySumAnswer
    promised: DaySumAnswer
    bounced: DaySumAnswer
    paid: DaySumAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCardAccountBody:
    """An account that staff open without an application."""

    user_id: Id
    product: str | Unset = UNSET
    limit: Amount
    statement_day: int
    cardholder: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookAnswer:
    """The coming instalments of a plan: the EMI, the number of instalments, the last day, and their totals in rupees."""

    emi: Decimal
    instalments: int
    ends_on: dt.date | None
    interest: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedAnswer:
    """What a loan owes to its borrower, in rupees; below zero if more was refunded than was owed."""

    loan_id: str
    on: dt.date
    owed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedAnswer:
    """A loan that a run could not bill, and why."""

    loan_id: str
    code: str
    message: str
    parked_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordBody:
    """A new password, and the present one if the account has one."""

    current_password: str | None | Unset = UNSET
    new_password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTransaction:
    """A payment and its parts. `reversed_on` is set if the payment was taken back."""

    payment_id: str
    date: dt.date
    amount_paid: Decimal
    principal: Decimal
    interest: Decimal
    charges: Decimal
    advance: Decimal
    method: str | None
    reference_id: str | None
    reversed_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAnswer:
    """What a payment did."""

    payment_id: str
    loan_id: str
    amount: Decimal
    value_date: dt.date
    reference_id: str | None
    applied: Applied
    overpaid: Decimal
    recovered: Decimal
    rounding: Decimal
    outstanding: Decimal
    next_due: NextDue | None
    loan_closed: bool
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentBody:
    """A payment. Without a `reference_id` send an Idempotency-Key, so that a repeat is known as one."""

    loan_id: Id
    amount: Amount
    payment_method: str | None | Unset = UNSET
    reference_id: str | None | Unset = UNSET
    value_date: dt.date | None | Unset = UNSET
    instalment: int | None | Unset = UNSET
    as_: TreatAs | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentData:
    """A payment that was taken, and what is left of its loan's principal."""

    payment_id: str
    loan_id: str
    user_id: str
    amount: Decimal
    method: str | None
    reference_id: str | None
    value_date: dt.date
    booked_on: dt.date
    applied: AppliedData
    outstanding: Decimal
    loan_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDetails:
    """A payment and what it settles as the books stand now: all zero if it was reversed."""

    payment_id: str
    loan_id: str
    user_id: str
    amount: Decimal
    value_date: dt.date
    booked_on: dt.date
    method: str | None
    reference_id: str | None
    instalment: int | None
    treated_as: TreatAs
    reversed_on: dt.date | None
    reversal_reason: str | None
    received_at: dt.datetime
    applied: Applied


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """A payment was taken."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["payment.received"]
    data: PaymentData


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """A payment as it was taken."""

    payment_id: str
    loan_id: str
    user_id: str
    amount: Decimal
    value_date: dt.date
    booked_on: dt.date
    method: str | None
    reference_id: str | None
    instalment: int | None
    treated_as: TreatAs
    reversed_on: dt.date | None
    reversal_reason: str | None
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLinePage:
    """A value of the API."""

    items: list[PaymentLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoffAnswer:
    """The payoff amount and its parts, in rupees: pay `total` on the day `on` to close the loan."""

    loan_id: str
    on: dt.date
    charges: Decimal
    interest_billed: Decimal
    interest_accrued: Decimal
    principal: Decimal
    prepayment_charge: Decimal
    advance: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoffPart:
    """The payoff amount and its parts, in rupees."""

    total: Decimal
    principal: Decimal
    interest: Decimal
    charges: Decimal
    prepayment_charge: Decimal
    advance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutBody:
    """How much of the credit balance is paid out; null: all of it."""

    amount: Amount | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAnswer:
    """A period, both days included, with who proposed and who decided it."""

    period: int
    begins_on: dt.date
    ends_on: dt.date
    status: PeriodStatus
    maker: str
    made_at: dt.datetime
    checker: str | None
    decided_at: dt.datetime | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAnswerPage:
    """A value of the API."""

    items: list[PeriodAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBody:
    """The last day of the period. It begins on the day after the last closed one."""

    ends_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDecisionBody:
    """A note on the decision, for later readers."""

    note: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductAnswer:
    """The version of a product on offer, with all of its terms as they are stored: money in `terms` is in paise."""

    code: str
    version: int
    name: str
    offer: OfferAnswer
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitAndLossAnswer:
    """Income and expenses of some days. A loss is a negative result."""

    from_: dt.date
    to: dt.date
    income: Decimal
    expenses: Decimal
    result: Decimal
    lines: list[BalanceLineAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAnswer:
    """A promise to pay. `paid` is what has come towards it by its day; `kept_on` is the day on which that was enough.
    The daily run says whether it is kept."""

    promise_id: str
    loan_id: str | None
    card_account_id: str | None
    user_id: str
    amount: Decimal
    pay_by: dt.date
    made_on: dt.date
    made_at: dt.datetime
    made_by: str
    status: PromiseStatus
    paid: Decimal
    kept_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBody:
    """A promise to pay an amount by a day, from today to 90 days ahead."""

    loan_id: Id | None | Unset = UNSET
    card_account_id: Id | None | Unset = UNSET
    amount: Amount
    pay_by: dt.date
    note: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseData:
    """A promise to pay, on a loan or a card account. `paid` is what has come towards it by its day."""

    promise_id: str
    loan_id: str | None
    card_account_id: str | None
    user_id: str
    amount: Decimal
    pay_by: dt.date
    made_on: dt.date
    status: Literal["open", "kept", "broken", "withdrawn"]
    paid: Decimal
    kept_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseEvent:
    """A promise to pay was made, or stands otherwise."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["promise.made", "promise.kept", "promise.broken", "promise.reopened", "promise.withdrawn"]
    data: PromiseData


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalAnswer:
    """A proposal and its status. `result` is null until it is approved."""

    proposal_id: str
    kind: ProposalKind
    status: ProposalStatus
    user_id: str
    loan_id: str | None
    card_account_id: str | None
    asked: ProposalFigures
    reason: str
    maker: str
    made_at: dt.datetime
    expires_on: dt.date
    checker: str | None
    decided_at: dt.datetime | None
    note: str | None
    result: ProposalFigures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalAnswerPage:
    """A value of the API."""

    items: list[ProposalAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFigures:
    """The amounts of a proposal or of its result, in rupees. A proposed write-off has none: it gives up all that is
    left."""

    principal: Decimal | None = None
    interest: Decimal | None = None
    charges: Decimal | None = None
    tax: Decimal | None = None
    charge_id: int | None = None
    approved_limit: Decimal | None = None
    previous_limit: Decimal | None = None
    limit: Decimal | None = None
    charged_off: Decimal | None = None
    amount: Decimal | None = None
    instalments: int | None = None
    emi: Decimal | None = None
    application_id: str | None = None
    annual_rate: Decimal | None = None
    moratorium_instalments: int | None = None
    moratorium_of: Literal["principal", "both"] | None = None
    moratorium_interest: Literal["simple", "capitalised"] | None = None
    capitalises_arrears: bool | None = None
    for_difficulty: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionAnswer:
    """The loans of a class, secured or not. `net` is what the provision is made on: principal and billed interest
    without what is in suspense."""

    asset_class: str
    is_secured: bool
    loans: int
    principal: Decimal
    interest: Decimal
    suspended: Decimal
    net: Decimal
    rate_percent: Decimal
    rule: str
    reference: str
    provision: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteAnswer:
    """The schedule of a loan and its cost."""

    emi: Decimal
    instalments: list[QuotedInstalment]
    totals: Totals
    net_disbursed: Decimal
    apr: AprAnswer
    key_facts: KeyFactsAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteBody:
    """The terms of a loan. No product has to offer them."""

    amount: Amount
    annual_rate: Amount
    instalments: int
    disbursed_on: dt.date
    every: int | Unset = UNSET
    frequency: Frequency | Unset = UNSET
    amortisation: Amortisation | Unset = UNSET
    interest_basis: InterestBasis | Unset = UNSET
    day_count: DayCount | Unset = UNSET
    first_due_on: dt.date | None | Unset = UNSET
    due_day: int | None | Unset = UNSET
    odd_first_period: OddFirstPeriod | None | Unset = UNSET
    rounding: RoundingBody | Unset = UNSET
    interest_rounding: RoundingBody | None | Unset = UNSET
    moratorium: MoratoriumBody | None | Unset = UNSET
    balloon: Amount | Unset = UNSET
    disbursals: Sequence[FlowBody] | Unset = UNSET
    fees: Sequence[FeeBody] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedInstalment:
    """One planned instalment. `days` is the length of its period; `balance` is the principal left after it."""

    number: int
    due_on: dt.date
    days: int
    principal: Decimal
    interest: Decimal
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RateResetBody:
    """A reset of the rate. A floating rate follows its benchmark; a fixed one can be lowered to `annual_rate`."""

    adjusts: Adjusts | Unset = UNSET
    emi: Amount | None | Unset = UNSET
    annual_rate: Amount | None | Unset = UNSET
    made_on: dt.date | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeliveryBody:
    """From where on events are sent again."""

    from_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshBody:
    """A refresh token."""

    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundBody:
    """A proposal to pay out what a loan owes to its borrower."""

    kind: Literal["refund"]
    loan_id: Id
    amount: Amount
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundQuestionAnswer:
    """A refund about which the holder is asked. Without an answer by the day it is paid to the bank account."""

    posting: int
    amount: Decimal
    answer_by: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAnswer:
    """The new customer. The score is null, because a background job computes it: read it later at `GET
    /api/v1/credit/scores`. The tokens are the customer's own. They are null if staff registered the customer."""

    user_id: str
    name: str
    welcome_message: str
    initial_credit_score: int | None
    credit_score_status: Literal["PENDING"] | None = None
    access_token: str | None
    refresh_token: str | None
    token_type: Literal["bearer"] | None = None
    expires_in: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBody:
    """A new customer. `external_id` is the person's id in another system; only staff may send it."""

    aadhar_id: str
    name: str
    email: str
    annual_income: Amount | None | Unset = UNSET
    employment_type: str | None | Unset = UNSET
    phone: str | None | Unset = UNSET
    address: str | None | Unset = UNSET
    age: int | None | Unset = UNSET
    password: str | None | Unset = UNSET
    external_id: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayAnswer:
    """A stored score and the score computed again. `same` says whether score, factors and reasons are all equal."""

    score_id: str
    user_id: str
    scorecard: str
    scorecard_version: int
    as_of: dt.date
    score: Decimal
    replayed_score: Decimal | None
    same: bool
    factors: FactorsAnswer | None
    reasons: list[ScoreReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestructureBody:
    """A proposal to agree anew on what is left of a loan: what is not named stays. From `for_difficulty` the class of
    the loan follows. In a moratorium of `both`, the interest waits until it is over (`simple`), or becomes
    principal (`capitalised`)."""

    kind: Literal["restructure"]
    loan_id: Id
    instalments: int | None | Unset = UNSET
    annual_rate: Amount | None | Unset = UNSET
    moratorium_instalments: int | None | Unset = UNSET
    moratorium_of: Literal["principal", "both"] | Unset = UNSET
    moratorium_interest: Literal["simple", "capitalised"] | Unset = UNSET
    capitalises_arrears: bool | Unset = UNSET
    for_difficulty: bool | Unset = UNSET
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealAnswer:
    """The whole number. Do not store it."""

    user_id: str
    aadhar_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealBody:
    """The reason for reading the number. The audit trail keeps it with the caller's name."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalAnswer:
    """What a reversal left."""

    payment_id: str
    loan_id: str
    reversed_on: dt.date
    outstanding: Decimal
    loan_status: LoanStatus
    charge: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalBody:
    """Why a payment is taken back."""

    reason: str
    cause: ReversalCause | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalData:
    """A payment that was taken back, and where that left its loan."""

    payment_id: str
    loan_id: str
    user_id: str
    amount: Decimal
    reversed_on: dt.date
    outstanding: Decimal
    loan_status: Literal["active", "closed", "written_off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalEvent:
    """A payment was taken back."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["payment.reversed"]
    data: ReversalData


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskBookAnswer:
    """The book at a day-end, by class. `judged_through` is the latest day-end whose classes are judged."""

    on: dt.date
    judged_through: dt.date | None
    provision: Decimal
    provisions: list[ProvisionAnswer]
    at_risk: list[AtRiskAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollAnswer:
    """Loans that moved from one class to another, and their share of the principal of the first class."""

    from_: str
    to: str
    loans: int
    principal: Decimal
    share_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RollsAnswer:
    """How loans moved between two day-ends."""

    on: dt.date
    until: dt.date
    rolls: list[RollAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationBody:
    """How long the old secret signs beside the new one."""

    overlap_hours: int | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingBody:
    """A rounding rule: a figure is rounded to a multiple of `unit`, in the way that `mode` names."""

    unit: Amount | Unset = UNSET
    mode: RoundingMode | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """A row of the rulebook. `value` is a whole number, a decimal as text (percent), or a list of whole numbers; a
    duty is 1 or 0. `until` is the first day on which the row is no longer in force."""

    rule: str
    words: str
    value: int | str | list[int]
    unit: str
    from_: dt.date
    until: dt.date | None
    counted: str
    products: list[str]
    borrowers: list[str]
    reference: str
    lives_in: str
    sureness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A change of a rule: the row that ends and the row that begins; null where there is none."""

    on: dt.date
    before: RuleAnswer | None
    after: RuleAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAnswer:
    """The rules that are in force on a day for our kind of lender, and all later changes that are known."""

    on: dt.date
    lender: str
    rules: list[RuleAnswer]
    changes: list[RuleChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAnswer:
    """A billing run and its progress. Amounts are in rupees."""

    run_id: int
    business_date: dt.date
    status: Literal["running", "paused", "cancelled", "finished"]
    loans_due: int
    loans_done: int
    bills: int
    demanded: Decimal
    parked: int
    ranges: int
    ranges_done: int
    percent_done: int
    loans_per_second: Decimal | None
    seconds_left: int | None
    started_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAnswerPage:
    """A value of the API."""

    items: list[RunAnswer]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBody:
    """The business date to bill up to."""

    business_date: dt.date | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class RunData:
    """A billing run that has ended, and what it billed."""

    run_id: int
    status: Literal["finished", "cancelled"]
    of_business_date: dt.date
    loans_due: int
    loans: int
    bills: int
    demanded: Decimal
    parked: int
    started_at: dt.datetime
    finished_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """A billing run has ended."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["run.finished", "run.cancelled"]
    data: RunData


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAnswer:
    """A record as it was given: the file, and every column of the line."""

    as_on: dt.date
    kind: str
    known_on: dt.date
    made_at: dt.datetime
    record: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFiltersAnswer:
    """The filters of a view. What is not filtered by is null."""

    kind: ProductKind | None
    asset_class: AssetClass | None
    officer_id: int | None
    unassigned: bool
    days_from: int | None
    days_to: int | None
    overdue_from: Decimal | None
    overdue_to: Decimal | None
    promise: PromiseStatus | None
    action_to: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleAnswer:
    """The schedule in force. The principal of all instalments plus `principal_outside` is the amount lent."""

    loan_id: str
    version: int
    made_on: dt.date
    reason: PlanReason
    emi: Decimal
    instalments: list[ScheduledInstalment]
    principal_outside: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledInstalment:
    """One instalment: a billed one as its bill shows it, a coming one as planned. Amounts are in rupees."""

    number: int
    due_on: dt.date
    principal: Decimal
    interest: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAnswer:
    """The latest score. `PENDING` means that there is no score yet, because no facts are known."""

    user_id: str
    score_id: str | None
    status: Literal["AVAILABLE", "PENDING"]
    score: Decimal | None
    scorecard: str
    factors: FactorsAnswer | None
    reasons: list[ScoreReason]
    as_of: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreData:
    """A score."""

    score_id: str
    user_id: str
    scorecard: str
    scorecard_version: int
    score: Decimal
    as_of: dt.date
    factors: FactorsData


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreEvent:
    """A customer has a new score."""

    id: str
    number: int
    version: int
    occurred_at: dt.datetime
    business_date: dt.date
    type: Literal["score.changed"]
    data: ScoreData


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReason:
    """A reason for the score. Figures whose names end in `_paise` are in paise."""

    code: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBody:
    """What is known of the customers that are sought; all of it must fit. Of a phone number the last ten digits count."""

    aadhar_id: str | None | Unset = UNSET
    phone: str | None | Unset = UNSET
    email: str | None | Unset = UNSET
    external_id: str | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """A service, without its token."""

    service_id: int
    name: str
    scopes: list[ServiceScope]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBody:
    """A new service: its name, its scopes and the number of days for which its token is valid."""

    name: str
    scopes: Sequence[ServiceScope]
    days: int | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesAnswer:
    """Every service, the newest first."""

    items: list[ServiceAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationAnswer:
    """The result of a simulation. Nothing has changed."""

    loan_id: str
    on: dt.date
    before: OutlookAnswer
    alternatives: list[Alternative]
    payoff: PayoffPart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationBody:
    """A simulation, on the business date or on a later day. Send `amount` for a payment or a prepayment, and
    `annual_rate` for a rate."""

    kind: SimulationKind
    amount: Amount | None | Unset = UNSET
    annual_rate: Amount | None | Unset = UNSET
    on: dt.date | None | Unset = UNSET
    as_: TreatAs | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanAnswer:
    """A range of days with one balance and one rate. `interest_exact` is in rupees, before rounding."""

    from_: dt.date
    to: dt.date
    days: int
    balance: Decimal
    annual_rate: Decimal
    interest_exact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAnswer:
    """The statement of a loan on the business date."""

    loan_id: str
    as_of: dt.date
    loan_summary: LoanSummary
    payment_history: list[InstalmentLine]
    past_transactions: list[PastTransaction]
    upcoming_transactions: list[InstalmentLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDayBody:
    """Another statement day."""

    statement_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackAnswer:
    """What the loan owes of charges afterwards, in rupees."""

    loan_id: str
    charge_id: int
    taken_back_on: dt.date
    charges_due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackBody:
    """Why a charge is taken back."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDocumentAnswer:
    """An invoice for a charge, or a note that gives its tax back or asks for it again. Amounts are in rupees."""

    number: str
    kind: DocumentKind
    booked_on: dt.date
    supplied_on: dt.date
    charge: str
    name: str | None
    sac: str | None
    place: str
    taxable: Decimal
    central: Decimal
    state: Decimal
    integrated: Decimal
    tax: Decimal
    invoice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsBody:
    """The version of the account's product whose terms are told to the holder today."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """A pair of tokens. Send the access token with every request. Keep the refresh token: it works once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] | None = None
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpBody:
    """A proposal to lend more on a loan. Without `instalments` its last date stays."""

    kind: Literal["top_up"]
    loan_id: Id
    amount: Amount
    instalments: int | None | Unset = UNSET
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The totals over all instalments (`amount` is principal plus interest), and the total of all fees."""

    principal: Decimal
    interest: Decimal
    fees: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceAnswer:
    """All balances at the end of a day. Debits and credits are equal."""

    on: dt.date
    debit: Decimal
    credit: Decimal
    lines: list[BalanceLineAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBody:
    """A change to simulate: `rate_reset` (`adjusts`, `emi` with `both`; `annual_rate` only where the rate is fixed),
    `due_day` (`due_day`), `restructure` (`instalments`, `annual_rate`, `moratorium`, `capitalises_arrears`) or
    `top_up` (`amount`, `instalments`)."""

    kind: ChangeKind
    annual_rate: Amount | None | Unset = UNSET
    adjusts: Adjusts | Unset = UNSET
    emi: Amount | None | Unset = UNSET
    instalments: int | None | Unset = UNSET
    moratorium: MoratoriumPart | None | Unset = UNSET
    capitalises_arrears: bool | Unset = UNSET
    due_day: int | None | Unset = UNSET
    amount: Amount | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoBody:
    """Why a payment is returned or a purchase reversed, and how much of it."""

    reason: str
    amount: Amount | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChangeBody:
    """Why a change is undone."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpaidInstalmentAnswer:
    """An instalment that is due and not paid at the day-end. Amounts are in rupees; charges are no part of it."""

    instalment: int
    due_on: dt.date
    interest: Decimal
    principal: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAnswer:
    """A customer's data. Only the last four digits of the Aadhaar number are shown."""

    user_id: str
    name: str
    email: str | None
    aadhar_id: str | None
    phone: str | None
    address: str | None
    age: int | None
    employment_type: str | None
    gst_state: str | None
    annual_income: Decimal | None
    approved_limit: Decimal | None
    external_id: str | None
    registered_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """A customer in a list."""

    user_id: str
    name: str
    email: str | None
    phone: str | None
    external_id: str | None
    approved_limit: Decimal | None
    registered_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLinePage:
    """A value of the API."""

    items: list[UserLine]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionBody:
    """The next version of a product: all of its terms, in the form that `GET /api/v1/products` shows."""

    code: str
    offered_from: dt.date
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewAnswer:
    """A view of the work list. `mine` says whether the caller may replace and remove it."""

    view_id: int
    name: str
    filters: SavedFiltersAnswer
    sort: CaseSort
    shared: bool
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewBody:
    """A view. One of the same name is replaced."""

    name: str
    filters: CaseFilters
    sort: CaseSort | Unset = UNSET
    shared: bool | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class VintageAnswer:
    """The loans of a month. `failed_percent` has the share of the disbursed amount that had failed by the end of each
    month, from the month of disbursal on."""

    month: dt.date
    loans: int
    disbursed: Decimal
    failed_percent: list[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverBody:
    """A proposal to forgive interest and charges, the oldest bill first, or one charge. The tax of a waived charge is
    given back by a credit note."""

    kind: Literal["waiver"]
    loan_id: Id
    interest: Amount | Unset = UNSET
    charges: Amount | Unset = UNSET
    charge_id: int | None | Unset = UNSET
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffBody:
    """A proposal to give up the rest of a loan. The loan ends as `written_off`."""

    kind: Literal["write_off"]
    loan_id: Id
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOffRest:
    """The written-off rest of a closed loan, by component, in rupees."""

    loan_id: str
    loan_status: LoanStatus
    closed_on: dt.date | None
    principal: Decimal
    interest: Decimal
    charges: Decimal

