"""A restructured loan on the database: its class at the next day-end, undone, and reconciled."""

from datetime import date, timedelta

from app.domain.calendar import add_months
from app.domain.delinquency.facilities import Arrear
from app.domain.payments.changes import ChangeKind
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.domain.schedules.terms import Moratorium
from app.services.delinquency.views import DelinquencyView
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


async def pay_unpaid(desk: Desk, loan: LoanReference, *, on: date, value_date: date | None = None) -> int:
    """Pays what is due and unpaid of the loan. Returns the number of the payment."""
    unpaid = (await desk.see(loan, on=on)).unpaid
    receipt = await desk.lending.pay(
        loan, amount=sum(one.interest_paise + one.principal_paise for one in unpaid), value_date=value_date
    )
    return receipt.payment_id


async def restructured(desk: Desk) -> LoanReference:
    """A loan whose 12 instalments became 24 on 1 December 2026; the first one is due on 21 December."""
    loan = await desk.lending.disburse(STANDARD_LOAN, amount=120_000, rate="12", instalments=12)
    await desk.run(on=date(2026, 12, 1))
    request = ChangeRequest(kind=ChangeKind.RESTRUCTURE, instalments=24, for_difficulty=True)
    async with desk.uow_factory.open(OFFICER) as uow:
        await changes.make(uow, await loans.find_key(uow, loan), request)
    return loan


def said(view: DelinquencyView) -> tuple[str | None, int, bool]:
    """The class, the days past due, and whether the loan has still to show something."""
    assert view.monitoring is not None
    return view.state.asset_class, view.days_past_due, view.monitoring.is_open(view.on)


async def test_a_default_that_was_none_and_one_that_was_not_seen(desk: Desk) -> None:
    """Instalment 7 is entered a day late; half a year later it turns out to have come in time; then another bounces."""
    loan = await restructured(desk)
    dues = [add_months(date(2026, 12, 21), month) for month in range(13)]
    paid: list[int] = []
    for number, due in enumerate(dues, start=1):
        entered = due + timedelta(number == 7)
        await desk.run(on=entered)
        paid.append(await pay_unpaid(desk, loan, on=entered))
    end = dues[-1]
    await desk.run(on=end + timedelta(1))
    # 10 % of 1,20,000 was repaid with the third payment; a year after the first due date, but for the default.
    failed = await desk.see(loan, on=end)
    assert said(failed) == ("doubtful_1", 0, True)
    assert failed.monitoring is not None
    assert failed.monitoring.default is not None
    assert failed.monitoring.default[1:] == (Arrear(7, dues[6], dues[6] + timedelta(1)), dues[6])
    assert "standard again only by another restructuring" in " ".join(failed.reasons.sentences)
    assert (await desk.believed(CUSTOMER))[-1] == (date(2027, 12, 1), "doubtful_1", date(2027, 12, 20))

    await desk.run(on=end + timedelta(2))
    known = end + timedelta(2)
    await desk.lending.reverse(paid[6])
    await desk.lending.pay(loan, amount=5_648_82, value_date=dues[6])
    await desk.correct(CUSTOMER, on=known)
    assert (await desk.believed(CUSTOMER))[-1] == (end, "standard", known)
    assert said(await desk.see(loan, on=end)) == ("standard", 0, False)
    assert said(await desk.see(loan, on=end - timedelta(1))) == ("doubtful_1", 0, True)
    # What was known the day before stays as it was.
    assert said(await desk.see(loan, on=end, as_known_on=end + timedelta(1))) == ("doubtful_1", 0, True)

    await desk.run(on=date(2028, 1, 5))
    await desk.lending.reverse(paid[8])
    await desk.correct(CUSTOMER, on=date(2028, 1, 5))
    bounced = await desk.see(loan, on=end)
    # Each later payment went to the instalment before it, so the thirteenth is unpaid.
    assert said(bounced) == ("doubtful_1", 1, True)
    assert bounced.monitoring is not None
    assert bounced.monitoring.default is not None
    assert bounced.monitoring.default[1:] == (Arrear(9, dues[8], dues[9]), dues[8])
    assert [change.after.asset_class for change in bounced.changes if change.after.asset_class == "standard"] == []
