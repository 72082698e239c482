"""Concessions as use cases: foresees what a concession would give up, and grants it on a locked loan.

`operations/proposals.py` controls who may decide on one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.db.repositories.lending.loans import LoanKey
from app.db.repositories.payments import concessions as repository
from app.domain.billing.cycles import Billing
from app.domain.billing.waived_tax import waived_taxes
from app.domain.lending.positions import Position
from app.domain.payments.concessions import Concession, ConcessionKind, decide_concession, given_up
from app.domain.payments.payment_events import concession_events
from app.domain.payments.replay import standing_groups
from app.domain.public_ids import LoanReference
from app.services.lending import loans, saving
from app.services.lending.calculations import caught_up
from app.services.payments.reversals import read_history
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoan:
    """A loan that was closed with a small balance unpaid; `written_off` is that balance by component, in paise."""

    position: Position
    written_off: Mapping[str, int]

    @property
    def public_id(self) -> str:
        """The loan's public id, such as `LN-2025-0456`."""
        return loans.public_loan_id(self.position)


async def foresee(
    uow: UnitOfWork,
    key: LoanKey,
    *,
    kind: ConcessionKind,
    interest_paise: int = 0,
    charges_paise: int = 0,
    charge_number: int | None = None,
) -> Mapping[str, int]:
    """What a concession would give up today, by component in paise; nothing is written.

    Raises ChargeNotOwed, and what `decide_concession` raises.
    """
    position, _ = await loans.read_position(uow, key)
    today = await uow.business_date()
    current = await caught_up(uow, position, through=today)
    concession = Concession(
        number=0, kind=kind, granted_on=today, interest_paise=interest_paise, charges_paise=charges_paise
    )
    decide_concession(current.decision.position, concession)
    concession = await _with_taxes(uow, key, current, concession, charge_number=charge_number)
    return given_up(decide_concession(current.decision.position, concession).transfers)


async def _with_taxes(
    uow: UnitOfWork, key: LoanKey, current: Billing, concession: Concession, *, charge_number: int | None
) -> Concession:
    """A waiver with the tax that credit notes give back of the charges that it forgives. Raises ChargeNotOwed."""
    if concession.kind is not ConcessionKind.WAIVER or not (concession.charges_paise or charge_number):
        return concession
    history = await read_history(uow, key, pending=current)
    taxes = waived_taxes(
        standing_groups(history.transfers),
        before=[part for earlier in history.concessions for part in earlier.taxes],
        charges_paise=concession.charges_paise,
        on=concession.granted_on,
        charge=None if charge_number is None else ("payment", charge_number),
    )
    return replace(concession, taxes=taxes)


async def grant(
    uow: UnitOfWork,
    key: LoanKey,
    *,
    kind: ConcessionKind,
    proposal_id: int | None = None,
    interest_paise: int = 0,
    charges_paise: int = 0,
    charge_number: int | None = None,
) -> Mapping[str, int]:
    """Gives up a part or the rest of a loan on the business date; returns what was given up, by component in paise.
    `proposal_id` names the proposal that was approved. A small balance has none: the product's terms decide it.

    Raises ChargeNotOwed, and what `decide_concession` raises.
    """
    current = await loans.lock_current(uow, key)
    was = current.decision.position.status
    concession = Concession(
        number=await repository.next_concession_number(uow.session),
        kind=kind,
        granted_on=await uow.business_date(),
        interest_paise=interest_paise,
        charges_paise=charges_paise,
    )
    decide_concession(current.decision.position, concession)
    concession = await _with_taxes(uow, key, current, concession, charge_number=charge_number)
    decision = decide_concession(current.decision.position, concession)
    amounts = given_up(decision.transfers)
    events = concession_events(decision.position, kind=kind, amounts=amounts, was=was)
    await saving.save(uow, current._replace(decision=current.decision.then(decision)), events=events)
    await repository.add_concession(
        uow.session, key, concession, proposal_id=proposal_id, now=uow.now, actor=uow.actor.label
    )
    return amounts


async def close_small_balance(uow: UnitOfWork, loan: LoanReference) -> ClosedLoan:
    """Closes a loan whose balance is below its product's tolerance. Raises LoanNotFound, BalanceNotSmall,
    LoanNotActive."""
    key = await loans.find_key(uow, loan)
    written_off = await grant(uow, key, kind=ConcessionKind.SMALL_BALANCE)
    await uow.record(
        "small_balance_written_off",
        object_kind="loan",
        object_id=str(key.loan_id),
        customer_id=key.customer_id,
        details={**written_off},
    )
    position, _ = await loans.read_position(uow, key)
    return ClosedLoan(position=position, written_off=written_off)
