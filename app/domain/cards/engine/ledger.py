"""The books of card accounts: every posting is transfers between two accounts.

    purchases, cash_advances, instalments_due, plans, disputed, interest, fees, tax   owed by the holder (debit balance)
    credit_balance                                                                    owed to the holder (credit
    balance)

The accounts of the lender are `settlement_payable` (to the network), `cash`, `interest_income`, `fee_income`,
`gst_payable`, `losses` and `recovery_income`. A replay posts the differences between two layings of the payments, so
that the ledger always equals the buckets. Source: docs/cards.md, books.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from app.domain.cards.engine.accounts import State
from app.domain.products.card_terms import CardBucket


class CardAccount(StrEnum):
    """The chart of accounts."""

    PURCHASES = "purchases"
    CASH_ADVANCES = "cash_advances"
    INSTALMENTS_DUE = "instalments_due"
    PLANS = "plans"
    DISPUTED = "disputed"
    INTEREST = "interest"
    FEES = "fees"
    TAX = "tax"
    CREDIT_BALANCE = "credit_balance"
    SETTLEMENT_PAYABLE = "settlement_payable"
    CASH = "cash"
    INTEREST_INCOME = "interest_income"
    FEE_INCOME = "fee_income"
    GST_PAYABLE = "gst_payable"
    LOSSES = "losses"
    RECOVERY_INCOME = "recovery_income"


ACCOUNT_OF: Final = {
    CardBucket.PURCHASES: CardAccount.PURCHASES,
    CardBucket.CASH: CardAccount.CASH_ADVANCES,
    CardBucket.INSTALMENTS: CardAccount.INSTALMENTS_DUE,
    CardBucket.INTEREST: CardAccount.INTEREST,
    CardBucket.FEES: CardAccount.FEES,
    CardBucket.TAX: CardAccount.TAX,
}
INCOME_OF: Final = {
    CardBucket.INTEREST: CardAccount.INTEREST_INCOME,
    CardBucket.FEES: CardAccount.FEE_INCOME,
    CardBucket.TAX: CardAccount.GST_PAYABLE,
}


class CardTransfer(NamedTuple):
    """One row of the ledger: an amount above 0 that one account is debited with and another is credited with.

    `posting` is the number of the posting that it belongs to. `is_laying`: it moves an earlier payment to another
    bucket after a replay.
    """

    posting: int
    debit: CardAccount
    credit: CardAccount
    paise: int
    value_on: date
    booked_on: date
    is_laying: bool = False


def balances_of(state: State) -> Counter[CardAccount]:
    """The holder's accounts as a state has them. A credit balance is negative."""
    found: Counter[CardAccount] = Counter()
    for bucket, paise in state.balances().items():
        found[ACCOUNT_OF[bucket]] += paise
    found[CardAccount.PLANS] += state.plan_paise
    found[CardAccount.DISPUTED] += state.disputed_paise
    found[CardAccount.CREDIT_BALANCE] -= state.credit_paise
    return found


def balance_out(deltas: Mapping[CardAccount, int], *, posting: int, on: date, is_laying: bool) -> list[CardTransfer]:
    """Transfers that change each account by its delta (a debit is positive). The deltas sum to 0."""
    assert sum(deltas.values()) == 0, "what is debited is credited"
    owing = {account: -paise for account, paise in deltas.items() if paise < 0}
    transfers = []
    for debit in CardAccount:
        left = max(deltas.get(debit, 0), 0)
        for credit in CardAccount:
            if part := min(left, owing.get(credit, 0)):
                transfers.append(CardTransfer(posting, debit, credit, part, on, on, is_laying))
                left -= part
                owing[credit] -= part
    return transfers
