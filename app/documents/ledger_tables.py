"""The journal and the transfers as rows of tables.

An amount has two columns: rupees for people, and whole paise for programs, because a spreadsheet keeps amounts as
binary fractions.
"""

from typing import Final

from app.documents.table_columns import Column, Kind, Row
from app.domain.accounting.chart import Chart
from app.domain.accounting.journal import JournalDay

JOURNAL_COLUMNS: Final = (
    Column("date", Kind.DAY), Column("code"), Column("account"), Column("nature"), Column("book"), Column("product"),
    Column("debit", Kind.PAISE), Column("credit", Kind.PAISE), Column("debit_paise", Kind.NUMBER),
    Column("credit_paise", Kind.NUMBER), Column("transfers", Kind.NUMBER),
)  # fmt: skip
TRANSFER_COLUMNS: Final = (
    Column("booked_on", Kind.DAY), Column("value_date", Kind.DAY), Column("book"), Column("of"),
    Column("number", Kind.NUMBER), Column("product"), Column("kind"), Column("debit_code"), Column("debit_account"),
    Column("credit_code"), Column("credit_account"), Column("amount", Kind.PAISE),
    Column("amount_paise", Kind.NUMBER),
)  # fmt: skip


def journal_rows(day: JournalDay, chart: Chart) -> list[Row]:
    """The lines of a day, in order of their codes."""
    rows = []
    for line in day.lines:
        entry = chart[line.key]
        rows.append(
            (
                day.on, entry.code, entry.name, entry.nature.value, line.book.value, line.product, line.debit_paise,
                line.credit_paise, line.debit_paise, line.credit_paise, line.transfers,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row[1], row[4], row[5]))
