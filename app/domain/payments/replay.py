"""Posts the differences between a replayed loan and its ledger, without changing rows that were written.

When a payment bounces or comes with an earlier value date, the loan is replayed (`replayed_loan.py`) with the payments
that count now. The differences are posted today: the transfers of the affected payments are reversed and posted again,
and the difference of interest is an adjustment, which the bill of the open cycle will show.
Source: docs/business-rules.md, payments.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from app.domain.billing.cycles import Billing
from app.domain.lending.ledger import Account, Journal, Kind, Transfer
from app.domain.lending.positions import Decision, LoanStatus, Plan, PlanReason, PlanVersion, Position
from app.domain.payments.amounts import check_exact
from app.domain.payments.changes import LoanChange
from app.domain.payments.histories import GroupKey, History, action_order, group_key, posted_interest_paise
from app.domain.payments.payments import PaymentOrder
from app.domain.payments.replay_plans import make_replay_plan
from app.domain.payments.replayed_loan import replay_loan
from app.domain.products.products import PaymentPolicy


def standing_groups(transfers: Sequence[Transfer]) -> dict[GroupKey, list[Transfer]]:
    """The transfers of payments, concessions and charges that are not reversed, by group."""
    reversed_numbers = {transfer.reverses for transfer in transfers if transfer.reverses is not None}
    groups: dict[GroupKey, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        key = group_key(transfer)
        if key is not None and transfer.reverses is None and transfer.number not in reversed_numbers:
            groups[key].append(transfer)
    return groups


def check_backdated(position: Position, history: History, order: PaymentOrder) -> None:
    """Where the product takes exact amounts only: checks a backdated payment against the loan on its value date.

    That state is replayed from the payments and bills up to the value date that are known now. Raises AmountNotExact.
    """
    if position.terms.payment_policy is not PaymentPolicy.EXACT:
        return
    known = history.before(action_order(order))
    check_exact(replay_loan(position, known, through=order.value_date).position, order)


def rewrite(
    position: Position,
    history: History,
    *,
    payments: Sequence[PaymentOrder],
    on: date,
    changes: Sequence[LoanChange] | None = None,
) -> Billing:
    """The postings of the business date `on` after which the ledger is as if `payments` were all payments of the loan,
    and `changes` all its changes (default: those of the history).

    `position` is caught up to `on`. `history` holds all rows of the loan, including those of that catching up. Raises
    LaterPaymentsConflict.
    """
    now = history._replace(payments=payments, changes=history.changes if changes is None else changes)
    replayed = replay_loan(position, now, through=on)
    journal = Journal(last_number=position.last_transfer, booked_on=on)
    _repost_groups(journal, before=standing_groups(history.transfers), after=replayed.groups)
    difference = replayed.interest_paise - posted_interest_paise(history.transfers)
    accounts = (Account.INTEREST, Account.INTEREST_INCOME)
    debit, credit = accounts if difference > 0 else accounts[::-1]
    journal.open_group()
    journal.post(Kind.ADJUSTMENT, debit, credit, abs(difference), Account.INTEREST, on)
    for transfer in replayed.interest:
        journal.open_group()
        journal.post(
            transfer.kind,
            transfer.debit,
            transfer.credit,
            transfer.amount_paise,
            transfer.component,
            transfer.value_date,
            transfer.cycle,
        )
    known = [*now.actions, *history.actions]
    last_action = max((action_order(action)[1] for action in known), default=0)
    plans = _put_plan_in_force(replayed.position, position, on=on, after_payment_id=last_action)
    after = replayed.position
    after.version = position.version
    after.last_transfer = journal.number
    # From now on a payment with an earlier value date needs a replay too.
    after.last_event_on = on
    bills = [bill._replace(schedule_version=position.schedule_version) for bill in replayed.bills]
    return Billing(Decision(after, journal.transfers, replayed.states, plans), bills)


def _repost_groups(
    journal: Journal, *, before: dict[GroupKey, list[Transfer]], after: dict[GroupKey, list[Transfer]]
) -> None:
    """Reverses each group of transfers that has changed, and posts its new transfers."""
    for key in sorted(before.keys() | after.keys()):
        before_transfers, after_transfers = before.get(key, []), after.get(key, [])
        if Counter(map(_content, before_transfers)) == Counter(map(_content, after_transfers)):
            continue
        journal.open_group()
        for transfer in before_transfers:
            journal.post(
                Kind.REVERSAL,
                transfer.credit,
                transfer.debit,
                transfer.amount_paise,
                transfer.component,
                transfer.value_date,
                transfer.cycle,
                transfer.payment_id,
                transfer.number,
            )
        journal.open_group()
        for transfer in after_transfers:
            journal.post(
                transfer.kind,
                transfer.debit,
                transfer.credit,
                transfer.amount_paise,
                transfer.component,
                transfer.value_date,
                transfer.cycle,
                transfer.payment_id,
            )


def _content(transfer: Transfer) -> tuple[object, ...]:
    """The fields in which two equal postings agree: all but the numbers and the date of the posting."""
    return (
        transfer.kind,
        transfer.debit,
        transfer.credit,
        transfer.amount_paise,
        transfer.value_date,
        transfer.cycle,
    )


def _put_plan_in_force(after: Position, before: Position, *, on: date, after_payment_id: int) -> list[PlanVersion]:
    """Keeps the plan when it is unchanged. Otherwise makes a new version: the replayed plan, or a plan made today."""
    undemanded = after.undemanded_principal_paise
    replayed, after.schedule_version = after.plan, before.schedule_version
    unchanged = undemanded == before.undemanded_principal_paise or before.status is not LoanStatus.ACTIVE
    stuck = not replayed.due_on and not after.is_daily and (undemanded > 0 or after.unbilled_interest_paise > 0)
    # A reopened loan may have more undemanded principal than its last plan had.
    fits = after.is_daily or sum(replayed.principal_paise) == undemanded
    if (
        unchanged
        and not stuck
        and (fits or after.status is not LoanStatus.ACTIVE)
        and _columns(after.plan) == _columns(before.plan, skip=after.next_cycle - before.next_cycle)
    ):
        after.emi_paise = before.emi_paise
        return []
    left = _columns(before.plan, skip=after.next_cycle - before.next_cycle)
    if after.status is not LoanStatus.ACTIVE or not (stuck or replayed.due_on or left[0]):
        return []
    if stuck or (replayed.due_on and (after.is_daily or not fits)):
        return make_replay_plan(after, on=on, after_payment_id=after_payment_id)
    # A replayed plan that ends earlier than the stored plan is a new version too: the next read session needs it.
    after.schedule_version += 1
    return [PlanVersion(after.schedule_version, on, PlanReason.RESTORED, after.next_cycle, after.emi_paise, replayed)]


def _columns(plan: Plan, *, skip: int = 0) -> tuple[list[object], ...]:
    return tuple(list(column)[max(skip, 0) :] for column in plan)
