"""Moves the interest of one loan into suspense or out of it, so that the ledger follows the classes."""

from datetime import date

from app.db.repositories.delinquency import changes as change_repository
from app.db.repositories.delinquency import suspense as repository
from app.db.repositories.lending import ledger as ledger_repository
from app.db.repositories.lending import positions as position_repository
from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.lending.positions import position_of
from app.db.repositories.products import products as product_repository
from app.domain.billing.cycles import Billing
from app.domain.delinquency.facilities import FacilityKey
from app.domain.delinquency.suspense import ClassDay, suspended_paise, suspense_postings
from app.domain.lending.positions import Decision
from app.domain.rulebook.kinds import ProductKind
from app.services.lending import saving
from app.services.unit_of_work import UnitOfWork


async def move_interest(uow: UnitOfWork, key: LoanKey, *, through: date) -> None:
    """Posts what is missing until the suspense of every day-end through `through` is right. It may run twice."""
    stored = await position_repository.lock_stored_loan(uow.session, key)
    transfers = await ledger_repository.list_all_transfers(uow.session, key)
    days = await class_days(uow, key)
    posted = suspense_postings(
        transfers,
        days,
        through=through,
        last_number=stored.row.last_transfer,
        booked_on=await uow.business_date(),
    )
    if posted:
        product = await product_repository.get_product(uow.session, *stored.product)
        position = position_of(stored.row, product.repayment)
        position.last_transfer = posted[-1].number
        await saving.save(uow, Billing(Decision(position, posted, {}, ()), ()))
    await repository.put_suspended(uow.session, key, paise=suspended_paise([*transfers, *posted]))


async def suspense_to_post(uow: UnitOfWork, key: LoanKey, *, through: date) -> tuple[int, int]:
    """The interest of a loan in suspense, and what must be there, at a day-end. They differ only by a defect."""
    transfers = await ledger_repository.list_all_transfers(uow.session, key)
    days = await class_days(uow, key)
    missing = suspense_postings(transfers, days, through=through, last_number=len(transfers), booked_on=through)
    return suspended_paise(transfers, on=through), suspended_paise([*transfers, *missing], on=through)


async def class_days(uow: UnitOfWork, key: LoanKey) -> list[ClassDay]:
    """The day-ends from which on a loan is believed to be non-performing, or no longer, in order."""
    facility = FacilityKey(ProductKind.LOAN, key.loan_id)
    found: list[ClassDay] = []
    for each in await change_repository.list_changes(uow.session, key.customer_id):
        if each.change.key == facility and each.known_until is None:
            asset_class = each.change.after.asset_class
            found.append(ClassDay(each.change.on, asset_class is not None and asset_class.is_non_performing))
    return sorted(found)
