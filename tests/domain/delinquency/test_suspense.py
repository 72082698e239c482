"""Interest in suspense: exact postings of a life, corrections, and that a second call posts nothing."""

from collections.abc import Sequence
from datetime import date

from app.domain.delinquency.suspense import ClassDay, suspended_paise, suspense_postings
from app.domain.lending.ledger import Account, Journal, Kind, Transfer

INTEREST, INCOME, CASH = Account.INTEREST, Account.INTEREST_INCOME, Account.CASH
SUSPENSE, WAIVERS, WRITE_OFFS = Account.INTEREST_SUSPENSE, Account.WAIVERS, Account.WRITE_OFFS
MARCH, APRIL, MAY, JUNE, JULY = (date(2026, month, 28) for month in (3, 4, 5, 6, 7))
FAILED = date(2026, 6, 26)


def billed(journal: Journal, on: date, amount: int) -> None:
    journal.post(Kind.INTEREST, INTEREST, INCOME, amount, INTEREST, on)


def received(journal: Journal, on: date, amount: int) -> None:
    journal.post(Kind.PAYMENT, CASH, INTEREST, amount, INTEREST, on, None, 1)


def ledger(*, through: int = 4) -> Journal:
    """A loan that nobody pays: 1,200 on 28 March, 1,100 on 28 April, 1,000 on 28 May, 900 on 28 June."""
    journal = Journal(last_number=0, booked_on=JULY)
    for on, amount in list(zip((MARCH, APRIL, MAY, JUNE), (1_200_00, 1_100_00, 1_000_00, 900_00), strict=True))[
        :through
    ]:
        billed(journal, on, amount)
    return journal


def postings(transfers: Sequence[Transfer], days: Sequence[ClassDay], *, through: date = JULY) -> list[Transfer]:
    return suspense_postings(transfers, days, through=through, last_number=len(transfers), booked_on=JULY)


def seen(transfers: Sequence[Transfer]) -> list[tuple[date, Kind, Account, Account, int]]:
    return [(one.value_date, one.kind, one.debit, one.credit, one.amount_paise) for one in transfers]


FAILS = [ClassDay(FAILED, True)]


def test_what_was_billed_and_not_received_leaves_income() -> None:
    journal = ledger()
    posted = postings(journal.transfers, FAILS)
    assert seen(posted) == [
        (FAILED, Kind.SUSPENSE, INCOME, SUSPENSE, 3_300_00),
        (JUNE, Kind.SUSPENSE, INCOME, SUSPENSE, 900_00),
    ]
    assert [one.number for one in posted] == [5, 6]
    whole = [*journal.transfers, *posted]
    assert [suspended_paise(whole, on=on) for on in (date(2026, 6, 25), FAILED, JUNE)] == [0, 3_300_00, 4_200_00]
    assert postings(whole, FAILS) == []


def test_the_day_end_that_is_not_judged_yet_is_left() -> None:
    assert seen(postings(ledger().transfers, FAILS, through=date(2026, 6, 27))) == [
        (FAILED, Kind.SUSPENSE, INCOME, SUSPENSE, 3_300_00)
    ]
    assert postings(ledger().transfers, FAILS, through=date(2026, 6, 25)) == []


def test_what_is_received_is_income_and_an_upgrade_frees_the_rest() -> None:
    journal = ledger()
    received(journal, date(2026, 7, 1), 500_00)
    received(journal, date(2026, 7, 10), 3_600_00)
    days = [*FAILS, ClassDay(date(2026, 7, 10), False)]
    posted = postings(journal.transfers, days)
    assert seen(posted)[2:] == [
        (date(2026, 7, 1), Kind.RECOGNITION, SUSPENSE, INCOME, 500_00),
        # 3,600 were received, and 100 were billed that nobody has to pay any more: the loan is standard again.
        (date(2026, 7, 10), Kind.RECOGNITION, SUSPENSE, INCOME, 3_700_00),
    ]
    assert suspended_paise([*journal.transfers, *posted]) == 0


def test_what_is_given_up_was_never_income() -> None:
    journal = ledger()
    journal.post(Kind.WAIVER, WAIVERS, INTEREST, 200_00, INTEREST, date(2026, 7, 2), None, 9)
    journal.post(Kind.WRITE_OFF, WRITE_OFFS, INTEREST, 4_000_00, INTEREST, date(2026, 7, 20), None, 10)
    posted = postings(journal.transfers, FAILS)
    assert seen(posted)[2:] == [
        (date(2026, 7, 2), Kind.RECOGNITION, SUSPENSE, WAIVERS, 200_00),
        (date(2026, 7, 20), Kind.RECOGNITION, SUSPENSE, WRITE_OFFS, 4_000_00),
    ]


def test_a_backdated_payment_takes_back_what_was_posted() -> None:
    """With a payment of 28 April the loan never failed: the suspense of the past is taken back with its own dates."""
    journal = ledger()
    before = postings(journal.transfers, FAILS)
    whole = [*journal.transfers, *before]
    later = Journal(last_number=len(whole), booked_on=JULY)
    received(later, APRIL, 2_300_00)
    whole += later.transfers
    corrected = postings(whole, [])
    assert seen(corrected) == [
        (FAILED, Kind.RECOGNITION, SUSPENSE, INCOME, 3_300_00),
        (JUNE, Kind.RECOGNITION, SUSPENSE, INCOME, 900_00),
    ]
    assert {one.booked_on for one in corrected} == {JULY}
    assert [suspended_paise([*whole, *corrected], on=on) for on in (FAILED, JUNE)] == [0, 0]


def test_a_credit_of_interest_is_not_in_suspense() -> None:
    journal = ledger(through=1)
    journal.post(Kind.ADJUSTMENT, INCOME, INTEREST, 1_500_00, INTEREST, APRIL)
    assert postings(journal.transfers, [ClassDay(MARCH, True)]) == [
        *postings(journal.transfers, [ClassDay(MARCH, True)], through=APRIL)
    ]
    assert suspended_paise([*journal.transfers, *postings(journal.transfers, [ClassDay(MARCH, True)])]) == 0
