"""The card accounts of a range of the daily run: judgements, late fees and statements, many accounts at once.

Each account is brought up to the run's business date by the same function as a single one. An account that a payment
changed meanwhile is decided again; one that cannot be decided is parked with its reason, and the others go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
import structlog

from app.db.repositories.billing.runs import ClaimedRange, RangeTotals
from app.db.repositories.cards import due_accounts as repository
from app.db.repositories.cards import rows as row_repository
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.rows import Booking, Rows
from app.db.repositories.cards.states import document_of
from app.db.repositories.events import log as event_repository
from app.db.repositories.products.products import get_product
from app.db.session import Record, RefusedByDatabase
from app.domain.cards.rules import rules_of
from app.domain.errors import DomainError
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import Product
from app.services.billing import runs as billing_runs
from app.services.cards import accounts
from app.services.cards.accounts import Working
from app.services.cards.arrears import report_arrears
from app.services.events.publishing import moment_of
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger(__name__)


async def run_day(uow_factory: UnitOfWorkFactory, *, run_id: int, worker: str, until: datetime) -> bool:
    """The whole daily run: loans and card accounts, range by range, until it is complete (True) or time is up."""
    return await billing_runs.run_billing(
        uow_factory, run_id=run_id, worker=worker, until=until, also=(bring_up_range,)
    )


async def bring_up_range(uow: UnitOfWork, claimed: ClaimedRange, totals: RangeTotals, one_by_one: bool) -> None:
    """Brings the due card accounts of a range up to the run's date, in the transaction of the range. `one_by_one`: the
    database refused the rows of the range, so only the account that it refuses is parked."""
    await repository.make_room(uow.session)
    parked: set[AccountKey] = set()
    terms = Terms(uow)
    while True:
        due = await repository.list_due(
            uow.session,
            from_customer_id=claimed.from_customer_id,
            to_customer_id=claimed.to_customer_id,
            through=claimed.business_date,
        )
        rows = [row for row in due if AccountKey(row.customer_id, row.id) not in parked]
        if not rows:
            break
        working = []
        for row in rows:
            key = AccountKey(row.customer_id, row.id)
            if (found := await _decide(uow, claimed, key, row, terms)) is None:
                parked.add(key)
            else:
                working.append(found)
        if one_by_one:
            parked |= await _write_one_by_one(uow, claimed, working, totals=totals)
        else:
            await _write(uow, claimed, working, totals=totals)
    totals.parked += len(parked)


@dataclass(slots=True)
class Terms:
    """The products of a range, each read once, with the terms of the versions that accounts changed to."""

    uow: UnitOfWork
    products: dict[tuple[str, int], Product] = field(default_factory=dict)

    async def of(self, code: str, versions: Iterable[int]) -> dict[int, CardTerms]:
        """The terms of versions of a product."""
        found = {}
        for version in versions:
            card = (await self.product(code, version)).card
            assert card is not None, "an account is opened under a product with card terms"
            found[version] = card
        return found

    async def product(self, code: str, version: int) -> Product:
        """A version of a product."""
        known = self.products.get((code, version))
        if known is None:
            known = self.products[code, version] = await get_product(self.uow.session, code, version)
        return known


async def _decide(uow: UnitOfWork, claimed: ClaimedRange, key: AccountKey, row: Record, terms: Terms) -> Working | None:
    try:
        document, day = document_of(row), claimed.business_date
        return accounts.working_of(
            key,
            row,
            document,
            product=await terms.product(row.product_code, row.product_version),
            terms=await terms.of(row.product_code, [version for _, version in document["terms"]]),
            rules=rules_of(uow.lender, on=day),
            today=day,
            booked_on=await uow.business_date(),
        )
    except DomainError as error:
        code, message = error.code, error.message
    except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
        # One broken account must not stop the statements of the others.
        log.exception("card account cannot be brought up to date", account_id=key.account_id)
        code, message = "card_account_broken", f"{type(error).__name__} while living the account"
    await repository.park(uow.session, key, run_id=claimed.run_id, code=code, message=message, now=uow.now)
    return None


async def _write_one_by_one(
    uow: UnitOfWork, claimed: ClaimedRange, working: Sequence[Working], *, totals: RangeTotals
) -> set[AccountKey]:
    """Writes each account under its own savepoint, and answers those that are parked."""
    parked = set()
    for one in working:
        try:
            async with uow.session.begin_nested():
                await _write(uow, claimed, [one], totals=totals)
        except RefusedByDatabase as error:
            log.warning("card account refused", account_id=one.key.account_id, error=type(error.orig).__name__)
            message = "a table refuses the rows of this account"
            await repository.park(
                uow.session, one.key, run_id=claimed.run_id, code="refused_by_database", message=message, now=uow.now
            )
            parked.add(one.key)
    return parked


async def _write(uow: UnitOfWork, claimed: ClaimedRange, working: Sequence[Working], *, totals: RangeTotals) -> None:
    """Updates the accounts whose versions are unchanged, and copies the rows of those."""
    written = await repository.update_accounts(uow.session, [_record(one) for one in working])
    rows = Rows()
    booking = Booking(on=await uow.business_date(), at=uow.now, actor=uow.actor.label, run_id=claimed.run_id)
    for one in working:
        if one.key in written:
            last = one.row.last_transfer
            row_repository.rows_of(rows, one.key, one.decided, details={}, last_transfer=last, booking=booking)
    await row_repository.copy_all_rows(uow.session, rows, encode=_encode)
    events = [event for one in working if one.key in written for event in accounts.events_of(one)]
    await event_repository.copy_events(uow.session, events, await moment_of(uow))
    for one in working:
        if one.key in written:
            await report_arrears(uow, one)
    totals.accounts += len(written)
    totals.statements += len(rows.statements)
    totals.demanded_paise += sum(one.decided.billed_paise for one in working if one.key in written)


def _record(one: Working) -> tuple[object, ...]:
    columns = accounts.row_columns(one)
    return (
        *one.key,
        one.row.version,
        *(_encode(columns[name]) if name == "state" else columns[name] for name in repository.MOVED),
    )


def _encode(value: object) -> str:
    return orjson.dumps(value).decode()
