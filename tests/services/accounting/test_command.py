"""`kist books` and what `kist reconcile` says of the books: what they print, what they write, and the exit code."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.products.seeded import STANDARD_LOAN
from app.settings import Settings
from tests.databases import connection
from tests.services.imports.test_command import kist
from tests.services.lending_desk import LendingHelper

#: The command's own clock is the machine's, so the book is held on a day that no machine has reached.
DAY = datetime(2030, 1, 15, tzinfo=UTC).date()
DAYS = ("--from", "2030-01-01", "--to", "2030-01-15")


@pytest.fixture
async def loan(unreconciled: LendingHelper) -> None:
    await unreconciled.set_date(DAY)
    await unreconciled.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)


async def test_the_trial_balance_and_what_is_accrued(loan: None, settings: Settings) -> None:
    code, lines, error_output = await kist(settings, "books", "trial-balance", "--on", "2030-01-15")
    assert (code, error_output) == (0, "")
    assert [" ".join(line.replace("│", " ").split()) for line in lines if "₹" in line] == [
        "1010 Loans: bank STANDARD_LOAN ₹1,20,000.00",
        "1110 Loans: principal STANDARD_LOAN ₹1,20,000.00",
        "sum ₹1,20,000.00 ₹1,20,000.00",
    ]
    code, lines, _ = await kist(settings, "books", "accrued")
    assert code == 0
    # A day of a month of 31 days.
    assert any("STANDARD_LOAN" in line and "₹38.71" in line for line in lines)


async def test_the_books_as_a_file(loan: None, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "transfers.csv"
    code, lines, error_output = await kist(settings, "books", "export", "transfers", str(file), *DAYS)
    assert (code, error_output) == (0, "")
    assert lines[0].startswith("✓ ")
    assert file.read_text().splitlines()[1] == (
        "2030-01-15,2030-01-15,loans,LN-2030-0001,1,STANDARD_LOAN,disbursal,1110,Loans: principal,1010,Loans: bank,"
        "120000.00,12000000"
    )
    code, _, error_output = await kist(settings, "books", "export", "transfers", str(file), *DAYS)
    assert code != 0
    assert "exists already" in error_output
    other = tmp_path / "other.xml"
    code, _, error_output = await kist(settings, "books", "export", "transfers", str(other), *DAYS, "--format", "tally")
    assert code != 0
    assert "not offered" in error_output
    assert not other.exists()


async def test_reconciliation_compares_the_trial_balance(loan: None, settings: Settings, owner_dsn: str) -> None:
    code, lines, _ = await kist(settings, "reconcile")
    assert code == 0
    assert "✓ the trial balance of ₹1,20,000.00 agrees with them" in lines
    async with connection(owner_dsn) as database:
        await database.execute("UPDATE loans SET principal_paise = principal_paise + 1")
    code, lines, _ = await kist(settings, "reconcile")
    assert code == 1
    assert "books: principal of all loans is ₹1,20,000.01, the ledger says ₹1,20,000.00" in lines
