"""The journal: what was booked on a day, by account and product.

A transfer debits one account and credits another by the same amount. So the debits and credits of a day are equal, and
also those of each product of the day.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from app.domain.accounting.chart import Book, LedgerAccount


class Moved(NamedTuple):
    """The transfers of a product from one account to another, summed: paise, and how many they are."""

    book: Book
    product: str
    debit: str
    credit: str
    paise: int
    transfers: int


class AccountMoved(NamedTuple):
    """What a product debited and credited an account with, in paise, and by how many transfers."""

    book: Book
    product: str
    account: str
    debit_paise: int
    credit_paise: int
    transfers: int

    @property
    def key(self) -> LedgerAccount:
        """The account in the chart."""
        return LedgerAccount(self.book, self.account)

    @property
    def balance_paise(self) -> int:
        """Debits less credits."""
        return self.debit_paise - self.credit_paise


class JournalDay(NamedTuple):
    """What was booked on a day."""

    on: date
    lines: list[AccountMoved]


def by_account(moved: Iterable[Moved]) -> list[AccountMoved]:
    """Sums by account and product, in order of book, product and account."""
    sums: dict[tuple[Book, str, str], list[int]] = {}
    for each in moved:
        for account, side in ((each.debit, 0), (each.credit, 1)):
            found = sums.setdefault((each.book, each.product, account), [0, 0, 0])
            found[side] += each.paise
            found[2] += each.transfers
    return [AccountMoved(*key, *found) for key, found in sorted(sums.items())]


def add_up(*parts: Iterable[AccountMoved]) -> list[AccountMoved]:
    """The sum of sums by account and product, in the same order."""
    sums: dict[tuple[Book, str, str], list[int]] = {}
    for part in parts:
        for line in part:
            found = sums.setdefault(line[:3], [0, 0, 0])
            for place, value in enumerate(line[3:]):
                found[place] += value
    return [AccountMoved(*key, *found) for key, found in sorted(sums.items())]
