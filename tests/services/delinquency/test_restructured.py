"""A restructured loan on the database: its class at the next day-end, undone, and reconciled."""

from datetime import date

from app.domain.payments.changes import ChangeKind
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.schedules.terms import Moratorium
from app.services.lending import loans
from app.services.payments import changes
from app.services.payments.changes import ChangeRequest
from tests.services.delinquency.conftest import Desk
from tests.services.lending_desk import OFFICER

CUSTOMER = 1001


async def test_the_class_of_a_restructured_loan(desk: Desk) -> None:
    loan = await desk.lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await desk.run(on=date(2026, 12, 1))
    assert await desk.believed(CUSTOMER) == []
    request = ChangeRequest(
        kind=ChangeKind.RESTRUCTURE, instalments=24, moratorium=Moratorium(instalments=2), for_difficulty=True
    )
    async with desk.uow_factory.open(OFFICER) as uow:
        made = await changes.make(uow, await loans.find_key(uow, loan), request)
    await desk.run(on=date(2026, 12, 2))
    assert await desk.believed(CUSTOMER) == [(date(2026, 12, 1), "sub_standard", date(2026, 12, 1))]
    view = await desk.see(loan, on=date(2026, 12, 1))
    assert (view.days_past_due, view.state.asset_class) == (0, "sub_standard")
    assert "restructured for financial difficulty" in " ".join(view.reasons.sentences)
    async with desk.uow_factory.open(OFFICER) as uow:
        await changes.undo(uow, loan, made.change.number, reason="another loan was meant")
    await desk.correct(CUSTOMER, on=date(2026, 12, 2))
    assert await desk.believed(CUSTOMER) == []
