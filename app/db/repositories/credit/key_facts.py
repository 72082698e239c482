"""Key facts statements: what was offered for an application, and its acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import KeyFacts, Loan
from app.db.repositories.lending.loans import LoanKey
from app.domain.products.charge_terms import Fee, FeePaid


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKeyFacts:
    """What was offered for an application. The fields of the acceptance are None until it is accepted. `top_up` is the
    document of a loan as a top-up leaves it; None for a new loan."""

    customer_id: int
    application_id: int
    issued_on: date
    valid_until: date
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    fees: tuple[Fee, ...]
    apr_percent: Decimal
    accepted_on: date | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    accepted_language: str | None = None
    loan_id: int | None = None
    top_up: dict[str, Any] | None = None


async def add_key_facts(session: AsyncSession, facts: StoredKeyFacts) -> None:
    """Writes a statement that nobody has accepted yet."""
    await session.execute(
        insert(KeyFacts).values(
            customer_id=facts.customer_id,
            application_id=facts.application_id,
            issued_on=facts.issued_on,
            valid_until=facts.valid_until,
            amount_paise=facts.amount_paise,
            annual_rate_percent=facts.annual_rate_percent,
            instalments=facts.instalments,
            fees=fee_documents(facts.fees),
            apr_percent=facts.apr_percent,
            top_up=facts.top_up,
        )
    )


async def find_key_facts(session: AsyncSession, customer_id: int, application_id: int) -> StoredKeyFacts | None:
    """The statement of an application, or None."""
    statement = select(KeyFacts).where(KeyFacts.customer_id == customer_id, KeyFacts.application_id == application_id)
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _stored(row)


async def find_of_loan(session: AsyncSession, key: LoanKey) -> tuple[int | None, StoredKeyFacts | None]:
    """The application of a loan (None if it had none), and the statement that the loan was made on."""
    of_loan = select(Loan.application_id).where(Loan.customer_id == key.customer_id, Loan.id == key.loan_id)
    application_id: int | None = (await session.execute(of_loan)).scalar_one()
    if application_id is None:
        return None, None
    return application_id, await find_key_facts(session, key.customer_id, application_id)


async def accept(
    session: AsyncSession,
    facts: StoredKeyFacts,
    *,
    loan_id: int,
    on: date,
    at: datetime,
    by: str,
    language: str,
) -> None:
    """Writes the acceptance and the loan that was made on it."""
    await session.execute(
        update(KeyFacts)
        .where(
            KeyFacts.customer_id == facts.customer_id,
            KeyFacts.application_id == facts.application_id,
            KeyFacts.loan_id.is_(None),
        )
        .values(accepted_on=on, accepted_at=at, accepted_by=by, accepted_language=language, loan_id=loan_id)
    )


def fee_documents(fees: Sequence[Fee]) -> list[dict[str, Any]]:
    """Fees as they are stored."""
    return [
        {
            "name": fee.name,
            "amount_paise": fee.amount_paise,
            "paid": fee.paid.value,
            "tax_paise": fee.tax_paise,
            "sac": fee.sac,
            "for_third_party": fee.for_third_party,
        }
        for fee in fees
    ]


def _stored(row: KeyFacts) -> StoredKeyFacts:
    return StoredKeyFacts(
        customer_id=row.customer_id,
        application_id=row.application_id,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        amount_paise=row.amount_paise,
        annual_rate_percent=row.annual_rate_percent,
        instalments=row.instalments,
        fees=tuple(Fee(**fee | {"paid": FeePaid(fee["paid"])}) for fee in row.fees),
        apr_percent=row.apr_percent,
        accepted_on=row.accepted_on,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        accepted_language=row.accepted_language,
        loan_id=row.loan_id,
        top_up=row.top_up,
    )
