"""What is said of a file that cannot be read, and the units that a header may name."""

import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from app.services.imports import bank_transactions, customer_rows, loan_rows
from app.services.imports.kinds import CUSTOMERS, LOANS, rows_of
from app.services.imports.transaction_rows import TRANSACTIONS
from app.services.people.customers import IdentityService, make_identity_service
from app.services.tables import headers
from app.services.tables.columns import FileUnreadable, LayoutUnknown
from app.services.tables.files import open_table
from app.settings import Settings

LOANS_HEADER = (
    "Customer ID,Loan ID,Loan Amount,Tenure,Interest Rate,Monthly payment,EMIs paid on Time,Date of Approval,End Date"
)


@pytest.fixture
def identity(settings: Settings) -> IdentityService:
    return make_identity_service(settings)


def workbook(rows: list[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def refusal(path: Path, content: bytes, *, identity: IdentityService, kind: str = TRANSACTIONS) -> tuple[str, str]:
    path.write_bytes(content)
    with pytest.raises((FileUnreadable, LayoutUnknown)) as refused:
        rows_of(kind, table=open_table(path), identity=identity)
    return refused.value.code, refused.value.message


SENTENCES = [
    (b"who,date,amount\n", "layout_unknown", (
        'the header has no column for: user or aadhaar, direction. Found was "who", "date", "amount". Understood, in'
        " upper or lower case, with or without spaces and underscores, would be user: user, user id, customer,"
        " customer id, unique user id; aadhaar: aadhaar, aadhar, aadhaar id, aadhar id, aadhaar number,"
        " aadhar number, aadhaar no;"
        " direction: transaction type, type, txn type"
    )),
    (b"user;date;amount;type\nP1;2026-10-01;5,50;CR\n", "layout_unknown",
     "the columns are separated by semicolons: save the file as CSV with commas"),
    (b"user\tdate\tamount\ttype\n", "layout_unknown",
     "the columns are separated by tabs: save the file as CSV with commas"),
    (b"user|date|amount|type\n", "layout_unknown",
     "the columns are separated by bars (|): save the file as CSV with commas"),
    (b"user^date^amount^type\nP1^2026-10-01^5^CR\n", "layout_unknown",
     "the columns are separated by carets (^): save the file as CSV with commas"),
    (b"User ID~Txn Date~Amount (INR)~Type\n", "layout_unknown",
     "the columns are separated by tildes (~): save the file as CSV with commas"),
    (b"Statement of account, Asha\nuser#date#amount#type\n", "layout_unknown",
     "the columns are separated by the sign #: save the file as CSV with commas"),
    (b"user||date||amount||type\n", "layout_unknown",
     "the columns are separated by bars (|): save the file as CSV with commas"),
    (b"user\x01date\x01amount\x01type\n", "layout_unknown",
     "the columns are separated by the character U+0001: save the file as CSV with commas"),
    (b"user date amount type\n", "layout_unknown",
     "the columns are separated by spaces: save the file as CSV with commas"),
    (b"user:date:amount:type\n", "layout_unknown",
     "the columns are separated by colons: save the file as CSV with commas"),
    (b"Statement of account, Asha\n\nuser;date;amount;type\n", "layout_unknown",
     "the columns are separated by semicolons: save the file as CSV with commas"),
    (b"Statement of account\n\nFrom,1 Oct\nuser,date,amount,type\nP1,2026-10-01,5,CR\n", "layout_unknown",
     "the header is in row 4: take out the rows above it"),
    (workbook([["Statement"], [], ["user", "date", "amount", "type"]]), "layout_unknown",
     "the header is in row 3: take out the rows above it"),
    (b"user,date,amount (USD),type\n", "layout_unknown", (
        'the header has no column for: amount. Found was "user", "date", "amount (USD)", "type". Understood, in'
        " upper or lower case, with or without spaces and underscores, would be amount: amount, transaction amount,"
        " txn amount"
    )),
    (b"user,date,amount,Txn Amount,type\n", "layout_unknown",
     'the header has two columns for the amount: "amount", "Txn Amount"'),
    (b"234123412346,2026-10-01,5,CREDIT\n", "layout_unknown", (
        "the header has no column for: user or aadhaar, date, amount, direction. Found was a row that looks like data,"
        " and not like names of columns."
    )),
    (b"user,date,amount,type\rP1,2026-10-01,5,CR\r", "file_unreadable",
     "its lines end in a carriage return alone: save the file as CSV again"),
    (b"\xef\xbb\xbf<table><tr><td>Date</td></tr></table>", "file_disguised",
     "the file is a web page or XML, as some banks name .xls: open it in a spreadsheet and save it as .xlsx"),
]  # fmt: skip


@pytest.mark.parametrize("content, code, sentence", SENTENCES, ids=range(len(SENTENCES)))
def test_a_file_says_why_it_cannot_be_read(
    tmp_path: Path, identity: IdentityService, content: bytes, code: str, sentence: str
) -> None:
    path = tmp_path / ("f.xlsx" if content.startswith(b"PK") else "f.csv")
    found = refusal(path, content, identity=identity)
    assert found[0] == code
    assert found[1].startswith(sentence)
    assert "2341" not in found[1]


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("f.csv", workbook([["user", "date", "amount", "type"]]),
         "the file is named as text and is a workbook (.xlsx) or an archive: name it so, or save it as CSV"),
        ("f.xlsx", b"user,date,amount,type\n",
         "the file is named as a workbook and is none: if it is CSV, name it .csv"),
        ("f.xls", b"<html><table></table></html>",
         "the file is a web page or XML, as some banks name .xls: open it in a spreadsheet and save it as .xlsx"),
        ("f.xlsx", b"\xd0\xcf\x11\xe0old", "the file is an old workbook (.xls) or locked: save it as .xlsx, unlocked"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says(
    tmp_path: Path, identity: IdentityService, name: str, content: bytes, sentence: str
) -> None:
    assert refusal(tmp_path / name, content, identity=identity) == ("file_disguised", sentence)


@pytest.mark.parametrize(
    "kind, header",
    [
        (TRANSACTIONS, "User ID,Date (DD/MM/YYYY),Amount (INR),Type"),
        (TRANSACTIONS, "aadhar_id,TXN DATE,Transaction Amount (in Rs.),Txn Type"),
        (TRANSACTIONS, "user,date,amount_\u20b9,type"),
        (CUSTOMERS, "Customer ID*,First Name,Last Name,Age (years),Monthly Salary (INR),Approved Limit [Rs]"),
        (LOANS, LOANS_HEADER.replace("Rate", "Rate (%)").replace("Tenure", "Tenure (Months)")),
        (LOANS, LOANS_HEADER.replace("Interest Rate", "Rate (% p.a.)").replace("Loan Amount", "Loan Amount (INR)")),
    ],
)
def test_a_unit_that_we_read_anyway_is_understood(
    tmp_path: Path, identity: IdentityService, kind: str, header: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(header + "\n")
    rows_of(kind, table=open_table(path), identity=identity)


@pytest.mark.parametrize(
    "kind, header, missing",
    [
        (TRANSACTIONS, "user,date (MM/DD/YYYY),amount,type", ["date"]),
        (TRANSACTIONS, "user,date,amount (paise),type", ["amount"]),
        (CUSTOMERS, "Customer ID,First Name,Last Name,Monthly Salary (lakhs),Limit", ["salary"]),
        (LOANS, LOANS_HEADER.replace("Tenure", "Tenure (years)"), ["tenure"]),
        (LOANS, LOANS_HEADER.replace("Interest Rate", "Interest Rate (% per month)"), ["rate"]),
    ],
)
def test_a_unit_that_makes_another_number_of_it_is_not(
    tmp_path: Path, identity: IdentityService, kind: str, header: str, missing: list[str]
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(header + "\n")
    with pytest.raises(LayoutUnknown) as refused:
        rows_of(kind, table=open_table(path), identity=identity)
    assert refused.value.details["missing"] == missing


@pytest.mark.parametrize("kind", [bank_transactions, customer_rows, loan_rows])
def test_no_name_means_two_things(kind: Any) -> None:
    spelled = [
        spelling
        for meaning, names in kind.ALIASES.items()
        for spelling in set(headers._spellings(names, kind.UNITS.get(meaning, ())))
    ]
    assert sorted(set(spelled)) == sorted(spelled)
