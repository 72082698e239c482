"""The chart of accounts: every account of the ledgers with its nature, and the lender's own code and name for it.

Loans and card accounts have a ledger each, so an account is named by its book and its name there. Kist brings a code
and a name for each; a lender changes them into those of its general ledger. Several accounts may share a code (all bank
accounts, all GST): then they share the name too, because programs for bookkeeping know an account by its name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from app.domain.cards.engine.ledger import CardAccount
from app.domain.errors import Invalid, NotFound, Rejected
from app.domain.lending.ledger import Account

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,19}")
# A name begins with a letter or a digit, so no spreadsheet takes it for a formula.
NAME: Final = re.compile(r"[^\W_][^\x00-\x1f\x7f<>]{0,79}")


class Book(StrEnum):
    """Whose ledger it is."""

    LOANS = "loans"
    CARDS = "cards"


class Nature(StrEnum):
    """Where an account stands in the reports. The balance of assets and expenses is a debit."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class AccountUnknown(NotFound):
    """The ledgers have no such account. Read the chart of accounts for their names."""

    code = "account_unknown"


class ChartEntryInvalid(Invalid):
    """A code or a name of an account has a wrong form. A code has 1 to 20 letters, digits, dots, slashes or hyphens; a
    name begins with a letter or digit and has at most 80 characters."""

    code = "chart_entry_invalid"


class CodeInUse(Rejected):
    """A code would stand for two names or two natures, or a name for two codes. Give accounts that belong together the
    same code and the same name."""

    code = "account_code_in_use"


class LedgerAccount(NamedTuple):
    """An account of one of the ledgers."""

    book: Book
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEntry:
    """An account with the lender's code and name for it."""

    key: LedgerAccount
    nature: Nature
    code: str
    name: str


Chart = Mapping[LedgerAccount, ChartEntry]

_LOANS: Final[Mapping[Account, tuple[Nature, str, str]]] = {
    Account.CASH: (Nature.ASSET, "1010", "Loans: bank"),
    Account.PRINCIPAL: (Nature.ASSET, "1110", "Loans: principal"),
    Account.INTEREST: (Nature.ASSET, "1120", "Loans: interest billed"),
    Account.CHARGES: (Nature.ASSET, "1130", "Loans: charges billed"),
    Account.ADVANCE: (Nature.LIABILITY, "2110", "Loans: paid in advance"),
    Account.REFUND_PAYABLE: (Nature.LIABILITY, "2120", "Loans: refunds payable"),
    Account.INTEREST_SUSPENSE: (Nature.LIABILITY, "2130", "Loans: interest in suspense"),
    Account.GST_PAYABLE: (Nature.LIABILITY, "2140", "Loans: GST payable"),
    Account.THIRD_PARTY_PAYABLE: (Nature.LIABILITY, "2150", "Loans: fees payable to third parties"),
    Account.INTEREST_INCOME: (Nature.INCOME, "4110", "Loans: interest income"),
    Account.CHARGE_INCOME: (Nature.INCOME, "4120", "Loans: income from charges"),
    Account.RECOVERY_INCOME: (Nature.INCOME, "4130", "Loans: recoveries"),
    Account.WAIVERS: (Nature.EXPENSE, "5110", "Loans: waivers"),
    Account.WRITE_OFFS: (Nature.EXPENSE, "5120", "Loans: write-offs"),
    Account.CASH_ROUNDING: (Nature.EXPENSE, "5130", "Loans: cash rounding"),
}
_CARDS: Final[Mapping[CardAccount, tuple[Nature, str, str]]] = {
    CardAccount.CASH: (Nature.ASSET, "1020", "Cards: bank"),
    CardAccount.PURCHASES: (Nature.ASSET, "1210", "Cards: purchases"),
    CardAccount.CASH_ADVANCES: (Nature.ASSET, "1220", "Cards: cash advances"),
    CardAccount.INSTALMENTS_DUE: (Nature.ASSET, "1230", "Cards: instalments due"),
    CardAccount.PLANS: (Nature.ASSET, "1240", "Cards: instalment plans"),
    CardAccount.DISPUTED: (Nature.ASSET, "1250", "Cards: disputed"),
    CardAccount.INTEREST: (Nature.ASSET, "1260", "Cards: interest billed"),
    CardAccount.FEES: (Nature.ASSET, "1270", "Cards: fees billed"),
    CardAccount.TAX: (Nature.ASSET, "1280", "Cards: GST billed"),
    CardAccount.CREDIT_BALANCE: (Nature.LIABILITY, "2210", "Cards: credit balances"),
    CardAccount.SETTLEMENT_PAYABLE: (Nature.LIABILITY, "2220", "Cards: payable to the network"),
    CardAccount.GST_PAYABLE: (Nature.LIABILITY, "2240", "Cards: GST payable"),
    CardAccount.INTEREST_INCOME: (Nature.INCOME, "4210", "Cards: interest income"),
    CardAccount.FEE_INCOME: (Nature.INCOME, "4220", "Cards: income from fees"),
    CardAccount.RECOVERY_INCOME: (Nature.INCOME, "4230", "Cards: recoveries"),
    CardAccount.LOSSES: (Nature.EXPENSE, "5210", "Cards: losses"),
}


def _entries(book: Book, accounts: Mapping[Any, tuple[Nature, str, str]]) -> Iterable[ChartEntry]:
    for account, (nature, code, name) in accounts.items():
        yield ChartEntry(key=LedgerAccount(book, account.value), nature=nature, code=code, name=name)


#: The chart that Kist brings, in the order of its codes.
BUILT_IN: Final[Chart] = {
    entry.key: entry
    for entry in sorted([*_entries(Book.LOANS, _LOANS), *_entries(Book.CARDS, _CARDS)], key=lambda entry: entry.code)
}


class ChartChange(NamedTuple):
    """Another code and name for an account."""

    key: LedgerAccount
    code: str
    name: str


def change_chart(chart: Chart, changes: Sequence[ChartChange]) -> Chart:
    """The chart after changes, which are checked together, in order of its codes.

    Raises AccountUnknown, ChartEntryInvalid, CodeInUse.
    """
    changed = dict(chart)
    for key, code, name in changes:
        if key not in changed:
            raise AccountUnknown(f"the ledger of {key.book} has no account {key.account}", field="account")
        if not CODE.fullmatch(code):
            raise ChartEntryInvalid("a code has 1 to 20 letters, digits, dots, slashes or hyphens", field="code")
        if not NAME.fullmatch(name):
            raise ChartEntryInvalid(
                "a name begins with a letter or digit and has at most 80 characters, without < and >", field="name"
            )
        changed[key] = replace(changed[key], code=code, name=name)
    _check_codes(changed.values())
    return dict(sorted(changed.items(), key=lambda item: (item[1].code, item[0])))


def _check_codes(entries: Iterable[ChartEntry]) -> None:
    """Checks that a code has one name and one nature, and a name one code. Raises CodeInUse."""
    by_code: dict[str, ChartEntry] = {}
    by_name: dict[str, ChartEntry] = {}
    for entry in entries:
        code, name = entry.code.casefold(), entry.name.casefold()
        other = by_code.setdefault(code, entry)
        if (other.name, other.code, other.nature) != (entry.name, entry.code, entry.nature):
            raise CodeInUse(
                f"the code {entry.code} would be {other.name} ({other.nature}) and {entry.name} ({entry.nature})",
                field="code",
            )
        if by_name.setdefault(name, entry).code.casefold() != code:
            raise CodeInUse(f"the name {entry.name} would have two codes", field="name")
