"""The rulebook: the row of a day, what changes, and which rows are refused."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import CARDS, LOANS, NBFCS, BorrowerKind, LenderKind, ProductKind
from app.domain.rulebook.rulebook import Rulebook, RuleInvalid, RuleNotInForce, RulesOverlap, RuleWithoutReference
from app.domain.rulebook.rules import Counted, Rule, RuleRow, Source, Sureness, Unit, Value

BASE, MIDDLE, BANK = LenderKind.NBFC_BASE, LenderKind.NBFC_MIDDLE, LenderKind.BANK
SMALL_BANK, RURAL = LenderKind.SMALL_FINANCE_BANK, LenderKind.REGIONAL_RURAL_BANK
NINETY = RuleRow(
    Rule.NPA_AFTER_DAYS, 90, Unit.DAYS, "more days past due", Source("a circular", "a direction"), date(2020, 1, 1)
)


@pytest.mark.parametrize(
    "rule, on, lender, product, value",
    [
        (Rule.NPA_AFTER_DAYS, date(2026, 6, 29), MIDDLE, ProductKind.LOAN, 90),
        (Rule.NPA_AFTER_DAYS, date(2024, 3, 30), BASE, ProductKind.LOAN, 180),
        (Rule.NPA_AFTER_DAYS, date(2024, 3, 31), BASE, ProductKind.LOAN, 150),
        (Rule.NPA_AFTER_DAYS, date(2026, 3, 30), BASE, ProductKind.LOAN, 120),
        (Rule.NPA_AFTER_DAYS, date(2026, 3, 31), BASE, ProductKind.LOAN, 90),
        (Rule.NPA_AFTER_DAYS, date(2026, 3, 30), BASE, ProductKind.CARD, 90),
        (Rule.NPA_AFTER_DAYS, date(2021, 11, 11), BANK, ProductKind.LOAN, 90),
        (Rule.CARD_GST_PERCENT, date(2017, 7, 1), BANK, ProductKind.CARD, Decimal(18)),
        (Rule.PENAL_CHARGE_GST_PERCENT, date(2025, 1, 28), BASE, ProductKind.LOAN, Decimal(0)),
        (Rule.CARD_DUE_AFTER_DAYS, date(2026, 1, 1), MIDDLE, ProductKind.CARD, 14),
        (Rule.CARD_LATE_AFTER_DAYS, date(2026, 1, 1), MIDDLE, ProductKind.CARD, 3),
        (Rule.BUREAU_AS_ON_DAYS, date(2026, 7, 1), MIDDLE, ProductKind.LOAN, (9, 16, 23, 31)),
        (Rule.BUREAU_AS_ON_DAYS, date(2026, 6, 30), BANK, ProductKind.LOAN, (15, 31)),
        (Rule.PROVISION_SUB_STANDARD_UNSECURED_PERCENT, date(2026, 1, 1), BANK, ProductKind.LOAN, Decimal(25)),
        (Rule.PROVISION_SUB_STANDARD_UNSECURED_PERCENT, date(2026, 1, 1), MIDDLE, ProductKind.LOAN, Decimal(10)),
        (Rule.PROVISION_DOUBTFUL_1_PERCENT, date(2027, 4, 1), SMALL_BANK, ProductKind.LOAN, Decimal(25)),
        (Rule.PROVISION_STANDARD_PERCENT, date(2026, 1, 1), BASE, ProductKind.LOAN, Decimal("0.25")),
        (Rule.PROVISION_STANDARD_PERCENT, date(2026, 1, 1), MIDDLE, ProductKind.LOAN, Decimal("0.40")),
        (Rule.PROVISION_STANDARD_PERCENT, date(2017, 3, 30), MIDDLE, ProductKind.LOAN, Decimal("0.30")),
        (Rule.PROVISION_STANDARD_PERCENT, date(2017, 3, 31), MIDDLE, ProductKind.LOAN, Decimal("0.35")),
        (Rule.PROVISION_SUB_STANDARD_PERCENT, date(2026, 1, 1), RURAL, ProductKind.LOAN, Decimal(10)),
        (Rule.PROVISION_DOUBTFUL_3_PERCENT, date(2026, 1, 1), RURAL, ProductKind.LOAN, Decimal(100)),
        (Rule.PROVISION_DOUBTFUL_3_PERCENT, date(2026, 1, 1), BASE, ProductKind.LOAN, Decimal(50)),
        (Rule.BUREAU_FILE_WITHIN_DAYS, date(2026, 6, 30), BANK, ProductKind.LOAN, 7),
        (Rule.BUREAU_FILE_WITHIN_DAYS, date(2026, 7, 1), BANK, ProductKind.LOAN, 4),
        (Rule.RESTRUCTURED_DEFAULT_AFTER_DAYS, date(2026, 1, 1), MIDDLE, ProductKind.LOAN, 0),
        (Rule.RESTRUCTURED_DEFAULT_AFTER_DAYS, date(2026, 1, 1), BASE, ProductKind.LOAN, 90),
        (Rule.FLOATING_SWITCH_TO_FIXED, date(2025, 9, 30), BANK, ProductKind.LOAN, 1),
        (Rule.FLOATING_SWITCH_TO_FIXED, date(2025, 10, 1), BANK, ProductKind.LOAN, 0),
        (Rule.E_MANDATE_FREE_PAISE, date(2026, 4, 21), BANK, ProductKind.LOAN, 15_000_00),
        (Rule.NACH_MANDATE_YEARS, date(2023, 10, 1), BANK, ProductKind.LOAN, 30),
    ],
)
def test_the_row_of_a_day(rule: Rule, on: date, lender: LenderKind, product: ProductKind, value: Value) -> None:
    assert RULEBOOK.find(rule, on=on, lender=lender, product=product).value == value


@pytest.mark.parametrize(
    "rule, on, lender, product",
    [
        (Rule.PENAL_CHARGE_GST_PERCENT, date(2025, 1, 27), BASE, ProductKind.LOAN),
        # What is nil on a loan is not nil on a card, and has another rule.
        (Rule.PENAL_CHARGE_GST_PERCENT, date(2026, 1, 1), BASE, ProductKind.CARD),
        (Rule.CARD_GST_PERCENT, date(2026, 1, 1), BASE, ProductKind.LOAN),
        # Expected credit loss is for commercial banks only, and replaces their rates.
        (Rule.EXPECTED_CREDIT_LOSS, date(2027, 3, 31), BANK, ProductKind.LOAN),
        (Rule.EXPECTED_CREDIT_LOSS, date(2027, 4, 1), SMALL_BANK, ProductKind.LOAN),
        (Rule.PROVISION_STANDARD_PERCENT, date(2027, 4, 1), BANK, ProductKind.LOAN),
    ],
)
def test_a_rule_that_is_not_in_force(rule: Rule, on: date, lender: LenderKind, product: ProductKind) -> None:
    assert RULEBOOK.find_or_none(rule, on=on, lender=lender, product=product) is None
    with pytest.raises(RuleNotInForce, match=rule.value):
        RULEBOOK.find(rule, on=on, lender=lender, product=product)


@pytest.mark.parametrize(
    "borrower, lender, free, up_to",
    [
        (BorrowerKind.INDIVIDUAL, BASE, True, None),
        (BorrowerKind.INDIVIDUAL_BUSINESS, BANK, True, None),
        (BorrowerKind.SMALL_ENTERPRISE, MIDDLE, False, 50_00_000_00),
        (BorrowerKind.SMALL_ENTERPRISE, BASE, False, None),
        (BorrowerKind.OTHER, BANK, False, None),
    ],
)
def test_who_prepays_a_floating_loan_without_a_charge(
    borrower: BorrowerKind, lender: LenderKind, free: bool, up_to: int | None
) -> None:
    on = date(2026, 1, 1)
    charge = RULEBOOK.find_or_none(Rule.FLOATING_PREPAYMENT_CHARGE_PERCENT, on=on, lender=lender, borrower=borrower)
    limit = RULEBOOK.find_or_none(Rule.FLOATING_PREPAYMENT_FREE_UP_TO_PAISE, on=on, lender=lender, borrower=borrower)
    assert (charge is not None, limit and limit.number) == (free, up_to)
    before = RULEBOOK.find_or_none(
        Rule.FLOATING_PREPAYMENT_CHARGE_PERCENT, on=date(2025, 12, 31), lender=lender, borrower=borrower
    )
    # Until then an individual was free whoever lent, unless it was for business.
    assert (before is not None) == (borrower is BorrowerKind.INDIVIDUAL)


URBAN, NBFC = "UBD.CO.BPD.PCB.Cir.No.64/12.05.001/2013-14", "RBI/2014-15/121, clarified by RBI/2019-20/30"


@pytest.mark.parametrize(
    "lender, since, reference",
    [
        (BANK, date(2014, 5, 7), "DBOD.Dir.BC.No.110/13.03.00/2013-14"),
        (SMALL_BANK, date(2019, 8, 2), "RBI/2019-20/29"),
        (LenderKind.LOCAL_AREA_BANK, date(2019, 8, 2), "RBI/2019-20/29"),
        (LenderKind.COOPERATIVE_BANK_TIER_3, date(2014, 5, 26), URBAN),
        (LenderKind.COOPERATIVE_BANK_TIER_4, date(2014, 5, 26), URBAN),
        (LenderKind.COOPERATIVE_BANK, date(2014, 5, 27), "RBI/2013-14/612"),
        (LenderKind.REGIONAL_RURAL_BANK, date(2014, 5, 27), "RBI/2013-14/612"),
        (BASE, date(2014, 7, 14), NBFC),
        (MIDDLE, date(2014, 7, 14), NBFC),
        (LenderKind.NBFC_UPPER, date(2014, 7, 14), NBFC),
        # Nothing was found for these before one text was made for all.
        (LenderKind.ALL_INDIA_INSTITUTION, date(2026, 1, 1), "RBI/2025-26/64"),
    ],
)
def test_since_when_an_individual_prepays_a_floating_loan_without_a_charge(
    lender: LenderKind, since: date, reference: str
) -> None:
    rule = Rule.FLOATING_PREPAYMENT_CHARGE_PERCENT
    first = RULEBOOK.find(rule, on=since, lender=lender)
    assert (first.percent, first.source.reference, first.counted) == (Decimal(0), reference, Counted.SANCTION)
    assert RULEBOOK.find_or_none(rule, on=since - timedelta(days=1), lender=lender) is None
    # It never stops, and from 2026 on one text is for everybody.
    days = [since + timedelta(days=30 * month) for month in range(170)]
    assert all(RULEBOOK.find(rule, on=day, lender=lender).percent == 0 for day in days)
    assert RULEBOOK.find(rule, on=date(2026, 1, 1), lender=lender).source.reference == "RBI/2025-26/64"


def test_what_changes_next() -> None:
    changes = RULEBOOK.changes_after(date(2026, 6, 30), lender=MIDDLE)
    first = changes[0]
    assert (first.on, first.before and first.before.value, first.after and first.after.value) == (
        date(2026, 7, 1), (15, 31), (9, 16, 23, 31),
    )  # fmt: skip
    assert [change.on for change in changes] == sorted(change.on for change in changes)
    ends = [
        change for change in RULEBOOK.changes_after(date(2027, 3, 31), lender=BANK) if change.on == date(2027, 4, 1)
    ]
    assert {change.before.rule for change in ends if change.before and change.after is None} >= {
        Rule.PROVISION_STANDARD_PERCENT, Rule.PROVISION_LOSS_PERCENT,
    }  # fmt: skip
    assert [change.after.rule for change in ends if change.after] == [Rule.EXPECTED_CREDIT_LOSS]


def test_every_rule_has_a_row_and_a_source() -> None:
    assert {row.rule for row in RULEBOOK.rows} == set(Rule)
    assert all(row.source.reference and row.source.lives_in and row.words for row in RULEBOOK.rows)
    assert all(row.source.sureness in Sureness for row in RULEBOOK.rows)


@pytest.mark.parametrize("source", [Source("", "a direction"), Source("a circular", " ")])
def test_a_row_without_a_reference_is_refused(source: Source) -> None:
    with pytest.raises(RuleWithoutReference, match="npa_after_days"):
        Rulebook([replace(NINETY, source=source)])


@pytest.mark.parametrize(
    "changed, overlap",
    [
        ({"from_on": date(2024, 1, 1)}, True),
        ({"from_on": date(2019, 1, 1), "until": date(2020, 1, 2)}, True),
        ({"from_on": date(2019, 1, 1), "until": date(2020, 1, 1)}, False),
        ({"from_on": date(2024, 1, 1), "products": CARDS}, False),
        ({"from_on": date(2024, 1, 1), "lenders": frozenset({MIDDLE})}, False),
        ({"from_on": date(2024, 1, 1), "rule": Rule.SMA_1_AFTER_DAYS}, False),
    ],
)
def test_overlapping_rows_of_one_rule_are_refused(changed: dict[str, object], overlap: bool) -> None:
    first = replace(NINETY, products=LOANS, lenders=frozenset({BASE}))
    second = replace(first, **changed)  # type: ignore[arg-type]
    if not overlap:
        assert len(Rulebook([first, second]).rows) == 2
        return
    with pytest.raises(RulesOverlap, match="npa_after_days"):
        Rulebook([first, second])


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"until": date(2020, 1, 1)}, "ends after it begins"),
        ({"lenders": frozenset()}, "binds somebody"),
        ({"words": ""}, "in words"),
        ({"value": -1}, "whole number"),
        ({"value": Decimal(90)}, "whole number"),
        ({"value": True}, "whole number"),
        ({"unit": Unit.PERCENT}, "percentage"),
        ({"unit": Unit.PERCENT, "value": Decimal(101)}, "percentage"),
        ({"unit": Unit.DUTY, "value": 2}, "duty"),
        ({"unit": Unit.DAYS_OF_MONTH, "value": (9, 32)}, "from 1 to 31"),
        ({"unit": Unit.DAYS_OF_MONTH, "value": (16, 9)}, "in order"),
        ({"unit": Unit.HOURS_OF_DAY, "value": (8, 19, 21)}, "pairs"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(RuleInvalid, match=words):
        Rulebook([replace(NINETY, **changed)])  # type: ignore[arg-type]


def test_a_day_between_two_rows_has_no_rule() -> None:
    book = Rulebook([replace(NINETY, until=date(2021, 1, 1)), replace(NINETY, from_on=date(2021, 1, 2))])
    assert book.find(Rule.NPA_AFTER_DAYS, on=date(2020, 12, 31), lender=BANK).number == 90
    with pytest.raises(RuleNotInForce):
        book.find(Rule.NPA_AFTER_DAYS, on=date(2021, 1, 1), lender=BANK)
    assert {
        lender for lender in NBFCS if book.find_or_none(Rule.NPA_AFTER_DAYS, on=date(2021, 1, 2), lender=lender)
    } == NBFCS


@pytest.mark.parametrize(
    "value, unit, shown",
    [
        (500 * 100, Unit.PAISE, "₹500.00"),
        (50 * 100_000 * 100, Unit.PAISE, "₹50,00,000.00"),
        (1, Unit.DUTY, "holds"),
        (0, Unit.DUTY, "does not hold"),
        (3, Unit.WORKING_DAYS, "3 working days"),
        (Decimal("0.40"), Unit.PERCENT, "0.40 percent"),
        ((9, 16, 23, 31), Unit.DAYS_OF_MONTH, "9, 16, 23, 31 days of month"),
    ],
)
def test_how_a_value_is_shown(value: Value, unit: Unit, shown: str) -> None:
    assert replace(NINETY, value=value, unit=unit).shown == shown
