"""The objects of events, as they are shown. Stored are paise (`amount_paise`) and text (`annual_rate_percent`):
`EventData` drops the endings, the types convert."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.api.id_schemas import LoanIdOut
from app.api.schemas import Answer, RateOut, RupeesOut
from app.services.events.presenting import PAISE, PERCENT

#: Public ids are stored as they are shown.
UserIdText = Annotated[str, Field(examples=["BC-USER-009"])]
CardAccountIdText = Annotated[str, Field(examples=["CA-000078"])]


class EventData(Answer):
    """The object of an event, as it was when the event happened."""

    @model_validator(mode="before")
    @classmethod
    def _without_endings(cls, stored: Any) -> Any:
        if not isinstance(stored, Mapping):
            return stored
        return {name.removesuffix(PAISE).removesuffix(PERCENT): value for name, value in stored.items()}


class GivenUpData(EventData):
    """What a waiver or a write-off gave up, in rupees."""

    charges: RupeesOut
    interest: RupeesOut
    principal: RupeesOut


class ChangeData(EventData):
    """A change of a loan: its kind, the day from which it counts, and the instalments that it leaves."""

    change_id: int | None
    kind: Literal["rate_reset", "restructure", "due_day", "top_up"]
    made_on: date
    annual_rate: RateOut
    emi: RupeesOut
    instalments_left: int
    ends_on: date | None
    topped_up: RupeesOut


class LoanData(EventData):
    """A loan. `product` and `product_version` are given when it is made, `given_up`, `refunded` and `change` then."""

    loan_id: LoanIdOut
    user_id: UserIdText
    status: Literal["active", "closed", "written_off"]
    amount: RupeesOut
    annual_rate: RateOut
    instalments: int
    emi: RupeesOut
    disbursed_on: date
    closed_on: date | None
    principal_outstanding: RupeesOut
    interest_due: RupeesOut
    charges_due: RupeesOut
    advance: RupeesOut
    product: str | None
    product_version: int | None
    given_up: GivenUpData | None
    refunded: RupeesOut | None = None
    change: ChangeData | None = None


class ClassData(EventData):
    """Another asset class than before, at the day-end `on`; null is not on the books. `reason` says what changed it."""

    user_id: UserIdText
    on: date
    from_: str | None = Field(validation_alias="from", serialization_alias="from")
    to: str | None
    days_past_due: int
    oldest_due_on: date | None
    oldest_instalment: int | None
    non_performing_since: date | None
    reason: str


class LoanClassData(ClassData):
    """A loan with another asset class."""

    loan_id: LoanIdOut


class CardAccountClassData(ClassData):
    """A card account with another asset class."""

    card_account_id: CardAccountIdText


class PromiseData(EventData):
    """A promise to pay, on a loan or a card account. `paid` is what has come towards it by its day."""

    promise_id: str = Field(examples=["PTP-000012"])
    loan_id: LoanIdOut | None
    card_account_id: str | None = Field(examples=["CA-000078"])
    user_id: UserIdText
    amount: RupeesOut
    pay_by: date
    made_on: date
    status: Literal["open", "kept", "broken", "withdrawn"]
    paid: RupeesOut
    kept_on: date | None


class BillData(EventData):
    """A bill as it was issued. An overdue bill also has the day on which it was closed, and what was unpaid then."""

    loan_id: LoanIdOut
    user_id: UserIdText
    cycle: int
    from_: date = Field(validation_alias="from", serialization_alias="from")
    billed_on: date
    due_on: date
    opening_principal: RupeesOut
    interest: RupeesOut
    principal_due: RupeesOut
    charges: RupeesOut
    past_due: RupeesOut
    total_due: RupeesOut
    minimum_due: RupeesOut
    closed_on: date | None
    unpaid_charges: RupeesOut | None
    unpaid_interest: RupeesOut | None
    unpaid_principal: RupeesOut | None
    returned_to_plan: RupeesOut | None


class AppliedData(EventData):
    """What a payment paid, in rupees."""

    charges: RupeesOut
    interest: RupeesOut
    principal: RupeesOut
    advance: RupeesOut


class PaymentData(EventData):
    """A payment that was taken, and what is left of its loan's principal."""

    payment_id: str = Field(examples=["PM-000012"])
    loan_id: LoanIdOut
    user_id: UserIdText
    amount: RupeesOut
    method: str | None
    reference_id: str | None
    value_date: date
    booked_on: date
    applied: AppliedData
    outstanding: RupeesOut
    loan_closed: bool


class ReversalData(EventData):
    """A payment that was taken back, and where that left its loan."""

    payment_id: str = Field(examples=["PM-000012"])
    loan_id: LoanIdOut
    user_id: UserIdText
    amount: RupeesOut
    reversed_on: date
    outstanding: RupeesOut
    loan_status: Literal["active", "closed", "written_off"]


class EventReason(Answer):
    """A reason of a decision, with the figures that were compared."""

    code: str
    message: str
    figures: dict[str, Any]


class ApplicationData(EventData):
    """An application with its status and reasons."""

    application_id: str = Field(examples=["AP-000034"])
    user_id: UserIdText
    status: Literal["pending", "offered", "approved", "refused", "expired"]
    product: str
    product_version: int
    amount: RupeesOut
    tenure_months: int
    annual_rate: RateOut | None
    purpose: str | None
    reasons: list[EventReason]
    loan_id: LoanIdOut | None
    applied_on: date
    decided_on: date | None
    expires_on: date | None


class FactorsData(Answer):
    """A score in words."""

    payment_history: str
    credit_utilization: str
    credit_age: str


class ScoreData(EventData):
    """A score."""

    score_id: str = Field(examples=["CS-000056"])
    user_id: UserIdText
    scorecard: str
    scorecard_version: int
    score: float = Field(ge=0, le=1000)
    as_of: date
    factors: FactorsData


class CardData(EventData):
    """A virtual card, named by its loan or its card account: its token is secret."""

    loan_id: LoanIdOut | None
    card_account_id: str | None = Field(default=None, examples=["CA-000078"])
    user_id: UserIdText
    last_four: str
    status: Literal["active", "blocked", "replaced"]
    issued_on: date
    expires_on: date
    blocked_on: date | None


class CardAccountData(EventData):
    """A card account that was opened, closed or charged off."""

    card_account_id: CardAccountIdText
    user_id: UserIdText
    status: Literal["open", "closed", "charged_off"]
    limit: RupeesOut
    owed: RupeesOut
    credit_balance: RupeesOut


class CardStatementData(EventData):
    """A statement of a card account."""

    card_account_id: CardAccountIdText
    user_id: UserIdText
    statement: int
    statement_on: date
    due_on: date
    total_due: RupeesOut
    minimum_due: RupeesOut


class CardPaymentData(EventData):
    """A payment of a card account, and what is owed after it was taken or returned."""

    card_account_id: CardAccountIdText
    user_id: UserIdText
    posting: int
    amount: RupeesOut
    value_date: date
    owed: RupeesOut
    credit_balance: RupeesOut
    charged_off: RupeesOut = Field(default=0, description="What was lost, of an account that is charged off")
    recovered: RupeesOut = Field(default=0, description="What of it was received since")


class RunData(EventData):
    """A billing run that has ended, and what it billed."""

    run_id: int
    status: Literal["finished", "cancelled"]
    of_business_date: date
    loans_due: int
    loans: int
    bills: int
    demanded: RupeesOut
    parked: int
    started_at: datetime
    finished_at: datetime


class ImportData(EventData):
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
    started_at: datetime
    finished_at: datetime | None
