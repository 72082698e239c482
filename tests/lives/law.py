"""One law: what is shown ahead is what happens.

On any day, whatever a view shows is written down; then the loan lives on, on a copy, doing what the view assumes and
nothing else; and what comes is compared with what was shown, to the paisa.

    plan, statement, outlook    what is asked for today is paid today, each later bill in full on its billing date
    next due                    that amount is paid, and the bill is settled
    payoff                      nothing until that day, then that amount, and the loan is closed
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from app.domain.billing.bills_to_come import next_instalment_paise
from app.domain.billing.cycles import Bill, catch_up
from app.domain.errors import DomainError
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.allocation import decide_payment
from app.domain.payments.concessions import Concession, ConcessionKind, decide_concession, written_off_paise
from app.domain.payments.life import posted_interest_paise
from app.domain.payments.payments import REPLAN_REQUESTS, PaymentOrder, TreatAs, next_due, payoff
from app.domain.products.products import PaymentPolicy, RepaymentTerms, Replan
from app.domain.reporting.explanations import explain_interest
from app.domain.reporting.simulations import outlook
from app.domain.reporting.statements import StatementLine
from app.domain.schedules.terms import Amortisation
from tests.lives.books import Books

#: Days ahead on which a payoff is asked for.
AHEAD = (0, 1, 17, 45)
#: Nobody has so many payments or bills: what goes on beyond goes on for ever.
NEVER = 200
#: So many rows a plan has when one of them is neither the first, which is odd, nor the last, which settles.
MIDDLE = 3
ACTIVE = LoanStatus.ACTIVE


class Breach(NamedTuple):
    """A breach of the law: which part of it, and what was shown and what happened."""

    part: str
    told: str


def breaches(books: Books, *, on: date) -> Iterator[Breach]:
    """Every breach on a day; the books stay as they are."""
    yield from _sums(books, on=on)
    position = books.position
    if position.status is not ACTIVE:
        yield from _ended(books, on=on)
        return
    yield from _plan(books, on=on)
    yield from _outlook(position, on=on)
    yield from _next_due(books, on=on)
    yield from _interest(books, on=on)
    for days in AHEAD:
        yield from _payoff(position, on=on + timedelta(days=days))
    yield from _written_off(position, on=on)


def _sums(books: Books, *, on: date) -> Iterator[Breach]:
    """Principal planned, billed and unpaid, and paid: together what was lent, in every view."""
    position, statement = books.position, books.statement(on=on)
    lent = position.disbursed_paise
    paid = statement.principal_paid_paise + statement.principal_written_off_paise
    if paid + statement.outstanding_paise != lent:
        yield Breach("statement.paid", f"paid {paid} + outstanding {statement.outstanding_paise}, lent {lent}")
    unpaid = sum(bill.unpaid_principal_paise for bill in position.open_bills)
    planned = sum(line.principal_paise for line in planned_lines(books, on=on))
    if planned + unpaid + lent - position.principal_paise != lent:
        yield Breach(
            "statement.planned", f"planned {planned} + billed and unpaid {unpaid} = {planned + unpaid}, "
            f"outstanding {position.principal_paise}",
        )  # fmt: skip
    for cycle, charged in _charges(books).items():
        bill = books.bills[cycle]
        if charged > bill.interest_paise + bill.principal_due_paise:
            yield Breach("late_charge", f"{charged} for being late with {bill}")
    for payment in statement.payments:
        went = payment.charges_paise + payment.interest_paise + payment.principal_paise + payment.advance_paise
        if position.status is ACTIVE and went != payment.amount_paise:
            yield Breach("statement.payment", f"of {payment.amount_paise} went {went}")


def _charges(books: Books) -> Counter[int]:
    """What each bill was charged for being late, what was undone netted out."""
    charged: Counter[int] = Counter()
    for one in books.transfers:
        if one.component is Account.CHARGES and one.payment_id is None and one.cycle is not None:
            charged[one.cycle] += one.amount_paise if one.debit is Account.CHARGES else -one.amount_paise
    return charged


def planned_lines(books: Books, *, on: date) -> list[StatementLine]:
    """The lines of a statement that are not billed yet."""
    return [line for line in books.statement(on=on).lines if line.number not in books.bills]


def _ended(books: Books, *, on: date) -> Iterator[Breach]:
    position = books.position
    owed = (position.principal_paise, position.interest_paise, position.charges_paise, position.advance_paise)
    if any(owed) or position.open_bills or position.unbilled_interest_paise:
        yield Breach("ended.owes", f"{position.status} and owes {owed}, {position.open_bills}")
    if next_due(position) is not None or payoff(position, on=on).total_paise or planned_lines(books, on=on):
        yield Breach("ended.asks", f"{position.status} and asks for more")


def _plan(books: Books, *, on: date) -> Iterator[Breach]:
    """The statement's lines ahead against the bills that come when each is paid on its day."""
    lines = planned_lines(books, on=on)
    try:
        position = settle(books.position, on=on)
        for line in lines:
            if position.status is not ACTIVE:
                if line.amount_paise:
                    yield Breach("plan.closed", f"closed on {position.closed_on}, and shown was {_line(line)}")
                return
            billing = catch_up(position, through=line.billed_on)
            bills, position = billing.bills, billing.decision.position
            left = sum(bill.unpaid_paise for bill in position.open_bills if bill.cycle == line.number)
            shown = (line.number, line.billed_on, line.interest_paise, line.principal_paise, line.unpaid_paise)
            came = [(bill.cycle, bill.billed_on, bill.interest_paise, bill.principal_due_paise, left) for bill in bills]
            if came != [shown]:
                yield Breach("plan.bill", f"shown {_row(shown)}, came {[_row(one) for one in came]}")
                return
            position = settle(position, on=line.billed_on)
    except Unpayable as error:
        yield Breach("plan.unpayable", str(error))
        return
    if position.status is ACTIVE:
        yield Breach("plan.open", f"all {len(lines)} lines paid, and still {_owed(position)}")


