"""How the statements of card accounts are answered, with the explanation of their interest."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field

from app.api.schemas import Answer, RateOut, RupeesOut
from app.api.v1.cards.account_schemas import AccountIdText, Buckets, CardPostingAnswer, present_buckets, present_posting
from app.db.repositories.cards.states import asked_of
from app.domain.cards.engine.accounts import MinimumParts
from app.domain.cards.engine.interest import InterestLine
from app.domain.products.card_terms import CardBucket


class CardMinimumAnswer(Answer):
    """What the minimum due was made of, before it was rounded up, in rupees."""

    tax: RupeesOut
    fees: RupeesOut
    interest: RupeesOut
    instalments: RupeesOut
    over_limit: RupeesOut
    share: RupeesOut = Field(description="The share of purchases and cash")
    past_due: RupeesOut
    covering: RupeesOut = Field(description="The least where the minimum covers the next interest; otherwise 0")


class CardStatementLine(Answer):
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


class CardInterestLineAnswer(Answer):
    """Days of one posting with one balance and one rate. `interest` is before rounding, in rupees."""

    posting: int
    bucket: str
    from_: date = Field(serialization_alias="from")
    to: date = Field(description="The first day that is not counted")
    days: int
    balance: RupeesOut
    annual_rate: RateOut
    interest: str = Field(examples=["529.315068"], description="Rupees before rounding, with six decimals")


class CardInterestAnswer(Answer):
    """The interest of a group in a statement, rounded, and every line that it came from."""

    group: str
    interest: RupeesOut
    lines: list[CardInterestLineAnswer]


class CardStatementAnswer(CardStatementLine):
    """A statement as it was issued, with its postings and the explanation of its interest."""

    account_id: AccountIdText
    buckets: Buckets
    minimum: CardMinimumAnswer
    unbilled_plans: RupeesOut
    disputed: RupeesOut
    postings: list[CardPostingAnswer]
    interest: list[CardInterestAnswer]


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
) -> CardStatementAnswer:
    """A statement as an answer."""
    balances = {CardBucket(name): paise for name, paise in row["balances"].items()}
    return CardStatementAnswer(
        **statement_line(row),
        account_id=account_id,
        buckets=present_buckets(balances),
        minimum=_minimum(asked_of(row["asked"]).parts),
        unbilled_plans=row["plan_paise"],
        disputed=row["disputed_paise"],
        postings=[present_posting(posting) for posting in postings],
        interest=[_interest(group) for group in row["interest"]],
    )


def _minimum(parts: MinimumParts) -> CardMinimumAnswer:
    return CardMinimumAnswer(
        tax=parts.tax_paise,
        fees=parts.fees_paise,
        interest=parts.interest_paise,
        instalments=parts.instalments_paise,
        over_limit=parts.over_limit_paise,
        share=parts.share_paise,
        past_due=parts.past_due_paise,
        covering=parts.covering_paise,
    )


def _interest(group: Mapping[str, Any]) -> CardInterestAnswer:
    return CardInterestAnswer(
        group=group["group"], interest=group["paise"], lines=[_line(*line) for line in group["lines"]]
    )


def _line(number: int, bucket: str, begins: str, ends: str, paise: int, rate: str) -> CardInterestLineAnswer:
    line = InterestLine(
        number=number,
        bucket=CardBucket(bucket),
        from_on=date.fromisoformat(begins),
        to_on=date.fromisoformat(ends),
        balance_paise=paise,
        annual_rate_percent=Decimal(rate),
    )
    exact = line.exact_paise / 100
    return CardInterestLineAnswer(
        posting=number,
        bucket=bucket,
        from_=line.from_on,
        to=line.to_on,
        days=line.days,
        balance=paise,
        annual_rate=line.annual_rate_percent,
        interest=f"{Decimal(exact.numerator) / Decimal(exact.denominator):.6f}",
    )
