"""Tax documents of card accounts: rows of charges that have none yet, the documents, and the sums of a month."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import CardGstDocument
from app.db.repositories.reporting.gst import MONTH, document_of, document_values, report_line
from app.domain.reporting.gst import CardTaxKey, DocumentKind, ReportLine, TaxDocument, TaxedPosting


class CardAccountOf(NamedTuple):
    """A card account by its customer."""

    customer_id: int
    account_id: int


# What was charged to an account is rows of changes: the first of a posting is charged, a later one takes some of it
# back or charges it after all. A row that a replay found was booked with the posting that made the account live again.
# The ledger of a day says in which accounts to look.
_UNDOCUMENTED = text(
    """
WITH taxed AS (
    SELECT DISTINCT t.customer_id, t.account_id, t.posting, t.booked_on FROM card_transfers AS t
    WHERE t.booked_on < :before AND (t.debit = 'gst_payable' OR t.credit = 'gst_payable' OR t.is_laying)
      AND t.booked_on >= coalesce((SELECT max(booked_on) FROM card_gst_documents), DATE '0001-01-01')
)
SELECT x.*, t.booked_on, first.found_by AS first_found_by, charged.fee, c.gst_state,
       p.terms #>> '{card,sac}' AS sac
FROM taxed AS t
JOIN card_charges AS x ON x.customer_id = t.customer_id AND x.account_id = t.account_id AND x.tax_paise <> 0
                      AND CASE WHEN x.found_by = 0 THEN x.posting ELSE x.found_by END = t.posting
JOIN card_accounts AS a ON a.customer_id = t.customer_id AND a.id = t.account_id
JOIN customers AS c ON c.customer_id = t.customer_id
JOIN products AS p ON p.code = a.product_code AND p.version = a.product_version
JOIN LATERAL (
    SELECT f.found_by FROM card_charges AS f
    WHERE f.customer_id = x.customer_id AND f.account_id = x.account_id AND f.cause = x.cause
      AND f.cause_number = x.cause_number AND f.cause_of = x.cause_of AND f.posting = x.posting AND f.tax_paise <> 0
    ORDER BY f.found_by LIMIT 1
) AS first ON true
LEFT JOIN card_postings AS charged ON charged.customer_id = x.customer_id AND charged.account_id = x.account_id
                                  AND x.cause = 'fee' AND charged.number = x.cause_number
LEFT JOIN card_gst_documents AS d ON d.customer_id = x.customer_id AND d.account_id = x.account_id
    AND d.cause = x.cause AND d.cause_number = x.cause_number AND d.cause_of = x.cause_of AND d.posting = x.posting
    AND d.found_by = x.found_by
WHERE d.customer_id IS NULL
ORDER BY t.booked_on, x.customer_id, x.account_id, x.found_by, x.posting, x.cause, x.cause_number, x.cause_of
LIMIT :most
"""
)


async def list_undocumented(session: AsyncSession, *, before: date, most: int) -> list[TaxedPosting]:
    """The rows of charges with tax of business dates before a day that have no document yet, in order."""
    rows = await session.execute(_UNDOCUMENTED, {"before": before, "most": most})
    return [
        TaxedPosting(
            key=(key := _key(row)),
            kind=_kind(row.tax_paise, is_first=row.found_by == row.first_found_by),
            supplied_on=row.posted_on,
            booked_on=row.booked_on,
            charge=row.cause,
            name=row.fee,
            sac=row.sac,
            taxable_paise=abs(row.paise),
            tax_paise=abs(row.tax_paise),
            customer_state=row.gst_state,
            of=None if row.found_by == row.first_found_by else key._replace(found_by=row.first_found_by),
        )
        for row in rows
    ]


def _kind(tax_paise: int, *, is_first: bool) -> DocumentKind:
    if tax_paise < 0:
        return DocumentKind.CREDIT_NOTE
    return DocumentKind.INVOICE if is_first else DocumentKind.DEBIT_NOTE


def _key(row: Any) -> CardTaxKey:
    return CardTaxKey(
        row.customer_id, row.account_id, row.cause, row.cause_number, row.cause_of, row.posting, row.found_by
    )


async def add_documents(session: AsyncSession, documents: Sequence[TaxDocument], *, now: datetime) -> None:
    """Writes documents of card accounts."""
    rows = []
    for each in documents:
        assert isinstance(each.key, CardTaxKey), "the document is one of a card account"
        of = each.of.found_by if isinstance(each.of, CardTaxKey) else None
        rows.append({**each.key._asdict(), **document_values(each), "of_found_by": of, "made_at": now})
    if rows:
        await session.execute(insert(CardGstDocument), rows)


_OF_ACCOUNTS = text(
    """
SELECT d.* FROM card_gst_documents AS d
JOIN unnest(CAST(:customer_ids AS bigint[]), CAST(:account_ids AS bigint[])) AS n(customer_id, account_id)
  ON n.customer_id = d.customer_id AND n.account_id = d.account_id
WHERE d.customer_id = ANY(CAST(:customer_ids AS bigint[]))
ORDER BY d.customer_id, d.account_id, d.booked_on, d.kind DESC, d.number
"""
)


async def list_documents(session: AsyncSession, keys: Collection[CardAccountOf]) -> list[TaxDocument]:
    """The documents of some card accounts, in order."""
    values = {"customer_ids": [key.customer_id for key in keys], "account_ids": [key.account_id for key in keys]}
    found = []
    for row in await session.execute(_OF_ACCOUNTS, values):
        key = _key(row)
        of = None if row.of_found_by is None else key._replace(found_by=row.of_found_by)
        found.append(document_of(row, key=key, of=of))
    return found


_MONTH = text(MONTH.format(table="card_gst_documents"))
_LEDGER = text(
    """
SELECT coalesce(sum(CASE WHEN t.credit = 'gst_payable' THEN t.amount_paise ELSE -t.amount_paise END), 0)::bigint
FROM card_transfers AS t
WHERE (t.debit = 'gst_payable' OR t.credit = 'gst_payable') AND t.booked_on >= :since AND t.booked_on < :before
"""
)


async def sum_documents(session: AsyncSession, *, since: date, before: date) -> list[ReportLine]:
    """The documents of card accounts of the business dates of a time, by kind, place and service."""
    return [report_line(row) for row in await session.execute(_MONTH, {"since": since, "before": before})]


async def sum_ledger_tax(session: AsyncSession, *, since: date, before: date) -> int:
    """How much tax the books of card accounts booked in a time, less what they took back, in paise."""
    return int((await session.execute(_LEDGER, {"since": since, "before": before})).scalar_one())
