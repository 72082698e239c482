"""Small balances, which one person can write off, and what is owed to the borrower. Concessions and refunds, which need
two people, are in `operations/proposals.py`."""

from datetime import date

from app.api.deps import OFFICERS, READERS, KistRouter, ReadingDep, UnitOfWorkDep
from app.api.id_schemas import LoanIdOut
from app.api.schemas import Answer, RupeesOut
from app.api.v1.lending.loans import LoanPath
from app.domain.lending.positions import LoanStatus
from app.services.payments import concessions, refunds

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


class OwedAnswer(Answer):
    """What a loan owes to its borrower, in rupees; below zero if more was refunded than was owed."""

    loan_id: LoanIdOut
    on: date
    owed: RupeesOut


@router.get("/{loan_id}/owed-to-borrower", dependencies=[READERS], summary="Read what a loan owes to its borrower")
async def get_owed_to_borrower(loan_id: LoanPath, uow: ReadingDep) -> OwedAnswer:
    """Gives what was paid beyond the payoff, or was left of an advance when the loan closed, and is not refunded yet.
    A refund is a proposal that two people decide."""
    view = await refunds.view_owed(uow, loan_id)
    return OwedAnswer(loan_id=view.loan_public_id, on=view.on, owed=view.owed_paise)
