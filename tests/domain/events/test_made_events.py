"""What is told of a loan, its bills and its payments, in exact values."""

from datetime import date

from app.domain.billing.bill_events import bill_events, range_events
from app.domain.billing.cycles import catch_up
from app.domain.events.catalog import EventType
from app.domain.events.happened import lane_of
from app.domain.lending.loan_events import ended, given_up, made
from app.domain.lending.positions import LoanStatus
from app.domain.payments.concessions import ConcessionKind
from app.domain.payments.payment_events import concession_events, payment_received
from app.domain.payments.payments import PaymentOrder
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN
from tests.domain.made_loans import make_loan

NEW_YEAR = date(2025, 1, 1)


def test_a_loan_that_was_made() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    approved, disbursed = made(loan, product="PERSONAL_LOAN", product_version=2)
    assert (approved.type, disbursed.type) == (EventType.LOAN_APPROVED, EventType.LOAN_DISBURSED)
    assert approved.data == disbursed.data
    assert disbursed.data["amount_paise"] == 50_000_00
    assert disbursed.data["annual_rate_percent"] == "10.5"
    assert (disbursed.data["product"], disbursed.data["product_version"]) == ("PERSONAL_LOAN", 2)
    assert disbursed.loan_id == loan.loan_id


def test_the_bills_of_a_loan_that_is_behind_are_in_order() -> None:
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    billing = catch_up(loan, through=date(NEW_YEAR.year, 4, 20))
    alone = list(bill_events(billing))
    assert all(event.size == 1 for event in alone)
    told = [(event.type.value, event.cycles[0]) for event in alone]
    assert told == [
        ("bill.issued", 1), ("bill.overdue", 1), ("bill.issued", 2), ("bill.overdue", 2), ("bill.issued", 3),
        ("bill.overdue", 3),
    ]  # fmt: skip
    assert [event.type for event in range_events([billing])] == [event.type for event in alone]
    assert len(billing.overdue) == sum(kind == "bill.overdue" for kind, _ in told)


def test_usual_loans_of_a_range_are_one_batch_a_type() -> None:
    loans = [make_loan(PERSONAL_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR) for _ in range(3)]
    first = [catch_up(loan, through=date(NEW_YEAR.year, 2, 5)) for loan in loans]
    (issued,) = range_events(first)
    assert (issued.type, issued.size, list(issued.cycles)) == (EventType.BILL_ISSUED, 3, [1, 1, 1])
    second = [catch_up(one.decision.position, through=date(NEW_YEAR.year, 3, 5)) for one in first]
    overdue, issued = range_events(second)
    assert (overdue.type, overdue.size, list(overdue.cycles)) == (EventType.BILL_OVERDUE, 3, [1, 1, 1])
    assert (issued.type, list(issued.cycles)) == (EventType.BILL_ISSUED, [2, 2, 2])
    assert [str(day) for day in overdue.figures["closed_on"]] == [f"{NEW_YEAR.year}-02-06"] * 3
    assert list(overdue.figures["unpaid_interest_paise"]) == [first[0].bills[0].interest_paise] * 3


def test_a_payment() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    order = PaymentOrder(payment_id=12, amount_paise=100_00, value_date=NEW_YEAR, booked_on=NEW_YEAR, reference="UTR 1")
    event = payment_received(order, loan, {"principal": 60_00, "interest": 40_00}, method="UPI")
    assert event.data["applied"] == {
        "charges_paise": 0, "interest_paise": 40_00, "principal_paise": 60_00, "advance_paise": 0,
    }  # fmt: skip
    assert (event.data["payment_id"], event.data["reference_id"]) == ("PM-000012", "UTR 1")
    assert (event.data["outstanding_paise"], event.data["loan_closed"]) == (50_000_00, False)


def test_the_end_of_a_loan_is_told_once() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    assert ended(loan, was=LoanStatus.ACTIVE) == ()
    (reopened,) = ended(loan, was=LoanStatus.CLOSED)
    assert reopened.type is EventType.LOAN_REOPENED
    loan.close(NEW_YEAR)
    (closed,) = ended(loan, was=LoanStatus.ACTIVE)
    assert (closed.type, closed.data["closed_on"]) == (EventType.LOAN_CLOSED, NEW_YEAR.isoformat())
    loan.close(NEW_YEAR, status=LoanStatus.WRITTEN_OFF)
    assert ended(loan, was=LoanStatus.ACTIVE) == ()


def test_concessions() -> None:
    loan = make_loan(PERSONAL_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    (waived,) = concession_events(loan, kind=ConcessionKind.WAIVER, amounts={"interest": 5_00}, was=LoanStatus.ACTIVE)
    assert waived == given_up(EventType.LOAN_WAIVED, loan, {"interest": 5_00})
    assert waived.data["given_up"] == {"charges_paise": 0, "interest_paise": 5_00, "principal_paise": 0}
    loan.close(NEW_YEAR, status=LoanStatus.WRITTEN_OFF)
    (written_off,) = concession_events(loan, kind=ConcessionKind.WRITE_OFF, amounts={}, was=LoanStatus.ACTIVE)
    assert written_off.type is EventType.LOAN_WRITTEN_OFF


def test_lanes() -> None:
    assert lane_of(customer_id=9, loan_id=456) == 456
    assert lane_of(customer_id=9, loan_id=None) == -9
    assert lane_of(customer_id=0, loan_id=None) == 0
