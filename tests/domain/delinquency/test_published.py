"""Published examples, and what the circulars say in words, each with exact values."""

from datetime import date, timedelta

import pytest

from app.domain.delinquency.changes import STANDARD_STATE, derive_changes, latest_states
from app.domain.delinquency.classes import AssetClass, ClassRules
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.delinquency.provisions import BookLine, provision_lines
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind, ProductKind
from tests.domain.delinquency.published import COUNTED, PUBLISHED, Unpaid

DAY = timedelta(days=1)
RULES = ClassRules(RULEBOOK, lender=LenderKind.NBFC_MIDDLE)
STANDARD, SMA_0, SMA_1, SMA_2 = AssetClass.STANDARD, AssetClass.SMA_0, AssetClass.SMA_1, AssetClass.SMA_2
SUB, LOSS = AssetClass.SUB_STANDARD, AssetClass.LOSS
ONE_LAKH = 1_00_000_00


def facility(
    *arrears: tuple[str, str | None], number: int = 1, kind: ProductKind = ProductKind.LOAN, lost: str | None = None
) -> Facility:
    lost_on = None if lost is None else date.fromisoformat(lost)
    return Facility(
        key=FacilityKey(kind, number),
        opened_on=date(2020, 1, 1),
        closed_on=lost_on,
        lost_on=lost_on,
        arrears=tuple(
            Arrear(cycle, date.fromisoformat(due), None if paid is None else date.fromisoformat(paid))
            for cycle, (due, paid) in enumerate(arrears, start=1)
        ),
    )


def seen(borrower: list[Facility], on: date, *, number: int = 1) -> tuple[AssetClass | None, int]:
    states = latest_states(derive_changes(borrower, RULES, through=on), on=on)
    state = next((state for key, state in states.items() if key.number == number), STANDARD_STATE)
    return state.asset_class, state.days_past_due(on)


@pytest.mark.parametrize("example", [*PUBLISHED, *COUNTED], ids=lambda example: example.source)
@pytest.mark.parametrize("kind", ProductKind)
def test_the_days_of_each_class(example: Unpaid, kind: ProductKind) -> None:
    """A card's minimum due is counted as an instalment is."""
    borrower = [facility((example.due.isoformat(), None), kind=kind)]
    assert {
        on: seen(borrower, on)
        for begin in (example.due, example.sma_1, example.sma_2, example.npa)
        for on in (begin - DAY, begin)
    } == {
        example.due - DAY: (STANDARD, 0),
        example.due: (SMA_0, 1),
        example.sma_1 - DAY: (SMA_0, 30),
        example.sma_1: (SMA_1, 31),
        example.sma_2 - DAY: (SMA_1, 60),
        example.sma_2: (SMA_2, 61),
        example.npa - DAY: (SMA_2, 90),
        example.npa: (SUB, 91),
    }


@pytest.mark.parametrize(
    "on, asset_class, days",
    [
        # Seven days apart and none paid: the oldest counts, so the thirteenth has fallen due when it is at 85 days.
        ("2026-03-02", SMA_0, 1),
        ("2026-03-31", SMA_0, 30),
        ("2026-04-01", SMA_1, 31),
        ("2026-05-01", SMA_2, 61),
        ("2026-05-30", SMA_2, 90),
        ("2026-05-31", SUB, 91),
        # On 1 June one of them is paid: the next oldest counts, and the borrower stays non-performing.
        ("2026-06-01", SUB, 85),
        ("2026-06-02", SUB, 86),
        # On 10 June all of them are.
        ("2026-06-09", SUB, 93),
        ("2026-06-10", STANDARD, 0),
    ],
)
def test_weekly_instalments(on: str, asset_class: AssetClass, days: int) -> None:
    dues = [date(2026, 3, 2) + week * 7 * DAY for week in range(15)]
    weekly = facility(
        *((due.isoformat(), "2026-06-01" if week == 0 else "2026-06-10") for week, due in enumerate(dues))
    )
    assert seen([weekly], date.fromisoformat(on)) == (asset_class, days)