def _outlook(position: Position, *, on: date) -> Iterator[Breach]:
    """The sums of what is ahead against the bills that come."""
    ahead = outlook(position, on=on)
    bills: list[Bill] = []
    try:
        after = settle(position, on=on)
        while after.status is ACTIVE and after.next_event_on is not None and len(bills) < NEVER:
            billing = catch_up(after, through=after.next_event_on)
            bills += billing.bills
            after = settle(billing.decision.position, on=after.next_event_on)
    except Unpayable:
        return  # told by the plan
    interest = sum(bill.interest_paise for bill in bills)
    shown = (ahead.instalments, ahead.ends_on, ahead.interest_paise, ahead.amount_paise)
    came = (
        len(bills),
        bills[-1].billed_on if bills else None,
        interest,
        interest + sum(bill.principal_due_paise for bill in bills),
    )
    if shown != came:
        yield Breach("outlook", f"shown (instalments, end, interest, amount) {shown}, came {came}")
    if after.status is ACTIVE:
        yield Breach("never.ends", f"everything asked for is paid, and still {_owed(after)}")


def _interest(books: Books, *, on: date) -> Iterator[Breach]:
    """What the days explain is what was posted: the whole interest of all cycles that were billed."""
    position = books.position
    # The interest of a flat loan is read from its bills, which stay as they were when it is adjusted.
    adjusted = position.terms.amortisation is Amortisation.FLAT and any(
        one.kind is Kind.ADJUSTMENT for one in books.transfers
    )
    if on == position.disbursed_on or adjusted:
        return
    states = [books.states[cycle] for cycle in sorted(books.states)]
    cycles = explain_interest(position, books.history, states=states, from_on=position.disbursed_on, to_on=on, today=on)
    explained = {cycle.cycle: cycle.rounded_paise for cycle in cycles if cycle.cycle in books.bills}
    posted = posted_interest_paise(books.transfers)
    if sum(explained.values()) != posted:
        billed = {cycle: bill.interest_paise for cycle, bill in books.bills.items()}
        yield Breach("interest", f"explained {explained}, billed {billed}, posted {posted}")


