"""The chart of accounts: it has every account of both ledgers, and the lender's codes stay unambiguous."""

import pytest

from app.domain.accounting.chart import (
    BUILT_IN,
    AccountUnknown,
    Book,
    ChartChange,
    ChartEntryInvalid,
    CodeInUse,
    LedgerAccount,
    Nature,
    change_chart,
)
from app.domain.cards.engine.ledger import CardAccount
from app.domain.errors import DomainError
from app.domain.lending.ledger import Account

LOAN_BANK = LedgerAccount(Book.LOANS, "cash")
CARD_BANK = LedgerAccount(Book.CARDS, "cash")
LOAN_GST = LedgerAccount(Book.LOANS, "gst_payable")


def test_the_chart_has_every_account_of_both_ledgers() -> None:
    """A new account of a ledger needs its nature, code and name in `chart.py`."""
    accounts = {LedgerAccount(Book.LOANS, each.value) for each in Account}
    accounts |= {LedgerAccount(Book.CARDS, each.value) for each in CardAccount}
    assert accounts - BUILT_IN.keys() == set()
    assert BUILT_IN.keys() - accounts == set()


def test_what_borrowers_owe_is_an_asset_and_what_is_given_up_an_expense() -> None:
    def of(nature: Nature) -> set[str]:
        return {key.account for key, entry in BUILT_IN.items() if key.book is Book.LOANS and entry.nature is nature}

    assert {"principal", "interest", "charges", "cash"} <= of(Nature.ASSET)
    assert {"advance", "interest_suspense", "gst_payable", "refund_payable"} <= of(Nature.LIABILITY)
    assert {"interest_income", "charge_income"} <= of(Nature.INCOME)
    assert of(Nature.EXPENSE) == {"waivers", "write_offs"}


def test_the_built_in_chart_is_unambiguous_and_in_order() -> None:
    assert list(change_chart(BUILT_IN, [])) == list(BUILT_IN)
    codes = [entry.code for entry in BUILT_IN.values()]
    assert codes == sorted(codes)
    assert len(set(codes)) == len({entry.name for entry in BUILT_IN.values()}) == len(BUILT_IN)


def test_a_lender_gives_its_own_code_and_name() -> None:
    chart = change_chart(BUILT_IN, [ChartChange(LOAN_BANK, "BNK-01", "HDFC Current A/c 4471")])
    assert (chart[LOAN_BANK].code, chart[LOAN_BANK].name) == ("BNK-01", "HDFC Current A/c 4471")
    assert chart[LOAN_BANK].nature is Nature.ASSET
    assert chart[CARD_BANK] == BUILT_IN[CARD_BANK]
    assert BUILT_IN[LOAN_BANK].code == "1010"


def test_accounts_share_a_code_together_with_its_name() -> None:
    both = [ChartChange(LOAN_BANK, "B1", "Bank"), ChartChange(CARD_BANK, "B1", "Bank")]
    chart = change_chart(BUILT_IN, both)
    assert {chart[LOAN_BANK].code, chart[CARD_BANK].code} == {"B1"}
    # They are renamed together, never one alone.
    with pytest.raises(CodeInUse, match=r"the code B1 would be"):
        change_chart(chart, [ChartChange(LOAN_BANK, "B1", "Bank of India")])
    renamed = change_chart(chart, [change._replace(name="Bank of India") for change in both])
    assert renamed[CARD_BANK].name == "Bank of India"


@pytest.mark.parametrize(
    "key, code, name, error",
    [
        (LedgerAccount(Book.LOANS, "purchases"), "X1", "Purchases", AccountUnknown),
        (LOAN_BANK, "", "Bank", ChartEntryInvalid),
        (LOAN_BANK, "10 10", "Bank", ChartEntryInvalid),
        (LOAN_BANK, "1" * 21, "Bank", ChartEntryInvalid),
        (LOAN_BANK, "-1", "Bank", ChartEntryInvalid),
        (LOAN_BANK, "B1", "", ChartEntryInvalid),
        (LOAN_BANK, "B1", "=1+1", ChartEntryInvalid),
        (LOAN_BANK, "B1", "@SUM", ChartEntryInvalid),
        (LOAN_BANK, "B1", "Bank\nof India", ChartEntryInvalid),
        (LOAN_BANK, "B1", "Bank <b>", ChartEntryInvalid),
        (LOAN_BANK, "B1", "x" * 81, ChartEntryInvalid),
        # The code of another account, under another name, or as another nature.
        (LOAN_BANK, "1110", "Bank", CodeInUse),
        (LOAN_GST, "1110", "Loans: principal", CodeInUse),
        # The name of another account under another code; letters differ only in case.
        (LOAN_BANK, "B1", "LOANS: PRINCIPAL", CodeInUse),
    ],
)
def test_a_change_that_would_be_ambiguous_is_refused(
    key: LedgerAccount, code: str, name: str, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        change_chart(BUILT_IN, [ChartChange(key, code, name)])


@pytest.mark.parametrize("name", ["बैंक खाता", "Bank & Co. (No. 1)", "9 Bank", "x" * 80])
def test_names_in_any_script_are_taken(name: str) -> None:
    assert change_chart(BUILT_IN, [ChartChange(LOAN_BANK, "B1", name)])[LOAN_BANK].name == name
