"""Trial balance, profit and loss, and the balance of the book: readings of the same sums by account.

Lines are by code of the chart, so accounts that share a code are one line. Interest that has accrued and is not billed
yet is in no ledger, so it is in none of these; it is reported beside them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.accounting.chart import Chart, Nature
from app.domain.accounting.journal import AccountMoved


class BalanceLine(NamedTuple):
    """An account of the chart with a product: debits less credits, in paise."""

    code: str
    name: str
    nature: Nature
    product: str
    balance_paise: int

    @property
    def debit_paise(self) -> int:
        """The balance if it is a debit."""
        return max(self.balance_paise, 0)

    @property
    def credit_paise(self) -> int:
        """The balance if it is a credit."""
        return max(-self.balance_paise, 0)


def balance_lines(sums: Iterable[AccountMoved], chart: Chart) -> list[BalanceLine]:
    """The balances by code and product, in this order, without those that are 0. Their sum is 0."""
    found: dict[tuple[str, str, Nature, str], int] = {}
    for line in sums:
        entry = chart[line.key]
        key = (entry.code, entry.name, entry.nature, line.product)
        found[key] = found.get(key, 0) + line.balance_paise
    assert sum(found.values()) == 0, "what is debited is credited"
    return [BalanceLine(*key, paise) for key, paise in sorted(found.items()) if paise]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitAndLoss:
    """Income and expenses of some days. `balance_paise` of a line is debits less credits."""

    income: tuple[BalanceLine, ...]
    expenses: tuple[BalanceLine, ...]

    @property
    def income_paise(self) -> int:
        """All income."""
        return -sum(line.balance_paise for line in self.income)

    @property
    def expenses_paise(self) -> int:
        """All expenses."""
        return sum(line.balance_paise for line in self.expenses)

    @property
    def result_paise(self) -> int:
        """The profit; a loss is negative."""
        return self.income_paise - self.expenses_paise


def profit_and_loss(moved: Iterable[AccountMoved], chart: Chart) -> ProfitAndLoss:
    """Income and expenses out of what was booked on some days."""
    lines = balance_lines(moved, chart)
    return ProfitAndLoss(income=_of(lines, Nature.INCOME), expenses=_of(lines, Nature.EXPENSE))


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSheet:
    """Assets and liabilities at the end of a day. What the book has earned until then makes them equal."""

    assets: tuple[BalanceLine, ...]
    liabilities: tuple[BalanceLine, ...]
    result_paise: int

    @property
    def assets_paise(self) -> int:
        """All assets."""
        return sum(line.balance_paise for line in self.assets)

    @property
    def liabilities_paise(self) -> int:
        """All liabilities."""
        return -sum(line.balance_paise for line in self.liabilities)


def balance_sheet(sums: Iterable[AccountMoved], chart: Chart) -> BalanceSheet:
    """Assets, liabilities and the result so far, out of everything that was booked until a day."""
    lines = balance_lines(sums, chart)
    sheet = BalanceSheet(
        assets=_of(lines, Nature.ASSET),
        liabilities=_of(lines, Nature.LIABILITY),
        result_paise=-sum(line.balance_paise for line in lines if line.nature in (Nature.INCOME, Nature.EXPENSE)),
    )
    assert sheet.assets_paise == sheet.liabilities_paise + sheet.result_paise, "what is debited is credited"
    return sheet


def _of(lines: Iterable[BalanceLine], nature: Nature) -> tuple[BalanceLine, ...]:
    return tuple(line for line in lines if line.nature is nature)