def _next_due(books: Books, *, on: date) -> Iterator[Breach]:
    due, position = next_due(books.position), books.position
    if due is None:
        if payoff(position, on=on).total_paise:
            yield Breach("next_due.none", f"nothing is due next, and {payoff(position, on=on)} closes the loan")
        return
    if not due.billed:
        line = next((line for line in planned_lines(books, on=on) if line.unpaid_paise), None)
        shown = None if line is None else (line.number, line.billed_on, line.due_on, line.unpaid_paise)
        if shown != (due.instalment, due.planned_on, due.due_on, due.amount_paise):
            yield Breach("next_due.line", f"due {due}, the statement's next line {shown}")
        return
    try:
        after = pay(position, due.amount_paise, on=on)
    except Unpayable as error:
        yield Breach("next_due.unpayable", str(error))
        return
    if after.status is ACTIVE and any(bill.cycle == due.instalment for bill in after.open_bills):
        yield Breach("next_due.open", f"{due.amount_paise} was paid, and the bill asks for {_owed(after)}")


def _payoff(position: Position, *, on: date) -> Iterator[Breach]:
    """What closes the loan on a day, if nothing is paid until then."""
    position = catch_up(position, through=on).decision.position
    if position.status is not ACTIVE:
        return
    quote = payoff(position, on=on)
    if quote.total_paise == 0:
        if not position.advance_paise:
            yield Breach("payoff.nothing", f"owes nothing on {on}, and is {position.status}: {_owed(position)}")
        return
    try:
        after = pay(position, quote.total_paise, on=on)
    except Unpayable as error:
        yield Breach("payoff.unpayable", str(error))
        return
    owed = (after.principal_paise, after.interest_paise, after.charges_paise, after.advance_paise)
    if after.status is not LoanStatus.CLOSED or any(owed) or after.open_bills:
        yield Breach("payoff.open", f"{quote} was paid, and still {_owed(after)}")


def _written_off(position: Position, *, on: date) -> Iterator[Breach]:
    if written_off_paise(position) <= 0:
        return
    concession = Concession(number=10**6, kind=ConcessionKind.WRITE_OFF, granted_on=on)
    try:
        after = decide_concession(position, concession).position
    except DomainError as error:
        yield Breach("write_off.refused", f"{error.code}: {error}")
        return
    owed = (after.principal_paise, after.interest_paise, after.charges_paise, after.advance_paise)
    if after.status is not LoanStatus.WRITTEN_OFF or any(owed):
        yield Breach("write_off.open", _owed(after))


def payment_faults(before: Position, after: Position, order: PaymentOrder) -> Iterator[Breach]:
    """What must hold of every payment that was taken."""
    terms = after.terms
    exact = terms.payment_policy is PaymentPolicy.EXACT
    grew = after.advance_paise > before.advance_paise
    asked = next_instalment_paise(after, on=order.value_date)
    if grew and not exact and order.treat_as is TreatAs.INSTALMENT and after.advance_paise > asked:
        yield Breach("advance.idle", f"{after.advance_paise} in advance for {asked}")
    if after.schedule_version == before.schedule_version:
        return
    if terms.amortisation is Amortisation.FLAT and len(after.plan.due_on) == len(before.plan.due_on):
        yield from _flat_faults(before, after)
    elif terms.amortisation is Amortisation.EQUAL_INSTALMENT:
        yield from _plan_faults(before, after, order)


