"""Compares the reports with what they are sums of: the loans' balances with their ledger, and the balances that were
kept of closed periods with the ledgers as they are now. Nothing is repaired."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.db.repositories.accounting import agreement as repository
from app.db.repositories.accounting import periods as period_repository
from app.db.repositories.unit_of_work import stop_after
from app.domain.accounting.journal import AccountMoved
from app.services.accounting import reports
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDifference:
    """A sum that does not agree. Both sides are debits less credits in paise."""

    what: str
    kept_paise: int
    ledger_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was compared: the total of the trial balance, the last closed day, and what does not agree."""

    total_paise: int
    closed_through: date | None
    differences: tuple[BookDifference, ...]


async def compare(uow: UnitOfWork) -> Agreement:
    """Compares the sums of all loans with the trial balance of the business date, and the last closed period with the
    ledgers. It adds up both ledgers from their first day, so its statements may take minutes."""
    await stop_after(uow.session, milliseconds=0)
    today = await uow.business_date()
    trial = await reports.view_trial_balance(uow, on=today)
    differences = [
        BookDifference(what=f"{each.account} of all loans", kept_paise=each.held_paise, ledger_paise=each.ledger_paise)
        for each in await repository.sum_both(uow.session)
        if each.held_paise != each.ledger_paise
    ]
    closed = await period_repository.find_last_closed(uow.session, until=today)
    if closed is not None:
        kept = await period_repository.list_balances(uow.session, closed.number)
        differences += _compare(kept, await reports.sum_from_ledgers(uow, closed.ends_on), closed.ends_on)
    return Agreement(
        total_paise=trial.debit_paise,
        closed_through=None if closed is None else closed.ends_on,
        differences=tuple(differences),
    )


def _compare(kept: Iterable[AccountMoved], now: Iterable[AccountMoved], day: date) -> list[BookDifference]:
    before, after = ({line[:3]: line for line in lines} for lines in (kept, now))
    found = []
    for key in sorted(before.keys() | after.keys()):
        was, is_now = before.get(key), after.get(key)
        if was != is_now:
            found.append(
                BookDifference(
                    what=f"{' '.join(key)} through {day}",
                    kept_paise=was.balance_paise if was else 0,
                    ledger_paise=is_now.balance_paise if is_now else 0,
                )
            )
    return found
