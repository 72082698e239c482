"""The journal as XML that TallyPrime imports: a voucher for each day, with the debits and credits of each account.

A debit is `ISDEEMEDPOSITIVE` Yes with a negative amount, a credit is No with a positive one; the amounts of a voucher
sum to 0. A voucher is known by its REMOTEID, which is made from its day, so a day has the same voucher whenever it is
exported. The accounts must exist in Tally before: `ledgers` makes them, each with its code as an alias. An account that
is there already is combined with the new one, which has no opening balance, so it stays as it is.
Source: TallyPrime's developer reference, "Case Study I" and "Understanding Integration: Transactions"; see
docs/accounting.md.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from app.domain.accounting.chart import Chart, ChartEntry, Nature
from app.domain.accounting.journal import JournalDay
from app.domain.money import paise_to_rupees

_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<ENVELOPE>
 <HEADER>
  <VERSION>1</VERSION>
  <TALLYREQUEST>Import</TALLYREQUEST>
  <TYPE>Data</TYPE>
  <ID>{what}</ID>
 </HEADER>
 <BODY>
  <DESC>
   <STATICVARIABLES>
    <IMPORTDUPS>@@DUPCOMBINE</IMPORTDUPS>
   </STATICVARIABLES>
  </DESC>
  <DATA>
"""
TAIL: Final = """  </DATA>
 </BODY>
</ENVELOPE>
"""
VOUCHERS_HEAD: Final = _HEAD.format(what="Vouchers")
LEDGERS_HEAD: Final = _HEAD.format(what="All Masters")
#: The group of Tally that a new account is made in. Bank is a clearing account there, because a journal of Tally takes
#: no bank account unless it is told to.
_GROUPS: Final = {
    Nature.ASSET: "Loans & Advances (Asset)",
    Nature.LIABILITY: "Current Liabilities",
    Nature.INCOME: "Direct Incomes",
    Nature.EXPENSE: "Indirect Expenses",
}
_CLEARING: Final = "Current Assets"
#: English, as Tally numbers languages.
_LANGUAGE: Final = 1033


def voucher(day: JournalDay, chart: Chart) -> str:
    """The voucher of a day. Accounts of one name are one account."""
    sums: dict[tuple[str, str], list[int]] = {}
    for line in day.lines:
        entry = chart[line.key]
        found = sums.setdefault((entry.code, entry.name), [0, 0])
        found[0] += line.debit_paise
        found[1] += line.credit_paise
    compact = f"{day.on:%Y%m%d}"
    transfers = sum(line.transfers for line in day.lines) // 2
    entries = "".join(_entries(name, *sides) for (_, name), sides in sorted(sums.items()))
    return (
        "   <TALLYMESSAGE>\n"
        f'    <VOUCHER REMOTEID="kist-journal-{compact}" VCHTYPE="Journal" ACTION="Create"'
        ' OBJVIEW="Accounting Voucher View">\n'
        f"     <DATE>{compact}</DATE>\n"
        f"     <EFFECTIVEDATE>{compact}</EFFECTIVEDATE>\n"
        "     <VOUCHERTYPENAME>Journal</VOUCHERTYPENAME>\n"
        f"     <VOUCHERNUMBER>KIST-{compact}</VOUCHERNUMBER>\n"
        f"     <NARRATION>{_escape(_narration(day.on, transfers))}</NARRATION>\n"
        "     <PERSISTEDVIEW>Accounting Voucher View</PERSISTEDVIEW>\n"
        "     <ISINVOICE>No</ISINVOICE>\n"
        f"{entries}"
        "    </VOUCHER>\n"
        "   </TALLYMESSAGE>\n"
    )


def ledgers(chart: Chart) -> Iterable[str]:
    """The accounts of the chart, each name once, in order of their codes."""
    made = set()
    for entry in sorted(chart.values(), key=lambda each: each.code):
        if entry.name.casefold() not in made:
            made.add(entry.name.casefold())
            yield _ledger(entry)


def _escape(text: str) -> str:
    """The text as XML has it. An apostrophe stays: Tally writes no reference by a number of base sixteen."""
    return escape(text, {'"': "&quot;"})


def _ledger(entry: ChartEntry) -> str:
    group = _CLEARING if entry.key.account == "cash" else _GROUPS[entry.nature]
    name = _escape(entry.name)
    return (
        "   <TALLYMESSAGE>\n"
        f'    <LEDGER NAME="{name}" ACTION="Create">\n'
        f"     <NAME>{name}</NAME>\n"
        f"     <PARENT>{_escape(group)}</PARENT>\n"
        "     <LANGUAGENAME.LIST>\n"
        '      <NAME.LIST TYPE="String">\n'
        f"       <NAME>{name}</NAME>\n"
        f"       <NAME>{_escape(entry.code)}</NAME>\n"
        "      </NAME.LIST>\n"
        f"      <LANGUAGEID>{_LANGUAGE}</LANGUAGEID>\n"
        "     </LANGUAGENAME.LIST>\n"
        "    </LEDGER>\n"
        "   </TALLYMESSAGE>\n"
    )


def _narration(on: date, transfers: int) -> str:
    return f"Kist: {transfers} transfers booked on {on:%d %b %Y}"


def _entries(name: str, debit_paise: int, credit_paise: int) -> str:
    debit = _entry(name, -debit_paise, is_debit=True) if debit_paise else ""
    return debit + (_entry(name, credit_paise, is_debit=False) if credit_paise else "")


def _entry(name: str, paise: int, *, is_debit: bool) -> str:
    return (
        "     <ALLLEDGERENTRIES.LIST>\n"
        f"      <LEDGERNAME>{_escape(name)}</LEDGERNAME>\n"
        f"      <ISDEEMEDPOSITIVE>{'Yes' if is_debit else 'No'}</ISDEEMEDPOSITIVE>\n"
        f"      <AMOUNT>{paise_to_rupees(paise)}</AMOUNT>\n"
        "     </ALLLEDGERENTRIES.LIST>\n"
    )
