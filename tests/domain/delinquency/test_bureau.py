"""The days and the lines of the files for credit bureaus."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.delinquency.bureau import (
    COLUMNS,
    BureauRecord,
    FileKind,
    as_on_days,
    bureau_line,
    file_kind,
    read_line,
    reported_days,
)
from app.domain.delinquency.classes import AssetClass
from app.domain.rulebook.in_force import RULEBOOK
from app.domain.rulebook.kinds import LenderKind, ProductKind

US = LenderKind.NBFC_MIDDLE


def days(after: date | None, through: date) -> list[str]:
    return [day.isoformat() for day in as_on_days(RULEBOOK, lender=US, after=after, through=through)]


@pytest.mark.parametrize(
    "after, through, found",
    [
        # The rule changes on 1 July 2026; the last day is the last one of any month.
        (
            date(2026, 6, 1), date(2026, 7, 31),
            ["2026-06-15", "2026-06-30", "2026-07-09", "2026-07-16", "2026-07-23", "2026-07-31"],
        ),
        (date(2027, 2, 1), date(2027, 2, 28), ["2027-02-09", "2027-02-16", "2027-02-23", "2027-02-28"]),
        (date(2028, 2, 27), date(2028, 2, 29), ["2028-02-29"]),
        (date(2026, 7, 9), date(2026, 7, 15), []),
        (None, date(2026, 7, 9), ["2026-07-09"]),
        (None, date(2026, 7, 10), []),
        (date(2024, 12, 1), date(2024, 12, 31), []),
    ],
)  # fmt: skip
def test_the_days_of_the_files(after: date | None, through: date, found: list[str]) -> None:
    assert days(after, through) == found


def test_only_the_month_end_is_full() -> None:
    assert [file_kind(date(2026, 7, day)) for day in (9, 16, 23, 31)] == [FileKind.INCREMENTAL] * 3 + [FileKind.FULL]


@pytest.mark.parametrize("past_due, card, loan", [(0, 0, 0), (1, 0, 1), (3, 0, 3), (4, 4, 4), (91, 91, 91)])
def test_a_card_is_reported_when_it_is_more_than_three_days_past_due(past_due: int, card: int, loan: int) -> None:
    on = date(2026, 7, 31)
    found = {kind: reported_days(past_due, kind=kind, rulebook=RULEBOOK, on=on, lender=US) for kind in ProductKind}
    assert found == {ProductKind.CARD: card, ProductKind.LOAN: loan}


def test_a_line_and_back() -> None:
    record = BureauRecord(
        user_id="BC-USER-009", loan_id="LN-2026-0007", product="STANDARD_LOAN", status="active",
        opened_on=date(2026, 1, 1), closed_on=None, amount_paise=1_20_000_00,
        annual_rate_percent=Decimal("12.50000000"),
        instalments=12, emi_paise=10_661_85, principal_paise=1_10_000_05, interest_paise=-1, charges_paise=0,
        advance_paise=0, overdue_paise=7, days_past_due=34, asset_class=AssetClass.SMA_1, non_performing_since=None,
        written_off_paise=0, last_paid_on=date(2026, 2, 3),
    )  # fmt: skip
    line = bureau_line(record)
    assert line == (
        "BC-USER-009,LN-2026-0007,STANDARD_LOAN,active,2026-01-01,,120000.00,12.5,12,10661.85,110000.05,-0.01,0.00,0.00,"
        "0.07,34,sma_1,,0.00,2026-02-03"
    )
    assert read_line(line)["days_past_due"] == "34"
    assert tuple(read_line(line)) == COLUMNS[1:]
