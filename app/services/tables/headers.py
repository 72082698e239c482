"""Headers of files: finds the meaning of each column, and explains what a header lacks.

Names are matched without regard to case, and without spaces, underscores and other signs between words. A name may end
in the unit that we expect, such as `(INR)` or `(%)`. A name with any other unit does not match, because an amount in
dollars or a tenure in years would be read wrongly.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from app.services.tables.columns import LayoutUnknown, column_name

#: The names that a meaning may have, in lower case.
Aliases = Mapping[str, Sequence[str]]

_BETWEEN: Final = re.compile(r"[\s_.\-()\[\]{}/:,*]")
RUPEES: Final = ("inr", "rs", "rupees", "\u20b9")
PERCENT: Final = (
    "%",
    "percent",
    "per cent",
    "pa",
    "per annum",
    "% pa",
    "% per annum",
    "percent pa",
    "annual",
    "% annual",
)
DAYS: Final = ("dd mm yyyy", "d m yyyy", "yyyy mm dd", "iso")
MONTHS: Final = ("months", "month", "mths")
YEARS_OLD: Final = ("years", "yrs")
SEPARATORS: Final = {
    ";": "semicolons", "\t": "tabs", "|": "bars (|)", "^": "carets (^)", "~": "tildes (~)", ":": "colons",
    " ": "spaces",
}  # fmt: skip
#: How many names of a header an error message quotes, and how many characters of each.
MOST_QUOTED: Final = 20
LONGEST_QUOTED: Final = 40

Top = Sequence[tuple[int, tuple[str, ...]]]


def squeeze(name: str) -> str:
    """A name in lower case, without spaces and signs between its words."""
    return _BETWEEN.sub("", name).lower()


def match_header(header: Sequence[str], *, aliases: Aliases, units: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The column of each meaning that the header has. Unknown names are ignored.

    Raises `LayoutUnknown` if two columns have the same meaning.
    """
    known = {name: meaning for meaning in aliases for name in _spellings(aliases[meaning], units.get(meaning, ()))}
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        meaning = known.get(squeeze(name))
        if meaning in found:
            both = quote_names([header[found[meaning]], name])
            raise LayoutUnknown(f"the header has two columns for the {meaning.replace('_', ' ')}: {both}", field="file")
        if meaning is not None:
            found[meaning] = position
    return {meaning: column_name(position) for meaning, position in found.items()}


def _spellings(names: Sequence[str], units: Sequence[str]) -> Collection[str]:
    behind = ["", *units, *(f"in {unit}" for unit in units)]
    return {squeeze(name + unit) for name in names for unit in behind}


def says_percent(name: str) -> bool:
    """Whether the name of a column says that its numbers are percentages."""
    return "%" in name or "percent" in squeeze(name)


def require(
    found: Mapping[str, str],
    *,
    header: Sequence[str],
    wanted: Sequence[tuple[str, ...]],
    aliases: Aliases,
    units: Mapping[str, Sequence[str]],
    top: Top,
) -> None:
    """Raises `LayoutUnknown` unless the header has a column for at least one meaning of each group in `wanted`.

    The message says which sign separates the columns if it is not a comma; or in which row the header is if it is not
    the first (`top` are the rows below, with their numbers); or which names were found and which would be understood.
    """
    missing = [ones for ones in wanted if not found.keys() & set(ones)]
    if not missing:
        return

    def is_header(cells: Sequence[str]) -> bool:
        known = {name for meaning in aliases for name in _spellings(aliases[meaning], units.get(meaning, ()))}
        return sum(squeeze(cell) in known for cell in cells) > len(found)

    raise LayoutUnknown(
        _find_header(header, top=top, is_header=is_header) or _explain(header, missing=missing, aliases=aliases),
        field="file",
        missing=[" or ".join(ones) for ones in missing],
    )


def _find_header(header: Sequence[str], *, top: Top, is_header: Callable[[Sequence[str]], bool]) -> str | None:
    for cells in (header, *(cells for _, cells in top)):
        line = ",".join(cells)
        # Any sign may be the separator. Spaces are tried last, because a name may contain them.
        signs = {sign for sign in line if not sign.isalnum() and sign not in ',_"'}
        for sign in sorted(signs, key=lambda sign: (sign == " ", sign)):
            names = line.split(sign)
            if len(names) > 2 and is_header(names):
                return f"the columns are separated by {_name_sign(sign)}: save the file as CSV with commas"
    for number, cells in top:
        if is_header(cells):
            return f"the header is in row {number}: remove the rows above it"
    return None


def _name_sign(sign: str) -> str:
    shown = f"the sign {sign}" if sign.isprintable() else f"the character U+{ord(sign):04X}"
    return SEPARATORS.get(sign, shown)


def _explain(header: Sequence[str], *, missing: Sequence[tuple[str, ...]], aliases: Aliases) -> str:
    names = ", ".join(" or ".join(ones) for ones in missing).replace("_", " ")
    spellings = "; ".join(
        f"{meaning.replace('_', ' ')}: {', '.join(aliases[meaning])}" for ones in missing for meaning in ones
    )
    return (
        f"the header has no column for: {names}. Found: {quote_names(header)}. These names are understood, in"
        f" upper or lower case, with or without spaces and underscores: {spellings}"
    )


def quote_names(header: Sequence[str]) -> str:
    """The names of a header, for an error message. A row of data is not quoted, because it may hold personal data."""
    names = [name for name in header if name]
    if any(re.search("[0-9].*[0-9].*[0-9]|@", name) for name in names):
        return "a row that looks like data and not like names of columns"
    quoted = [f'"{_shorten(name)}"' for name in names[:MOST_QUOTED]]
    return ", ".join(quoted) + (" ..." if len(names) > MOST_QUOTED else "")


def _shorten(name: str) -> str:
    printable = "".join(character for character in name if character.isprintable())
    return printable if len(printable) <= LONGEST_QUOTED else printable[:LONGEST_QUOTED] + "..."
