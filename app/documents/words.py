"""The form of figures and dates in documents: rupees in Indian digit groups, days as `05 Jan 2027`, without locales.

A document is written in one language. A text of a document is a `Text`: the same words in English and in Hindi.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from app.domain.calendar import Frequency
from app.domain.money import format_inr

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS_HINDI = (
    "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर",
)  # fmt: skip
PERIODS = {Frequency.DAY: "दिन", Frequency.WEEK: "सप्ताह", Frequency.MONTH: "माह", Frequency.YEAR: "वर्ष"}


class Language(StrEnum):
    """The language of a document."""

    ENGLISH = "en"
    HINDI = "hi"


class Text(NamedTuple):
    """A text in both languages, with places for figures in braces."""

    en: str
    hi: str

    def to(self, language: Language, **figures: object) -> str:
        """The text in a language, with its figures filled in."""
        words = self.hi if language is Language.HINDI else self.en
        return words.format(**figures) if figures else words


def dated(words: Text, **figures: date | str) -> Text:
    """The text with its figures filled in, its days in each language as that language writes them."""
    return Text(
        *(
            words.to(each, **{name: day(on, each) if isinstance(on, date) else on for name, on in figures.items()})
            for each in Language
        )
    )


def day(on: date | None, language: Language = Language.ENGLISH) -> str:
    """`05 Jan 2027`, in Hindi `05 जनवरी 2027`; a dash for None."""
    if on is None:
        return "–"
    months = _MONTHS_HINDI if language is Language.HINDI else _MONTHS
    return f"{on.day:02d} {months[on.month - 1]} {on.year}"


def rupees(paise: int) -> str:
    """`₹1,00,000.00`."""
    return format_inr(paise)


def amount(paise: int) -> str:
    """`1,00,000.00`, for columns whose head says rupees."""
    return format_inr(paise).replace("₹", "")


def percent(rate: Decimal) -> str:
    """`10.5 %`, without zeros at the end."""
    text = f"{rate:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} %"


def term(count: int, *, every: int, frequency: Frequency, language: Language = Language.ENGLISH) -> str:
    """`24 months`: how long a plan of `count` instalments lasts."""
    length = count * every
    if language is Language.HINDI:
        return f"{length} {PERIODS[frequency]}"
    return f"{length} {frequency.value}{'' if length == 1 else 's'}"
