"""Restructured loans: non-performing at once, and standard again only after the rulebook's test."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.delinquency.changes import STANDARD_STATE, ChangeReason, derive_changes, latest_states
from app.domain.delinquency.classes import AssetClass, ClassRules
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.restructurings import Restructuring, restructurings_of
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.payments.changes import ChangeKind, LoanChange
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind, ProductKind

RULES = ClassRules(RULEBOOK, lender=LenderKind.NBFC_MIDDLE)
MADE, FIRST_DUE = date(2026, 1, 15), date(2026, 3, 1)
STANDARD, SUB = AssetClass.STANDARD, AssetClass.SUB_STANDARD


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


def class_at(facility: Facility, on: date) -> AssetClass | None:
    states = latest_states(derive_changes([facility], RULES, through=on), on=on)
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
        (restructured(on=date(2019, 6, 6)), date(2019, 6, 6), STANDARD),
        (restructured(on=date(2019, 6, 7)), date(2019, 6, 7), SUB),
    ],
)
def test_the_class_follows_from_the_restructuring(facility: Facility, on: date, expected: AssetClass) -> None:
    assert class_at(facility, on) is expected


def test_arrears_keep_it_non_performing() -> None:
    late = replace(restructured(*PAYS), arrears=(Arrear(14, date(2027, 2, 1), date(2027, 4, 5)),))
    assert class_at(late, date(2027, 3, 1)) is AssetClass.DOUBTFUL_1
    assert class_at(late, date(2027, 4, 5)) is STANDARD


def test_other_facilities_take_the_class_and_the_reasons_are_said() -> None:
    other = replace(restructured(), key=FacilityKey(ProductKind.LOAN, 2), restructurings=())
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