@pytest.mark.parametrize(
    "on, loan, card",
    [
        # A loan that is paid in time, and a card whose minimum due of 4 January is not paid.
        ("2027-01-03", (STANDARD, 0), (STANDARD, 0)),
        ("2027-01-04", (SMA_0, 0), (SMA_0, 1)),
        # The three days of a card hold back its charge and its report, and not its count.
        ("2027-01-07", (SMA_0, 0), (SMA_0, 4)),
        ("2027-02-03", (SMA_1, 0), (SMA_1, 31)),
        ("2027-03-05", (SMA_2, 0), (SMA_2, 61)),
        ("2027-04-04", (SUB, 0), (SUB, 91)),
        # The first of two minimum dues is paid: not all arrears, so no upgrade.
        ("2027-04-20", (SUB, 0), (SUB, 76)),
        ("2027-05-02", (STANDARD, 0), (STANDARD, 0)),
    ],
)
def test_one_loan_and_one_card(on: str, loan: tuple[AssetClass, int], card: tuple[AssetClass, int]) -> None:
    borrower = [
        facility(("2027-01-21", "2027-01-21"), ("2027-02-21", "2027-02-21")),
        facility(
            ("2027-01-04", "2027-04-10"), ("2027-02-04", "2027-05-02"), number=2, kind=ProductKind.CARD
        ),
    ]  # fmt: skip
    day = date.fromisoformat(on)
    assert (seen(borrower, day), seen(borrower, day, number=2)) == (loan, card)


@pytest.mark.parametrize(
    "on, card, loan",
    [
        ("2027-06-30", (AssetClass.SUB_STANDARD, 178), (SUB, 0)),
        # Charged off: a loss of its own. The borrower stays non-performing, and the loan ages since 4 April 2027.
        ("2027-07-01", (LOSS, 179), (SUB, 0)),
        ("2028-04-03", (LOSS, 456), (SUB, 0)),
        ("2028-04-04", (LOSS, 457), (AssetClass.DOUBTFUL_1, 0)),
        ("2029-04-04", (LOSS, 822), (AssetClass.DOUBTFUL_2, 0)),
        ("2031-04-04", (LOSS, 1552), (AssetClass.DOUBTFUL_3, 0)),
    ],
)
def test_a_card_that_is_charged_off(on: str, card: tuple[AssetClass, int], loan: tuple[AssetClass, int]) -> None:
    borrower = [
        facility(("2027-01-04", None), kind=ProductKind.CARD, lost="2027-07-01"),
        facility(("2027-01-21", "2027-01-21"), number=2),
    ]
    day = date.fromisoformat(on)
    assert (seen(borrower, day), seen(borrower, day, number=2)) == (card, loan)


@pytest.mark.parametrize(
    "lender, expected",
    [
        # Standard; sub-standard secured and not; doubtful 1, 2, 3 secured; doubtful unsecured; loss. In rupees a lakh.
        (LenderKind.BANK, (400, 15_000, 25_000, 25_000, 40_000, 1_00_000, 1_00_000, 1_00_000)),
        (LenderKind.SMALL_FINANCE_BANK, (400, 15_000, 25_000, 25_000, 40_000, 1_00_000, 1_00_000, 1_00_000)),
        (LenderKind.REGIONAL_RURAL_BANK, (400, 10_000, 10_000, 20_000, 30_000, 1_00_000, 1_00_000, 1_00_000)),
        (LenderKind.COOPERATIVE_BANK, (400, 10_000, 10_000, 20_000, 30_000, 1_00_000, 1_00_000, 1_00_000)),
        (LenderKind.NBFC_UPPER, (400, 10_000, 10_000, 20_000, 30_000, 50_000, 1_00_000, 1_00_000)),
        (LenderKind.NBFC_MIDDLE, (400, 10_000, 10_000, 20_000, 30_000, 50_000, 1_00_000, 1_00_000)),
        (LenderKind.NBFC_BASE, (250, 10_000, 10_000, 20_000, 30_000, 50_000, 1_00_000, 1_00_000)),
    ],
)
def test_the_provision_on_a_lakh_by_the_kind_of_lender(lender: LenderKind, expected: tuple[int, ...]) -> None:
    asked = (
        (STANDARD, False), (SUB, True), (SUB, False), (AssetClass.DOUBTFUL_1, True), (AssetClass.DOUBTFUL_2, True),
        (AssetClass.DOUBTFUL_3, True), (AssetClass.DOUBTFUL_1, False), (LOSS, True),
    )  # fmt: skip
    found = []
    for asset_class, is_secured in asked:
        line = BookLine(
            asset_class=asset_class, is_secured=is_secured, age=0, loans=1, principal_paise=ONE_LAKH,
            interest_paise=2_000_00, suspended_paise=2_000_00,
        )  # fmt: skip
        (provision,) = provision_lines([line], RULEBOOK, on=date(2026, 12, 31), lender=lender)
        found.append(provision.provision_paise // 100)
    assert tuple(found) == expected
