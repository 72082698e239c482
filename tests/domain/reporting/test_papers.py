"""Papers: the account of a period line by line, the interest of a financial year, and what is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.loans import disburse
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.payments import LoanNotActive, LoanWrittenOff
from app.domain.products.charges import disbursal_fees
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.reporting.account_periods import Movement, PeriodInvalid, account_of_period, check_period
from app.domain.reporting.papers import (
    DuesOutstanding,
    ForeclosureTooFar,
    YearNotCovered,
    check_foreclosure,
    check_no_dues,
    financial_year_of,
    interest_of_year,
    to_be_current_paise,
)
from tests.domain.made_loans import CHARGED_LOAN, make_loan

LENT_ON = date(2026, 2, 10)


def transfer(
    number: int,
    kind: Kind,
    debit: Account,
    credit: Account,
    paise: int,
    on: date,
    *,
    group: int | None = None,
    booked_on: date | None = None,
    payment_id: int | None = None,
    cycle: int | None = None,
) -> Transfer:
    component = next(side for side in (debit, credit) if side.value in ("principal", "interest", "charges", "advance"))
    return Transfer(
        number, group or number, kind, debit, credit, paise, component, on, booked_on or on, cycle, payment_id
    )


#: 12,000 lent on 10 February; the bill of 10 March asks for 100 of interest and is paid with 1,100; 50 are paid in
#: advance on 31 March and used on 10 April; a charge of 20 is waived.
BOOKS = (
    transfer(1, Kind.DISBURSAL, Account.PRINCIPAL, Account.CASH, 12_000_00, LENT_ON),
    transfer(2, Kind.INTEREST, Account.INTEREST, Account.INTEREST_INCOME, 100_00, date(2026, 3, 10), cycle=1),
    transfer(3, Kind.PAYMENT, Account.CASH, Account.INTEREST, 100_00, date(2026, 3, 10), payment_id=7, cycle=1),
    transfer(
        4, Kind.PAYMENT, Account.CASH, Account.PRINCIPAL, 1_000_00, date(2026, 3, 10), group=3, payment_id=7, cycle=1
    ),
    transfer(5, Kind.ADVANCE, Account.CASH, Account.ADVANCE, 50_00, date(2026, 3, 31), payment_id=8),
    transfer(6, Kind.INTEREST, Account.INTEREST, Account.INTEREST_INCOME, 90_00, date(2026, 4, 10), cycle=2),
    transfer(7, Kind.ADVANCE_USED, Account.ADVANCE, Account.INTEREST, 50_00, date(2026, 4, 10), payment_id=8, cycle=2),
    transfer(8, Kind.CHARGE, Account.CHARGES, Account.CHARGE_INCOME, 20_00, date(2026, 4, 26), cycle=2),
    transfer(9, Kind.WAIVER, Account.WAIVERS, Account.CHARGES, 20_00, date(2026, 4, 27), payment_id=9, cycle=2),
)


def test_the_account_of_a_period() -> None:
    account = account_of_period(BOOKS, from_on=date(2026, 3, 1), to_on=date(2026, 4, 30))
    assert account.opening_paise == 12_000_00
    assert [
        (line.booked_on, line.movement, line.debit_paise, line.credit_paise, line.owed_paise, line.payment_id)
        for line in account.lines
    ] == [
        (date(2026, 3, 10), Movement.INTEREST, 100_00, 0, 12_100_00, None),
        (date(2026, 3, 10), Movement.PAYMENT, 0, 1_100_00, 11_000_00, 7),
        (date(2026, 3, 31), Movement.PAYMENT, 0, 50_00, 10_950_00, 8),
        (date(2026, 4, 10), Movement.INTEREST, 90_00, 0, 11_040_00, None),
        (date(2026, 4, 26), Movement.CHARGE, 20_00, 0, 11_060_00, None),
        (date(2026, 4, 27), Movement.GIVEN_UP, 0, 20_00, 11_040_00, None),
    ]
    assert (account.debits_paise, account.credits_paise, account.closing_paise) == (210_00, 1_170_00, 11_040_00)


def test_periods_follow_on_each_other() -> None:
    days = [date(2026, 2, 1), date(2026, 3, 10), date(2026, 4, 1), date(2026, 5, 1)]
    closing = 0
    for begins, next_begins in pairwise(days):
        last = date.fromordinal(next_begins.toordinal() - 1)
        account = account_of_period(BOOKS, from_on=begins, to_on=last)
        assert account.opening_paise == closing
        closing = account.closing_paise
    assert closing == 11_040_00


def test_a_payment_that_is_lived_again_is_no_line_and_a_returned_one_is() -> None:
    """On 5 May the payment of 10 March is posted anew, with 10 more to interest; on 6 May it is returned."""
    may, six = date(2026, 5, 5), date(2026, 5, 6)
    again = (
        transfer(10, Kind.REVERSAL, Account.INTEREST, Account.CASH, 100_00, date(2026, 3, 10), booked_on=may,
                 payment_id=7),
        transfer(11, Kind.REVERSAL, Account.PRINCIPAL, Account.CASH, 1_000_00, date(2026, 3, 10), group=10,
                 booked_on=may, payment_id=7),
        transfer(12, Kind.PAYMENT, Account.CASH, Account.INTEREST, 110_00, date(2026, 3, 10), booked_on=may,
                 payment_id=7),
        transfer(13, Kind.PAYMENT, Account.CASH, Account.PRINCIPAL, 990_00, date(2026, 3, 10), group=12, booked_on=may,
                 payment_id=7),
        transfer(14, Kind.ADJUSTMENT, Account.INTEREST, Account.INTEREST_INCOME, 10_00, may),
    )  # fmt: skip
    account = account_of_period(BOOKS + again, from_on=may, to_on=may)
    assert [(line.movement, line.debit_paise) for line in account.lines] == [(Movement.INTEREST, 10_00)]

    returned = transfer(15, Kind.REVERSAL, Account.INTEREST, Account.CASH, 1_100_00, date(2026, 3, 10), booked_on=six,
                        payment_id=7)  # fmt: skip
    account = account_of_period((*BOOKS, *again, returned), from_on=six, to_on=six)
    assert [(line.movement, line.debit_paise, line.value_date) for line in account.lines] == [
        (Movement.PAYMENT_RETURNED, 1_100_00, date(2026, 3, 10))
    ]


def test_a_payment_that_is_taken_and_returned_on_one_day_is_two_lines() -> None:
    may = date(2026, 5, 5)
    both = (
        transfer(10, Kind.PAYMENT, Account.CASH, Account.PRINCIPAL, 500_00, may, payment_id=10),
        transfer(11, Kind.REVERSAL, Account.PRINCIPAL, Account.CASH, 500_00, may, payment_id=10),
    )
    account = account_of_period(BOOKS + both, from_on=may, to_on=may)
    assert [(line.movement, line.owed_paise) for line in account.lines] == [
        (Movement.PAYMENT, 10_540_00), (Movement.PAYMENT_RETURNED, 11_040_00),
    ]  # fmt: skip


#: On 5 May 3,000 more are lent, and on the next day the top-up is undone.
TOPPED_UP = transfer(10, Kind.DISBURSAL, Account.PRINCIPAL, Account.CASH, 3_000_00, date(2026, 5, 5), payment_id=10)
UNDONE = transfer(
    11, Kind.REVERSAL, Account.CASH, Account.PRINCIPAL, 3_000_00, date(2026, 5, 5), booked_on=date(2026, 5, 6),
    payment_id=10,
)._replace(reverses=10)  # fmt: skip


def test_a_top_up_that_is_undone_is_no_payment() -> None:
    account = account_of_period((*BOOKS, TOPPED_UP, UNDONE), from_on=date(2026, 5, 5), to_on=date(2026, 5, 6))
    assert [(line.movement, line.payment_id, line.owed_paise) for line in account.lines] == [
        (Movement.DISBURSED, None, 14_040_00), (Movement.DISBURSAL_WITHDRAWN, None, 11_040_00),
    ]  # fmt: skip
    # Undone on its day, it is no line.
    undone = UNDONE._replace(booked_on=date(2026, 5, 5))
    account = account_of_period((*BOOKS, TOPPED_UP, undone), from_on=date(2026, 5, 5), to_on=date(2026, 5, 6))
    assert account.lines == ()


@pytest.mark.parametrize(
    "from_on, to_on, field",
    [
        (date(2026, 5, 2), date(2026, 5, 1), "from"),
        (date(2026, 5, 1), date(2026, 5, 6), "to"),
    ],
)
def test_a_period_that_makes_no_sense(from_on: date, to_on: date, field: str) -> None:
    with pytest.raises(PeriodInvalid) as refused:
        check_period(from_on=from_on, to_on=to_on, today=date(2026, 5, 5))
    assert refused.value.field == field


# --- the interest of a year ---


def lent() -> Position:
    return disburse(
        STANDARD_LOAN.repayment,
        customer_id=1,
        loan_id=1,
        amount_paise=12_000_00,
        annual_rate_percent=Decimal(10),
        instalments=12,
        disbursed_on=LENT_ON,
    ).position


@pytest.mark.parametrize(
    "year, today, figures",
    [
        # interest paid, interest charged, principal repaid, charges paid, principal at the end
        (2025, date(2026, 5, 5), (100_00, 100_00, 1_000_00, 0, 11_000_00)),
        # The advance of 31 March paid interest in April.
        (2026, date(2026, 5, 5), (50_00, 90_00, 0, 0, 11_000_00)),
    ],
)
def test_the_interest_of_a_year(year: int, today: date, figures: tuple[int, ...]) -> None:
    found = interest_of_year(BOOKS, lent(), year=year, today=today)
    assert (
        found.interest_paid_paise,
        found.interest_charged_paise,
        found.principal_repaid_paise,
        found.charges_paid_paise,
        found.principal_paise,
    ) == figures
    assert (found.from_on, found.ends_on) == (date(year, 4, 1), date(year + 1, 3, 31))
    assert found.is_provisional is (year == 2026)


def test_a_returned_payment_does_not_count_in_the_year_in_which_it_was_paid() -> None:
    may = date(2026, 5, 5)
    returned = tuple(
        transfer(10 + number, Kind.REVERSAL, account, Account.CASH, paise, date(2026, 3, 10), booked_on=may,
                 payment_id=7)
        for number, (account, paise) in enumerate([(Account.INTEREST, 100_00), (Account.PRINCIPAL, 1_000_00)])
    )  # fmt: skip
    found = interest_of_year(BOOKS + returned, lent(), year=2025, today=may)
    assert (found.interest_paid_paise, found.principal_repaid_paise, found.principal_paise) == (0, 0, 12_000_00)


def test_a_top_up_that_is_undone_repays_no_principal() -> None:
    found = interest_of_year((*BOOKS, TOPPED_UP, UNDONE), lent(), year=2026, today=date(2026, 5, 6))
    assert (found.principal_repaid_paise, found.principal_paise) == (0, 11_000_00)


@pytest.mark.parametrize("year, charges_paid", [(2025, 2_405_84), (2026, 0)])
def test_the_fees_of_the_disbursal_are_charges_paid_on_its_day(year: int, charges_paid: int) -> None:
    """1 % of 1,45,410.00 with its tax, 1,454.10 + 261.74, is deducted; 500.00 + 90.00 are financed, which is 590.00;
    the stamp duty of 100.00 is paid upfront. None of it is repaid yet: 1,46,000.00 is owed."""
    terms = CHARGED_LOAN.repayment
    assert terms.charges is not None
    fees = disbursal_fees(terms.charges, amount_paise=1_45_410_00, on=LENT_ON)
    assert [(fee.paid.value, fee.total_paise) for fee in fees] == [
        ("deducted", 1_715_84), ("upfront", 100_00), ("financed", 590_00),
    ]  # fmt: skip
    made = disburse(
        terms,
        customer_id=1,
        loan_id=1,
        amount_paise=1_45_410_00,
        annual_rate_percent=Decimal(12),
        instalments=4,
        disbursed_on=LENT_ON,
        fees=fees,
    )
    found = interest_of_year(made.transfers, made.position, year=year, today=date(2026, 5, 5))
    assert (found.charges_paid_paise, found.principal_repaid_paise) == (charges_paid, 0)
    assert found.principal_paise == 1_46_000_00


@pytest.mark.parametrize("year", [2024, 2027, 1900])
def test_a_year_in_which_the_loan_did_not_run(year: int) -> None:
    with pytest.raises(YearNotCovered):
        interest_of_year(BOOKS, lent(), year=year, today=date(2026, 5, 5))


def test_a_year_after_the_loan_was_closed() -> None:
    closed = lent()
    closed.close(date(2026, 3, 31))
    assert interest_of_year(BOOKS, closed, year=2025, today=date(2027, 5, 5)).to_on == date(2026, 3, 31)
    with pytest.raises(YearNotCovered):
        interest_of_year(BOOKS, closed, year=2026, today=date(2027, 5, 5))


def test_the_financial_year_begins_in_april() -> None:
    assert [financial_year_of(day) for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 12, 31))] == [
        2025, 2026, 2026,
    ]  # fmt: skip


# --- letters ---


def test_no_dues_only_of_a_repaid_loan() -> None:
    loan = make_loan(STANDARD_LOAN, amount=12_000, rate="10", instalments=12, on=LENT_ON)
    with pytest.raises(DuesOutstanding, match=r"₹12,000\.00 is owed") as refused:
        check_no_dues(loan)
    assert refused.value.details["outstanding_paise"] == 12_000_00
    loan.status = LoanStatus.WRITTEN_OFF
    with pytest.raises(DuesOutstanding, match="written off"):
        check_no_dues(loan)
    loan.status = LoanStatus.CLOSED
    check_no_dues(loan)


def test_a_foreclosure_letter_of_an_active_loan_within_a_month() -> None:
    loan = make_loan(STANDARD_LOAN, amount=12_000, rate="10", instalments=12, on=LENT_ON)
    check_foreclosure(loan, on=date(2026, 3, 13), today=LENT_ON)
    with pytest.raises(ForeclosureTooFar):
        check_foreclosure(loan, on=date(2026, 3, 14), today=LENT_ON)
    for status, error in ((LoanStatus.CLOSED, LoanNotActive), (LoanStatus.WRITTEN_OFF, LoanWrittenOff)):
        loan.status = status
        with pytest.raises(error):
            check_foreclosure(loan, on=LENT_ON, today=LENT_ON)


def test_what_makes_a_loan_current() -> None:
    loan = make_loan(STANDARD_LOAN, amount=12_000, rate="10", instalments=12, on=LENT_ON)
    assert to_be_current_paise(loan, on=date(2026, 4, 10)) == 0
    closed = replace(loan)
    closed.status = LoanStatus.CLOSED
    assert to_be_current_paise(closed, on=date(2026, 4, 10)) == 0
