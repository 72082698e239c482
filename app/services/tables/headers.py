"""Headers of files: which column is what, and what to tell whoever sent a header that says too little.

A header is matched ignoring case, spaces, underscores and other marks between its words. Behind a name may stand the
unit that we read anyway, such as `(INR)` or `(%)`; any other unit makes it another column, because an amount in dollars
or a tenure in years would be read as something that it is not.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from app.services.tables.columns import LayoutUnknown, column_name

#: What a meaning may be called, in words of lower case.
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
#: Cells of a header that are told back, and how much of each.
MOST_SHOWN: Final = 20
LONGEST_TOLD: Final = 40

Top = Sequence[tuple[int, tuple[str, ...]]]


def squeeze(name: str) -> str:
    """A name without what stands between its words."""
    return _BETWEEN.sub("", name).lower()


def match_header(header: Sequence[str], *, aliases: Aliases, units: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Which column holds what, for the names that mean something to us.

    Raises `LayoutUnknown` where two mean the same.
    """
    known = {name: meaning for meaning in aliases for name in _spellings(aliases[meaning], units.get(meaning, ()))}
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        meaning = known.get(squeeze(name))
        if meaning in found:
            first = tell([header[found[meaning]], name])
            raise LayoutUnknown(
                f"the header has two columns for the {meaning.replace('_', ' ')}: {first}", field="file"
            )
        if meaning is not None:
            found[meaning] = position
    return {meaning: column_name(position) for meaning, position in found.items()}


def _spellings(names: Sequence[str], units: Sequence[str]) -> Collection[str]:
    behind = ["", *units, *(f"in {unit}" for unit in units)]
    return {squeeze(name + unit) for name in names for unit in behind}


def says_percent(name: str) -> bool:
    """Whether a header's name says that numbers under it are percentages."""
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
    """Raises `LayoutUnknown` unless the header has a column for one of each of the wanted meanings.

    It says how the columns are separated, if not by commas; in which row the header is, if in another (`top` are the
    rows below the first, with their numbers); or what was found and what would be understood.
    """
    missing = [ones for ones in wanted if not found.keys() & set(ones)]
    if not missing:
        return

    def is_header(cells: Sequence[str]) -> bool:
        known = {name for meaning in aliases for name in _spellings(aliases[meaning], units.get(meaning, ()))}
        return sum(squeeze(cell) in known for cell in cells) > len(found)

    raise LayoutUnknown(
        _elsewhere(header, top=top, is_header=is_header) or _understood(header, missing=missing, aliases=aliases),
        field="file",
        missing=[" or ".join(ones) for ones in missing],
    )


def _elsewhere(header: Sequence[str], *, top: Top, is_header: Callable[[Sequence[str]], bool]) -> str | None:
    for cells in (header, *(cells for _, cells in top)):
        line = ",".join(cells)
        # Any sign may have been taken for a separator; spaces, which may stand within a name, last of all.
        signs = {sign for sign in line if not sign.isalnum() and sign not in ',_"'}
        for sign in sorted(signs, key=lambda sign: (sign == " ", sign)):
            apart = line.split(sign)
            if len(apart) > 2 and is_header(apart):
                return f"the columns are separated by {_name(sign)}: save the file as CSV with commas"
    for number, cells in top:
        if is_header(cells):
            return f"the header is in row {number}: take out the rows above it"
    return None


def _name(sign: str) -> str:
    shown = f"the sign {sign}" if sign.isprintable() else f"the character U+{ord(sign):04X}"
    return SEPARATORS.get(sign, shown)


def _understood(header: Sequence[str], *, missing: Sequence[tuple[str, ...]], aliases: Aliases) -> str:
    names = ", ".join(" or ".join(ones) for ones in missing).replace("_", " ")
    spellings = "; ".join(
        f"{meaning.replace('_', ' ')}: {', '.join(aliases[meaning])}" for ones in missing for meaning in ones
    )
    return (
        f"the header has no column for: {names}. Found was {tell(header)}. Understood, in upper or lower case, with or"
        f" without spaces and underscores, would be {spellings}"
    )


def tell(header: Sequence[str]) -> str:
    """The names of a header, to be read by who sent it. A row of data is not told: it may hold anything."""
    names = [name for name in header if name]
    if any(re.search("[0-9].*[0-9].*[0-9]|@", name) for name in names):
        return "a row that looks like data, and not like names of columns"
    shown = [f'"{_plain(name)}"' for name in names[:MOST_SHOWN]]
    return ", ".join(shown) + (" ..." if len(names) > MOST_SHOWN else "")


def _plain(name: str) -> str:
    kept = "".join(character for character in name if character.isprintable())
    return kept if len(kept) <= LONGEST_TOLD else kept[:LONGEST_TOLD] + "..."
