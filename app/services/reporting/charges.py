"""The charges of a loan as a use case: what its product names, what was charged, and what comes with the next bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.db.repositories.lending import charges as charge_repository
from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending.loans import LoanKey
from app.domain.billing.bills_to_come import charges_to_come
from app.domain.lending.positions import Position
from app.domain.products.charges import NamedCharge, named_charges
from app.domain.public_ids import LoanReference
from app.domain.reporting.charges import ChargedLine, charged_lines
from app.services.lending import loans
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanCharges:
    """The charges of a loan on a day. `to_come_paise` is what the next bill demands of charges."""

    public_id: str
    on: date
    position: Position
    named: Sequence[NamedCharge]
    lines: Sequence[ChargedLine]
    to_come_paise: int


async def list_charges(uow: UnitOfWork, loan: LoanReference) -> LoanCharges:
    """The charges of a loan on the business date. Nothing is written. Raises LoanNotFound."""
    billing, _ = await loans.find_current(uow, loan)
    position, today = billing.decision.position, await uow.business_date()
    key = LoanKey(position.customer_id, position.loan_id)
    transfers = await ledger_repository.list_all_transfers(uow.session, key)
    rows = await charge_repository.list_rows(uow.session, key)
    names = [row.name or "" for row in rows if row.kind == charge_repository.FEE]
    booked = {row.id: row.name for row in rows}
    return LoanCharges(
        public_id=loans.public_loan_id(position),
        on=today,
        position=position,
        named=named_charges(position.terms, on=today),
        lines=charged_lines([*transfers, *billing.decision.transfers], fee_names=names, names=booked),
        to_come_paise=charges_to_come(position, on=today),
    )
