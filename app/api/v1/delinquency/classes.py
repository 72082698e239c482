"""A loan's days past due and asset class at a day-end, as known on a day, with the reasons and the history."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import LoanIdOut
from app.api.schemas import Answer, Day, RupeesOut
from app.api.v1.lending.loans import LoanPath
from app.domain.delinquency.changes import Change
from app.domain.delinquency.explanations import UnpaidInstalment
from app.domain.delinquency.facilities import FacilityKey
from app.domain.delinquency.monitoring import Monitoring
from app.services.delinquency import views

router = KistRouter(prefix="/loans", tags=["Days past due"])


class FacilityAnswer(Answer):
    """A loan or a card of the borrower, by its kind and number."""

    kind: str
    number: int


class UnpaidInstalmentAnswer(Answer):
    """An instalment that is due and not paid at the day-end. Amounts are in rupees; charges are no part of it."""

    instalment: int
    due_on: date
    interest: RupeesOut
    principal: RupeesOut


class ClassChange(Answer):
    """A change at a day-end: from which class to which (null: not on the books), why, and by which instalment."""

    on: date
    from_: str | None = Field(serialization_alias="from")
    to: str | None
    reason: str
    instalment: int | None
    oldest_due_on: date | None
    non_performing_since: date | None
    by: FacilityAnswer | None


class DefaultAnswer(Answer):
    """A default within a monitoring period: of which facility and instalment, and the first day-end that shows it."""

    of: FacilityAnswer
    instalment: int
    due_on: date
    on: date


class MonitoringAnswer(Answer):
    """What a loan that was restructured for financial difficulty has to show before it is standard again.

    `to_repay` of principal, not before `not_before` (null while no payment has fallen due), and no default from
    `begins_on` (null while the period has not begun). `is_open` is false when it has shown it.
    """

    restructured_on: date
    is_open: bool
    begins_on: date | None
    not_before: date | None
    to_repay: RupeesOut
    repaid: RupeesOut
    default: DefaultAnswer | None


class DelinquencyAnswer(Answer):
    """Days past due and class at the end of the day `on`, with what was known at the end of `as_known_on`.

    `is_final` is false while the day is not over: the figures are then those if nothing more is paid. The class is the
    borrower's, and `by` is the facility that gives it. `asset_class` is null for a loan that is closed. `monitoring` is
    null for a loan that was not restructured for financial difficulty.
    """

    loan_id: LoanIdOut
    on: date
    as_known_on: date
    is_final: bool
    days_past_due: int
    asset_class: str | None
    by: FacilityAnswer | None
    oldest_due_on: date | None
    oldest_instalment: int | None
    non_performing_since: date | None
    unpaid: list[UnpaidInstalmentAnswer]
    explanation: list[str]
    monitoring: MonitoringAnswer | None
    changes: list[ClassChange]


@router.get("/{loan_id}/delinquency", dependencies=[READERS], summary="Days past due and class of a loan")
async def get_delinquency(
    loan_id: LoanPath,
    uow: ReadingDep,
    on: Annotated[Day | None, Query(description="The day-end; the default is `as_known_on`")] = None,
    as_known_on: Annotated[
        Day | None, Query(description="What was booked by the end of this day counts; the default is the business date")
    ] = None,
) -> DelinquencyAnswer:
    """Gives the days past due and the asset class of a loan at a day-end, why they are so, and every change until then.
    With `as_known_on`, payments that were entered or reversed later do not count."""
    found = await views.view_delinquency(uow, loan_id, on=on, as_known_on=as_known_on)
    state = found.state
    return DelinquencyAnswer(
        loan_id=found.public_id,
        on=found.on,
        as_known_on=found.as_known_on,
        is_final=found.is_final,
        days_past_due=found.days_past_due,
        asset_class=state.asset_class,
        by=_facility(state.by),
        oldest_due_on=state.oldest_due_on,
        oldest_instalment=state.cycle,
        non_performing_since=state.non_performing_since,
        unpaid=[_unpaid(one) for one in found.unpaid],
        explanation=list(found.reasons.sentences),
        monitoring=_monitoring(found.monitoring, on=found.on),
        changes=[_change(change) for change in found.changes],
    )


def _facility(key: FacilityKey | None) -> FacilityAnswer | None:
    return None if key is None else FacilityAnswer(kind=key.kind.value, number=key.number)


def _monitoring(found: Monitoring | None, *, on: date) -> MonitoringAnswer | None:
    if found is None:
        return None
    restructuring, default = found.restructuring, found.default
    return MonitoringAnswer(
        restructured_on=restructuring.on,
        is_open=found.is_open(on),
        begins_on=found.begins_on,
        not_before=found.trial.earliest_on(restructuring),
        to_repay=found.trial.needed_paise(restructuring),
        repaid=restructuring.repaid_paise(on),
        default=None
        if default is None
        else DefaultAnswer(
            of=FacilityAnswer(kind=default.key.kind.value, number=default.key.number),
            instalment=default.arrear.cycle,
            due_on=default.arrear.due_on,
            on=default.on,
        ),
    )


def _unpaid(one: UnpaidInstalment) -> UnpaidInstalmentAnswer:
    return UnpaidInstalmentAnswer(
        instalment=one.cycle, due_on=one.due_on, interest=one.interest_paise, principal=one.principal_paise
    )


def _change(change: Change) -> ClassChange:
    after = change.after
    return ClassChange(
        on=change.on,
        from_=change.before.asset_class,
        to=after.asset_class,
        reason=change.reason.value,
        instalment=change.cycle,
        oldest_due_on=after.oldest_due_on,
        non_performing_since=after.non_performing_since,
        by=_facility(after.by),
    )
