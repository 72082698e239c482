"""Interest that has accrued until the end of a day and was not billed by then, by product: of loans and card accounts.

It is in no ledger: a bill or a statement posts it. A controller who books it as of a month end reverses it on the next
day. That of non-performing loans is shown apart, because it is no income. A loan that is still in the cycle of the day
is computed from its position; one that was billed or ended since is lived again through the day.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from app.db.repositories.accounting import accruals as repository
from app.db.repositories.lending.loans import ProductKey
from app.db.repositories.lending.positions import Stored, position_of
from app.db.repositories.products import products as product_repository
from app.domain.billing.cycles import bring_up
from app.domain.lending.loans import accrued_paise
from app.domain.lending.positions import LoanStatus, Position
from app.domain.payments.histories import History
from app.domain.payments.replayed_loan import replay_loan
from app.domain.products.products import RepaymentTerms
from app.services.accounting import card_accruals, reports
from app.services.accounting.reports import OpenUnit
from app.services.payments import reversals
from app.services.unit_of_work import UnitOfWork

#: Customers in one transaction.
PAGE: Final = 500


class AccruedLine(NamedTuple):
    """The accrued and unbilled interest of a product's loans or card accounts, in paise: of those that perform, and of
    the others. `loans` is how many there are."""

    product: str
    loans: int
    performing_paise: int
    non_performing_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrued:
    """What had accrued and was not billed at the end of a day."""

    on: date
    lines: list[AccruedLine]

    @property
    def performing_paise(self) -> int:
        """That of all that perform."""
        return sum(line.performing_paise for line in self.lines)

    @property
    def non_performing_paise(self) -> int:
        """That of all others."""
        return sum(line.non_performing_paise for line in self.lines)


async def sum_accrued(open_unit: OpenUnit, *, on: date | None = None) -> Accrued:
    """Sums all loans and card accounts that were on the books at the end of a day, by default the business date.

    Raises DaysInvalid.
    """
    async with open_unit() as uow:
        day = on or await uow.business_date()
        await reports.check_days(uow, day, day)
    sums = await _of_loans(open_unit, on=day)
    async for accounts in card_accruals.list_accrued(open_unit, on=day):
        for account in accounts:
            of_product = sums.setdefault(account.product, [0, 0, 0])
            of_product[0] += 1
            of_product[2 if account.is_non_performing else 1] += account.paise
        await asyncio.sleep(0)
    return Accrued(on=day, lines=[AccruedLine(product, *values) for product, values in sorted(sums.items())])


async def _of_loans(open_unit: OpenUnit, *, on: date) -> dict[str, list[int]]:
    """How many loans a product has, what accrued of those that perform, and of the others."""
    sums: dict[str, list[int]] = {}
    terms: dict[ProductKey, RepaymentTerms] = {}
    after = 0
    while True:
        async with open_unit() as uow:
            await uow.business_date()  # SQLAlchemy runs the first statement of a transaction.
            found = await repository.find_loans(uow.session, on=on, after=after, limit=PAGE)
            if found is None:
                return sums
            for stored in found.loans:
                if stored.product not in terms:
                    terms[stored.product] = (
                        await product_repository.get_product(uow.session, *stored.product)
                    ).repayment
                paise = await _accrued(uow, stored, terms[stored.product], on=on)
                of_product = sums.setdefault(stored.product.code, [0, 0, 0])
                of_product[0] += 1
                of_product[2 if stored.key.loan_id in found.non_performing else 1] += paise
            after = found.last
        await asyncio.sleep(0)


async def _accrued(uow: UnitOfWork, stored: Stored, terms: RepaymentTerms, *, on: date) -> int:
    position = position_of(stored.row, terms)
    if position.status is not LoanStatus.ACTIVE or position.cycle_began_on > on:
        position = replay_loan(position, await _history_until(uow, stored, on), through=on).position
    elif position.next_event_on is not None and position.next_event_on <= on:
        position = bring_up(position, through=on).decision.position
    return accrued_until_end(position, on=on)


async def _history_until(uow: UnitOfWork, stored: Stored, on: date) -> History:
    """The books of a loan without what comes after a day."""
    history = await reversals.read_history(uow, stored.key)
    return history._replace(
        bills=[bill for bill in history.bills if bill.billed_on <= on],
        payments=[order for order in history.payments if order.value_date <= on],
        replanned=[replanned for replanned in history.replanned if replanned.on <= on],
        concessions=[granted for granted in history.concessions if granted.granted_on <= on],
    )


def accrued_until_end(position: Position, *, on: date) -> int:
    """The interest of the days of a cycle until the end of a day, in paise: the day itself is included."""
    return accrued_paise(position, on=on + timedelta(days=1))
