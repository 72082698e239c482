"""Checks that every forecast comes true: the figures that a view shows for the future are the figures that follow.

A check reads a view, then continues the loan on a copy with exactly the assumptions of the view, and compares the
result with the view, to the paisa. The assumptions:

    plan, statement, outlook    open bills are paid today, and each later bill in full on its billing date
    next due                    that amount is paid today for that instalment, and the bill is settled
    payoff                      nothing is paid until that day, then that amount, and the loan is closed
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from app.domain.billing.bills_to_come import next_instalment_paise
from app.domain.billing.cycles import Bill, Billing, catch_up
from app.domain.errors import DomainError
from app.domain.lending.cooling_off import may_leave
from app.domain.lending.ledger import Account
from app.domain.lending.positions import LoanStatus, Plan, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.concessions import Concession, ConcessionKind, decide_concession, written_off_paise
from app.domain.payments.histories import posted_interest_paise
from app.domain.payments.payments import (
    REPLAN_REQUESTS,
    Due,
    PaymentOrder,
    TreatAs,
    check_order,
    next_due,
    payoff,
)
from app.domain.products.products import PaymentPolicy, RepaymentTerms, Replan
from app.domain.reporting.explanations import explain_interest
from app.domain.reporting.simulations import outlook
from app.domain.reporting.statements import StatementLine
from app.domain.schedules.terms import Amortisation
from tests.lives.loan_books import Books

#: The payoff is checked so many days ahead.
PAYOFF_DAYS_AHEAD = (0, 1, 17, 45)
#: No loan has so many payments or bills: a loop that exceeds it would never end.
MOST_BILLS = 200
#: With so many rows a plan has a row that is neither the first (which may be odd) nor the last (which pays the rest).
LEAST_ROWS = 3
ACTIVE = LoanStatus.ACTIVE


class Violation(NamedTuple):
    """A check that failed: the name of its part, and what was shown and what happened."""

    part: str
    detail: str


def violations(books: Books, *, on: date) -> Iterator[Violation]:
    """Every violation on a day. The books stay as they are."""
    yield from _check_sums(books, on=on)
    position = books.position
    yield from _check_interest(books, on=on)
    if position.status is not ACTIVE:
        yield from _check_ended(books, on=on)
        return
    yield from _check_plan(books, on=on)
    yield from _check_asked_for(books, on=on)
    yield from _check_outlook(position, on=on)
    yield from _check_next_due(books, on=on)
    for days in PAYOFF_DAYS_AHEAD:
        yield from payoff_violations(position, on=on + timedelta(days=days))
    yield from _check_write_off(position, on=on)


def _check_sums(books: Books, *, on: date) -> Iterator[Violation]:
    """In every view, planned, billed and paid principal sum to what was lent and what interest became principal. What
    was paid is never below zero."""
    position, statement = books.position, books.statement(on=on)
    lent = position.lent_paise + statement.interest_capitalised_paise
    paid_parts = statement.principal_paid_paise, statement.interest_paid_paise, statement.charges_paid_paise
    if min(*paid_parts, statement.interest_capitalised_paise) < 0:
        yield Violation("statement.negative", f"{statement}")
    paid = statement.principal_paid_paise + statement.principal_written_off_paise
    if paid + statement.outstanding_paise != lent:
        yield Violation("statement.paid", f"paid {paid} + outstanding {statement.outstanding_paise}, lent {lent}")
    unpaid = sum(bill.unpaid_principal_paise for bill in position.open_bills)
    planned = sum(line.principal_paise for line in planned_lines(books, on=on))
    if planned + unpaid + lent - position.principal_paise != lent:
        yield Violation(
            "statement.planned", f"planned {planned} + billed and unpaid {unpaid} = {planned + unpaid}, "
            f"outstanding {position.principal_paise}",
        )  # fmt: skip
    for cycle, charged in _charges(books).items():
        bill = books.bills[cycle]
        if position.terms.late_charge is not None and charged > bill.interest_paise + bill.principal_due_paise:
            yield Violation("late_charge", f"late charges of {charged} on {bill}")
    for payment in statement.payments:
        went = payment.charges_paise + payment.interest_paise + payment.principal_paise + payment.advance_paise
        went += _besides(books, payment.payment_id)
        if position.status is ACTIVE and went != payment.amount_paise:
            yield Violation("statement.payment", f"{went} of {payment.amount_paise} is allocated")


def _besides(books: Books, payment_id: int) -> int:
    """The part of a payment that is owed to the borrower, and the difference by which its cash was rounded."""
    return sum(
        one.amount_paise * ((one.debit is Account.CASH) - (one.credit is Account.CASH))
        for one in books.transfers
        if one.payment_id == payment_id and one.component in (Account.REFUND_PAYABLE, Account.CASH_ROUNDING)
    )


def _charges(books: Books) -> Counter[int]:
    """The late charges of each bill, less reversed ones."""
    charged: Counter[int] = Counter()
    for one in books.transfers:
        if one.component is Account.CHARGES and one.payment_id is None and one.cycle is not None:
            charged[one.cycle] += one.amount_paise if one.debit is Account.CHARGES else -one.amount_paise
    return charged


def planned_lines(books: Books, *, on: date) -> list[StatementLine]:
    """The lines of the statement that are not billed yet."""
    return [line for line in books.statement(on=on).lines if line.number not in books.bills]


def _check_ended(books: Books, *, on: date) -> Iterator[Violation]:
    position = books.position
    owed = (position.principal_paise, position.interest_paise, position.charges_paise, position.advance_paise)
    if any(owed) or position.open_bills or position.unbilled_interest_paise:
        yield Violation("ended.owes", f"{position.status} and owes {owed}, {position.open_bills}")
    if next_due(position) is not None or payoff(position, on=on).total_paise or planned_lines(books, on=on):
        yield Violation("ended.demands", f"{position.status}, but a view shows an amount to pay")


def _check_plan(books: Books, *, on: date) -> Iterator[Violation]:
    """Compares the unbilled lines of the statement with the bills that follow when each is paid on its day."""
    lines = planned_lines(books, on=on)
    try:
        position = settle(books.position, on=on)
        for line in lines:
            if position.status is not ACTIVE:
                if line.amount_paise:
                    yield Violation("plan.closed", f"closed on {position.closed_on}, but the view has {_line(line)}")
                return
            billing = catch_up(position, through=line.billed_on)
            if _rows_of(catch_up(as_a_run_reads(position), through=line.billed_on)) != _rows_of(billing):
                yield Violation("plan.run", f"the run of {line.billed_on} reads too little of the plan for {line}")
            bills, position = billing.bills, billing.decision.position
            left = sum(bill.unpaid_paise for bill in position.open_bills if bill.cycle == line.number)
            shown = (
                line.number,
                line.billed_on,
                line.due_on,
                line.interest_paise,
                line.principal_paise,
                line.unpaid_paise,
            )
            came = [
                (bill.cycle, bill.billed_on, bill.due_on, bill.interest_paise, bill.principal_due_paise, left)
                for bill in bills
            ]
            if came != [shown]:
                yield Violation("plan.bill", f"shown {_row(shown)}, billed {[_row(one) for one in came]}")
                return
            position = settle(position, on=line.billed_on)
    except PaymentRefused as error:
        yield Violation("plan.unpayable", str(error))
        return
    if position.status is ACTIVE:
        yield Violation("plan.open", f"all {len(lines)} lines are paid, but the loan is still {_owed(position)}")


def as_a_run_reads(position: Position) -> Position:
    """The position as a billing run reads it on the day of the next bill: mostly with two instalments of the plan. The
    condition is that of `db/repositories/billing/due_loans.py`."""
    if position.open_bills or position.alterations is not None:
        return position
    plan = position.plan
    return replace(position, plan=Plan(plan.due_on[:2], plan.principal_paise[:2], plan.interest_paise[:2]))


def _rows_of(billing: Billing) -> tuple[object, ...]:
    """What a run writes: the bills, the transfers and the loan, whose plan it leaves as it is."""
    decision = billing.decision
    loan = replace(decision.position, plan=Plan([], [], []))
    return billing.bills, decision.transfers, decision.states, decision.plans, loan


def _check_asked_for(books: Books, *, on: date) -> Iterator[Violation]:
    """Where the plan sets the interest, all of it is asked for: a loan ends with its principal, and so must the plan.

    A credit of interest may pay the last principal, and then the loan ends before its plan.
    """
    position = books.position
    if position.is_daily or position.unbilled_interest_paise < 0:
        return
    shown = {line.number for line in planned_lines(books, on=on)}
    for cycle, interest in enumerate(position.plan.interest_paise, start=position.next_cycle):
        if interest and cycle not in shown:
            yield Violation("plan.asked_for", f"{interest} is planned for {cycle}, and no bill will ask for it")


def _check_outlook(position: Position, *, on: date) -> Iterator[Violation]:
    """Compares the sums of the outlook with the bills that follow."""
    ahead = outlook(position, on=on)
    bills: list[Bill] = []
    try:
        after = settle(position, on=on)
        while after.status is ACTIVE and after.next_event_on is not None and len(bills) < MOST_BILLS:
            billing = catch_up(after, through=after.next_event_on)
            bills += billing.bills
            after = settle(billing.decision.position, on=after.next_event_on)
    except PaymentRefused:
        return  # the check of the plan reports it
    interest = sum(bill.interest_paise for bill in bills)
    shown = (ahead.instalments, ahead.ends_on, ahead.interest_paise, ahead.amount_paise)
    came = (
        len(bills),
        bills[-1].billed_on if bills else None,
        interest,
        interest + sum(bill.principal_due_paise for bill in bills),
    )
    if shown != came:
        yield Violation("outlook", f"shown (instalments, end, interest, amount) {shown}, billed {came}")
    if after.status is ACTIVE:
        yield Violation("never.ends", f"every bill is paid, but the loan is still {_owed(after)}")


def _check_interest(books: Books, *, on: date) -> Iterator[Violation]:
    """The explained interest of all billed cycles, and of the last part of a closed loan, is the posted interest."""
    position = books.position
    if on == position.disbursed_on:
        return
    cycles = explain_interest(position, books.history, from_on=position.disbursed_on, to_on=on, today=on)
    posted = posted_interest_paise(books.transfers)
    if position.status is LoanStatus.CLOSED:
        # The payment or the concession that closed the loan posted the interest of a part of a cycle.
        posted += _posted_at_the_end(books)
    else:
        cycles = tuple(cycle for cycle in cycles if cycle.cycle in books.bills)
    explained = {cycle.cycle: cycle.rounded_paise + cycle.overdue_paise for cycle in cycles}
    if sum(explained.values()) != posted:
        billed = {cycle: bill.interest_paise for cycle, bill in books.bills.items()}
        yield Violation("interest", f"explained {explained}, billed {billed}, posted {posted}")


def _posted_at_the_end(books: Books) -> int:
    return sum(
        one.amount_paise * ((one.debit is Account.INTEREST) - (one.credit is Account.INTEREST))
        for one in books.transfers
        if one.payment_id is not None and Account.INTEREST_INCOME in (one.debit, one.credit)
    )


def _check_next_due(books: Books, *, on: date) -> Iterator[Violation]:
    due, position = next_due(books.position), books.position
    if due is None:
        quote = payoff(position, on=on)
        # An advance pays what is left, and only who closes the loan before that pays the charge of a foreclosure.
        if quote.total_paise > quote.prepayment_charge_paise:
            yield Violation("next_due.none", f"nothing is due next, but the payoff is {payoff(position, on=on)}")
        return
    if not due.billed:
        line = next((line for line in planned_lines(books, on=on) if line.unpaid_paise), None)
        shown = None if line is None else (line.number, line.billed_on, line.due_on, line.unpaid_paise)
        if shown != (due.instalment, due.planned_on, due.due_on, due.amount_paise):
            yield Violation("next_due.line", f"next due {due}, next line of the statement {shown}")
        yield from _instalment_violations(position, due, on=on)
        return
    try:
        after = pay(position, due.amount_paise, on=on, instalment=due.instalment)
    except PaymentRefused as error:
        yield Violation("next_due.unpayable", str(error))
        return
    if after.status is ACTIVE and any(bill.cycle == due.instalment for bill in after.open_bills):
        yield Violation("next_due.open", f"{due.amount_paise} was paid, but the bill is open: {_owed(after)}")


def _instalment_violations(position: Position, due: Due, *, on: date) -> Iterator[Violation]:
    """The next instalment can be named, and no other one."""
    for instalment, codes in (
        (due.instalment, {None}),
        (due.instalment - 1, {"instalment_paid", "instalment_unknown"}),
        (due.instalment + 1, {"earlier_instalment_unpaid", "instalment_unknown"}),
    ):
        code = None
        order = PaymentOrder(
            payment_id=10**6, amount_paise=1, value_date=on, booked_on=on, instalment=instalment, reference="x"
        )
        try:
            check_order(position, order)
        except DomainError as error:
            code = error.code
        if code not in codes:
            yield Violation("next_due.named", f"{due} is next, and instalment {instalment}: {code}")


def payoff_violations(position: Position, *, on: date) -> Iterator[Violation]:
    """The payoff of a day closes the loan, if nothing is paid until then."""
    position = catch_up(position, through=on).decision.position
    if position.status is not ACTIVE:
        return
    quote = payoff(position, on=on)
    if quote.prepayment_charge_paise and may_leave(position, on=on):
        yield Violation("payoff.cooling_off", f"leaving the loan on {on} costs {quote}")
    if quote.total_paise == 0:
        if not position.advance_paise:
            yield Violation("payoff.nothing", f"the payoff on {on} is 0, but the loan is {_owed(position)}")
        return
    try:
        after = pay(position, quote.total_paise, on=on)
    except PaymentRefused as error:
        yield Violation("payoff.unpayable", str(error))
        return
    owed = (after.principal_paise, after.interest_paise, after.charges_paise, after.advance_paise)
    if after.status is not LoanStatus.CLOSED or any(owed) or after.open_bills:
        yield Violation("payoff.open", f"{quote} was paid, but the loan is still {_owed(after)}")


def _check_write_off(position: Position, *, on: date) -> Iterator[Violation]:
    if written_off_paise(position) <= 0:
        return
    concession = Concession(number=10**6, kind=ConcessionKind.WRITE_OFF, granted_on=on)
    try:
        after = decide_concession(position, concession).position
    except DomainError as error:
        yield Violation("write_off.refused", f"{error.code}: {error}")
        return
    owed = (after.principal_paise, after.interest_paise, after.charges_paise, after.advance_paise)
    if after.status is not LoanStatus.WRITTEN_OFF or any(owed):
        yield Violation("write_off.open", _owed(after))


def payment_violations(before: Position, after: Position, order: PaymentOrder) -> Iterator[Violation]:
    """The checks of every payment that was taken."""
    if order.instalment is not None and ((due := next_due(before)) is None or due.instalment != order.instalment):
        yield Violation("payment.instalment", f"instalment {order.instalment} was paid, and {due} was next")
    terms = after.terms
    exact = terms.payment_policy is PaymentPolicy.EXACT
    grew = after.advance_paise > before.advance_paise
    asked = next_instalment_paise(after, on=order.value_date)
    if grew and not exact and order.treat_as is TreatAs.INSTALMENT and after.advance_paise > asked:
        yield Violation("advance.idle", f"the advance is {after.advance_paise}, the next instalment {asked}")
    if after.schedule_version == before.schedule_version:
        return
    if terms.amortisation is Amortisation.FLAT and len(after.plan.due_on) == len(before.plan.due_on):
        yield from _flat_violations(before, after)
    elif terms.amortisation is Amortisation.EQUAL_INSTALMENT:
        yield from _plan_violations(before, after, order)


def _flat_violations(before: Position, after: Position) -> Iterator[Violation]:
    """A flat loan's interest after the current cycle changes in proportion to the principal."""
    ahead = [sum(position.plan.interest_paise[1:]) for position in (before, after)]
    principal = [sum(position.plan.principal_paise) for position in (before, after)]
    # Each row is rounded, and so are the figures from which the rows are computed.
    slack = (len(after.plan.due_on) + 1) * _coarsest(after.terms) * principal[0]
    if abs(ahead[1] * principal[0] - ahead[0] * principal[1]) > slack:
        yield Violation(
            "flat.share", f"interest ahead {ahead[0]} of {principal[0]} became {ahead[1]} of {principal[1]}"
        )


