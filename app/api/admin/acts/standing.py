"""How a loan or a card account stands: read before and after an act in one transaction, so that a preview shows exactly
the change."""

from app.api.admin.acts.act import Figure, Subject
from app.api.admin.drawing.formats import rate, words
from app.domain.cards.account_file import present_due
from app.domain.money import format_inr
from app.domain.public_ids import LoanReference
from app.services.cards import views as card_accounts
from app.services.reporting import explanations
from app.services.unit_of_work import UnitOfWork


async def standing(uow: UnitOfWork, subject: Subject) -> tuple[Figure, ...]:
    """How the loan or the card account that an act changes stands on the business date, in this transaction."""
    if subject.loan is not None:
        return await _standing_of_loan(uow, subject.loan)
    return () if subject.account_id is None else await _standing_of_account(uow, subject.account_id)


async def _standing_of_loan(uow: UnitOfWork, loan: LoanReference) -> tuple[Figure, ...]:
    trial = await explanations.open_trial(uow, loan, on=None)
    position, ahead = trial.position, trial.before
    planned = position.plan.due_on
    return (
        Figure(label="Status", text=position.status.value.replace("_", " ")),
        Figure(label="Principal outstanding", text=format_inr(position.principal_paise)),
        Figure(label="Interest due", text=format_inr(position.interest_paise)),
        Figure(label="Charges due", text=format_inr(position.charges_paise)),
        Figure(label="Overdue", text=format_inr(position.overdue_paise(trial.on))),
        Figure(label="Paid in advance", text=format_inr(position.advance_paise)),
        Figure(label="Rate", text=rate(position.rate_percent)),
        Figure(label="EMI", text=format_inr(ahead.emi_paise)),
        Figure(label="Instalments to come", text=str(ahead.instalments)),
        Figure(label="Next instalment", text=f"{planned[0]:%d %b %Y}" if planned else "none"),
        Figure(label="Last instalment", text="none" if ahead.ends_on is None else f"{ahead.ends_on:%d %b %Y}"),
        Figure(label="Interest to come", text=format_inr(ahead.interest_paise)),
    )


async def _standing_of_account(uow: UnitOfWork, account_id: int) -> tuple[Figure, ...]:
    view = await card_accounts.view_account(uow, account_id)
    row, state = view.working.row, view.working.state
    due, is_open = present_due(state), row.status == "open"
    return (
        Figure(label="Status", text=words(row.status)),
        Figure(label="Blocked", text="no" if row.blocked_on is None else f"since {row.blocked_on:%d %b %Y}"),
        Figure(label="Owed", text=format_inr(state.owed_paise)),
        Figure(label="Credit balance", text=format_inr(state.credit_paise)),
        Figure(label="Limit", text=format_inr(state.limit_paise)),
        Figure(label="Available", text=format_inr(view.available_paise) if is_open else "nothing"),
        Figure(label="Held", text=format_inr(row.held_paise)),
        Figure(label="In instalment plans", text=format_inr(state.plan_paise)),
        Figure(label="Set aside by disputes", text=format_inr(state.disputed_paise)),
        Figure(label="Unpaid of the statement", text=format_inr(0 if due is None else due.total_unpaid_paise)),
        Figure(label="Unpaid of the minimum", text=format_inr(0 if due is None else due.minimum_unpaid_paise)),
        Figure(label="Next statement", text=f"{state.next_statement_on:%d %b %Y}" if is_open else "none"),
    )
