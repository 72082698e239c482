"""What is given up of a loan by one person. What takes two is in `operations/proposals.py`."""

from datetime import date

from app.api.deps import OFFICERS, KistRouter, UnitOfWorkDep
from app.api.id_schemas import LoanIdOut
from app.api.schemas import Answer, RupeesOut
from app.api.v1.lending.loans import LoanPath
from app.services.payments import concessions

router = KistRouter(prefix="/loans", tags=["Loans"])


class WrittenOffRest(Answer):
    """What was never paid of a loan that is closed, by component."""

    loan_id: LoanIdOut
    loan_status: str
    closed_on: date | None
    principal: RupeesOut
    interest: RupeesOut
    charges: RupeesOut


@router.post(
    "/{loan_id}/small-balance", dependencies=[OFFICERS], summary="Close a loan of which next to nothing is left"
)
async def close_small_balance(loan_id: LoanPath, uow: UnitOfWorkDep) -> WrittenOffRest:
    """Where what closes the loan is below its product's tolerance. It takes one person, because the product has decided
    what is too small to be asked for; the loan ends as `closed`, and the rest is a loss of the lender."""
    closed = await concessions.close_small_balance(uow, loan_id)
    return WrittenOffRest(
        loan_id=closed.public_id,
        loan_status=closed.position.status.value,
        closed_on=closed.position.closed_on,
        **{name.removesuffix("_paise"): amount for name, amount in closed.written_off.items()},
    )
