"""Reports of the whole book, for staff: provisions, portfolio at risk, vintages, roll rates. Each as JSON or CSV."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from app.api.deps import OFFICERS, KistRouter, ReadingDep
from app.api.documents import Accepted, AnswerForm, FormAsked, GeneratedFile, choose_form, documented_forms
from app.api.schemas import Answer, Day, RateOut, RupeesOut
from app.documents.table_csv import table_csv
from app.domain.delinquency.classes import AssetClass
from app.domain.money import paise_to_rupees
from app.services.delinquency import risk

router = KistRouter(prefix="/risk", tags=["Risk"])

On = Annotated[Day | None, Query(description="The day-end; the default is the latest that is judged")]
FORMS = (AnswerForm.JSON, AnswerForm.CSV)


class ProvisionAnswer(Answer):
    """The loans of a class, secured or not. `net` is what the provision is made on: principal and billed interest
    without what is in suspense."""

    asset_class: str
    is_secured: bool
    loans: int
    principal: RupeesOut
    interest: RupeesOut
    suspended: RupeesOut
    net: RupeesOut
    rate_percent: RateOut
    rule: str
    reference: str
    provision: RupeesOut


class AtRiskAnswer(Answer):
    """The loans that are past due for more than `after_days`, and their share of all principal."""

    after_days: int
    loans: int
    principal: RupeesOut
    share_percent: RateOut


class RiskBookAnswer(Answer):
    """The book at a day-end, by class. `judged_through` is the latest day-end whose classes are judged."""

    on: date
    judged_through: date | None
    provision: RupeesOut
    provisions: list[ProvisionAnswer]
    at_risk: list[AtRiskAnswer]


class VintageAnswer(Answer):
    """The loans of a month. `failed_percent` has the share of the disbursed amount that had failed by the end of each
    month, from the month of disbursal on."""

    month: date
    loans: int
    disbursed: RupeesOut
    failed_percent: list[RateOut]


class RollAnswer(Answer):
    """Loans that moved from one class to another, and their share of the principal of the first class."""

    from_: str = Field(serialization_alias="from")
    to: str
    loans: int
    principal: RupeesOut
    share_percent: RateOut


class RollsAnswer(Answer):
    """How loans moved between two day-ends."""

    on: date
    until: date
    rolls: list[RollAnswer]


@router.get(
    "/provisions",
    dependencies=[OFFICERS],
    summary="Provisions and portfolio at risk",
    response_model=RiskBookAnswer,
    responses=documented_forms(AnswerForm.CSV),
)
async def get_provisions(
    uow: ReadingDep, accept: Accepted = None, form: FormAsked = None, on: On = None
) -> RiskBookAnswer | Response:
    """Gives the book of a day-end by class, secured or not, with the provision at the rates of the rulebook, and what
    is past due for more than so many days. As CSV: the provisions."""
    wanted = choose_form(accept, asked=form, offered=FORMS)
    found = await risk.view_book(uow, on=on)
    answer = RiskBookAnswer(
        on=found.on,
        judged_through=found.judged_through,
        provision=sum(line.provision_paise for line in found.provisions),
        provisions=[
            ProvisionAnswer(
                asset_class=line.asset_class,
                is_secured=line.is_secured,
                loans=line.loans,
                principal=line.principal_paise,
                interest=line.interest_paise,
                suspended=line.suspended_paise,
                net=line.net_paise,
                rate_percent=line.rate_percent,
                rule=line.rule.value,
                reference=line.reference,
                provision=line.provision_paise,
            )
            for line in found.provisions
        ],
        at_risk=[
            AtRiskAnswer(
                after_days=line.after_days,
                loans=line.loans,
                principal=line.principal_paise,
                share_percent=line.share_percent,
            )
            for line in found.at_risk
        ],
    )
    return answer if wanted is AnswerForm.JSON else _file(f"provisions-{found.on}", answer.provisions)


@router.get(
    "/portfolio-at-risk",
    dependencies=[OFFICERS],
    summary="Portfolio at risk",
    response_model=list[AtRiskAnswer],
    responses=documented_forms(AnswerForm.CSV),
)
async def get_portfolio_at_risk(
    uow: ReadingDep, accept: Accepted = None, form: FormAsked = None, on: On = None
) -> list[AtRiskAnswer] | Response:
    """Gives the loans that are past due for more than 0, 30, 60 and 90 days (as the rulebook has it), and their share
    of all principal."""
    wanted = choose_form(accept, asked=form, offered=FORMS)
    found = await risk.view_book(uow, on=on)
    rows = [
        AtRiskAnswer(
            after_days=line.after_days,
            loans=line.loans,
            principal=line.principal_paise,
            share_percent=line.share_percent,
        )
        for line in found.at_risk
    ]
    return rows if wanted is AnswerForm.JSON else _file(f"portfolio-at-risk-{found.on}", rows)


@router.get(
    "/vintages",
    dependencies=[OFFICERS],
    summary="Vintages",
    response_model=list[VintageAnswer],
    responses=documented_forms(AnswerForm.CSV),
)
async def get_vintages(
    uow: ReadingDep,
    accept: Accepted = None,
    form: FormAsked = None,
    on: On = None,
    asset_class: Annotated[
        AssetClass | None, Query(description="What counts as failed: this class or a worse one")
    ] = None,
) -> list[VintageAnswer] | Response:
    """Gives, for the loans of each month of disbursal, the share of the amount that had failed by each later month. By
    default, failed is non-performing. As CSV: a row for each month and age."""
    wanted = choose_form(accept, asked=form, offered=FORMS)
    found = await risk.view_vintages(uow, on=on, worst=asset_class)
    if wanted is AnswerForm.JSON:
        return [
            VintageAnswer(
                month=each.month,
                loans=each.loans,
                disbursed=each.disbursed_paise,
                failed_percent=list(each.failed_percent),
            )
            for each in found
        ]
    columns = ("month", "loans", "disbursed", "age_months", "failed_percent")
    rows = [
        (each.month, each.loans, paise_to_rupees(each.disbursed_paise), age, share)
        for each in found
        for age, share in enumerate(each.failed_percent)
    ]
    return GeneratedFile(lambda: table_csv(columns, rows), form=AnswerForm.CSV, name="vintages")


@router.get(
    "/roll-rates",
    dependencies=[OFFICERS],
    summary="Roll rates",
    response_model=RollsAnswer,
    responses=documented_forms(AnswerForm.CSV),
)
async def get_roll_rates(
    uow: ReadingDep, accept: Accepted = None, form: FormAsked = None, until: On = None
) -> RollsAnswer | Response:
    """Gives how loans moved between classes from the month-end before a day to that day; a month-end is compared with
    the one before it."""
    wanted = choose_form(accept, asked=form, offered=FORMS)
    found = await risk.view_rolls(uow, until=until)
    rolls = [
        RollAnswer(
            from_=roll.before,
            to=roll.after,
            loans=roll.loans,
            principal=roll.principal_paise,
            share_percent=roll.share_percent,
        )
        for roll in found.rolls
    ]
    if wanted is AnswerForm.CSV:
        return _file(f"roll-rates-{found.on}-{found.until}", rolls)
    return RollsAnswer(on=found.on, until=found.until, rolls=rolls)


def _file(name: str, rows: Sequence[Answer]) -> Response:
    """Rows of an answer as CSV: its fields are the columns, and money is rupees with two decimals."""
    kind = type(rows[0]) if rows else None
    columns = [] if kind is None else [field.serialization_alias or key for key, field in kind.model_fields.items()]
    cells = [list(_cells(row)) for row in rows]
    return GeneratedFile(lambda: table_csv(columns, cells), form=AnswerForm.CSV, name=name)


def _cells(row: Answer) -> Iterable[object]:
    for name in type(row).model_fields:
        value = getattr(row, name)
        is_money = isinstance(value, int) and not isinstance(value, bool) and name in _MONEY
        yield paise_to_rupees(value) if is_money else value if isinstance(value, Decimal | int) else str(value)


_MONEY = frozenset({"principal", "interest", "suspended", "net", "provision"})
