"""Authorisations as use cases: approve or decline, capture, reverse, expire.

The account's row is locked first, so two authorisations of one account are decided one after the other, and none is
approved beyond what is available. The network's reference is the key of a repeat for ever.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.db.repositories.cards import accounts as account_repository
from app.db.repositories.cards import holds as repository
from app.db.repositories.cards.accounts import AccountKey
from app.db.repositories.cards.rows import Details
from app.domain.cards.authorisations import (
    Ask,
    Hold,
    HoldNotOpen,
    HoldStatus,
    Line,
    SpendKind,
    capture,
    check_same,
    decline,
    first_hold,
    release,
)
from app.domain.cards.requests import RUPEES, spend, spending
from app.domain.errors import NotFound
from app.domain.public_ids import format_card_account_id
from app.services.cards import accounts
from app.services.cards.accounts import Working
from app.services.cards.cards import card_of_account
from app.services.cards.movements import Movement, movement_of, repeated
from app.services.unit_of_work import UnitOfWork

EXPIRED_AT_ONCE = 500


class HoldNotFound(NotFound):
    """The account has no authorisation with this reference. Check it, or post the clearing without one."""

    code = "hold_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationView:
    """An authorisation, and what is available on the account now."""

    account_public_id: str
    hold: Hold
    decline_code: str | None
    available_paise: int
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRequest:
    """The clearing of an authorisation. `reference` is that of the clearing."""

    authorisation: str
    reference: str
    paise: int
    is_final: bool
    transacted_on: date | None
    merchant: str | None
    currency: str = RUPEES


def line_of(working: Working) -> Line:
    """How the account stands, holds included."""
    row, state = working.row, working.state
    balances = state.balances()
    return Line(
        status=state.status,
        is_blocked=row.blocked_on is not None,
        limit_paise=state.limit_paise,
        used_paise=state.used_paise,
        held_paise=row.held_paise,
        cash_used_paise=sum(paise for bucket, paise in balances.items() if bucket == "cash"),
        cash_held_paise=row.cash_held_paise,
        consented_over_limit=row.over_limit_consent_on is not None,
    )


async def authorise(uow: UnitOfWork, account_id: int, ask: Ask, *, token: str) -> AuthorisationView:
    """Approves or declines. Raises CardAccountNotFound, CardNotFound, ReferenceOfAnother, AmountOfNothing."""
    working = await accounts.lock(uow, account_id)
    key, line = working.key, line_of(working)
    known = await repository.find_hold(uow.session, key, ask.reference)
    if known is not None:
        check_same(known_paise=known.amount_paise, paise=ask.amount_paise, known_kind=known.kind, kind=ask.kind)
        return view_of_hold(key, repository.hold_of(known), known.decline_code, line.available_paise, replayed=True)
    card = await card_of_account(uow, key, token)
    spent = 0
    if card.controls.per_day_paise is not None:
        spent = await repository.spent_on(uow.session, key, token=token, on=working.today)
    code = decline(ask, line, card, working.terms, spent_today_paise=spent, on=working.today)
    hold = first_hold(ask, code, terms=working.terms, now=uow.now)
    available = line.available_paise - hold.held_paise
    values = hold_values(
        uow, key, ask, hold, token=token, code=code, available_paise=available, on=working.today
    )  # fmt: skip
    await repository.add_hold(uow.session, values)
    await _save(uow, working, moved_paise=hold.held_paise, kind=ask.kind)
    return view_of_hold(key, hold, code, available, replayed=False)


def hold_values(
    uow: UnitOfWork,
    key: AccountKey,
    ask: Ask,
    hold: Hold,
    *,
    token: str,
    code: str | None,
    available_paise: int,
    on: date,
) -> dict[str, Any]:
    """The columns of an authorisation that was decided."""
    return {
        **key._asdict(),
        "reference": ask.reference,
        "token": token,
        "kind": ask.kind.value,
        "amount_paise": ask.amount_paise,
        "captured_paise": 0,
        "status": hold.status.value,
        "decline_code": code,
        "merchant": ask.merchant_name,
        "category_code": ask.category_code,
        "country": ask.country,
        "is_online": ask.is_online,
        "transacted_at": ask.transacted_at,
        "approved_on": on,
        "expires_at": hold.expires_at,
        "available_paise": available_paise,
        "created_at": uow.now,
        "actor": uow.actor.label,
    }


async def _save(uow: UnitOfWork, working: Working, *, moved_paise: int, kind: SpendKind) -> None:
    """Writes what a hold moved; the whole account only where catching it up or a posting decided something."""
    cash = moved_paise if kind is SpendKind.CASH else 0
    if working.decided.is_nothing:
        if moved_paise:
            await account_repository.move_hold(uow.session, working.key, paise=moved_paise, cash_paise=cash)
        return
    row = working.row
    await accounts.save(
        uow, working, held_paise=row.held_paise + moved_paise, cash_held_paise=row.cash_held_paise + cash
    )


async def capture_hold(uow: UnitOfWork, account_id: int, request: CaptureRequest) -> Movement:
    """Posts a clearing of an authorisation and lets go of so much of its hold.

    Raises CardAccountNotFound, HoldNotFound, HoldNotOpen, CaptureAboveHold, ReferenceOfAnother.
    """
    working = await accounts.lock(uow, account_id)
    row = await repository.find_hold(uow.session, working.key, request.authorisation)
    if row is None:
        raise HoldNotFound("there is no such authorisation", field="authorisation")
    hold = repository.hold_of(row)
    kind, paise = spending(is_cash=hold.kind is SpendKind.CASH), request.paise
    if (first := await repeated(uow, working, reference=request.reference, paise=paise, kind=kind)) is not None:
        return first
    after = capture(hold, paise=request.paise, is_final=request.is_final, terms=working.terms)
    facts = spend(
        working.state,
        working.terms,
        paise=request.paise,
        is_cash=hold.kind is SpendKind.CASH,
        currency=request.currency,
        value_on=request.transacted_on or min(row.approved_on, working.today),
        today=working.today,
    )
    details = Details(request.reference, row.token, request.merchant or row.merchant)
    number = await accounts.happen(uow, working, facts, details=details)
    await repository.update_hold(uow.session, working.key, after)
    await _save(uow, working, moved_paise=after.held_paise - hold.held_paise, kind=hold.kind)
    moved = movement_of(working, number, details)
    return replace(moved, available_paise=moved.available_paise + hold.held_paise - after.held_paise)


async def reverse_hold(uow: UnitOfWork, account_id: int, reference: str) -> AuthorisationView:
    """Lets go of a hold. A second time changes nothing. Raises CardAccountNotFound, HoldNotFound, HoldNotOpen."""
    working = await accounts.lock(uow, account_id)
    return await _release(uow, working, reference, status=HoldStatus.REVERSED)


async def _release(uow: UnitOfWork, working: Working, reference: str, *, status: HoldStatus) -> AuthorisationView:
    row = await repository.find_hold(uow.session, working.key, reference)
    if row is None:
        raise HoldNotFound("there is no such authorisation", field="authorisation")
    hold = repository.hold_of(row)
    after = release(hold, status=status)
    moved = after.held_paise - hold.held_paise
    if after != hold:
        await repository.update_hold(uow.session, working.key, after)
    await _save(uow, working, moved_paise=moved, kind=hold.kind)
    available = line_of(working).available_paise - moved
    return view_of_hold(working.key, after, row.decline_code, available, replayed=after == hold)


async def expire_holds(uow: UnitOfWork) -> int:
    """Lets go of holds whose time is over, and returns how many. It may run at any time and twice."""
    expired = await repository.list_expired(uow.session, now=uow.now, limit=EXPIRED_AT_ONCE)
    done = 0
    # In the order of the accounts, so that two of these tasks never wait for each other.
    for key, reference in sorted(expired):
        row = await account_repository.lock_account(uow.session, key)
        working = await accounts.work_on(uow, key, row)
        await uow.check_day(working.state.last_event_on)
        try:
            view = await _release(uow, working, reference, status=HoldStatus.EXPIRED)
        except HoldNotOpen:
            # It was captured or reversed since it was listed.
            continue
        done += not view.replayed
    return done


async def list_holds(uow: UnitOfWork, account_id: int, *, limit: int) -> list[AuthorisationView]:
    """The latest authorisations of an account. Raises CardAccountNotFound."""
    key = await accounts.find_key(uow, account_id)
    rows = await repository.list_holds(uow.session, key, limit=limit)
    return [
        view_of_hold(key, repository.hold_of(row), row.decline_code, row.available_paise, replayed=False)
        for row in rows
    ]


def view_of_hold(key: AccountKey, hold: Hold, code: str | None, available: int, *, replayed: bool) -> AuthorisationView:
    """An authorisation as it is answered."""
    return AuthorisationView(
        account_public_id=format_card_account_id(key.account_id),
        hold=replace(hold),
        decline_code=code,
        available_paise=available,
        replayed=replayed,
    )
