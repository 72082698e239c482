"""Reconciliation finds what does not follow from the books, to the paisa, and repairs nothing."""

from datetime import date

import pytest
from sqlalchemy import select

from app.db.models import AuditEvent, OutboxRow
from app.db.repositories.lending import loans as loan_repository
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.outbox import perform
from app.services.reporting import reconciliation
from app.services.unit_of_work import UnitOfWorkFactory
from tests import databases
from tests.services.lending_desk import LendingHelper


async def lived_loan(lending: LendingHelper) -> tuple[int, int]:
    """A loan with two bills and a payment; its customer and its number."""
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.pay(loan, amount=4_406_04, reference="1")
    await lending.run_billing(on=date(2027, 1, 20))
    async with lending.uow_factory.open(SYSTEM) as uow:
        key = await loan_repository.find_loan_key(uow.session, loan.number)
    assert key is not None
    return key.customer_id, key.loan_id


@pytest.mark.parametrize(
    "damage, figures",
    [
        ("UPDATE loans SET principal_paise = principal_paise - 1", {"principal_paise"}),
        ("UPDATE loans SET interest_paise = interest_paise + 1", {"interest_paise"}),
        ("UPDATE loans SET advance_paise = 1", {"advance_paise"}),
        ("UPDATE loans SET next_cycle = next_cycle + 1", {"next_cycle"}),
        ("UPDATE bills SET unpaid_interest_paise = unpaid_interest_paise - 1 WHERE cycle = 2", {"open_bills"}),
        ("UPDATE bills SET settled_on = '2027-01-20' WHERE cycle = 2", {"bill 2 open", "open_bills"}),
        ("UPDATE payments SET amount_paise = amount_paise + 1", {"payment 1"}),
        ("UPDATE transfers SET amount_paise = amount_paise + 1 WHERE number = 2", {"interest_paise"}),
        ("DELETE FROM transfers WHERE number = 5", {"last_transfer", "interest_paise"}),
    ],
)
async def test_damage_is_found(unreconciled: LendingHelper, owner_dsn: str, damage: str, figures: set[str]) -> None:
    key = loan_repository.LoanKey(*await lived_loan(unreconciled))
    async with unreconciled.uow_factory.open(SYSTEM) as uow:
        assert await reconciliation.reconcile_loan(uow, key) == []
    async with databases.connection(owner_dsn) as owner:
        await owner.execute("BEGIN")
        await owner.execute(damage)
        await owner.execute("COMMIT")
    async with unreconciled.uow_factory.open(SYSTEM) as uow:
        found = await reconciliation.reconcile_loan(uow, key)
    assert figures <= {difference.figure for difference in found}
    assert {difference.loan_id for difference in found} == {key.loan_id}


async def test_the_night_goes_through_every_loan_page_by_page(
    uow_factory: UnitOfWorkFactory, lending: LendingHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "PAGE", 2)
    for _ in range(5):
        await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    async with uow_factory.open(SYSTEM) as uow:
        await reconciliation.start_nightly(uow)
    while (job := await next_job(uow_factory)) is not None:
        assert await perform(uow_factory, job, action=reconciliation.reconcile_step)
        assert not await perform(uow_factory, job, action=reconciliation.reconcile_step)
    async with uow_factory.open(SYSTEM) as uow:
        events = (await uow.session.execute(select(AuditEvent.action, AuditEvent.details))).all()
        await reconciliation.start_nightly(uow)
    assert [tuple(event) for event in events] == [("reconciled", {"loans": 5, "differences": 0})]
    assert await next_job(uow_factory) is None


async def next_job(uow_factory: UnitOfWorkFactory) -> int | None:
    async with uow_factory.open(SYSTEM) as uow:
        statement = select(OutboxRow.id).where(OutboxRow.job == "reconcile", OutboxRow.done_at.is_(None))
        return (await uow.session.execute(statement)).scalar_one_or_none()
