"""Why a loan is so many days past due: the instalment, the days that are counted, and the rule of the class."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.delinquency.changes import FacilityState
from app.domain.delinquency.classes import AssetClass
from app.domain.delinquency.facilities import FacilityKey, owed_paise
from app.domain.delinquency.monitoring import Monitoring
from app.domain.lending.positions import BillState
from app.domain.money import format_inr
from app.domain.public_ids import format_card_account_id
from app.domain.rulebook.kinds import LenderKind, ProductKind
from app.domain.rulebook.rulebook import Rulebook
from app.domain.rulebook.rules import Rule, RuleRow

#: The rule that begins each class; SMA-0 begins on the due date.
_BEGINS = {
    AssetClass.SMA_1: Rule.SMA_1_AFTER_DAYS,
    AssetClass.SMA_2: Rule.SMA_2_AFTER_DAYS,
    AssetClass.SUB_STANDARD: Rule.NPA_AFTER_DAYS,
    AssetClass.DOUBTFUL_1: Rule.DOUBTFUL_1_AFTER_MONTHS,
    AssetClass.DOUBTFUL_2: Rule.DOUBTFUL_2_AFTER_MONTHS,
    AssetClass.DOUBTFUL_3: Rule.DOUBTFUL_3_AFTER_MONTHS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpaidInstalment:
    """An instalment that is due and not paid at a day-end. Money in paise."""

    cycle: int
    due_on: date
    interest_paise: int
    principal_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What a class rests on, in sentences, and the row of the rulebook that gives it (None: nothing is past due)."""

    sentences: tuple[str, ...]
    row: RuleRow | None


def unpaid_instalments(states: Mapping[int, BillState], *, on: date) -> list[UnpaidInstalment]:
    """The instalments that are due and not paid at a day-end, the oldest first, from the states at that day-end."""
    return [
        UnpaidInstalment(
            cycle=state.cycle,
            due_on=state.due_on,
            interest_paise=state.unpaid_interest_paise,
            principal_paise=state.unpaid_principal_paise,
        )
        for state in sorted(states.values(), key=lambda state: (state.due_on, state.cycle))
        if state.due_on <= on and owed_paise(state) > 0
    ]


def explain(
    key: FacilityKey,
    state: FacilityState,
    unpaid: list[UnpaidInstalment],
    *,
    on: date,
    rulebook: Rulebook,
    lender: LenderKind,
    monitoring: Monitoring | None = None,
) -> Reasons:
    """Why the facility is in its state at a day-end. `monitoring` is that of a restructured facility."""
    sentences = [*_count(state, unpaid, on=on)]
    rule = None if state.asset_class is None else _BEGINS.get(state.asset_class)
    row = None
    if rule is not None:
        kind = (state.by or key).kind
        row = rulebook.find_or_none(rule, on=on, lender=lender, product=kind)
    is_non_performing = state.asset_class is not None and state.asset_class.is_non_performing
    if is_non_performing and monitoring is not None and monitoring.is_open(on):
        sentences += _monitored(key, monitoring)
        if state.oldest_due_on is None and state.by == key:
            row = rulebook.find_or_none(
                Rule.RESTRUCTURED_IS_NPA, on=monitoring.restructuring.on, lender=lender, product=key.kind
            )
    if state.by is not None and state.by != key:
        sentences.append(f"the class is the borrower's: {_named(state.by)} gives it, and all facilities take it")
    since = state.non_performing_since
    if since is not None:
        sentences.append(
            f"non-performing since {since}, until all arrears of interest and principal of all facilities are paid"
        )
    if state.asset_class is AssetClass.LOSS:
        sentences.append("written off: the loss is identified")
    if row is not None:
        sentences.append(f"{row.words}: {row.value} {row.unit.value} ({row.source.reference})")
    return Reasons(sentences=tuple(sentences), row=row)


def _count(state: FacilityState, unpaid: list[UnpaidInstalment], *, on: date) -> list[str]:
    if state.oldest_due_on is None or not unpaid:
        return ["no instalment that is due is unpaid"]
    oldest = unpaid[0]
    left = oldest.interest_paise + oldest.principal_paise
    days = state.days_past_due(on)
    sentences = [
        f"instalment {oldest.cycle} fell due on {oldest.due_on}, and {format_inr(left)} of it is unpaid",
        f"the due date is the first day past due: {oldest.due_on} to {on}, both included, is {days} day"
        + ("" if days == 1 else "s"),
    ]
    if len(unpaid) > 1:
        total = sum(one.interest_paise + one.principal_paise for one in unpaid)
        sentences.append(f"{len(unpaid)} instalments are unpaid, {format_inr(total)} in all; the oldest counts")
    return sentences


def _monitored(key: FacilityKey, monitoring: Monitoring) -> list[str]:
    """What a restructured facility has to show, and what it has shown."""
    restructuring, trial, default = monitoring.restructuring, monitoring.trial, monitoring.default
    found = [f"restructured for financial difficulty on {restructuring.on}, and it has not performed long enough since"]
    if default is not None:
        whose = "" if default.key == key else f" of {_named(default.key)}"
        found.append(
            f"instalment {default.arrear.cycle}{whose} fell due on {default.arrear.due_on}; that it was unpaid at the "
            f"end of {default.on} is a default within the monitoring period"
        )
        if trial.anew_after_default:
            return [*found, "after that default it is standard again only by another restructuring"]
    if monitoring.begins_on is None:
        found.append("the monitoring period has not begun: it begins when nothing older is unpaid and payments begin")
    asked = []
    if trial.percent:
        asked.append(
            f"{format_inr(trial.needed_paise(restructuring))} of principal is repaid since the restructuring "
            f"({trial.percent.normalize():f} %)"
        )
    earliest = trial.earliest_on(restructuring)
    asked.append(f"{trial.months} months have passed since payments began" + (f": {earliest}" if earliest else ""))
    late = f"more than {trial.default_after_days} days past due" if trial.default_after_days else "past due"
    asked.append(f"and until then nothing of the borrower was {late}")
    return [*found, f"it is standard again when {', '.join(asked)}"]


def _named(key: FacilityKey) -> str:
    return f"loan {key.number}" if key.kind is ProductKind.LOAN else format_card_account_id(key.number)
