"""The rows about payments that a borrower authorised in advance: e-mandates, UPI AutoPay, NACH."""

from datetime import date
from typing import Final

from app.domain.rulebook.kinds import CARDS
from app.domain.rulebook.rules import Rule, RuleRow, Source, Unit

_RUPEE, _HOUR = 100, 60
_E_MANDATE = Source("RBI E-mandate Framework, 2026", "E-mandate Framework, 2026")
_AUTOPAY = Source("NPCI circular on UPI AutoPay, 2025", "UPI procedural guidelines")
_NACH = Source("NPCI circular 008 on NACH", "NACH procedural guidelines")

ROWS: Final = (
    RuleRow(
        Rule.E_MANDATE_FREE_PAISE, 15_000 * _RUPEE, Unit.PAISE, "what an e-mandate collects without a second factor",
        _E_MANDATE, date(2026, 4, 21),
    ),
    RuleRow(
        Rule.E_MANDATE_CARD_BILL_FREE_PAISE, 100_000 * _RUPEE, Unit.PAISE,
        "the same for a card bill; not for an instalment of a loan",
        _E_MANDATE, date(2026, 4, 21), products=CARDS,
    ),
    RuleRow(
        Rule.E_MANDATE_NOTICE_HOURS, 24, Unit.HOURS, "how long before a collection the payer is told",
        _E_MANDATE, date(2026, 4, 21),
    ),
    RuleRow(
        Rule.UPI_AUTOPAY_ATTEMPTS, 4, Unit.TIMES, "how often a collection of a cycle is tried, the first time included",
        _AUTOPAY, date(2025, 8, 1),
    ),
    RuleRow(
        Rule.UPI_AUTOPAY_MINUTES, (0, 10 * _HOUR, 13 * _HOUR, 17 * _HOUR, 21 * _HOUR + 30, 24 * _HOUR),
        Unit.MINUTES_OF_DAY, "the minutes of a day in which collections are executed",
        _AUTOPAY, date(2025, 8, 1),
    ),
    RuleRow(
        Rule.NACH_MANDATE_YEARS, 30, Unit.YEARS, "the longest a mandate may run; it names its last day",
        _NACH, date(2023, 10, 1),
    ),
)  # fmt: skip
