"""Charges that payments cause: for repaying ahead of the plan, and for a payment that the bank returned."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.lending.charges import BookedCharge, ChargeKind, book_charge
from app.domain.lending.ledger import Account
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.amounts import prepaid_paise
from app.domain.payments.concessions import Concession, ConcessionKind, WaiverBeyondOwed, decide_concession
from app.domain.payments.payments import TreatAs, payoff
from app.domain.products.charge_terms import ChargeTerms, PrepaymentCharge
from app.domain.products.charges import Charged
from app.domain.products.products import Product
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from tests.domain.made_loans import assert_books_balance, make_loan, pay
from tests.lives.actions import Action
from tests.lives.contracts import Contract
from tests.lives.simulated_loan import SimulatedLoan

SHARES = PrepaymentCharge(part_percent=Decimal(2), foreclosure_percent=Decimal(4), sac="997113")
NEW_YEAR, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
#: Before there was a time in which a new loan can be left.
BEFORE, A_MONTH_LATER = date(2025, 1, 1), date(2025, 2, 1)


def charged(product: Product, charges: ChargeTerms) -> Product:
    return replace(product, repayment=replace(product.repayment, charges=charges))


def lent(product: Product = STANDARD_LOAN, charges: ChargeTerms | None = None, *, on: date = NEW_YEAR) -> Position:
    product = charged(product, ChargeTerms(prepayment=SHARES) if charges is None else charges)
    amount = 50_000 if product.code == "CREDIT_CARD_LOAN" else 2_00_000
    return make_loan(product, amount=amount, rate="12", instalments=12, on=on)


def test_a_part_prepayment_costs_its_share_with_the_next_bill() -> None:
    outcome = pay(lent(), amount=1_00_000_00, on=NEW_YEAR, treat_as=TreatAs.PREPAYMENT)
    after = outcome.decision.position
    prepaid = outcome.principal_paise
    assert prepaid == 1_00_000_00
    # 2 % of 1,00,000.00, and 18 % of that.
    assert [(one.debit, one.credit, one.amount_paise) for one in outcome.decision.transfers[1:]] == [
        (Account.CHARGES, Account.CHARGE_INCOME, 2_000_00),
        (Account.CHARGES, Account.GST_PAYABLE, 360_00),
    ]
    assert (after.charges_paise, after.unbilled_charges_paise) == (2_360_00, 2_360_00)
    (bill,) = catch_up(after, through=FEBRUARY).bills
    assert (bill.interest_paise, bill.charges_paise) == (1_000_00, 2_360_00)
    assert bill.total_due_paise == bill.interest_paise + bill.principal_due_paise + 2_360_00


def test_a_foreclosure_costs_its_share_at_once() -> None:
    position = lent(on=BEFORE)
    found = payoff(position, on=BEFORE)
    # 4 % of 2,00,000.00, and 18 % of that.
    assert (found.prepayment_charge_paise, found.total_paise) == (9_440_00, 2_09_440_00)
    outcome = pay(position, amount=found.total_paise, on=BEFORE)
    assert (outcome.closed, outcome.charges_paise) == (True, 9_440_00)
    assert_books_balance(outcome.decision.position)


@pytest.mark.parametrize("day, charge", [(1, 0), (2, 0), (3, 9_440_00)])
def test_a_foreclosure_costs_nothing_while_the_loan_can_be_left(day: int, charge: int) -> None:
    """On the day of disbursal and on the next one, as the rules ask at least."""
    position, on = lent(), date(2026, 1, day)
    found = payoff(position, on=on)
    assert found.prepayment_charge_paise == charge
    outcome = pay(position, amount=found.total_paise, on=on)
    assert (outcome.closed, outcome.charges_paise) == (True, charge)
    assert_books_balance(outcome.decision.position)


def test_who_prepays_everything_pays_the_share_of_a_foreclosure() -> None:
    """2,00,000.00 repays all principal, and is less than the payoff, which includes the charge."""
    outcome = pay(lent(on=BEFORE), amount=2_00_000_00, on=BEFORE, treat_as=TreatAs.PREPAYMENT)
    after = outcome.decision.position
    assert (after.principal_paise, after.charges_paise, after.status) == (0, 9_440_00, LoanStatus.ACTIVE)
    billing = catch_up(after, through=A_MONTH_LATER)
    assert [(bill.total_due_paise, bill.charges_paise) for bill in billing.bills] == [(9_440_00, 9_440_00)]
    assert pay(billing.decision.position, amount=9_440_00, on=A_MONTH_LATER).closed


@pytest.mark.parametrize("product", [STANDARD_LOAN, CREDIT_CARD_LOAN], ids=lambda product: product.code)
def test_an_instalment_paid_ahead_costs_nothing(product: Product) -> None:
    position = lent(product)
    outcome = pay(position, amount=position.emi_paise, on=NEW_YEAR)
    assert (outcome.advance_paise, outcome.decision.position.charges_paise) == (position.emi_paise, 0)


def test_principal_that_a_bill_demanded_is_not_repaid_ahead() -> None:
    position = catch_up(lent(), through=date(2027, 1, 1)).decision.position
    assert payoff(position, on=date(2027, 1, 1)).prepayment_charge_paise == 0


BOUNCE = BookedCharge(
    number=2, kind=ChargeKind.BOUNCE, booked_on=NEW_YEAR, charged=Charged(500_00, 90_00), payment_id=1
)


def test_a_returned_payment_costs_its_charge_with_the_next_bill() -> None:
    position = lent()
    decision = book_charge(position, BOUNCE)
    assert [(one.debit, one.credit, one.amount_paise, one.payment_id) for one in decision.transfers] == [
        (Account.CHARGES, Account.CHARGE_INCOME, 500_00, 2),
        (Account.CHARGES, Account.GST_PAYABLE, 90_00, 2),
    ]
    (bill,) = catch_up(position, through=FEBRUARY).bills
    assert bill.charges_paise == 590_00


def waive(position: Position, charges: int, *, on: date) -> Position:
    concession = Concession(number=9, kind=ConcessionKind.WAIVER, granted_on=on, charges_paise=charges)
    return decide_concession(position, concession).position


def test_a_charge_is_waived_before_and_after_its_bill() -> None:
    position = lent()
    book_charge(position, BOUNCE)
    before = waive(position, 590_00, on=NEW_YEAR)
    assert (before.charges_paise, before.unbilled_charges_paise) == (0, 0)
    (bill,) = catch_up(before, through=FEBRUARY).bills
    assert bill.charges_paise == 0
    billed = catch_up(position, through=FEBRUARY).decision.position
    after = waive(billed, 590_00, on=FEBRUARY)
    assert (after.charges_paise, after.open_bills[0].unpaid_charges_paise) == (0, 0)
    for where, day in ((position, NEW_YEAR), (billed, FEBRUARY)):
        with pytest.raises(WaiverBeyondOwed):
            waive(where, 590_01, on=day)


def test_a_replay_takes_back_what_had_another_cause() -> None:
    """A prepayment is returned: its charge goes, the charge for the return comes, and that is taken back too."""
    terms = charged(STANDARD_LOAN, ChargeTerms(prepayment=SHARES, bounce=None)).repayment
    contract = Contract(
        product="STANDARD_LOAN",
        terms=terms,
        amount_paise=2_00_000_00,
        annual_rate_percent=Decimal(12),
        instalments=12,
        disbursed_on=NEW_YEAR,
    )
    loan = SimulatedLoan.begin(contract)
    loan.apply(Action(10, "pay", 1_00_000_00, 0, TreatAs.PREPAYMENT))
    assert loan.books.balance(Account.CHARGES) == 2_360_00
    loan.apply(Action(20, "reverse", 1))
    assert loan.books.balance(Account.CHARGES) == loan.books.balance(Account.GST_PAYABLE) == 0
    assert loan.books.position.unbilled_charges_paise == 0
    assert list(loan.violations()) == []


@pytest.mark.parametrize("back", [0, 1])
def test_a_payment_of_an_earlier_day_takes_late_days_back(back: int) -> None:
    """The bill of February is paid on the 21st, and it turns out that the money came on the 1st."""
    terms = charged(STANDARD_LOAN, ChargeTerms(overdue_interest=True)).repayment
    contract = Contract(
        product="STANDARD_LOAN",
        terms=terms,
        amount_paise=2_00_000_00,
        annual_rate_percent=Decimal(12),
        instalments=24,
        disbursed_on=NEW_YEAR,
    )
    loan = SimulatedLoan.begin(contract)
    loan.apply(Action(31 + 20, "pay", 9_414_69, 20 * back))
    loan.apply(Action(31 + 28, "wait"))
    bill = loan.books.bills[2]
    assert bill.interest_paise == 1_925_85 + (0 if back else 48_75)
    assert list(loan.violations()) == []


def test_a_paisa_beyond_the_last_instalment_is_found_at_once() -> None:
    """10,00,000.00 at 0 %, due in a month. A foreclosure costs 4 %, so 10,00,000.01 is less than closes the loan, and
    more than the instalment: all principal is prepaid. A round for each paisa of it would take hours."""
    terms = replace(SHARES, part_percent=Decimal(0))
    product = charged(STANDARD_LOAN, ChargeTerms(prepayment=terms))
    position = make_loan(product, amount=10_00_000, rate="0", instalments=1, on=BEFORE)
    after = pay(position, amount=10_00_000_01, on=BEFORE).decision.position
    assert (after.principal_paise, after.advance_paise, after.charges_paise) == (0, 1, 47_200_00)


@pytest.mark.parametrize("share", [1, 2, 3, 12])
@pytest.mark.parametrize("surplus", [1, 7, 999])
def test_the_search_for_what_prepays_ends_where_its_steps_do(share: int, surplus: int) -> None:
    """The next instalment is a share of what is left of 20,000 paise. Steps alone give the same: up to 20,000."""

    def instalment_after(prepaid: int) -> int:
        return (20_000 - prepaid) // share

    pool = instalment_after(0) + surplus
    amount = 0
    while pool - amount > instalment_after(amount) and amount < 20_000:
        amount = min(pool - instalment_after(amount), 20_000)
    assert prepaid_paise(0, most=20_000, pool=pool, instalment_after=instalment_after) == amount
