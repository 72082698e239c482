"""Sums by account and product, and the reports that are read from them, with exact figures."""

from app.domain.accounting.balances import balance_lines, balance_sheet, profit_and_loss
from app.domain.accounting.chart import BUILT_IN, Book, ChartChange, LedgerAccount, Nature, change_chart
from app.domain.accounting.journal import AccountMoved, Moved, add_up, by_account

LOANS, CARDS = Book.LOANS, Book.CARDS
# A loan of 1,00,000 is disbursed and billed 1,000 of interest, of which 600 and 9,400 of principal are paid. 100 is
# waived. A card buys for 500.25 and pays 0.25 of it.
MOVED = [
    Moved(LOANS, "CCL", "principal", "cash", 1_00_000_00, 1),
    Moved(LOANS, "CCL", "interest", "interest_income", 1_000_00, 1),
    Moved(LOANS, "CCL", "cash", "interest", 600_00, 1),
    Moved(LOANS, "CCL", "cash", "principal", 9_400_00, 1),
    Moved(LOANS, "CCL", "waivers", "interest", 100_00, 1),
    Moved(CARDS, "REV", "purchases", "settlement_payable", 500_25, 2),
    Moved(CARDS, "REV", "cash", "purchases", 25, 1),
]


def test_the_journal_sums_each_account_of_a_product() -> None:
    assert by_account(MOVED) == [
        AccountMoved(CARDS, "REV", "cash", 25, 0, 1),
        AccountMoved(CARDS, "REV", "purchases", 500_25, 25, 3),
        AccountMoved(CARDS, "REV", "settlement_payable", 0, 500_25, 2),
        AccountMoved(LOANS, "CCL", "cash", 10_000_00, 1_00_000_00, 3),
        AccountMoved(LOANS, "CCL", "interest", 1_000_00, 700_00, 3),
        AccountMoved(LOANS, "CCL", "interest_income", 0, 1_000_00, 1),
        AccountMoved(LOANS, "CCL", "principal", 1_00_000_00, 9_400_00, 2),
        AccountMoved(LOANS, "CCL", "waivers", 100_00, 0, 1),
    ]
    for product in ("REV", "CCL"):
        lines = [line for line in by_account(MOVED) if line.product == product]
        assert sum(line.debit_paise for line in lines) == sum(line.credit_paise for line in lines)


def test_sums_of_days_are_added_up() -> None:
    half = len(MOVED) // 2
    assert add_up(by_account(MOVED[:half]), [], by_account(MOVED[half:])) == by_account(MOVED)
    assert add_up() == []


def test_the_trial_balance_has_every_balance_by_code() -> None:
    lines = balance_lines(by_account(MOVED), BUILT_IN)
    assert [(line.code, line.product, line.debit_paise, line.credit_paise) for line in lines] == [
        ("1010", "CCL", 0, 90_000_00),
        ("1020", "REV", 25, 0),
        ("1110", "CCL", 90_600_00, 0),
        ("1120", "CCL", 300_00, 0),
        ("1210", "REV", 500_00, 0),
        ("2220", "REV", 0, 500_25),
        ("4110", "CCL", 0, 1_000_00),
        ("5110", "CCL", 100_00, 0),
    ]
    assert sum(line.debit_paise for line in lines) == sum(line.credit_paise for line in lines) == 91_500_25


def test_accounts_with_one_code_are_one_line() -> None:
    chart = change_chart(BUILT_IN, [ChartChange(LedgerAccount(book, "cash"), "B1", "Bank") for book in (LOANS, CARDS)])
    moved = [*MOVED, Moved(CARDS, "CCL", "cash", "purchases", 5_00, 1)]
    banks = [line for line in balance_lines(by_account(moved), chart) if line.code == "B1"]
    assert [(line.product, line.balance_paise) for line in banks] == [("CCL", -89_995_00), ("REV", 25)]


def test_a_balance_of_zero_is_left_out() -> None:
    moved = [
        Moved(LOANS, "CCL", "principal", "cash", 5, 1),
        Moved(LOANS, "CCL", "cash", "principal", 5, 1),
    ]
    assert balance_lines(by_account(moved), BUILT_IN) == []


def test_profit_and_loss_is_income_less_expenses() -> None:
    found = profit_and_loss(by_account(MOVED), BUILT_IN)
    assert [(line.name, line.balance_paise) for line in found.income] == [("Loans: interest income", -1_000_00)]
    assert [(line.name, line.balance_paise) for line in found.expenses] == [("Loans: waivers", 100_00)]
    assert (found.income_paise, found.expenses_paise, found.result_paise) == (1_000_00, 100_00, 900_00)


def test_assets_are_liabilities_and_the_result() -> None:
    sheet = balance_sheet(by_account(MOVED), BUILT_IN)
    assert {line.nature for line in sheet.assets} == {Nature.ASSET}
    # Bank is overdrawn here: nobody has put the lender's own capital into these books.
    assert sheet.assets_paise == -90_000_00 + 25 + 90_600_00 + 300_00 + 500_00
    assert (sheet.liabilities_paise, sheet.result_paise) == (500_25, 900_00)
