"""Waivers and write-offs, with exact figures: what is given up, what is left, and the result of a later replay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.errors import DomainError
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.concessions import (
    Concession,
    ConcessionKind,
    NothingToWriteOff,
    WaiverBeyondOwed,
    WaiverOfNothing,
    decide_concession,
    given_up,
)
from app.domain.payments.histories import History
from app.domain.payments.payments import LoanNotActive, LoanWrittenOff, PaymentOrder
from app.domain.payments.replay import rewrite
from app.domain.products.products import LateCharge, Product
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from tests.domain.made_loans import assert_books_balance, make_loan, pay

NEW_YEAR = date(2025, 1, 1)
BILLED, SECOND = date(2025, 1, 31), date(2025, 3, 2)


def card_loan(*, until: date = BILLED, product: Product = CREDIT_CARD_LOAN) -> Position:
    """50,000 at 10.5 % over 12 x 30 days: the first bill has 435.00 of interest and 3,971.04 of principal."""
    loan = make_loan(product, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    return catch_up(loan, through=until).decision.position


def waiver(on: date = BILLED, *, interest: int = 0, charges: int = 0, number: int = 9) -> Concession:
    return Concession(
        number=number, kind=ConcessionKind.WAIVER, granted_on=on, interest_paise=interest, charges_paise=charges
    )


def write_off(on: date, *, number: int = 9) -> Concession:
    return Concession(number=number, kind=ConcessionKind.WRITE_OFF, granted_on=on)


def test_waived_interest_is_not_demanded_any_more() -> None:
    before = card_loan()
    decision = decide_concession(before, waiver(interest=400_00))
    after = decision.position
    assert_books_balance(after)
    assert (after.principal_paise, after.interest_paise) == (50_000_00, 35_00)
    (bill,) = after.open_bills
    assert (bill.unpaid_interest_paise, bill.unpaid_principal_paise) == (35_00, 3_971_04)
    (transfer,) = decision.transfers
    assert (transfer.kind, transfer.debit, transfer.credit) == (Kind.WAIVER, Account.WAIVERS, Account.INTEREST)
    assert (transfer.amount_paise, transfer.cycle, transfer.payment_id) == (400_00, 1, 9)
    assert given_up(decision.transfers) == {"principal_paise": 0, "interest_paise": 400_00, "charges_paise": 0}
    # The plan and the interest-bearing balance do not change.
    assert (after.plan, after.movements) == (before.plan, before.movements)


def test_waived_interest_counts_towards_the_minimum() -> None:
    before = card_loan()
    assert before.open_bills[0].minimum_unpaid_paise == 1_935_00
    after = decide_concession(before, waiver(interest=435_00)).position
    assert after.open_bills[0].minimum_unpaid_paise == 1_500_00


def test_a_waived_charge_settles_a_bill_with_only_that_charge() -> None:
    charge = LateCharge(amount_paise=500_00, gst_percent=Decimal(18))
    product = replace(STANDARD_LOAN, repayment=replace(STANDARD_LOAN.repayment, late_charge=charge, due_after_days=5))
    loan = make_loan(product, amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)
    late = catch_up(loan, through=date(2025, 2, 7)).decision.position
    assert late.charges_paise == 590_00
    paid = pay(late, amount=9_091_13, on=date(2025, 2, 7)).decision.position
    assert (paid.charges_paise, paid.open_bills[0].unpaid_paise) == (0, 590_00)
    # The charge is paid first and only principal is left, so there is no charge to waive.
    with pytest.raises(WaiverBeyondOwed):
        decide_concession(paid, waiver(date(2025, 2, 7), charges=1))
    waived = decide_concession(late, waiver(date(2025, 2, 7), charges=590_00)).position
    settled = pay(waived, amount=9_091_13, on=date(2025, 2, 7), number=10).decision.position
    assert (settled.open_bills, settled.charges_paise, settled.advance_paise) == ([], 0, 0)
    assert_books_balance(settled)


def test_a_waiver_of_all_that_is_left_closes_the_loan() -> None:
    loan = make_loan(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=1, on=NEW_YEAR)
    billed = catch_up(loan, through=date(2025, 2, 1)).decision.position
    assert (billed.principal_paise, billed.interest_paise) == (200_000_00, 1_416_67)
    # Interest is paid first. 1,416.67 of principal is left, and there is no interest to waive.
    paid = pay(billed, amount=200_000_00, on=date(2025, 2, 1)).decision.position
    assert (paid.principal_paise, paid.interest_paise) == (1_416_67, 0)
    waived = decide_concession(billed, waiver(date(2025, 2, 1), interest=1_416_67)).position
    closed = pay(waived, amount=200_000_00, on=date(2025, 2, 1), number=10)
    assert closed.closed
    assert closed.decision.position.principal_paise == 0


def test_a_write_off_gives_up_everything_on_the_books() -> None:
    before = card_loan(until=SECOND)
    assert before.interest_paise == 870_00
    decision = decide_concession(before, write_off(SECOND))
    after = decision.position
    assert (after.status, after.closed_on, after.next_event_on) == (LoanStatus.WRITTEN_OFF, SECOND, None)
    assert (after.principal_paise, after.interest_paise, after.open_bills) == (0, 0, [])
    assert given_up(decision.transfers) == {"principal_paise": 50_000_00, "interest_paise": 870_00, "charges_paise": 0}
    assert {one.debit for one in decision.transfers} == {Account.WRITE_OFFS}
    assert catch_up(after, through=date(2026, 1, 1)).bills == []


def test_an_advance_is_used_before_anything_is_written_off() -> None:
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    paid = pay(loan, amount=1_000_00, on=date(2025, 1, 11), number=1).decision.position
    assert paid.advance_paise == 1_000_00
    decision = decide_concession(paid, write_off(date(2025, 1, 21)))
    assert given_up(decision.transfers)["principal_paise"] == 49_000_00
    assert (decision.position.advance_paise, decision.position.advances) == (0, [])


def closed_loan() -> Position:
    loan = make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR)
    return pay(loan, amount=50_000_00, on=NEW_YEAR).decision.position


@pytest.mark.parametrize(
    "make, concession, refusal",
    [
        (card_loan, waiver(), WaiverOfNothing),
        (card_loan, waiver(interest=-1, charges=2), WaiverOfNothing),
        (card_loan, waiver(interest=435_01), WaiverBeyondOwed),
        (card_loan, waiver(interest=1, charges=1), WaiverBeyondOwed),
        (closed_loan, waiver(interest=1), LoanNotActive),
        (closed_loan, write_off(NEW_YEAR), LoanNotActive),
    ],
)
def test_a_refused_concession_changes_nothing(
    make: Callable[[], Position], concession: Concession, refusal: type[DomainError]
) -> None:
    position = make()
    before = position.copy()
    with pytest.raises(refusal):
        decide_concession(position, concession)
    assert position == before


def test_a_loan_covered_by_its_advance_is_not_written_off() -> None:
    position = make_loan(STANDARD_LOAN, amount=1_000, rate="8.5", instalments=2, on=NEW_YEAR)
    position.advance_paise = 1_000_00
    with pytest.raises(NothingToWriteOff):
        decide_concession(position, write_off(NEW_YEAR))


def test_a_written_off_loan_takes_no_payment() -> None:
    after = decide_concession(card_loan(), write_off(BILLED)).position
    before = after.copy()
    with pytest.raises(LoanWrittenOff) as refused:
        pay(after, amount=1_00, on=BILLED, number=10)
    assert (refused.value.code, after == before) == ("loan_written_off", True)


def test_a_payment_that_bounces_after_the_write_off_makes_it_larger() -> None:
    loan = make_loan(STANDARD_LOAN, amount=200_000, rate="8.5", instalments=24, on=NEW_YEAR)
    billing = catch_up(loan, through=date(2025, 2, 1))
    order = PaymentOrder(
        payment_id=1, amount_paise=9_091_13, value_date=date(2025, 2, 1), booked_on=date(2025, 2, 1), reference="1"
    )
    paid = pay(billing.decision.position, amount=9_091_13, on=date(2025, 2, 1), number=1).decision
    gone = decide_concession(paid.position, write_off(date(2025, 2, 10), number=2))
    assert given_up(gone.transfers)["principal_paise"] == 200_000_00 - 7_674_46
    transfers = [*billing.decision.transfers, *paid.transfers, *gone.transfers]
    history = History(billing.bills, [order], transfers, [], [write_off(date(2025, 2, 10), number=2)])
    bounced = rewrite(gone.position, history, payments=[], on=date(2025, 2, 20)).decision
    standing = [one for one in bounced.transfers if one.kind is Kind.WRITE_OFF]
    assert given_up(standing) == {"principal_paise": 200_000_00, "interest_paise": 1_416_67, "charges_paise": 0}
    assert (bounced.position.status, bounced.position.closed_on) == (LoanStatus.WRITTEN_OFF, date(2025, 2, 10))


def test_a_replayed_waiver_forgives_no_more_than_is_owed() -> None:
    billing = catch_up(
        make_loan(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12, on=NEW_YEAR), through=BILLED
    )
    granted = waiver(date(2025, 2, 5), interest=435_00, number=1)
    waived = decide_concession(billing.decision.position, granted)
    late = PaymentOrder(
        payment_id=2, amount_paise=300_00, value_date=date(2025, 2, 1), booked_on=date(2025, 2, 10), reference="2"
    )
    history = History(billing.bills, [], [*billing.decision.transfers, *waived.transfers], [], [granted])
    again = rewrite(waived.position, history, payments=[late], on=date(2025, 2, 10)).decision
    assert given_up([one for one in again.transfers if one.kind is Kind.WAIVER])["interest_paise"] == 135_00
    assert (again.position.interest_paise, again.position.principal_paise) == (0, 50_000_00)
    assert_books_balance(again.position)