def _plan_violations(before: Position, after: Position, order: PaymentOrder) -> Iterator[Violation]:
    """In a new plan of equal instalments, all rows but the first and the last pay the instalment.

    A row whose interest is more than the instalment (a leap year at a high rate) pays its interest and no principal.
    """
    terms = after.terms
    columns = zip(after.plan.principal_paise, after.plan.interest_paise, strict=True)
    amounts = [principal + interest for principal, interest in columns]
    # An instalment of only a few rounding units depends mostly on the rounding.
    in_moratorium = after.alterations is not None and after.alterations.moratorium is not None
    if in_moratorium or len(amounts) < LEAST_ROWS or amounts[1] < 100 * len(amounts) * _coarsest(terms):
        return
    shown = f"instalment {after.emi_paise} (before {before.emi_paise}), rows {amounts}"
    rows = zip(amounts[1:-1], after.plan.principal_paise[1:-1], strict=True)
    if any(abs(after.emi_paise - amount) > 1 and (principal or amount < after.emi_paise) for amount, principal in rows):
        yield Violation("plan.level", shown)
    keeps = REPLAN_REQUESTS.get(order.treat_as, terms.prepayment) is Replan.EARLIER_END
    if keeps and after.emi_paise != before.emi_paise:
        yield Violation("plan.kept", shown)
    if not keeps and 2 * amounts[-1] < amounts[1]:
        yield Violation("plan.tail", shown)