def _flat_faults(before: Position, after: Position) -> Iterator[Breach]:
    """A flat loan's interest after the cycle under way follows the principal: in two parts as at once."""
    ahead = [sum(position.plan.interest_paise[1:]) for position in (before, after)]
    principal = [sum(position.plan.principal_paise) for position in (before, after)]
    # Each row is rounded, and so is each figure that they are made from.
    slack = (len(after.plan.due_on) + 1) * _coarsest(after.terms) * principal[0]
    if abs(ahead[1] * principal[0] - ahead[0] * principal[1]) > slack:
        yield Breach("flat.share", f"interest ahead {ahead[0]} of {principal[0]} became {ahead[1]} of {principal[1]}")


def _plan_faults(before: Position, after: Position, order: PaymentOrder) -> Iterator[Breach]:
    """A new plan of equal instalments is level between its odd first row and its last, which settles.

    A row whose interest is more than the instalment (a leap year at a high rate) pays that and no principal.
    """
    terms = after.terms
    columns = zip(after.plan.principal_paise, after.plan.interest_paise, strict=True)
    amounts = [principal + interest for principal, interest in columns]
    # Where an instalment is few of its own units, rounding makes most of it.
    if len(amounts) < MIDDLE or amounts[1] < 100 * len(amounts) * _coarsest(terms):
        return
    shown = f"instalment {after.emi_paise} (before {before.emi_paise}), rows {amounts}"
    rows = zip(amounts[1:-1], after.plan.principal_paise[1:-1], strict=True)
    if any(abs(after.emi_paise - amount) > 1 and (principal or amount < after.emi_paise) for amount, principal in rows):
        yield Breach("plan.level", shown)
    keeps = REPLAN_REQUESTS.get(order.treat_as, terms.prepayment) is Replan.EARLIER_END
    if keeps and after.emi_paise != before.emi_paise:
        yield Breach("plan.kept", shown)
    if not keeps and 2 * amounts[-1] < amounts[1]:
        yield Breach("plan.tail", shown)


def _coarsest(terms: RepaymentTerms) -> int:
    return max(terms.emi_rounding.unit_paise, terms.interest_rounding.unit_paise)


class Unpayable(Exception):
    """What a loan asks for cannot be paid."""


def pay(position: Position, amount_paise: int, *, on: date) -> Position:
    """A payment of the future. Raises Unpayable."""
    order = PaymentOrder(
        payment_id=10**6 + position.last_transfer, amount_paise=amount_paise, value_date=on, booked_on=on, reference="x"
    )
    try:
        return decide_payment(position, order).decision.position
    except DomainError as error:
        raise Unpayable(f"{amount_paise} on {on}: {error.code}: {error}; {_owed(position)}") from error


def settle(position: Position, *, on: date) -> Position:
    """Pays all bills that are open on a day, one by one, as they are asked for. Raises Unpayable."""
    for _ in range(NEVER):
        due = next_due(position)
        if due is None or not due.billed:
            return position
        position = pay(position, due.amount_paise, on=on)
    raise Unpayable(f"there is always one more bill on {on}")


def _line(line: StatementLine) -> str:
    return f"{line.number} on {line.billed_on}: interest {line.interest_paise}, principal {line.principal_paise}"


def _row(row: tuple[int, date, int, int, int]) -> str:
    number, billed_on, interest, principal, unpaid = row
    return f"{number} on {billed_on}: interest {interest}, principal {principal}, unpaid {unpaid}"


def _owed(position: Position) -> str:
    """Where a loan stands, in one line."""
    bills = [
        f"{bill.cycle}: {bill.unpaid_charges_paise}/{bill.unpaid_interest_paise}/{bill.unpaid_principal_paise}"
        for bill in position.open_bills
    ]
    return (
        f"{position.status}: principal {position.principal_paise}, interest {position.interest_paise}, charges "
        f"{position.charges_paise}, advance {position.advance_paise}, unbilled {position.unbilled_interest_paise}, "
        f"open {bills}, plan {len(position.plan.due_on)} rows, next event {position.next_event_on}"
    )
