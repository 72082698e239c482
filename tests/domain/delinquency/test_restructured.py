"""Restructured loans: non-performing at once, and standard again only after the rulebook's test."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.delinquency.changes import STANDARD_STATE, ChangeReason, derive_changes, latest_states
from app.domain.delinquency.classes import AssetClass, ClassRules
from app.domain.delinquency.explanations import explain
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.monitoring import Default, monitoring_of
from app.domain.delinquency.restructurings import Restructuring, restructurings_of
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.payments.changes import ChangeKind, LoanChange
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import BorrowerKind, LenderKind, ProductKind

AT_ONCE = (
    "a loan that is restructured for the borrower's financial difficulty is non-performing at once; one that was so "
    "before keeps its class"
)

RULES = ClassRules(RULEBOOK, lender=LenderKind.NBFC_MIDDLE)
MADE, FIRST_DUE = date(2026, 1, 15), date(2026, 3, 1)
FAR = date(2028, 1, 1)
STANDARD, SUB = AssetClass.STANDARD, AssetClass.SUB_STANDARD
D1, D2, D3 = AssetClass.DOUBTFUL_1, AssetClass.DOUBTFUL_2, AssetClass.DOUBTFUL_3


def restructured(*repaid: tuple[date, int], on: date = MADE, first: date | None = FIRST_DUE) -> Facility:
    """A loan without arrears of which 100,000 was left when it was restructured."""
    return Facility(
        key=FacilityKey(ProductKind.LOAN, 1),
        opened_on=date(2015, 1, 1),
        closed_on=None,
        lost_on=None,
        arrears=(),
        restructurings=(Restructuring(on, 100_000_00, first, repaid),),
    )


def class_at(
    facility: Facility, on: date, *, rules: ClassRules = RULES, others: Sequence[Facility] = ()
) -> AssetClass | None:
    states = latest_states(derive_changes([facility, *others], rules, through=on), on=on)
    return states.get(facility.key, STANDARD_STATE).asset_class


#: 4,000 a month from the first payment: 10 % is reached on 1 May 2026, and a year has passed on 1 March 2027.
PAYS = tuple((date(2026, month, 1), 4_000_00) for month in range(3, 13))
#: 400 a month: 10 % is reached only after 25 months.
PAYS_LITTLE = tuple((date(2026 + (month + 2) // 12, (month + 2) % 12 + 1, 1), 400_00) for month in range(36))


@pytest.mark.parametrize(
    "facility, on, expected",
    [
        (restructured(*PAYS), date(2026, 1, 14), STANDARD),
        (restructured(*PAYS), MADE, SUB),
        (restructured(*PAYS), date(2026, 5, 2), SUB),
        (restructured(*PAYS), date(2027, 1, 14), SUB),
        # A year after it became non-performing it is doubtful, and a year after the first payment it is standard.
        (restructured(*PAYS), date(2027, 1, 15), AssetClass.DOUBTFUL_1),
        (restructured(*PAYS), date(2027, 2, 28), AssetClass.DOUBTFUL_1),
        (restructured(*PAYS), date(2027, 3, 1), STANDARD),
        (restructured(*PAYS_LITTLE), date(2027, 3, 1), AssetClass.DOUBTFUL_1),
        (restructured(*PAYS_LITTLE), date(2028, 2, 29), AssetClass.DOUBTFUL_2),
        (restructured(*PAYS_LITTLE), date(2028, 3, 1), STANDARD),
        (restructured(first=None), date(2029, 1, 1), AssetClass.DOUBTFUL_2),
        # Before the rule there was none.
        (restructured(on=date(2015, 3, 31)), date(2015, 3, 31), STANDARD),
        (restructured(on=date(2015, 4, 1)), date(2015, 4, 1), SUB),
    ],
)
def test_the_class_follows_from_the_restructuring(facility: Facility, on: date, expected: AssetClass) -> None:
    assert class_at(facility, on) is expected


#: A loan that pays 4,000 a month. By the framework its monitoring period is from MADE until 1 March 2027.
LATE = date(2026, 9, 1)


@pytest.mark.parametrize(
    "arrears, on, expected",
    [
        # Paid on its due date: it was in no default.
        ([Arrear(7, LATE, LATE)], date(2027, 3, 1), STANDARD),
        # Paid the day after: a default, which paying does not undo.
        ([Arrear(7, LATE, date(2026, 9, 2))], date(2026, 12, 31), SUB),
        ([Arrear(7, LATE, date(2026, 9, 2))], date(2027, 3, 1), D1),
        ([Arrear(7, LATE, date(2026, 9, 2))], date(2028, 1, 14), D1),
        ([Arrear(7, LATE, date(2026, 9, 2))], date(2028, 1, 15), D2),
        ([Arrear(7, LATE, date(2026, 9, 2))], date(2030, 1, 15), D3),
        # The last day-end of the period.
        ([Arrear(12, date(2027, 2, 28), date(2027, 3, 1))], date(2027, 3, 1), D1),
        # What falls due on the day on which the period is over delays the upgrade, and is no default in it.
        ([Arrear(13, date(2027, 3, 1), date(2027, 3, 2))], date(2027, 3, 1), D1),
        ([Arrear(13, date(2027, 3, 1), date(2027, 3, 2))], date(2027, 3, 2), STANDARD),
        # Before the restructuring, and paid then.
        ([Arrear(1, date(2025, 11, 1), date(2026, 1, 10))], date(2027, 3, 1), STANDARD),
        # Unpaid at the restructuring: the period begins when it is paid, so it is no default in it.
        ([Arrear(1, date(2025, 12, 1), date(2026, 2, 20))], date(2027, 2, 28), D1),
        ([Arrear(1, date(2025, 12, 1), date(2026, 2, 20))], date(2027, 3, 1), STANDARD),
        ([Arrear(1, date(2025, 12, 1), date(2027, 5, 20))], date(2027, 5, 19), D1),
        ([Arrear(1, date(2025, 12, 1), date(2027, 5, 20))], date(2027, 5, 20), STANDARD),
        ([Arrear(1, date(2025, 12, 1), None)], date(2028, 3, 1), D2),
    ],
)
def test_a_default_within_the_monitoring_period(arrears: list[Arrear], on: date, expected: AssetClass) -> None:
    assert class_at(restructured(*PAYS)._replace(arrears=arrears), on) is expected


#: The specified period of these lenders and borrowers is from 1 March 2026 until 1 March 2027; no part is to be repaid.
BASE, SMALL = ClassRules(RULEBOOK, lender=LenderKind.NBFC_BASE), BorrowerKind.SMALL_ENTERPRISE


@pytest.mark.parametrize(
    "arrears, on, base, small",
    [
        ([], date(2027, 2, 28), D1, D1),
        ([], date(2027, 3, 1), STANDARD, STANDARD),
        # 30 days past due at the worst, then 31.
        ([Arrear(7, LATE, date(2026, 10, 1))], date(2027, 3, 1), STANDARD, STANDARD),
        ([Arrear(7, LATE, date(2026, 10, 2))], date(2027, 3, 1), STANDARD, D1),
        # 90 days past due at the worst, then 91.
        ([Arrear(7, LATE, date(2026, 11, 30))], date(2027, 3, 1), STANDARD, D1),
        ([Arrear(7, LATE, date(2026, 12, 1))], date(2027, 3, 1), D1, D1),
        # Overdue at the end: a default for the base layer; a small enterprise waits until it is paid.
        ([Arrear(12, date(2027, 2, 20), date(2027, 3, 1))], date(2027, 3, 1), D1, STANDARD),
        ([Arrear(12, date(2027, 2, 20), date(2027, 3, 5))], date(2027, 3, 4), D1, D1),
        ([Arrear(12, date(2027, 2, 20), date(2027, 3, 5))], date(2027, 3, 5), D1, STANDARD),
        # Before the first payment there is no specified period; what is unpaid when it begins counts by its days.
        ([Arrear(1, date(2026, 1, 20), date(2026, 2, 25))], date(2027, 3, 1), STANDARD, STANDARD),
        ([Arrear(1, date(2026, 1, 20), date(2026, 3, 2))], date(2027, 3, 1), STANDARD, D1),
    ],
)
def test_the_specified_period(arrears: list[Arrear], on: date, base: AssetClass, small: AssetClass) -> None:
    one = restructured()._replace(arrears=arrears)
    assert class_at(one, on, rules=BASE) is base
    assert class_at(one._replace(borrower=SMALL), on) is small


@pytest.mark.parametrize(
    "lender, borrower, on, expected",
    [
        (LenderKind.BANK, BorrowerKind.INDIVIDUAL, date(2019, 6, 7), (Decimal(10), 12, 0, True, False, True)),
        (LenderKind.BANK, BorrowerKind.INDIVIDUAL, date(2019, 6, 6), (Decimal(0), 12, 90, False, True, True)),
        (LenderKind.BANK, SMALL, date(2026, 1, 15), (Decimal(0), 12, 30, False, False, True)),
        (LenderKind.NBFC_BASE, BorrowerKind.INDIVIDUAL, date(2026, 1, 15), (Decimal(0), 12, 90, False, True, True)),
        (LenderKind.REGIONAL_RURAL_BANK, BorrowerKind.OTHER, date(2015, 4, 1), (Decimal(0), 12, 90, False, True, True)),
        (LenderKind.NBFC_BASE, SMALL, date(2019, 1, 1), (Decimal(0), 12, 30, False, False, True)),
        (LenderKind.NBFC_BASE, SMALL, date(2018, 12, 31), (Decimal(0), 12, 90, False, True, True)),
        (LenderKind.BANK, BorrowerKind.INDIVIDUAL, date(2015, 3, 31), None),
    ],
)
def test_what_is_asked_for(
    lender: LenderKind, borrower: BorrowerKind, on: date, expected: tuple[object, ...] | None
) -> None:
    assert ClassRules(RULEBOOK, lender=lender).trial(on, borrower=borrower) == expected


def test_another_restructuring_begins_anew() -> None:
    again = Restructuring(date(2026, 10, 10), 70_000_00, date(2026, 11, 1), [(date(2026, 11, 1), 7_000_00)])
    failed = restructured(*PAYS)._replace(arrears=(Arrear(7, LATE, date(2026, 10, 10)),))
    twice = failed._replace(restructurings=(*failed.restructurings, again))
    assert class_at(failed, date(2029, 1, 1)) is D2
    # It is non-performing since the first restructuring, and standard a year after the first payment of the second.
    assert [(one.on, one.after.asset_class, one.reason) for one in derive_changes([twice], RULES, through=FAR)] == [
        (MADE, SUB, ChangeReason.RESTRUCTURED),
        (LATE, SUB, ChangeReason.FELL_DUE),
        (date(2026, 10, 10), SUB, ChangeReason.PAID),
        (date(2027, 1, 15), D1, ChangeReason.MONTHS_PASSED),
        (date(2027, 11, 1), STANDARD, ChangeReason.PERFORMED),
    ]
    later = twice._replace(arrears=(*twice.arrears, Arrear(9, date(2026, 12, 1), date(2026, 12, 3))))
    assert class_at(later, date(2027, 11, 1)) is D1


def test_of_two_restructurings_on_one_day_the_later_one_counts() -> None:
    once = Restructuring(MADE, 100_000_00, FIRST_DUE, [])
    twice = restructured()._replace(restructurings=(once, once._replace(first_due_on=date(2026, 5, 1))))
    found = monitoring_of(twice, [twice], RULES, on=date(2026, 6, 1))
    assert found is not None
    assert found.trial.earliest_on(found.restructuring) == date(2027, 5, 1)


def test_a_default_of_another_facility_counts() -> None:
    card = Facility(
        key=FacilityKey(ProductKind.CARD, 5),
        opened_on=date(2025, 1, 1),
        closed_on=None,
        lost_on=None,
        arrears=(Arrear(3, date(2026, 8, 20), date(2026, 8, 25)),),
    )
    loan = restructured(*PAYS)
    assert class_at(loan, date(2027, 3, 1), others=[card]) is D1
    found = monitoring_of(loan, [loan, card], RULES, on=date(2027, 3, 1))
    assert found is not None
    assert found.default == Default(card.key, card.arrears[0], date(2026, 8, 20))


def test_repaying_it_ends_it() -> None:
    failed = restructured(*PAYS)._replace(arrears=(Arrear(7, LATE, date(2026, 9, 9)),), closed_on=date(2026, 12, 5))
    other = restructured()._replace(key=FacilityKey(ProductKind.LOAN, 2), restructurings=())
    assert class_at(other, date(2026, 12, 4), others=[failed]) is SUB
    assert class_at(other, date(2026, 12, 5), others=[failed]) is STANDARD


NOT_YET = "restructured for financial difficulty on 2026-01-15, and it has not performed long enough since"
UNTIL_PAID = "non-performing since 2026-01-15, until all arrears of interest and principal of all facilities are paid"


@pytest.mark.parametrize(
    "facility, rules, on, sentences",
    [
        (
            restructured(*PAYS),
            RULES,
            date(2026, 6, 1),
            [
                "no instalment that is due is unpaid",
                NOT_YET,
                (
                    "it is standard again when ₹10,000.00 of principal is repaid since the restructuring (10 %), 12"
                    " months have passed since payments began: 2027-03-01, and until then nothing of the borrower was"
                    " past due"
                ),
                UNTIL_PAID,
                f"{AT_ONCE}: 1 duty (RBI/2018-19/203)",
            ],
        ),
        (
            restructured(*PAYS)._replace(arrears=(Arrear(7, LATE, date(2026, 9, 2)),)),
            RULES,
            date(2026, 12, 1),
            [
                "no instalment that is due is unpaid",
                NOT_YET,
                (
                    "instalment 7 fell due on 2026-09-01; that it was unpaid at the end of 2026-09-01 is a default"
                    " within the monitoring period"
                ),
                "after that default it is standard again only by another restructuring",
                UNTIL_PAID,
                f"{AT_ONCE}: 1 duty (RBI/2018-19/203)",
            ],
        ),
        (
            restructured(first=None),
            BASE,
            date(2026, 2, 1),
            [
                "no instalment that is due is unpaid",
                NOT_YET,
                "the monitoring period has not begun: it begins when nothing older is unpaid and payments begin",
                (
                    "it is standard again when 12 months have passed since payments began, and until then nothing of"
                    " the borrower was more than 90 days past due"
                ),
                UNTIL_PAID,
                f"{AT_ONCE}: 1 duty (RBI/2013-14/459 and the norms for banks of 2013-05-30)",
            ],
        ),
    ],
)
def test_the_reasons(facility: Facility, rules: ClassRules, on: date, sentences: list[str]) -> None:
    state = latest_states(derive_changes([facility], rules, through=on), on=on)[facility.key]
    lender = LenderKind.NBFC_MIDDLE if rules is RULES else LenderKind.NBFC_BASE
    monitoring = monitoring_of(facility, [facility], rules, on=on)
    found = explain(facility.key, state, [], on=on, rulebook=RULEBOOK, lender=lender, monitoring=monitoring)
    assert list(found.sentences) == sentences


def test_other_facilities_take_the_class_and_the_reasons_are_said() -> None:
    other = restructured()._replace(key=FacilityKey(ProductKind.LOAN, 2), restructurings=())
    changes = derive_changes([restructured(*PAYS), other], RULES, through=date(2027, 3, 1))
    assert [(one.key.number, one.on, one.after.asset_class, one.reason) for one in changes] == [
        (1, MADE, SUB, ChangeReason.RESTRUCTURED),
        (2, MADE, SUB, ChangeReason.OTHER_FACILITY),
        (1, date(2027, 1, 15), AssetClass.DOUBTFUL_1, ChangeReason.MONTHS_PASSED),
        (2, date(2027, 1, 15), AssetClass.DOUBTFUL_1, ChangeReason.OTHER_FACILITY),
        (1, date(2027, 3, 1), STANDARD, ChangeReason.PERFORMED),
        (2, date(2027, 3, 1), STANDARD, ChangeReason.OTHER_FACILITY),
    ]


def test_what_is_repaid_is_read_from_the_life_of_the_loan() -> None:
    def moved(on: date, amount: int, *, kind: Kind = Kind.PAYMENT, lent: bool = False) -> Transfer:
        sides = (Account.PRINCIPAL, Account.INTEREST) if lent else (Account.CASH, Account.PRINCIPAL)
        return Transfer(1, 1, kind, *sides, amount, Account.PRINCIPAL, on, on)

    transfers = [
        moved(date(2025, 12, 1), 20_000_00),
        moved(MADE, 5_000_00, kind=Kind.CAPITALISED, lent=True),
        moved(date(2026, 2, 1), 1_000_00, kind=Kind.CAPITALISED, lent=True),
        moved(date(2026, 3, 1), 4_000_00),
        moved(date(2026, 4, 1), 82_000_00, kind=Kind.WRITE_OFF),
    ]
    change = LoanChange(
        number=9, kind=ChangeKind.RESTRUCTURE, made_on=MADE, booked_on=MADE, instalments=24, for_difficulty=True
    )
    (found,) = restructurings_of([change], transfers, [], disbursed_paise=100_000_00)
    assert found == Restructuring(MADE, 86_000_00, None, [(date(2026, 3, 1), 4_000_00)])
    assert restructurings_of([replace(change, for_difficulty=False)], transfers, [], disbursed_paise=1) == ()