def _coarsest(terms: RepaymentTerms) -> int:
    return max(terms.emi_rounding.unit_paise, terms.interest_rounding.unit_paise)


class PaymentRefused(Exception):
    """A payment of the amount that a view shows was refused."""


def pay(position: Position, amount_paise: int, *, on: date, instalment: int | None = None) -> Position:
    """Pays an amount on a later day, for an instalment that is named or for none. Raises PaymentRefused."""
    order = PaymentOrder(
        payment_id=10**6 + position.last_transfer,
        amount_paise=amount_paise,
        value_date=on,
        booked_on=on,
        instalment=instalment,
        reference="x",
    )
    try:
        return decide_payment(position, order).decision.position
    except DomainError as error:
        raise PaymentRefused(f"{amount_paise} on {on}: {error.code}: {error}; {_owed(position)}") from error


def settle(position: Position, *, on: date) -> Position:
    """Pays all bills that are open on a day, one by one. Raises PaymentRefused."""
    for _ in range(MOST_BILLS):
        due = next_due(position)
        if due is None or not due.billed:
            return position
        position = pay(position, due.amount_paise, on=on, instalment=due.instalment)
    raise PaymentRefused(f"the bills on {on} never end")


def _line(line: StatementLine) -> str:
    return f"{line.number} on {line.billed_on}: interest {line.interest_paise}, principal {line.principal_paise}"


def _row(row: tuple[int, date, date, int, int, int]) -> str:
    number, billed_on, due_on, interest, principal, unpaid = row
    return f"{number} on {billed_on}, due on {due_on}: interest {interest}, principal {principal}, unpaid {unpaid}"


def _owed(position: Position) -> str:
    """The position in one line of text."""
    bills = [
        f"{bill.cycle}: {bill.unpaid_charges_paise}/{bill.unpaid_interest_paise}/{bill.unpaid_principal_paise}"
        for bill in position.open_bills
    ]
    return (
        f"{position.status}: principal {position.principal_paise}, interest {position.interest_paise}, charges "
        f"{position.charges_paise}, advance {position.advance_paise}, unbilled {position.unbilled_interest_paise}, "
        f"open {bills}, plan {len(position.plan.due_on)} rows, next event {position.next_event_on}"
    )
