"""How card accounts, their statements and what moves them are answered."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from app.api.id_schemas import CardAccountId, UserIdOut
from app.api.schemas import Answer, RateOut, Reference, RupeesOut
from app.db.repositories.cards.states import asked_of
from app.domain.cards.engine.accounts import MinimumParts
from app.domain.cards.engine.interest import InterestLine
from app.domain.products.card_terms import CardBucket
from app.services.cards.movements import Movement
from app.services.cards.views import AccountView

AccountPath = Annotated[CardAccountId, Path(description="`CA-000078`, or its number")]
AccountIdText = Annotated[str, Field(examples=["CA-000078"])]


class Buckets(Answer):
    """What is owed, by what it consists of, in rupees."""

    purchases: RupeesOut
    cash: RupeesOut
    instalments: RupeesOut = Field(description="Principal of instalments that statements have billed")
    interest: RupeesOut
    fees: RupeesOut
    tax: RupeesOut


class PlanAnswer(Answer):
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


class DueAnswer(Answer):
    """A statement whose minimum is not paid, or whose due date has not passed."""

    number: int
    statement_on: date
    due_on: date
    total_unpaid: RupeesOut
    minimum_unpaid: RupeesOut


class AccountAnswer(Answer):
    """A card account on the business date. Amounts are in rupees."""

    account_id: AccountIdText
    user_id: UserIdOut
    product: str
    status: str
    is_blocked: bool
    opened_on: date
    ended_on: date | None
    limit: RupeesOut
    available: RupeesOut = Field(description="What may still be spent; below 0 when charges went over the limit")
    held: RupeesOut
    owed: RupeesOut
    credit_balance: RupeesOut
    buckets: Buckets
    unbilled_plans: RupeesOut
    disputed: RupeesOut
    plans: list[PlanAnswer]
    disputes: list[DisputeAnswer]
    statement_day: int = Field(description="1 to 28; 31 is the last day of the month")
    next_statement_on: date
    is_revolving: bool = Field(description="Whether a new purchase bears interest from its date")
    over_limit_consent: bool
    due: list[DueAnswer]
    days_past_due: int
    reported_past_due: bool
    non_performing: bool


def present_account(view: AccountView) -> AccountAnswer:
    """An account as an answer."""
    working, state = view.working, view.working.state
    return AccountAnswer(
        account_id=working.public_id,
        user_id=working.key.customer_id,
        product=working.row.product_code,
        status=state.status.value,
        is_blocked=working.row.blocked_on is not None,
        opened_on=state.opened_on,
        ended_on=working.row.ended_on,
        limit=state.limit_paise,
        available=view.available_paise,
        held=working.row.held_paise,
        owed=state.owed_paise,
        credit_balance=state.credit_paise,
        buckets=present_buckets(state.balances()),
        unbilled_plans=state.plan_paise,
        disputed=state.disputed_paise,
        plans=[
            PlanAnswer(
                plan=plan.number,
                purchase=plan.purchase,
                annual_rate=plan.annual_rate_percent,
                instalment=plan.emi_paise,
                instalments_left=len(plan.rows),
                principal=plan.principal_paise,
            )
            for plan in state.plans
        ],
        disputes=[DisputeAnswer(dispute=one.number, posting=one.purchase, amount=one.paise) for one in state.disputes],
        statement_day=state.statement_day,
        next_statement_on=state.next_statement_on,
        is_revolving=state.is_revolving,
        over_limit_consent=working.row.over_limit_consent_on is not None,
        due=[
            DueAnswer(
                number=one.number,
                statement_on=one.on,
                due_on=one.due_on,
                total_unpaid=one.total_unpaid_paise,
                minimum_unpaid=one.minimum_unpaid_paise,
            )
            for one in state.statements
            if one.shown.total_paise
        ],
        days_past_due=view.lateness.days_past_due,
        reported_past_due=view.lateness.is_reported,
        non_performing=view.lateness.is_non_performing,
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
    replayed: bool = Field(description="Whether this reference had been posted before: nothing moved")


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
        replayed=movement.replayed,
    )


class PostingAnswer(Answer):
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


def present_posting(row: Mapping[str, Any]) -> PostingAnswer:
    """A posting as an answer."""
    return PostingAnswer(
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


class MinimumAnswer(Answer):
    """What the minimum due was made of, before it was rounded up, in rupees."""

    tax: RupeesOut
    fees: RupeesOut
    interest: RupeesOut
    instalments: RupeesOut
    over_limit: RupeesOut
    share: RupeesOut = Field(description="The share of purchases and cash")
    past_due: RupeesOut
    covering: RupeesOut = Field(description="The least where the minimum covers the next interest; otherwise 0")


class StatementLine(Answer):
    """A statement in a list."""

    number: int
    from_: date = Field(serialization_alias="from")
    statement_on: date
    due_on: date
    opening: RupeesOut
    closing: RupeesOut = Field(description="Below 0: a credit balance")
    total_due: RupeesOut
    minimum_due: RupeesOut
    interest_free: bool = Field(description="Whether a new purchase bears no interest when the total is paid")


class InterestLineAnswer(Answer):
    """Days of one posting with one balance and one rate. `interest` is before rounding, in rupees."""

    posting: int
    bucket: str
    from_: date = Field(serialization_alias="from")
    to: date = Field(description="The first day that is not counted")
    days: int
    balance: RupeesOut
    annual_rate: RateOut
    interest: str = Field(examples=["529.315068"], description="Rupees before rounding, with six decimals")


class InterestAnswer(Answer):
    """The interest of a group in a statement, rounded, and every line that it came from."""

    group: str
    interest: RupeesOut
    lines: list[InterestLineAnswer]


class StatementAnswer(StatementLine):
    """A statement as it was issued, with its postings and the explanation of its interest."""

    account_id: AccountIdText
    buckets: Buckets
    minimum: MinimumAnswer
    unbilled_plans: RupeesOut
    disputed: RupeesOut
    postings: list[PostingAnswer]
    interest: list[InterestAnswer]


def statement_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a statement in a list."""
    return {
        "number": row["number"],
        "from_": row["from_on"],
        "statement_on": row["issued_on"],
        "due_on": row["due_on"],
        "opening": row["opening_paise"],
        "closing": row["closing_paise"],
        "total_due": row["total_due_paise"],
        "minimum_due": row["minimum_due_paise"],
        "interest_free": row["interest_free"],
    }


