"""Tells the classes of borrowers what a card account has not been paid.

A minimum due that is unpaid is reported when the account is judged late, and again whenever something is credited or
taken back, or the account ends. A minimum that is no longer unpaid was cleared on the value date of what cleared it.
"""

from collections.abc import Iterable

from app.db.repositories.delinquency import reported as repository
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.cards.engine.facts import MONEY_IN, UNDOING
from app.domain.cards.standing import lateness
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.domain.rulebook.kinds import ProductKind
from app.services.cards.accounts import Working, row_ended_on
from app.services.delinquency.facilities import find_present, report_facilities
from app.services.unit_of_work import UnitOfWork

#: What may pay a minimum due, or take back what did.
CREDITS = MONEY_IN | UNDOING


def may_concern(working: Working) -> bool:
    """Whether a decision may have changed what is past due. Most do not: a purchase never does."""
    if working.state.status is not AccountStatus.OPEN or any(fact.kind in CREDITS for fact in working.decided.facts):
        return True
    return lateness(working.state, on=working.today, rules=working.rules).is_reported


async def report_arrears(uow: UnitOfWork, working: Working) -> None:
    """Reports the arrears of an account if they changed. An account that never was late is not reported at all."""
    await report_all_arrears(uow, [working])


async def report_all_arrears(uow: UnitOfWork, workings: Iterable[Working]) -> None:
    """The same for many accounts, of which a borrower may have some."""
    concerned = [working for working in workings if may_concern(working)]
    if not concerned:
        return
    present = await repository.list_present(uow.session, list({working.key.customer_id for working in concerned}))
    reports = []
    for working in concerned:
        key = FacilityKey(ProductKind.CARD, working.key.account_id)
        known = find_present(present, working.key.customer_id, key)
        facility = _facility(working, key, before=None if known is None else known.facility)
        if facility is not None:
            reports.append((working.key.customer_id, facility))
    await report_facilities(uow, reports, present=present)


def _facility(working: Working, key: FacilityKey, *, before: Facility | None) -> Facility | None:
    """What is past due of an account, after what was reported before. None: it never was late."""
    unpaid = {
        one.number: one.due_on
        for one in working.state.statements
        if one.due_on <= working.today and one.minimum_unpaid_paise > 0
    }
    if before is None and not unpaid:
        return None
    known = {} if before is None else {arrear.cycle: arrear for arrear in before.arrears}
    cleared_on = max((fact.value_on for fact in working.decided.facts if fact.kind in CREDITS), default=working.today)
    arrears = [
        arrear if arrear.cleared_on is not None else arrear._replace(cleared_on=cleared_on)
        for arrear in known.values()
        if arrear.cycle not in unpaid
    ]
    arrears += [Arrear(number, due_on, None) for number, due_on in unpaid.items()]
    ended_on = row_ended_on(working)
    is_lost = working.state.status is AccountStatus.CHARGED_OFF
    return Facility(
        key=key,
        opened_on=working.opening.opened_on,
        closed_on=ended_on,
        lost_on=ended_on if is_lost else None,
        arrears=tuple(sorted(arrears, key=lambda arrear: (arrear.due_on, arrear.cycle))),
    )
