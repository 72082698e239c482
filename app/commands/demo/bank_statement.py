"""A customer who does not exist: a synthetic Aadhaar number, and a year of bank transactions under it."""

import csv
import secrets
from datetime import date
from pathlib import Path

from app.domain.people.aadhaar import has_check_digit

#: Rupees a month: the salary comes in, rent and shopping go out.
SALARY, RENT, SHOPPING = 100_000, 25_000, 15_000
#: 300 + 10 x floor((12 x 60,000 - 1,00,000) / 15,000) = 300 + 10 x floor(41.3).
SCORE = 710
ROWS = 36


def make_aadhaar() -> str:
    """Twelve digits that keep the rules (first digit 2 to 9, Verhoeff check digit) and belong to nobody we know."""
    body = str(2 + secrets.randbelow(8)) + "".join(str(secrets.randbelow(10)) for _ in range(10))
    return next(body + digit for digit in "0123456789" if has_check_digit(body + digit))


def write_statement(path: Path, *, aadhaar: str, until: date) -> None:
    """A year of transactions, up to the month before a day, in one of the layouts that banks send."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["AADHARID", "Date", "Amount", "Transaction_type"])
        for months_ago in range(12, 0, -1):
            year, month = divmod(until.year * 12 + until.month - 1 - months_ago, 12)
            for day, amount, kind in ((1, SALARY, "CREDIT"), (5, RENT, "DEBIT"), (20, SHOPPING, "DEBIT")):
                rows.writerow([aadhaar, date(year, month + 1, day).isoformat(), amount, kind])