def present_statement(
    account_id: str, row: Mapping[str, Any], postings: Sequence[Mapping[str, Any]]
) -> StatementAnswer:
    """A statement as an answer."""
    balances = {CardBucket(name): paise for name, paise in row["balances"].items()}
    return StatementAnswer(
        **statement_line(row),
        account_id=account_id,
        buckets=present_buckets(balances),
        minimum=_minimum(asked_of(row["asked"]).parts),
        unbilled_plans=row["plan_paise"],
        disputed=row["disputed_paise"],
        postings=[present_posting(posting) for posting in postings],
        interest=[_interest(group) for group in row["interest"]],
    )


def _minimum(parts: MinimumParts) -> MinimumAnswer:
    return MinimumAnswer(
        tax=parts.tax_paise,
        fees=parts.fees_paise,
        interest=parts.interest_paise,
        instalments=parts.instalments_paise,
        over_limit=parts.over_limit_paise,
        share=parts.share_paise,
        past_due=parts.past_due_paise,
        covering=parts.covering_paise,
    )


def _interest(group: Mapping[str, Any]) -> InterestAnswer:
    return InterestAnswer(
        group=group["group"], interest=group["paise"], lines=[_line(*line) for line in group["lines"]]
    )


def _line(number: int, bucket: str, begins: str, ends: str, paise: int, rate: str) -> InterestLineAnswer:
    line = InterestLine(
        number=number,
        bucket=CardBucket(bucket),
        from_on=date.fromisoformat(begins),
        to_on=date.fromisoformat(ends),
        balance_paise=paise,
        annual_rate_percent=Decimal(rate),
    )
    exact = line.exact_paise / 100
    return InterestLineAnswer(
        posting=number,
        bucket=bucket,
        from_=line.from_on,
        to=line.to_on,
        days=line.days,
        balance=paise,
        annual_rate=line.annual_rate_percent,
        interest=f"{Decimal(exact.numerator) / Decimal(exact.denominator):.6f}",
    )


#: The name of a movement in the network's or the payer's system.
ReferenceField = Annotated[Reference, Field(examples=["RRN-612345678901"])]
