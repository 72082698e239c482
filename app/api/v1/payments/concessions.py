"""Small balances: one person can write off a rest below the product's tolerance. Concessions that need two people are
in `operations/proposals.py`."""

from datetime import date

from app.api.deps import OFFICERS, KistRouter, UnitOfWorkDep
from app.api.id_schemas import LoanIdOut
from app.api.schemas import Answer, RupeesOut
from app.api.v1.lending.loans import LoanPath
from app.domain.lending.positions import LoanStatus
from app.services.payments import concessions

router = KistRouter(prefix="/loans", tags=["Loans"])


class WrittenOffRest(Answer):
    """The written-off rest of a closed loan, by component, in rupees."""

    loan_id: LoanIdOut
    loan_status: LoanStatus
    closed_on: date | None
    principal: RupeesOut
    interest: RupeesOut
    charges: RupeesOut


@router.post("/{loan_id}/small-balance", dependencies=[OFFICERS], summary="Close a loan with a small balance")
async def close_small_balance(loan_id: LoanPath, uow: UnitOfWorkDep) -> WrittenOffRest:
    """Closes a loan whose payoff amount is below the tolerance of its product. The loan ends as `closed`, and the rest
    is written off as the lender's loss. One person is enough, because the product sets the tolerance."""
    closed = await concessions.close_small_balance(uow, loan_id)
    return WrittenOffRest(
        loan_id=closed.public_id,
        loan_status=closed.position.status,
        closed_on=closed.position.closed_on,
        **{name.removesuffix("_paise"): amount for name, amount in closed.written_off.items()},
    )
