"""Figures of worked examples that card issuers publish, with the options that each of them needs.

Each is of another issuer or year, so they differ in how days count, in what the minimum due is made of and in rounding.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.cards.engine.accounts import State
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.minimum_due import ask, ask_without, minimum_parts
from app.domain.cards.requests import BEFORE, spend
from app.domain.products.card_terms import CardBucket, CardDays, CardTerms, FeeKind, InterestRounded
from tests.domain.cards.book import Book, terms_of

INCLUSIVE = {"days": CardDays.INCLUSIVE}
EXACT_MINIMUM = {"minimum_unit_paise": 1, "minimum_floor_paise": 0}


def test_both_ends_up_to_a_payment_and_the_difference_after_it() -> None:
    """49 days from 5 March to 22 April, 39 from 15 March, and 10 days of the rest to 2 May: 29.40, 5.29, 280.80 and
    74.10."""
    book = Book("2022-03-03", day=2, terms=terms_of(monthly_rate_percent=Decimal("3.65"), **INCLUSIVE))
    book.purchase(500_00, "2022-03-05")
    book.purchase(90_00, "2022-03-05")
    book.purchase(6_000_00, "2022-03-15")
    first = book.statement("2022-04-02")
    assert (first.asked.total_paise, first.due_on) == (6_590_00, date(2022, 4, 22))
    book.pay(415_00, "2022-04-22")
    assert book.state.owed_paise == 6_175_00
    book.statement("2022-05-02")
    assert book.posted("interest", on="2022-05-02") == 389_59
    book.check()


def test_cash_bears_interest_to_the_statement_and_a_purchase_none() -> None:
    """7,000 of cash taken on 10 July bear interest for 5 days on the statement of 15 July."""
    book = Book("2019-06-16", terms=terms_of(cash_fee_minimum_paise=0, cash_fee_percent=Decimal(0)))
    book.purchase(5_000_00, "2019-06-20")
    book.cash(7_000_00, "2019-07-10")
    statement = book.statement("2019-07-15")
    (cash,) = statement.interest
    (line,) = cash.lines
    assert (cash.group, line.days, line.balance_paise, cash.paise) == (CardBucket.CASH, 5, 7_000_00, 40_27)
    assert (statement.opening_paise, statement.due_on) == (0, date(2019, 8, 4))


@pytest.mark.parametrize("percent, minimum", [(5, 1_509_90), (2, 1_299_90)])
def test_a_minimum_of_fees_cash_and_their_taxes(percent: int, minimum: int) -> None:
    """5,000 bought, a fee of 1,000 without tax, 2,000 of cash with its fee of 100, 18 of tax, 35.51 of interest for 15
    days, and 6.39 of tax on it: 8,159.90."""
    terms = terms_of(
        monthly_rate_percent=Decimal("3.6"),
        minimum_percent=Decimal(percent),
        cash_fee_percent=Decimal(5),
        cash_fee_minimum_paise=0,
        untaxed_fees=(FeeKind.OTHER,),
        **INCLUSIVE,
        **EXACT_MINIMUM,
    )
    book = Book("2023-09-16", terms=terms)
    book.purchase(5_000_00, "2023-09-25")
    book.to("2023-10-01")
    book.post(FactKind.FEE, 1_000_00, fee=FeeKind.OTHER)
    book.cash(2_000_00, "2023-10-01")
    asked = book.statement("2023-10-15").asked
    assert (asked.parts.interest_paise, asked.parts.fees_paise, asked.parts.tax_paise) == (35_51, 1_100_00, 24_39)
    assert (asked.total_paise, asked.minimum_paise) == (8_159_90, minimum)
    book.check()


def account(limit_paise: int) -> State:
    return replace(Book().state, limit_paise=limit_paise)


def minimum(terms: CardTerms, owed: dict[CardBucket, int], *, limit_paise: int) -> Any:
    parts = minimum_parts(account(limit_paise), owed, terms, billed_before=0)
    return ask(terms, parts, total_paise=sum(owed.values()))


def test_a_minimum_of_two_percent_of_what_was_spent() -> None:
    """2,640.99 of tax, 2,700 of fees, 11,972.18 of interest, and 2,699.99 of what was spent."""
    owed = {
        CardBucket.PURCHASES: 1_34_999_60,
        CardBucket.INTEREST: 11_972_18,
        CardBucket.FEES: 2_700_00,
        CardBucket.TAX: 2_640_99,
    }
    terms = terms_of(minimum_percent=Decimal(2), **EXACT_MINIMUM)
    asked = minimum(terms, owed, limit_paise=2_00_000_00)
    assert (asked.parts.share_paise, asked.minimum_paise) == (2_699_99, 20_013_16)
    # What is above the limit is due too.
    assert minimum(terms, owed, limit_paise=1_30_000_00).minimum_paise == 20_013_16 + 4_999_60


@pytest.mark.parametrize(
    "interest, tax, shared, minimum_due",
    [
        # 30 % of 12,000 are more than the interest of 2,000: 3,600 + 300 + 414.
        (2_000_00, 414_00, 3_600_00, 4_314_00),
        # 30 % of 14,800 are less than the interest of 4,800: 4,800 + 3,000 + 300 + 918.
        (4_800_00, 918_00, 7_800_00, 9_018_00),
        # Without interest nothing is different: 3,000 + 300 + 54.
        (0, 54_00, 3_000_00, 3_354_00),
    ],
)
def test_a_share_of_interest_and_of_what_was_spent(interest: int, tax: int, shared: int, minimum_due: int) -> None:
    owed = {
        CardBucket.PURCHASES: 10_000_00,
        CardBucket.INTEREST: interest,
        CardBucket.FEES: 300_00,
        CardBucket.TAX: tax,
    }
    terms = terms_of(minimum_percent=Decimal(30), minimum_shares_interest=True, **EXACT_MINIMUM)
    asked = minimum(terms, owed, limit_paise=1_00_000_00)
    assert asked.parts.interest_paise + asked.parts.share_paise == shared
    assert (asked.total_paise, asked.minimum_paise) == (10_300_00 + interest + tax, minimum_due)
    # A purchase that is converted to instalments lowers only the share.
    less = ask_without(terms, asked, paise=10_000_00, leaves_limit=False)
    assert less.parts.interest_paise == interest
    assert less.minimum_paise == interest + 300_00 + tax


def test_the_mark_up_of_a_foreign_currency() -> None:
    """100 dollars at 83.50: 8,350.00, a mark-up of 3 % (250.50) and 45.09 of tax: 8,645.59."""
    terms = terms_of(foreign_fee_percent=Decimal(3))
    book = Book("2024-12-01", terms=terms)
    book.to("2024-12-16")
    bought, fee = spend(
        book.state, terms, paise=8_350_00, is_cash=False, currency="USD", value_on=book.today, today=book.today
    )
    assert (fee.fee, fee.amount_paise, fee.of) == (FeeKind.FOREIGN, 250_50, BEFORE)
    number = book.post(bought.kind, bought.amount_paise)
    book.post(fee.kind, fee.amount_paise, of=number, fee=fee.fee)
    assert book.state.balances() == {
        CardBucket.PURCHASES: 8_350_00, CardBucket.FEES: 250_50, CardBucket.TAX: 45_09,
    }  # fmt: skip
    assert book.state.owed_paise == 8_645_59
    book.check()
    # As if it had never been bought: the mark-up and its tax go too.
    book.reverse(number, "2024-12-20")
    assert (book.state.owed_paise, book.state.credit_paise) == (0, 0)
    book.check()


def test_rupees_cost_no_mark_up_and_cash_abroad_both_fees() -> None:
    terms = terms_of(foreign_fee_percent=Decimal("3.5"))
    book = Book(terms=terms)
    more = {"value_on": book.today, "today": book.today}
    (plain,) = spend(book.state, terms, paise=1_000_00, is_cash=False, currency="INR", **more)
    assert plain.kind is FactKind.PURCHASE
    facts = spend(book.state, terms, paise=30_000_00, is_cash=True, currency="EUR", **more)
    assert [(fact.kind, fact.amount_paise) for fact in facts] == [
        (FactKind.CASH_ADVANCE, 30_000_00), (FactKind.FEE, 750_00), (FactKind.FEE, 1_050_00),
    ]  # fmt: skip


def test_a_part_payment_between_two_statements() -> None:
    """10,000 on 14 January, 7,000 paid on 10 February, at 36 % a year: 108.49 for 11 days to the statement, 157.81 for
    16 days to the payment, and 44.38 for 15 days of the rest: 310.68."""
    terms = terms_of(monthly_rate_percent=Decimal(3), minimum_unit_paise=1)
    book = Book("2023-12-26", day=25, terms=terms)
    book.purchase(10_000_00, "2024-01-14")
    assert book.statement("2024-01-25").interest == ()
    book.pay(7_000_00, "2024-02-10")
    (group,) = book.statement("2024-02-25").interest
    assert [(line.days, line.balance_paise) for line in group.lines] == [(27, 10_000_00), (15, 3_000_00)]
    assert group.paise == 310_68
    book.check()


def test_a_minimum_paid_and_a_fresh_purchase() -> None:
    """1,200 on 30 April, 200 paid on 21 May, 1,000 bought on 25 May, at 3.35 % a month: 29.08 for 22 days, 13.22 for 12
    days of the rest, 9.91 for 9 days of the new one: 52.21.

    Dates and amounts were found in a newspaper; the issuer's own page, with rate and interest, was not found again.
    """
    terms = terms_of(
        monthly_rate_percent=Decimal("3.35"), interest_rounded=InterestRounded.PER_LINE, minimum_floor_paise=200_00,
        **INCLUSIVE,
    )  # fmt: skip
    book = Book("2018-04-03", day=2, terms=terms)
    book.purchase(1_200_00, "2018-04-30")
    first = book.statement("2018-05-02")
    assert (first.asked.total_paise, first.asked.minimum_paise, first.due_on) == (1_200_00, 200_00, date(2018, 5, 22))
    book.pay(200_00, "2018-05-21")
    book.purchase(1_000_00, "2018-05-25")
    (group,) = book.statement("2018-06-02").interest
    assert [(line.days, line.balance_paise) for line in group.lines] == [
        (22, 1_200_00), (12, 1_000_00), (9, 1_000_00)
    ]  # fmt: skip
    assert group.paise == 52_21
    book.check()


@pytest.mark.parametrize(
    "spent, interest, instalments, fees, tax, total, minimum_due",
    [
        # 5 % of 26,547.18 are 1,327.36, up to 1,330.00; with 5,444.00, 750.00 and 386.78.
        (25_886_40, 660_78, 5_444_00, 750_00, 386_78, 33_127_96, 7_910_78),
        # 5 % of both would be less than the interest: that is due whole, and 5 % of 1,18,692.00, up to 5,940.00. The
        # page says 17,835.22, which is 0.45 more than its own parts come to.
        (1_18_692_00, 8_390_96, 0, 1_689_35, 1_814_46, 1_30_586_77, 17_834_77),
    ],
)
def test_a_share_that_is_rounded_up_by_itself(
    spent: int, interest: int, instalments: int, fees: int, tax: int, total: int, minimum_due: int
) -> None:
    owed = {
        CardBucket.PURCHASES: spent,
        CardBucket.INTEREST: interest,
        CardBucket.INSTALMENTS: instalments,
        CardBucket.FEES: fees,
        CardBucket.TAX: tax,
    }
    terms = terms_of(minimum_shares_interest=True, minimum_rounds_share=True, minimum_unit_paise=10_00)
    asked = minimum(terms, owed, limit_paise=5_00_000_00)
    assert (asked.total_paise, asked.minimum_paise) == (total, minimum_due)
