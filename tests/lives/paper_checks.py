"""Checks that the papers of a loan say what its books say: the account of its life, the interest of its years, and its
charges."""

from collections.abc import Iterator, Sequence
from datetime import date

from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import LoanStatus
from app.domain.reporting.account_periods import Movement, account_of_period
from app.domain.reporting.charges import charged_lines
from app.domain.reporting.papers import InterestYear, financial_year_of, interest_of_year
from tests.lives.forecast_checks import Violation
from tests.lives.loan_books import Books

_LOSSES = (Account.WAIVERS, Account.WRITE_OFFS)
_CHARGED_TO = (Account.CHARGE_INCOME, Account.GST_PAYABLE, Account.THIRD_PARTY_PAYABLE)


def paper_violations(books: Books, *, on: date) -> Iterator[Violation]:
    """What the papers of a day and the books do not agree on."""
    yield from _account_violations(books, on=on)
    yield from _year_violations(books, on=on)
    yield from _charge_violations(books)


def _account_violations(books: Books, *, on: date) -> Iterator[Violation]:
    """The account of the whole life ends with what is owed, and so do its two halves; cash is what was paid."""
    position, begun = books.position, books.position.disbursed_on
    whole = account_of_period(books.transfers, from_on=begun, to_on=on)
    owed = position.owed_paise - position.advance_paise
    if (whole.opening_paise, whole.closing_paise) != (0, owed):
        yield Violation("account.owed", f"from {whole.opening_paise} to {whole.closing_paise}, owed {owed}")
    half = date.fromordinal((begun.toordinal() + on.toordinal()) // 2)
    first = account_of_period(books.transfers, from_on=begun, to_on=half)
    second = account_of_period(books.transfers, from_on=date.fromordinal(half.toordinal() + 1), to_on=on)
    if (first.closing_paise, second.closing_paise) != (second.opening_paise, owed):
        yield Violation("account.halves", f"{first.closing_paise}, then {second.opening_paise} and {owed}")
    running = 0
    for line in (*first.lines, *second.lines):
        running += line.debit_paise - line.credit_paise
        if line.owed_paise != running:
            yield Violation("account.line", f"{line}, but {running} is owed")
    paid = sum(
        line.credit_paise - line.debit_paise
        for line in whole.lines
        if line.movement in (Movement.PAYMENT, Movement.PAYMENT_RETURNED)
    )
    came = sum(_moved(one, Account.CASH) for one in books.transfers if one.payment_id and _touches_owed(one))
    lent_later = sum(change.amount_paise for change in books.changes)
    if paid != came + lent_later:
        yield Violation("account.paid", f"{paid} on its lines, {came} and {lent_later} in the books")


def _year_violations(books: Books, *, on: date) -> Iterator[Violation]:
    """The years add up to the books. When a loan has ended, what was charged was paid or given up, and no more."""
    position = books.position
    last = position.closed_on or on
    years = [
        interest_of_year(books.transfers, position, year=year, today=on)
        for year in range(financial_year_of(position.disbursed_on), financial_year_of(last) + 1)
    ]
    if years[-1].to_on == on and years[-1].principal_paise != position.principal_paise:
        yield Violation("years.principal", f"{years[-1]}, owed {position.principal_paise}")
    if position.status is LoanStatus.CLOSED and years[-1].to_on == on:
        yield from _ended_violations(books, years)


def _ended_violations(books: Books, years: Sequence[InterestYear]) -> Iterator[Violation]:
    # Interest that a moratorium or a change turned into principal is repaid as principal.
    capitalised = _capitalised(books.transfers)
    charged = sum(year.interest_charged_paise for year in years)
    paid = sum(year.interest_paid_paise for year in years)
    given_up = _given_up(books.transfers, Account.INTEREST)
    if paid + given_up + capitalised != charged:
        yield Violation("years.interest", f"paid {paid}, given up {given_up}, to principal {capitalised} of {charged}")
    repaid = sum(year.principal_repaid_paise for year in years) + _given_up(books.transfers, Account.PRINCIPAL)
    lent = books.position.lent_paise + capitalised
    if repaid != lent:
        yield Violation("years.repaid", f"repaid or given up {repaid} of {lent}")


def _charge_violations(books: Books) -> Iterator[Violation]:
    """The charges that stand are what was posted of charges, with their taxes and without the reversed ones."""
    lines = charged_lines(books.transfers)
    standing = sum(line.total_paise for line in lines if line.taken_back_on is None)
    posted = sum(
        one.amount_paise * ((one.credit in _CHARGED_TO) - (one.debit in _CHARGED_TO))
        for one in books.transfers
        if not {one.debit, one.credit} & set(_LOSSES)
    )
    if standing != posted:
        yield Violation("charges.standing", f"{standing} on the lines, {posted} in the books")


def _moved(transfer: Transfer, account: Account) -> int:
    return transfer.amount_paise * ((transfer.debit is account) - (transfer.credit is account))


def _touches_owed(transfer: Transfer) -> bool:
    owed = (Account.PRINCIPAL, Account.INTEREST, Account.CHARGES, Account.ADVANCE)
    return transfer.debit in owed or transfer.credit in owed


def _given_up(transfers: Sequence[Transfer], account: Account) -> int:
    """What was waived or written off of an account, less what was taken back."""
    return -sum(_moved(one, account) for one in transfers if one.debit in _LOSSES or one.credit in _LOSSES)


def _capitalised(transfers: Sequence[Transfer]) -> int:
    """The interest that became principal, less what was undone."""
    undone = {one.number: one for one in transfers if one.kind is Kind.CAPITALISED}
    became = [one for one in transfers if one.kind is Kind.CAPITALISED or one.reverses in undone]
    return sum(_moved(one, Account.PRINCIPAL) for one in became)
