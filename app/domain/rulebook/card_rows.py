"""The rows about cards. A card's interest, fees and late fee bear tax; a loan's penal charge bears none."""

from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.rulebook.kinds import CARDS
from app.domain.rulebook.rules import Counted, Rule, RuleRow, Source, Sureness, Unit

_NOW = "Credit Card and Debit Card Directions, 2025, of the kind of lender"
_CARDS = Source("RBI/2022-23/92", _NOW)
#: What a good secondary source says of them.
_CARDS_READ = Source("RBI/2022-23/92", _NOW, Sureness.MEDIUM)
_CARD_NPA = Source("RBI circular of 2015-07-16 on card accounts", _NOW)
_TAX = Source("Notification 12/2017-Central Tax (Rate), entry 27", "Notification 12/2017-Central Tax (Rate)")
_DIRECTIONS, _LATER_PARTS = date(2022, 7, 1), date(2022, 10, 1)

ROWS: Final = (
    RuleRow(
        Rule.CARD_DUE_AFTER_DAYS, 14, Unit.DAYS, "a card's due date is at least so long after its statement",
        _CARDS_READ, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_LATE_AFTER_DAYS, 3, Unit.DAYS,
        "a card is reported past due and charged only when it is past due for more days than this, counted from the "
        "due date; the charge is only on what is outstanding after that date",
        _CARDS, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_GST_PERCENT, Decimal(18), Unit.PERCENT,
        "tax on a card's interest, fees and late fee, by the day of the posting",
        _TAX, date(2017, 7, 1), products=CARDS,
    ),
    RuleRow(
        Rule.NPA_AFTER_DAYS, 90, Unit.DAYS, "a card whose minimum due is not paid so long is non-performing",
        _CARD_NPA, date(2015, 7, 16), counted=Counted.DAY_END, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_MINIMUM_COVERS_GROWTH, 1, Unit.DUTY, "the minimum due never lets the balance grow",
        _CARDS, _LATER_PARTS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_CHARGES_BEAR_NO_INTEREST, 1, Unit.DUTY, "unpaid charges, levies and taxes bear no interest",
        _CARDS, _LATER_PARTS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_REFUND_COUNTS_AT_ONCE, 1, Unit.DUTY, "a refund before the due date counts against what is due",
        _CARDS_READ, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_REFUND_CONSENT_PERCENT, Decimal(1), Unit.PERCENT,
        "what a refund or a reversal of a paid purchase leaves as credit is kept only with the holder's consent, above "
        "this share of the limit or the amount beside it, the lower",
        _CARDS_READ, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_REFUND_CONSENT_PAISE, 5_000 * 100, Unit.PAISE,
        "the same: above this amount, where it is lower than the share of the limit",
        _CARDS_READ, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_REFUND_ANSWER_DAYS, 7, Unit.DAYS,
        "without the holder's consent in so many days such a credit is paid to the bank account",
        _CARDS_READ, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_CREDIT_PAID_WITHIN_WORKING_DAYS, 3, Unit.WORKING_DAYS,
        "a credit balance that the holder asks for is on the bank account so soon",
        _CARDS_READ, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_OVER_LIMIT_ON_CONSENT, 1, Unit.DUTY,
        "a card goes over its limit only with the holder's consent; the limit includes interest and charges",
        _CARDS_READ, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_CLOSE_WITHIN_WORKING_DAYS, 7, Unit.WORKING_DAYS, "a card is closed so soon after the request",
        _CARDS, _DIRECTIONS, products=CARDS,
    ),
    RuleRow(
        Rule.CARD_CLOSE_PENALTY_PAISE, 500 * 100, Unit.PAISE,
        "for each day of delay the holder gets this, where nothing is owed",
        _CARDS, _DIRECTIONS, products=CARDS,
    ),
)  # fmt: skip
