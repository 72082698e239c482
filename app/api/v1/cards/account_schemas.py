"""How card accounts, their statements and what moves them are answered."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from app.api.id_schemas import CardAccountId, UserIdOut
from app.api.schemas import Answer, Between, RateOut, Reference, RupeesOut, Whole
from app.domain.cards.engine.accounts import AccountStatus, OpenStatement, Plan
from app.domain.products.card_terms import CardBucket
from app.services.cards.movements import Movement
from app.services.cards.views import AccountView

AccountPath = Annotated[CardAccountId, Path(description="`CA-000078`, or its number")]
#: The number of a posting, a plan or a dispute.
NumberPath = Annotated[Whole, Between(1, 2**31 - 1), Path()]
AccountIdText = Annotated[str, Field(examples=["CA-000078"])]


class Buckets(Answer):
    """What is owed, by what it consists of, in rupees."""

    purchases: RupeesOut
    cash: RupeesOut
    instalments: RupeesOut = Field(description="Principal of instalments that statements have billed")
    interest: RupeesOut
    fees: RupeesOut
    tax: RupeesOut


class CardPlanAnswer(Answer):
    """An instalment plan: what is left of it that no statement has billed."""

    plan: int
    purchase: int
    annual_rate: RateOut
    instalment: RupeesOut
    instalments_left: int
    principal: RupeesOut


class DisputeAnswer(Answer):
    """An open dispute, and what is set aside for it."""

    dispute: int
    posting: int
    amount: RupeesOut


class CardDueAnswer(Answer):
    """A statement whose minimum is not paid, or whose due date has not passed."""

    number: int
    statement_on: date
    due_on: date
    total_unpaid: RupeesOut
    minimum_unpaid: RupeesOut


class RefundQuestionAnswer(Answer):
    """A refund about which the holder is asked. Without an answer by the day it is paid to the bank account."""

    posting: int
    amount: RupeesOut
    answer_by: date


class CardAccountAnswer(Answer):
    """A card account on the business date. Amounts are in rupees."""

    account_id: AccountIdText
    user_id: UserIdOut
    product: str
    status: AccountStatus
    is_blocked: bool
    opened_on: date
    ended_on: date | None
    limit: RupeesOut
    available: RupeesOut = Field(description="What may still be spent; below 0 when charges went over the limit")
    cash_limit: RupeesOut = Field(description="The part of the limit that may be taken as cash")
    cash_available: RupeesOut = Field(description="What may still be taken as cash")
    held: RupeesOut
    owed: RupeesOut
    credit_balance: RupeesOut
    charged_off: RupeesOut = Field(description="What was lost, of an account that is charged off")
    recovered: RupeesOut = Field(description="What of it was received since")
    refund_questions: list[RefundQuestionAnswer] = Field(
        description="Refunds of paid purchases: kept as credit if the holder says so, otherwise paid out"
    )
    buckets: Buckets
    unbilled_plans: RupeesOut
    disputed: RupeesOut
    plans: list[CardPlanAnswer]
    disputes: list[DisputeAnswer]
    statement_day: int = Field(description="1 to 28; 31 is the last day of the month")
    next_statement_on: date
    is_revolving: bool = Field(description="Whether a new purchase bears interest from its date")
    over_limit_consent: bool
    due: list[CardDueAnswer]
    days_past_due: int
    reported_past_due: bool
    non_performing: bool


def present_account(view: AccountView) -> CardAccountAnswer:
    """An account as an answer."""
    working, state = view.working, view.working.state
    return CardAccountAnswer(
        account_id=working.public_id,
        user_id=working.key.customer_id,
        product=working.row.product_code,
        status=state.status,
        is_blocked=working.row.blocked_on is not None,
        opened_on=state.opened_on,
        ended_on=working.row.ended_on,
        limit=state.limit_paise,
        available=view.line.available_paise,
        cash_limit=view.line.cash_limit_paise(working.terms),
        cash_available=view.line.cash_available_paise(working.terms),
        held=working.row.held_paise,
        owed=state.owed_paise,
        credit_balance=state.credit_paise,
        charged_off=state.loss.paise if state.loss else 0,
        recovered=state.loss.recovered_paise if state.loss else 0,
        refund_questions=[
            RefundQuestionAnswer(posting=one.number, amount=one.paise, answer_by=one.answer_by)
            for one in state.questions
        ],
        buckets=present_buckets(state.balances()),
        unbilled_plans=state.plan_paise,
        disputed=state.disputed_paise,
        plans=[_plan(plan) for plan in state.plans],
        disputes=[DisputeAnswer(dispute=one.number, posting=one.purchase, amount=one.paise) for one in state.disputes],
        statement_day=state.statement_day,
        next_statement_on=state.next_statement_on,
        is_revolving=state.is_revolving,
        over_limit_consent=working.row.over_limit_consent_on is not None,
        due=[_due(one) for one in state.statements if one.shown.total_paise],
        days_past_due=view.lateness.days_past_due,
        reported_past_due=view.lateness.is_reported,
        non_performing=view.lateness.is_non_performing,
    )


def _plan(plan: Plan) -> CardPlanAnswer:
    return CardPlanAnswer(
        plan=plan.number,
        purchase=plan.purchase,
        annual_rate=plan.annual_rate_percent,
        instalment=plan.emi_paise,
        instalments_left=len(plan.rows),
        principal=plan.principal_paise,
    )


def _due(one: OpenStatement) -> CardDueAnswer:
    return CardDueAnswer(
        number=one.number,
        statement_on=one.on,
        due_on=one.due_on,
        total_unpaid=one.total_unpaid_paise,
        minimum_unpaid=one.minimum_unpaid_paise,
    )


def present_buckets(balances: Mapping[Any, int]) -> Buckets:
    """Balances by bucket as an answer."""
    return Buckets(**{bucket.value: balances.get(bucket, 0) for bucket in CardBucket})


class MovementAnswer(Answer):
    """What was posted, and how the account stands after it."""

    account_id: AccountIdText
    posting: int = Field(description="The number of the posting within the account")
    kind: str
    amount: RupeesOut
    value_date: date
    posted_on: date
    reference: str | None
    owed: RupeesOut
    credit_balance: RupeesOut
    available: RupeesOut
    charged_off: RupeesOut = Field(description="What was lost, of an account that is charged off")
    recovered: RupeesOut = Field(
        description="What of it was received since: a payment of such an account is a recovery"
    )
    replayed: bool = Field(description="Whether this reference had been posted before: nothing moved")
    pay_by: date | None = Field(description="Of a payout: the day by which the holder's bank account has it")


def present_movement(movement: Movement) -> MovementAnswer:
    """A movement as an answer."""
    return MovementAnswer(
        account_id=movement.account_public_id,
        posting=movement.number,
        kind=movement.kind,
        amount=movement.paise,
        value_date=movement.value_on,
        posted_on=movement.posted_on,
        reference=movement.reference,
        owed=movement.owed_paise,
        credit_balance=movement.credit_paise,
        available=movement.available_paise,
        charged_off=movement.charged_off_paise,
        recovered=movement.recovered_paise,
        replayed=movement.replayed,
        pay_by=movement.pay_by,
    )


class CardPostingAnswer(Answer):
    """A posting. `owed` is by how much more is owed because of it; less is negative."""

    number: int
    kind: str
    amount: RupeesOut
    owed: RupeesOut
    value_date: date
    posted_on: date
    of: int | None = Field(description="The posting that it concerns")
    reference: str | None
    merchant: str | None
    undone: RupeesOut = Field(description="How much of it was returned or reversed later")


def present_posting(row: Mapping[str, Any]) -> CardPostingAnswer:
    """A posting as an answer."""
    return CardPostingAnswer(
        number=row["number"],
        kind=row["kind"],
        amount=row["amount_paise"],
        owed=row["owed_paise"],
        value_date=row["value_on"],
        posted_on=row["posted_on"],
        of=row["of_number"],
        reference=row["reference"],
        merchant=row["merchant"],
        undone=row["undone_paise"],
    )


#: The name of a movement in the network's or the payer's system.
ReferenceField = Annotated[Reference, Field(examples=["RRN-612345678901"])]
