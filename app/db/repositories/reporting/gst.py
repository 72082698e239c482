"""Tax documents of loans: postings of tax that have none yet, the documents, and the sums of a month."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import GstDocument
from app.db.repositories.lending.loans import LoanKey
from app.domain.reporting.gst import DocumentKey, DocumentKind, LoanTaxKey, ReportLine, TaxDocument, TaxedPosting

_IS_TAX = "(t.debit = 'gst_payable' OR t.credit = 'gst_payable')"
# Every posting of a business date is numbered before those of a later one, so older days have none left. The taxable
# amount is posted right before its tax. A charge for an event is found by its number, a fee by its place: the fees of a
# disbursal are posted in the order of their rows. The credit note of a waiver names its charge as the charge itself
# does, by its number or by its bill.
_UNDOCUMENTED = text(
    f"""
SELECT t.customer_id, t.loan_id, t.number, t.value_date, t.booked_on, charged.kind AS charge, known.name,
       coalesce(known.sac, CASE WHEN charged.kind = 'prepayment_charge'
                                THEN p.terms #>> '{{repayment,charges,prepayment,sac}}' END) AS sac,
       charged.amount_paise AS taxable_paise, t.amount_paise AS tax_paise, c.gst_state,
       coalesce(t.reverses, waived.number) AS of_number, t.debit = 'gst_payable' AS is_credit
FROM transfers AS t
JOIN transfers AS charged ON charged.customer_id = t.customer_id AND charged.loan_id = t.loan_id
                         AND charged.number = t.number - 1
JOIN loans AS l ON l.customer_id = t.customer_id AND l.id = t.loan_id
JOIN customers AS c ON c.customer_id = t.customer_id
JOIN products AS p ON p.code = l.product_code AND p.version = l.product_version
LEFT JOIN gst_documents AS d ON d.customer_id = t.customer_id AND d.loan_id = t.loan_id
                            AND d.transfer_number = t.number
LEFT JOIN LATERAL (
    SELECT b.name, b.sac FROM loan_charges AS b
    WHERE b.customer_id = t.customer_id AND b.loan_id = t.loan_id
      AND CASE WHEN charged.kind = 'fee' THEN b.kind = 'fee' ELSE b.id = t.payment_id END
    ORDER BY b.id
    OFFSET CASE WHEN charged.kind = 'fee' THEN (
        SELECT count(*) FROM transfers AS f
        WHERE f.customer_id = t.customer_id AND f.loan_id = t.loan_id AND f.kind = 'fee'
          AND f.credit <> 'gst_payable' AND f.number < charged.number) ELSE 0 END
    LIMIT 1
) AS known ON true
LEFT JOIN LATERAL (
    SELECT max(i.number) AS number FROM transfers AS i
    WHERE t.kind = 'credit_note' AND i.customer_id = t.customer_id AND i.loan_id = t.loan_id AND i.number < t.number
      AND i.credit = 'gst_payable' AND i.reverses IS NULL
      AND i.payment_id IS NOT DISTINCT FROM t.payment_id AND i.cycle IS NOT DISTINCT FROM t.cycle
) AS waived ON true
WHERE {_IS_TAX} AND d.customer_id IS NULL AND t.booked_on < :before
  AND t.booked_on >= coalesce((SELECT max(booked_on) FROM gst_documents), DATE '0001-01-01')
ORDER BY t.booked_on, t.customer_id, t.loan_id, t.number
LIMIT :most
"""  # noqa: S608 - only names of our own accounts are put in
)
_LOCK_SERIES = text("SELECT year, kind, last_number FROM gst_series FOR UPDATE")
_PUT_SERIES = text(
    "INSERT INTO gst_series (year, kind, last_number) VALUES (:year, :kind, :last_number) "
    "ON CONFLICT (year, kind) DO UPDATE SET last_number = excluded.last_number"
)
_ONE_WRITER = text("LOCK TABLE gst_series IN SHARE ROW EXCLUSIVE MODE")


async def list_undocumented(session: AsyncSession, *, before: date, most: int) -> list[TaxedPosting]:
    """The transfers of tax of business dates before a day that have no document yet, in order."""
    rows = await session.execute(_UNDOCUMENTED, {"before": before, "most": most})
    return [
        TaxedPosting(
            key=LoanTaxKey(row.customer_id, row.loan_id, row.number),
            kind=_kind(is_credit=row.is_credit, is_first=row.of_number is None),
            supplied_on=row.value_date,
            booked_on=row.booked_on,
            charge=row.charge,
            name=row.name,
            sac=row.sac,
            taxable_paise=row.taxable_paise if row.of_number is None else None,
            tax_paise=row.tax_paise,
            customer_state=row.gst_state,
            of=None if row.of_number is None else LoanTaxKey(row.customer_id, row.loan_id, row.of_number),
        )
        for row in rows
    ]


def _kind(*, is_credit: bool, is_first: bool) -> DocumentKind:
    if is_credit:
        return DocumentKind.CREDIT_NOTE
    return DocumentKind.INVOICE if is_first else DocumentKind.DEBIT_NOTE


async def lock_series(session: AsyncSession) -> dict[tuple[str, DocumentKind], int]:
    """The last number of each series. Until the transaction ends, nobody else gives numbers."""
    await session.execute(_ONE_WRITER)
    return {(row.year, DocumentKind(row.kind)): row.last_number for row in await session.execute(_LOCK_SERIES)}


async def put_series(session: AsyncSession, last: dict[tuple[str, DocumentKind], int]) -> None:
    """Writes the last number of each series."""
    for (year, kind), number in last.items():
        await session.execute(_PUT_SERIES, {"year": year, "kind": kind.value, "last_number": number})


async def add_documents(session: AsyncSession, documents: Sequence[TaxDocument], *, now: datetime) -> None:
    """Writes documents of loans."""
    rows = []
    for each in documents:
        assert isinstance(each.key, LoanTaxKey), "the document is one of a loan"
        of = None if each.of is None else each.of[2]
        rows.append({**each.key._asdict(), **document_values(each), "of_transfer": of, "made_at": now})
    if rows:
        await session.execute(insert(GstDocument), rows)


def document_values(document: TaxDocument) -> dict[str, object]:
    """The columns that documents of loans and of card accounts have in common."""
    return {
        "kind": document.kind.value,
        "number": document.number,
        "supplied_on": document.supplied_on,
        "booked_on": document.booked_on,
        "charge": document.charge,
        "name": document.name,
        "sac": document.sac,
        "place": document.place,
        "taxable_paise": document.taxable_paise,
        "central_paise": document.central_paise,
        "state_paise": document.state_paise,
        "integrated_paise": document.integrated_paise,
    }


_OF_LOANS = text(
    """
SELECT d.* FROM gst_documents AS d
JOIN unnest(CAST(:customer_ids AS bigint[]), CAST(:loan_ids AS bigint[])) AS n(customer_id, loan_id)
  ON n.customer_id = d.customer_id AND n.loan_id = d.loan_id
WHERE d.customer_id = ANY(CAST(:customer_ids AS bigint[]))
ORDER BY d.customer_id, d.loan_id, d.transfer_number
"""
)


async def list_documents(session: AsyncSession, keys: Collection[LoanKey]) -> list[TaxDocument]:
    """The documents of some loans, in the order of their transfers."""
    values = {"customer_ids": [key.customer_id for key in keys], "loan_ids": [key.loan_id for key in keys]}
    return [
        document_of(
            row,
            key=LoanTaxKey(row.customer_id, row.loan_id, row.transfer_number),
            of=None if row.of_transfer is None else LoanTaxKey(row.customer_id, row.loan_id, row.of_transfer),
        )
        for row in await session.execute(_OF_LOANS, values)
    ]


def document_of(row: Any, *, key: DocumentKey, of: DocumentKey | None) -> TaxDocument:
    """A document from its row."""
    return TaxDocument(
        key=key,
        kind=DocumentKind(row.kind),
        number=row.number,
        supplied_on=row.supplied_on,
        booked_on=row.booked_on,
        charge=row.charge,
        name=row.name,
        sac=row.sac,
        place=row.place,
        taxable_paise=row.taxable_paise,
        central_paise=row.central_paise,
        state_paise=row.state_paise,
        integrated_paise=row.integrated_paise,
        of=of,
    )


MONTH = """
SELECT kind, place, sac, count(*) AS documents, sum(taxable_paise)::bigint AS taxable_paise,
       sum(central_paise)::bigint AS central_paise, sum(state_paise)::bigint AS state_paise,
       sum(integrated_paise)::bigint AS integrated_paise
FROM {table} WHERE booked_on >= :since AND booked_on < :before
GROUP BY kind, place, sac
"""
_MONTH = text(MONTH.format(table="gst_documents"))
_LEDGER = text(
    f"""
SELECT coalesce(sum(CASE WHEN t.credit = 'gst_payable' THEN t.amount_paise ELSE -t.amount_paise END), 0)::bigint
FROM transfers AS t WHERE {_IS_TAX} AND t.booked_on >= :since AND t.booked_on < :before
"""  # noqa: S608 - only names of our own accounts are put in
)


async def sum_documents(session: AsyncSession, *, since: date, before: date) -> list[ReportLine]:
    """The documents of loans of the business dates of a time, by kind, place and service."""
    return [report_line(row) for row in await session.execute(_MONTH, {"since": since, "before": before})]


def report_line(row: Any) -> ReportLine:
    """A line of the report from its row."""
    return ReportLine(
        kind=DocumentKind(row.kind),
        place=row.place,
        sac=row.sac,
        documents=row.documents,
        taxable_paise=row.taxable_paise,
        central_paise=row.central_paise,
        state_paise=row.state_paise,
        integrated_paise=row.integrated_paise,
    )


async def sum_ledger_tax(session: AsyncSession, *, since: date, before: date) -> int:
    """How much tax the ledger of loans booked in a time, less what it took back, in paise."""
    return int((await session.execute(_LEDGER, {"since": since, "before": before})).scalar_one())
