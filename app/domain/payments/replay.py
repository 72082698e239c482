"""Replay: changing what happened to a loan, without rewriting its books.

When a payment bounces, or turns out to have come earlier, the loan is lived again (`life.py`) with the payments that
stand now. What differs from the ledger is posted today: the payments concerned are transferred back and out again, and
the difference of interest is an adjustment that the open cycle's bill will show. Source: domain.md, section 8.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from app.domain.billing.cycles import Billing
from app.domain.lending.ledger import Account, Journal, Kind, Transfer
from app.domain.lending.positions import Decision, LoanStatus, Plan, PlanReason, PlanVersion, Position
from app.domain.payments.life import (
    Action,
    GroupKey,
    History,
    group_key,
    make_plan_anew,
    place_of,
    posted_interest_paise,
    replay_loan,
)
from app.domain.payments.payments import PaymentOrder, check_exact
from app.domain.products.products import PaymentPolicy


def standing_groups(transfers: Sequence[Transfer]) -> dict[GroupKey, list[Transfer]]:
    """The transfers of payments and charges that nothing has reversed, by what they stand or fall with."""
    reversed_numbers = {transfer.reverses for transfer in transfers if transfer.reverses is not None}
    groups: dict[GroupKey, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        key = group_key(transfer)
        if key is not None and transfer.reverses is None and transfer.number not in reversed_numbers:
            groups[key].append(transfer)
    return groups


def check_backdated(position: Position, history: History, order: PaymentOrder) -> None:
    """Refuses what a product that takes exact amounts would not have taken on the value date, with what is known of
    that day now. Raises AmountNotExact."""
    if position.terms.payment_policy is not PaymentPolicy.EXACT:
        return
    place, day = place_of(order), order.value_date
    known = history._replace(
        bills=[bill for bill in history.bills if bill.billed_on <= day],
        payments=[payment for payment in history.payments if place_of(payment) < place],
        replanned=[replanned for replanned in history.replanned if replanned.on <= day],
        concessions=[concession for concession in history.concessions if place_of(concession) < place],
    )
    check_exact(replay_loan(position, known, through=day).position, order)


def rewrite(position: Position, history: History, *, payments: Sequence[PaymentOrder], on: date) -> Billing:
    """What is to be posted on a business date so that the books are as if these payments had always been the ones.

    `position` is caught up to `on`, `history` holds all that is in the books, that catching up included. Raises
    LaterPaymentsConflict.
    """
    life = replay_loan(position, history._replace(payments=payments), through=on)
    journal = Journal(last_number=position.last_transfer, booked_on=on)
    _repost_groups(journal, before=standing_groups(history.transfers), after=life.groups)
    difference = life.interest_paise - posted_interest_paise(history.transfers)
    accounts = (Account.INTEREST, Account.INTEREST_INCOME)
    debit, credit = accounts if difference > 0 else accounts[::-1]
    journal.open_group()
    journal.post(Kind.ADJUSTMENT, debit, credit, abs(difference), Account.INTEREST, on)
    for one in life.interest:
        journal.open_group()
        journal.post(one.kind, one.debit, one.credit, one.amount_paise, one.component, one.value_date, one.cycle)
    known: list[Action] = [*payments, *history.payments, *history.concessions]
    last_action = max((place_of(action)[1] for action in known), default=0)
    plans = _put_plan_in_force(life.position, position, on=on, after_payment_id=last_action)
    after = life.position
    after.version = position.version
    after.last_transfer = journal.number
    # Whatever comes with an earlier value date from now on has to be lived in its place too.
    after.last_event_on = on
    bills = [bill._replace(schedule_version=position.schedule_version) for bill in life.bills]
    return Billing(Decision(after, journal.transfers, life.states, plans), bills)


def _repost_groups(
    journal: Journal, *, before: dict[GroupKey, list[Transfer]], after: dict[GroupKey, list[Transfer]]
) -> None:
    """Transfers back what does not stand any more, and out again where it belongs now."""
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, []), after.get(key, [])
        if Counter(map(_content, old)) == Counter(map(_content, new)):
            continue
        journal.open_group()
        for one in old:
            journal.post(
                Kind.REVERSAL,
                one.credit,
                one.debit,
                one.amount_paise,
                one.component,
                one.value_date,
                one.cycle,
                one.payment_id,
                one.number,
            )
        journal.open_group()
        for one in new:
            journal.post(
                one.kind,
                one.debit,
                one.credit,
                one.amount_paise,
                one.component,
                one.value_date,
                one.cycle,
                one.payment_id,
            )


def _content(transfer: Transfer) -> tuple[object, ...]:
    """What makes two transfers the same posting, whatever their numbers and the day they were booked."""
    return (
        transfer.kind,
        transfer.debit,
        transfer.credit,
        transfer.amount_paise,
        transfer.value_date,
        transfer.cycle,
    )


def _put_plan_in_force(after: Position, before: Position, *, on: date, after_payment_id: int) -> list[PlanVersion]:
    """Keeps the plan where nothing changed for it, else makes a new version: the relived one, or one made today."""
    undemanded = after.undemanded_principal_paise
    replayed, after.schedule_version = after.plan, before.schedule_version
    unchanged = undemanded == before.undemanded_principal_paise or before.status is not LoanStatus.ACTIVE
    stuck = not replayed.due_on and not after.is_daily and (undemanded > 0 or after.unbilled_interest_paise > 0)
    # A loan that is open again may have got back more than the plan of its last days had for it.
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
        return make_plan_anew(after, on=on, after_payment_id=after_payment_id)
    # A plan that has come to its end earlier than the stored one is a version as well: the next look reads it.
    after.schedule_version += 1
    return [PlanVersion(after.schedule_version, on, PlanReason.RESTORED, after.next_cycle, after.emi_paise, replayed)]


def _columns(plan: Plan, *, skip: int = 0) -> tuple[list[object], ...]:
    return tuple(list(column)[max(skip, 0) :] for column in plan)
