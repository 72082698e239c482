"""Group commit of authorisations: those that arrive during a transaction are decided together in the next one.

It is a group commit (`services/payments/group_commit.py`) with other statements. A group has three of
them: the callers, the locked accounts with their cards, and the holds. A call is decided in its group where the row of
its account is enough: nothing is due (a statement, a judgement), the card has no bound a day, and no other call of the
group is of the same account. Every other call is put off into the lane of its account, where `authorise` decides it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

import orjson

from app.db.repositories.cards import groups as repository
from app.db.repositories.cards.accounts import AccountKey, CardAccountNotFound
from app.db.repositories.cards.groups import Admission, Asked
from app.db.repositories.public_ids import NumberedKind
from app.db.session import Record
from app.domain.cards.authorisations import Ask, Hold, Line, decline, first_hold
from app.domain.cards.cards import CardStatus, Controls, controls_of
from app.domain.cards.engine.accounts import AccountStatus
from app.domain.errors import DomainError
from app.domain.people.access import Actor
from app.domain.products.card_terms import CardTerms
from app.services.cards.accounts import card_terms
from app.services.cards.authorisations import AuthorisationView, authorise, hold_values, view_of_hold
from app.services.payments.calls import PUT_OFF, PutOff
from app.services.payments.group_commit import CallGroups
from app.services.people.access import check_token
from app.services.people.tokens import Claims
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationCall:
    """What the network asks for, and who sent it. `claims` is the token that was shown; None within this program."""

    account_id: int
    ask: Ask
    token: str
    actor: Actor
    claims: Claims | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Card:
    """The card that asks, as far as it decides."""

    status: CardStatus
    expires_on: date
    controls: Controls


Outcome = AuthorisationView | DomainError | PutOff


class AuthorisationGroups(CallGroups[AuthorisationCall, AuthorisationView]):
    """The authorisations of one process.

    `take` raises what refuses one: TokenExpired, TokenRevoked, CardAccountNotFound, CardNotFound, ReferenceOfAnother,
    AmountOfNothing.
    """

    number_kind: ClassVar[NumberedKind] = "card_account"
    span = "authorisations"

    def number_of(self, call: AuthorisationCall) -> int:
        return call.account_id

    async def take_together(
        self, uow: UnitOfWork, calls: Sequence[AuthorisationCall], *, waits: bool
    ) -> Sequence[Outcome]:
        return await authorise_together(uow, calls, waits=waits)


async def authorise_together(uow: UnitOfWork, calls: Sequence[AuthorisationCall], *, waits: bool) -> list[Outcome]:
    """Decides authorisations in one transaction; answers what became of each. A group that waits is of one account."""
    group = _Group(uow, calls)
    await group.admit()
    if waits:
        await group.decide_each()
    else:
        await group.lock()
        await group.write()
    outcomes = [outcome for outcome in group.outcomes if outcome is not None]
    assert len(outcomes) == len(calls), "each call has an outcome"
    return outcomes


@dataclass(slots=True)
class _Group:
    """Authorisations on their way through one transaction. An outcome is None until it is known."""

    uow: UnitOfWork
    calls: Sequence[AuthorisationCall]
    outcomes: list[Outcome | None] = field(init=False)
    keys: dict[int, AccountKey] = field(default_factory=dict)
    decided: dict[int, tuple[Hold, str | None, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.outcomes = [None] * len(self.calls)

    def going_on(self) -> list[int]:
        """The places of the calls whose outcome is not known yet."""
        return [place for place, outcome in enumerate(self.outcomes) if outcome is None]

    def acting(self, place: int) -> UnitOfWork:
        """The transaction, for the actor of a call."""
        call = self.calls[place]
        return replace(self.uow, actor=call.actor, request_id=call.request_id)

    async def admit(self) -> None:
        """Checks the tokens, and finds the owners of the accounts."""
        asked = [
            Asked(None if call.claims is None else call.claims.actor.user_account_id, call.account_id)
            for call in self.calls
        ]
        admissions = await repository.admit(self.uow.session, asked)
        self.uow.set_clock(admissions[0].clock)
        for place, admission in enumerate(admissions):
            try:
                self.keys[place] = self._admit(self.calls[place], admission)
            except DomainError as refusal:
                self.outcomes[place] = refusal

    def _admit(self, call: AuthorisationCall, admission: Admission) -> AccountKey:
        if call.claims is not None:
            check_token(call.claims, admission.standing, now=self.uow.now)
        if admission.owner_id is None or not call.actor.may_see(admission.owner_id):
            raise CardAccountNotFound("there is no such card account", field="account_id")
        return AccountKey(admission.owner_id, call.account_id)

    async def decide_each(self) -> None:
        """Decides each under the lock of its account, which is waited for, in the order of arrival."""
        for place in self.going_on():
            call = self.calls[place]
            try:
                self.outcomes[place] = await authorise(
                    self.acting(place), call.account_id, call.ask, token=call.token
                )  # fmt: skip
            except DomainError as refusal:
                self.outcomes[place] = refusal

    async def lock(self) -> None:
        """Locks the accounts that nobody holds, and decides what their rows are enough for."""
        wanted: dict[AccountKey, int] = {}
        for place in self.going_on():
            if wanted.setdefault(self.keys[place], place) != place:
                self.outcomes[place] = PUT_OFF
        if not wanted:
            return
        tokens = {key: self.calls[place].token for key, place in wanted.items()}
        found = await repository.lock_accounts(self.uow.session, tokens)
        for key, place in wanted.items():
            row = found.get(key)
            try:
                is_decided = row is not None and await self._decide(place, row)
            except DomainError:
                # It may repeat an authorisation, and then is answered with that. The lane looks for it first.
                is_decided = False
            if not is_decided:
                self.outcomes[place] = PUT_OFF

    async def _decide(self, place: int, row: Record) -> bool:
        """Decides one authorisation from the row of its account. False: more is to be read."""
        call, today = self.calls[place], await self.uow.business_date()
        if row.next_event_on is not None and row.next_event_on <= today:
            return False
        if row.card_status is None:
            return False
        card = _Card(CardStatus(row.card_status), row.card_expires_on, controls_of(orjson.loads(row.card_controls)))
        if card.controls.per_day_paise is not None:
            return False
        terms, line = await self._terms(row, today), line_of_row(row)
        code = decline(call.ask, line, card, terms, spent_today_paise=0, on=today)
        hold = first_hold(call.ask, code, terms=terms, now=self.uow.now)
        self.decided[place] = hold, code, line.available_paise - hold.held_paise
        return True

    async def _terms(self, row: Record, today: date) -> CardTerms:
        """The terms in force today: those of the product's version that began last."""
        begun = [version for begins, version in orjson.loads(row.terms) if begins <= today.toordinal()]
        return await card_terms(self.uow, row.product_code, begun[-1] if begun else row.product_version)

    async def write(self) -> None:
        """Writes the holds. A call whose reference is known already is put off: it is answered with the first."""
        if not self.decided:
            return
        today = await self.uow.business_date()
        holds: list[dict[str, Any]] = []
        for place, (hold, code, available) in self.decided.items():
            values = hold_values(
                self.acting(place),
                self.keys[place],
                self.calls[place].ask,
                hold,
                token=self.calls[place].token,
                code=code,
                available_paise=available,
                on=today,
            )
            holds.append(values)
        written = await repository.add_holds(self.uow.session, holds)
        for place, (hold, code, available) in self.decided.items():
            key = self.keys[place]
            is_new = key in written
            self.outcomes[place] = view_of_hold(key, hold, code, available, replayed=False) if is_new else PUT_OFF


def line_of_row(row: Record) -> Line:
    """How an account stands on which nothing is due: what its row says."""
    return Line(
        status=AccountStatus(row.status),
        is_blocked=row.blocked_on is not None,
        limit_paise=row.limit_paise,
        used_paise=row.used_paise,
        held_paise=row.held_paise,
        cash_used_paise=row.cash_used_paise,
        cash_held_paise=row.cash_held_paise,
        consented_over_limit=row.over_limit_consent_on is not None,
    )
