"""The books as files: the rows of the journal, and vouchers that sum to nothing."""

import io
from datetime import date
from xml.etree import ElementTree

import polars as pl

from app.documents import tally
from app.documents.ledger_tables import JOURNAL_COLUMNS, journal_rows
from app.documents.table_csv import csv_rows
from app.documents.table_xlsx import TableWorkbook
from app.domain.accounting.chart import BUILT_IN, Book, ChartChange, LedgerAccount, change_chart
from app.domain.accounting.journal import JournalDay, Moved, by_account

DAY = JournalDay(
    date(2026, 12, 21),
    by_account(
        [
            Moved(Book.LOANS, "CCL", "principal", "cash", 12_34_56_789_05, 3),
            Moved(Book.LOANS, "CCL", "cash", "interest", 1_200_00, 1),
            Moved(Book.CARDS, "REV", "purchases", "settlement_payable", 5, 1),
        ]
    ),
)


def test_the_journal_as_rows() -> None:
    assert csv_rows(JOURNAL_COLUMNS, journal_rows(DAY, BUILT_IN)).decode().splitlines() == [
        "2026-12-21,1010,Loans: bank,asset,loans,CCL,1200.00,123456789.05,120000,12345678905,4",
        "2026-12-21,1110,Loans: principal,asset,loans,CCL,123456789.05,0.00,12345678905,0,3",
        "2026-12-21,1120,Loans: interest billed,asset,loans,CCL,0.00,1200.00,0,120000,1",
        "2026-12-21,1210,Cards: purchases,asset,cards,REV,0.05,0.00,5,0,1",
        "2026-12-21,2220,Cards: payable to the network,liability,cards,REV,0.00,0.05,0,5,1",
    ]


def test_the_journal_as_a_workbook() -> None:
    book = TableWorkbook(JOURNAL_COLUMNS, sheet="Journal")
    found = pl.read_excel(io.BytesIO(book.add(journal_rows(DAY, BUILT_IN)) + book.end()))
    assert found.columns == [each.name for each in JOURNAL_COLUMNS]
    assert found["debit_paise"].to_list() == [120000, 12345678905, 0, 5, 0]
    assert found["credit"].to_list() == [123456789.05, 0.0, 1200.0, 0.0, 0.05]
    assert found["date"].to_list() == [date(2026, 12, 21)] * 5


def parsed(*parts: str) -> ElementTree.Element:
    return ElementTree.fromstring("".join(parts))


