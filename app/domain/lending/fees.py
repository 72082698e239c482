"""The fees of a disbursal on the books. Source: docs/business-rules.md, charges of a loan."""

from collections.abc import Sequence
from datetime import date

from app.domain.lending.ledger import Account, Journal, Kind
from app.domain.products.charge_terms import Fee, FeePaid


def post_fees(journal: Journal, fees: Sequence[Fee], *, amount_paise: int, on: date) -> None:
    """Posts a disbursal: the money that leaves, and the fees.

    Deducted and financed fees are owed as principal, and an upfront fee is paid in cash. A fee of a third party is owed
    to that party.
    """
    deducted = sum(fee.total_paise for fee in fees if fee.paid is FeePaid.DEDUCTED)
    lent, principal = amount_paise - deducted, Account.PRINCIPAL
    journal.post(Kind.DISBURSAL, principal, Account.CASH, lent, principal, on)
    for fee in fees:
        debit = Account.CASH if fee.paid is FeePaid.UPFRONT else principal
        component = Account.CHARGES if fee.paid is FeePaid.UPFRONT else principal
        credit = Account.THIRD_PARTY_PAYABLE if fee.for_third_party else Account.CHARGE_INCOME
        for account, part in ((credit, fee.amount_paise), (Account.GST_PAYABLE, fee.tax_paise)):
            journal.post(Kind.FEE, debit, account, part, component, on)
