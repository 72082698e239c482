"""Charges of a living loan: one that an officer books, and the tax that a waiver gives back, to the paisa."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.billing.cycles import catch_up
from app.domain.billing.waived_tax import (
    ChargeKey,
    ChargeNotOwed,
    WaivedTax,
    last_day_of_credit_note,
    standing_parts,
    taxes_given_back,
    waived_taxes,
)
from app.domain.lending.charges import BookedCharge
from app.domain.lending.ledger import Account, Journal, Kind, Transfer
from app.domain.lending.positions import Position
from app.domain.payments.concessions import Concession, ConcessionKind, decide_concession, given_up
from app.domain.payments.histories import History
from app.domain.payments.payments import LoanNotActive, payoff
from app.domain.payments.replay import rewrite, standing_groups
from app.domain.payments.service_charges import decide_service_charge
from app.domain.products.charge_terms import ChargeTerms, ServiceCharge
from app.domain.products.charges import Charged, ChargeNotNamed
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.schedules.terms import Amortisation
from tests.domain.made_loans import assert_books_balance, make_loan, pay

NEW_YEAR = date(2026, 1, 1)
STATEMENT = ServiceCharge(code="duplicate_statement", name="Duplicate statement", amount_paise=200_00, sac="997113")
VISIT = ServiceCharge(code="collection_visit", name="Visit to collect", amount_paise=300_00, is_taxed=False)


def lent() -> Position:
    charges = ChargeTerms(services=(STATEMENT, VISIT))
    terms = replace(STANDARD_LOAN.repayment, amortisation=Amortisation.EQUAL_PRINCIPAL, charges=charges)
    return make_loan(replace(STANDARD_LOAN, repayment=terms), amount=1_46_000, rate="12", instalments=4, on=NEW_YEAR)


# --- a charge that an officer books ---


@pytest.mark.parametrize(
    "code, charged", [("duplicate_statement", Charged(200_00, 36_00)), ("collection_visit", Charged(300_00, 0))]
)
def test_a_charge_that_the_product_names_is_demanded_by_the_next_bill(code: str, charged: Charged) -> None:
    loan = lent()
    booked, decision = decide_service_charge(loan, code, number=7, on=date(2026, 1, 10))
    assert (booked.charged, loan.charges_paise) == (charged, 0), "the loan that was given stays as it is"
    posted = [(one.kind, one.debit, one.credit, one.amount_paise) for one in decision.transfers]
    expected = [(Kind.SERVICE_CHARGE, Account.CHARGES, Account.CHARGE_INCOME, charged.amount_paise)]
    if charged.tax_paise:
        expected.append((Kind.SERVICE_CHARGE, Account.CHARGES, Account.GST_PAYABLE, charged.tax_paise))
    assert posted == expected
    after = decision.position
    assert payoff(after, on=date(2026, 1, 10)).charges_paise == charged.total_paise
    (bill,) = catch_up(after, through=date(2026, 2, 1)).bills
    assert (bill.interest_paise, bill.charges_paise) == (1_460_00, charged.total_paise)
    # It bears no interest: the second bill is that of a loan without it, and what is overdue of the first.
    second = catch_up(after, through=date(2026, 3, 1)).bills[-1]
    assert second.interest_paise == 1_095_00
    assert_books_balance(after)


def test_what_the_product_does_not_name_is_refused() -> None:
    loan = lent()
    with pytest.raises(ChargeNotNamed, match="duplicate_statement, collection_visit") as refused:
        decide_service_charge(loan, "cheque_return", number=1, on=NEW_YEAR)
    assert refused.value.field == "charge"
    bare = make_loan(STANDARD_LOAN, amount=10_000, rate="12", instalments=2, on=NEW_YEAR)
    with pytest.raises(ChargeNotNamed, match="none"):
        decide_service_charge(bare, "duplicate_statement", number=1, on=NEW_YEAR)
    assert loan == lent()


def test_nothing_is_charged_to_a_loan_that_has_ended() -> None:
    loan = lent()
    closed = pay(loan, amount=payoff(loan, on=NEW_YEAR).total_paise, on=NEW_YEAR).decision.position
    with pytest.raises(LoanNotActive):
        decide_service_charge(closed, "duplicate_statement", number=2, on=NEW_YEAR)


# --- the tax of what is waived ---


@pytest.mark.parametrize(
    "supplied, last",
    [
        (date(2026, 4, 1), date(2027, 11, 30)),
        (date(2027, 3, 31), date(2027, 11, 30)),
        (date(2027, 4, 1), date(2028, 11, 30)),
        (date(2026, 1, 1), date(2026, 11, 30)),
    ],
)
def test_until_when_a_credit_note_is_possible(supplied: date, last: date) -> None:
    assert last_day_of_credit_note(supplied) == last


BOUNCE, STATED, LATE = ("payment", 1), ("payment", 2), ("charge", 3)
MAY = date(2026, 5, 1)


def ledger(*, paid: int = 0, waived: Sequence[WaivedTax] = ()) -> dict[ChargeKey, list[Transfer]]:
    """590.00 with 90.00 of tax, then 236.00 with 36.00, then 300.00 without; what was paid or waived of charges."""
    journal, charges = Journal(last_number=0, booked_on=MAY), Account.CHARGES
    income, tax = Account.CHARGE_INCOME, Account.GST_PAYABLE
    journal.post(Kind.BOUNCE_CHARGE, charges, income, 500_00, charges, MAY, None, 1)
    journal.post(Kind.BOUNCE_CHARGE, charges, tax, 90_00, charges, MAY, None, 1)
    second = MAY + timedelta(days=4)
    journal.post(Kind.SERVICE_CHARGE, charges, income, 200_00, charges, second, None, 2)
    journal.post(Kind.SERVICE_CHARGE, charges, tax, 36_00, charges, second, None, 2)
    journal.post(Kind.CHARGE, charges, income, 300_00, charges, MAY + timedelta(days=9), 3)
    later = MAY + timedelta(days=20)
    journal.post(Kind.PAYMENT, Account.CASH, charges, paid, charges, later, 3, 9)
    for part in waived:
        kind, number = part.charge
        of = (number, None) if kind == "charge" else (None, number)
        journal.post(Kind.WAIVER, Account.WAIVERS, charges, part.waived_paise, charges, later, 3, 10)
        journal.post(Kind.CREDIT_NOTE, tax, Account.WAIVERS, part.tax_paise, tax, later, *of)
    return standing_groups(journal.transfers)


def part(charge: ChargeKey, waived: int, tax: int) -> WaivedTax:
    return WaivedTax(charge=charge, waived_paise=waived, tax_paise=tax)


@pytest.mark.parametrize(
    "paid, before, charge, asked, expected",
    [
        (0, [], None, 590_00, [part(BOUNCE, 590_00, 90_00)]),
        (0, [], None, 826_00, [part(BOUNCE, 590_00, 90_00), part(STATED, 236_00, 36_00)]),
        # What has no tax is not named.
        (0, [], None, 1_126_00, [part(BOUNCE, 590_00, 90_00), part(STATED, 236_00, 36_00)]),
        # 45.00 x 100.00 / 590.00 is 7.627: two halves of 7.63.
        (0, [], None, 100_00, [part(BOUNCE, 100_00, 15_26)]),
        # Payments settle the oldest charge first. The tax of the rest is what its first part left.
        (590_00, [], None, 236_00, [part(STATED, 236_00, 36_00)]),
        (295_00, [], None, 295_00, [part(BOUNCE, 295_00, 45_00)]),
        (100_00, [], None, 490_00, [part(BOUNCE, 490_00, 90_00 - 15_26)]),
        (826_00, [], None, 300_00, []),
        # A charge that is named, before an older one.
        (0, [], STATED, 236_00, [part(STATED, 236_00, 36_00)]),
        (0, [], STATED, 118_00, [part(STATED, 118_00, 18_00)]),
        (0, [], LATE, 300_00, [part(LATE, 300_00, 0)]),
        # What was waived by name does not count as paid of another one.
        (0, [part(STATED, 236_00, 36_00)], None, 590_00, [part(BOUNCE, 590_00, 90_00)]),
        (0, [part(BOUNCE, 100_00, 15_26)], None, 490_00, [part(BOUNCE, 490_00, 90_00 - 15_26)]),
        (0, [part(BOUNCE, 590_00, 90_00)], None, 236_00, [part(STATED, 236_00, 36_00)]),
    ],
)
def test_the_tax_of_a_waiver(
    paid: int, before: list[WaivedTax], charge: Any, asked: int, expected: list[WaivedTax]
) -> None:
    groups = ledger(paid=paid, waived=before)
    on = MAY + timedelta(days=30)
    assert waived_taxes(groups, before=before, charges_paise=asked, on=on, charge=charge) == tuple(expected)


@pytest.mark.parametrize("charge, asked, owed", [(STATED, 236_01, 236_00), (("payment", 77), 1, 0)])
def test_more_than_a_named_charge_is_refused(charge: ChargeKey, asked: int, owed: int) -> None:
    with pytest.raises(ChargeNotOwed) as refused:
        waived_taxes(ledger(), before=(), charges_paise=asked, on=MAY, charge=charge)
    assert refused.value.details["owed_paise"] == owed


@pytest.mark.parametrize("on, tax", [(date(2027, 11, 30), 90_00), (date(2027, 12, 1), 0)])
def test_after_the_last_day_the_tax_stays_payable(on: date, tax: int) -> None:
    found = waived_taxes(ledger(), before=(), charges_paise=590_00, on=on)
    assert found == (part(BOUNCE, 590_00, tax),)


def test_a_replay_that_gives_up_less_gives_less_tax_back() -> None:
    parts = [part(BOUNCE, 590_00, 90_00), part(STATED, 236_00, 36_00)]
    assert taxes_given_back(parts, granted_paise=826_00, given_paise=826_00) == parts
    # Of 1,126.00, the 300.00 without tax are given up first.
    assert taxes_given_back(parts, granted_paise=1_126_00, given_paise=300_00) == []
    assert taxes_given_back(parts, granted_paise=1_126_00, given_paise=890_00) == parts[:1]
    assert taxes_given_back(parts, granted_paise=826_00, given_paise=295_00) == [part(BOUNCE, 295_00, 45_00)]
    assert standing_parts(parts, {STATED: ledger()[STATED]}) == (parts[1],)


# --- a life: booked, waived, taken back ---


def life() -> tuple[Position, list[Transfer], BookedCharge, Concession]:
    """A statement is charged on 10 January and waived on the 20th."""
    booked, decision = decide_service_charge(lent(), "duplicate_statement", number=1, on=date(2026, 1, 10))
    transfers = [*disbursed(), *decision.transfers]
    granted = Concession(
        number=2,
        kind=ConcessionKind.WAIVER,
        granted_on=date(2026, 1, 20),
        charges_paise=236_00,
        taxes=waived_taxes(
            standing_groups(transfers), before=(), charges_paise=236_00, on=date(2026, 1, 20), charge=("payment", 1)
        ),
    )
    waived = decide_concession(decision.position, granted)
    return waived.position, [*transfers, *waived.transfers], booked, granted


def disbursed() -> list[Transfer]:
    journal = Journal(last_number=0, booked_on=NEW_YEAR)
    journal.post(Kind.DISBURSAL, Account.PRINCIPAL, Account.CASH, 1_46_000_00, Account.PRINCIPAL, NEW_YEAR)
    return journal.transfers


def balance(transfers: Sequence[Transfer], account: Account) -> int:
    return sum(one.amount_paise * ((one.debit is account) - (one.credit is account)) for one in transfers)


def test_a_waiver_gives_the_tax_back_and_the_loss_is_without_it() -> None:
    position, transfers, _, granted = life()
    assert granted.taxes == (part(("payment", 1), 236_00, 36_00),)
    assert given_up(transfers) == {
        "principal_paise": 0, "interest_paise": 0, "charges_paise": 236_00, "tax_paise": 36_00,
    }  # fmt: skip
    assert (position.charges_paise, position.unbilled_charges_paise) == (0, 0)
    assert balance(transfers, Account.GST_PAYABLE) == 0
    assert balance(transfers, Account.WAIVERS) == 200_00
    assert balance(transfers, Account.CHARGES) == 0


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_replay_repeats_the_waiver_and_takes_it_back_with_its_charge(taken_back: bool) -> None:
    position, transfers, booked, granted = life()
    history = History(
        bills=[], payments=[], transfers=transfers, replanned=[], concessions=[granted],
        charges=[] if taken_back else [booked],
    )  # fmt: skip
    rewritten = rewrite(position, history, payments=[], on=date(2026, 1, 25))
    after = [*transfers, *rewritten.decision.transfers]
    assert balance(after, Account.CHARGES) == balance(after, Account.GST_PAYABLE) == 0
    assert balance(after, Account.WAIVERS) == (0 if taken_back else 200_00)
    assert balance(after, Account.CHARGE_INCOME) == (0 if taken_back else -200_00)
    if not taken_back:
        assert rewritten.decision.transfers == []
    else:
        # The note, the charge with its tax, and the waiver are reversed.
        assert [one.kind for one in rewritten.decision.transfers] == [Kind.REVERSAL] * 4