def test_the_xml_of_an_account_and_of_a_day() -> None:
    """The envelope and the tags are those of TallyPrime's developer reference (Case Study I, and Understanding
    Integration: Transactions): masters and vouchers in files of their own, a date without separators, a debit that is
    deemed positive with a negative amount."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ENVELOPE>\n <HEADER>\n  <VERSION>1</VERSION>\n'
        "  <TALLYREQUEST>Import</TALLYREQUEST>\n  <TYPE>Data</TYPE>\n  <ID>{}</ID>\n </HEADER>\n <BODY>\n  <DESC>\n"
        "   <STATICVARIABLES>\n    <IMPORTDUPS>@@DUPCOMBINE</IMPORTDUPS>\n   </STATICVARIABLES>\n  </DESC>\n  <DATA>\n"
    )
    tail = "  </DATA>\n </BODY>\n</ENVELOPE>\n"
    assert (head.format("All Masters"), head.format("Vouchers")) == (tally.LEDGERS_HEAD, tally.VOUCHERS_HEAD)
    assert tail == tally.TAIL
    principal = LedgerAccount(Book.LOANS, "principal")
    chart = change_chart(BUILT_IN, [ChartChange(principal, "1110", 'Loans & "advances" of Asha\'s')])
    account = next(each for each in tally.ledgers(chart) if "Asha" in each)
    name = "Loans &amp; &quot;advances&quot; of Asha's"
    assert account == (
        f'   <TALLYMESSAGE>\n    <LEDGER NAME="{name}" ACTION="Create">\n     <NAME>{name}</NAME>\n'
        "     <PARENT>Loans &amp; Advances (Asset)</PARENT>\n     <LANGUAGENAME.LIST>\n"
        f'      <NAME.LIST TYPE="String">\n       <NAME>{name}</NAME>\n       <NAME>1110</NAME>\n      </NAME.LIST>\n'
        "      <LANGUAGEID>1033</LANGUAGEID>\n     </LANGUAGENAME.LIST>\n    </LEDGER>\n   </TALLYMESSAGE>\n"
    )
    day = JournalDay(DAY.on, by_account([Moved(Book.LOANS, "CCL", "principal", "cash", 12_34_56_789_05, 1)]))
    assert tally.voucher(day, chart) == (
        '   <TALLYMESSAGE>\n    <VOUCHER REMOTEID="kist-journal-20261221" VCHTYPE="Journal" ACTION="Create"'
        ' OBJVIEW="Accounting Voucher View">\n'
        "     <DATE>20261221</DATE>\n     <EFFECTIVEDATE>20261221</EFFECTIVEDATE>\n"
        "     <VOUCHERTYPENAME>Journal</VOUCHERTYPENAME>\n     <VOUCHERNUMBER>KIST-20261221</VOUCHERNUMBER>\n"
        "     <NARRATION>Kist: 1 transfers booked on 21 Dec 2026</NARRATION>\n"
        "     <PERSISTEDVIEW>Accounting Voucher View</PERSISTEDVIEW>\n     <ISINVOICE>No</ISINVOICE>\n"
        "     <ALLLEDGERENTRIES.LIST>\n      <LEDGERNAME>Loans: bank</LEDGERNAME>\n"
        "      <ISDEEMEDPOSITIVE>No</ISDEEMEDPOSITIVE>\n      <AMOUNT>123456789.05</AMOUNT>\n"
        "     </ALLLEDGERENTRIES.LIST>\n"
        f"     <ALLLEDGERENTRIES.LIST>\n      <LEDGERNAME>{name}</LEDGERNAME>\n"
        "      <ISDEEMEDPOSITIVE>Yes</ISDEEMEDPOSITIVE>\n      <AMOUNT>-123456789.05</AMOUNT>\n"
        "     </ALLLEDGERENTRIES.LIST>\n    </VOUCHER>\n   </TALLYMESSAGE>\n"
    )


def test_a_voucher_sums_to_nothing_and_marks_its_debits() -> None:
    found = parsed(tally.VOUCHERS_HEAD, tally.voucher(DAY, BUILT_IN), tally.TAIL)
    (voucher,) = found.iter("VOUCHER")
    assert voucher.attrib == {
        "REMOTEID": "kist-journal-20261221", "VCHTYPE": "Journal", "ACTION": "Create",
        "OBJVIEW": "Accounting Voucher View",
    }  # fmt: skip
    assert [voucher.findtext(name) for name in ("DATE", "VOUCHERTYPENAME", "VOUCHERNUMBER", "NARRATION")] == [
        "20261221", "Journal", "KIST-20261221", "Kist: 5 transfers booked on 21 Dec 2026",
    ]  # fmt: skip
    entries = [
        (one.findtext("LEDGERNAME"), one.findtext("ISDEEMEDPOSITIVE"), one.findtext("AMOUNT"))
        for one in voucher.iter("ALLLEDGERENTRIES.LIST")
    ]
    assert entries == [
        ("Loans: bank", "Yes", "-1200.00"),
        ("Loans: bank", "No", "123456789.05"),
        ("Loans: principal", "Yes", "-123456789.05"),
        ("Loans: interest billed", "No", "1200.00"),
        ("Cards: purchases", "Yes", "-0.05"),
        ("Cards: payable to the network", "No", "0.05"),
    ]
    assert sum(round(float(amount or 0) * 100) for _, _, amount in entries) == 0
    assert found.findtext("HEADER/TALLYREQUEST") == "Import"
    assert found.findtext("HEADER/ID") == "Vouchers"


def test_names_are_escaped_and_accounts_of_one_name_are_one() -> None:
    name = 'Bank "A" & Co\'s खाता'
    chart = change_chart(
        BUILT_IN, [ChartChange(LedgerAccount(book, "cash"), "B1", name) for book in (Book.LOANS, Book.CARDS)]
    )
    day = JournalDay(DAY.on, by_account([Moved(Book.LOANS, "A", "principal", "cash", 700, 1),
                                         Moved(Book.CARDS, "B", "cash", "purchases", 200, 1)]))  # fmt: skip
    found = parsed(tally.VOUCHERS_HEAD, tally.voucher(day, chart), tally.TAIL)
    amounts = [
        one.findtext("AMOUNT") for one in found.iter("ALLLEDGERENTRIES.LIST") if one.findtext("LEDGERNAME") == name
    ]
    assert amounts == ["-2.00", "7.00"]
    masters = parsed(tally.LEDGERS_HEAD, *tally.ledgers(chart), tally.TAIL)
    names = [one.attrib["NAME"] for one in masters.iter("LEDGER")]
    assert names.count(name) == 1
    assert len(names) == len(BUILT_IN) - 1
    assert {one.findtext("PARENT") for one in masters.iter("LEDGER")} == {
        "Loans & Advances (Asset)", "Current Liabilities", "Direct Incomes", "Indirect Expenses", "Current Assets",
    }  # fmt: skip
