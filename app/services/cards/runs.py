"""The card accounts of a range of the daily run: judgements, late fees and statements, many accounts at once.

Each account is brought up to the run's business date by the same function as a single one. An account that a payment
changed meanwhile is decided again; one that cannot be decided is parked with its reason, and the others go on.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
import structlog

from app.db.repositories.billing.runs import ClaimedRange, RangeTotals
from app.db.repositories.cards import due_accounts as repository
from app.db.repositories.cards import quiet_accounts
from app.db.repositories.cards import rows as row_repository
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.rows import Booking, Rows
from app.db.repositories.cards.states import kept_of
from app.db.repositories.events import log as event_repository
from app.db.repositories.events.log import Moment, event_record
from app.db.repositories.products.products import get_product
from app.db.session import Record, RefusedByDatabase
from app.domain.cards.card_events import statement_event
from app.domain.cards.engine.quiet import QuietEnd, end_quiet_cycle
from app.domain.cards.rules import CardRules, rules_of
from app.domain.errors import BROKEN, DomainError
from app.domain.events.happened import Happened
from app.domain.products.card_terms import CardTerms
from app.domain.products.products import Product
from app.services.billing import runs as billing_runs
from app.services.cards import accounts
from app.services.cards.accounts import Working
from app.services.cards.arrears import may_concern, report_all_arrears
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
    booking = Booking(on=await uow.business_date(), at=uow.now, actor=uow.actor.label, run_id=claimed.run_id)
    while True:
        due = await repository.list_due(
            uow.session,
            from_customer_id=claimed.from_customer_id,
            to_customer_id=claimed.to_customer_id,
            through=claimed.business_date,
        )
        rows = [row for row in due if AccountKey(row.customer_id, row.id) not in parked] if parked else due
        if not rows:
            break
        batch = Batch(booking=booking)
        for row in rows:
            if (decided := await _decide(uow, claimed, row, terms)) is None:
                parked.add(AccountKey(row.customer_id, row.id))
            elif one_by_one:
                parked |= await _write_alone(uow, claimed, decided, booking=booking, totals=totals)
            else:
                batch.add(decided)
        await _write(uow, batch, totals=totals)
    totals.parked += len(parked)


class Ended(NamedTuple):
    """A quiet account whose cycle has ended: its row, what is kept of it, and the end."""

    key: AccountKey
    row: Record
    kept: dict[str, Any]
    end: QuietEnd


@dataclass(slots=True, kw_only=True)
class Batch:
    """What decisions about accounts lead to, as the rows that are written.

    An account is turned into its rows as soon as it is decided. So its state is gone when the next one is read: the
    states of a whole range would not stay in a processor's memory.
    """

    booking: Booking
    accounts: list[tuple[Any, ...]] = field(default_factory=list)
    rows: Rows = field(default_factory=lambda: Rows(encode=_encode))
    events: list[tuple[Any, ...]] = field(default_factory=list)
    #: Whose events they are.
    owners: list[AccountKey] = field(default_factory=list)
    late: list[Working] = field(default_factory=list)
    moment: Moment = field(init=False)

    def __post_init__(self) -> None:
        self.moment = Moment(at=self.booking.at, business_date=self.booking.on)

    def add(self, decided: "Working | Ended") -> None:
        """Adds the rows of a decision."""
        if isinstance(decided, Ended):
            self._add_ended(decided)
        else:
            self._add_lived(decided)

    def _add_ended(self, ended: "Ended") -> None:
        key, row, kept, end = ended
        statement = end.statement
        quiet_accounts.end_cycle(kept, end)
        self.accounts.append(quiet_accounts.moved_record(row, end, _encode(kept)))
        self.rows.add_statement(key, statement, booking=self.booking)
        self._add_event(key, statement_event(statement, customer_id=key[0], account_id=key[1]))

    def _add_event(self, key: AccountKey, event: Happened) -> None:
        self.events.append(event_record(event, self.moment))
        self.owners.append(key)

    def _add_lived(self, working: Working) -> None:
        key, decided = working.key, working.decided
        self.accounts.append(_record(working))
        row_repository.rows_of(
            self.rows, key, decided, details={}, last_transfer=working.row.last_transfer, booking=self.booking
        )
        for event in accounts.events_of(working):
            self._add_event(key, event)
        if may_concern(working):
            self.late.append(working)

    def keep(self, written: Set[AccountKey]) -> None:
        """Leaves out the rows of all other accounts."""
        self.rows.keep(written)
        self.events = [event for event, key in zip(self.events, self.owners, strict=True) if key in written]
        self.late = [working for working in self.late if working.key in written]


@dataclass(slots=True)
class Terms:
    """The products of a range, each read once, with the terms of the versions that accounts changed to."""

    uow: UnitOfWork
    products: dict[tuple[str, int], Product] = field(default_factory=dict)
    known_rules: CardRules | None = None

    def rules(self, on: date) -> CardRules:
        """The rules on the date of the run."""
        if self.known_rules is None:
            self.known_rules = rules_of(self.uow.lender, on=on)
        return self.known_rules

    async def of(self, code: str, versions: Iterable[int]) -> dict[int, CardTerms]:
        """The terms of versions of a product."""
        return {version: await self.card(code, version) for version in versions}

    async def card(self, code: str, version: int) -> CardTerms:
        """The terms of a version of a product."""
        card = (self.products.get((code, version)) or await self.product(code, version)).card
        assert card is not None, "an account is opened under a product with card terms"
        return card

    async def product(self, code: str, version: int) -> Product:
        """A version of a product."""
        known = self.products.get((code, version))
        if known is None:
            known = self.products[code, version] = await get_product(self.uow.session, code, version)
        return known


async def _decide(uow: UnitOfWork, claimed: ClaimedRange, row: Record, terms: Terms) -> Working | Ended | None:
    key = AccountKey(row.customer_id, row.id)
    try:
        kept = kept_of(row)
        if (quiet := quiet_accounts.find_quiet(row, kept)) is not None:
            code = row.product_code
            now = await terms.card(code, quiet_accounts.version_on(kept, quiet.on))
            days = (await terms.card(code, kept["terms"][0][1])).days
            end = end_quiet_cycle(quiet, now, days=days, today=claimed.business_date)
            if end is not None:
                return Ended(key, row, kept, end)
        return accounts.working_of(
            key,
            row,
            kept,
            product=await terms.product(row.product_code, row.product_version),
            terms=await terms.of(row.product_code, [version for _, version in kept["terms"]]),
            rules=terms.rules(claimed.business_date),
            today=claimed.business_date,
            booked_on=await uow.business_date(),
        )
    except DomainError as error:
        code, message = error.code, error.message
    except BROKEN as error:
        # One broken account must not stop the statements of the others.
        log.exception("card account cannot be brought up to date", account_id=key.account_id)
        code, message = "card_account_broken", f"{type(error).__name__} while living the account"
    await repository.park(uow.session, key, run_id=claimed.run_id, code=code, message=message, now=uow.now)
    return None


async def _write_alone(
    uow: UnitOfWork, claimed: ClaimedRange, decided: Working | Ended, *, booking: Booking, totals: RangeTotals
) -> set[AccountKey]:
    """Writes an account under its own savepoint. Answers it if it is parked."""
    batch = Batch(booking=booking)
    batch.add(decided)
    try:
        async with uow.session.begin_nested():
            await _write(uow, batch, totals=totals)
    except RefusedByDatabase as error:
        key = decided.key
        log.warning("card account refused", account_id=key.account_id, error=type(error.orig).__name__)
        message = "a table refuses the rows of this account"
        await repository.park(
            uow.session, key, run_id=claimed.run_id, code="refused_by_database", message=message, now=uow.now
        )
        return {key}
    return set()


async def _write(uow: UnitOfWork, batch: Batch, *, totals: RangeTotals) -> None:
    """Updates the accounts whose versions are unchanged, and copies the rows of those."""
    written = await repository.update_accounts(uow.session, batch.accounts)
    if len(written) < len(batch.accounts):
        batch.keep(written)
    await row_repository.copy_all_rows(uow.session, batch.rows)
    await event_repository.copy_event_records(uow.session, batch.events)
    await report_all_arrears(uow, batch.late)
    totals.accounts += len(written)
    totals.statements += len(batch.rows.statements)
    totals.demanded_paise += batch.rows.billed_paise


def _record(one: Working) -> tuple[object, ...]:
    columns = accounts.row_columns(one)
    columns["kept"] = _encode(columns["kept"])
    if columns["untouched"] == one.row.untouched:
        columns["untouched"] = None
    return (*one.key, one.row.version, *map(columns.__getitem__, repository.MOVED))


def _encode(value: object) -> str:
    return orjson.dumps(value).decode()
