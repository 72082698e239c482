"""Concessions as use cases: what one would come to, and granting it on a locked loan. Who decides is in `proposals`."""

from collections.abc import Mapping

from app.db.repositories import concessions as repository
from app.db.repositories.loans import LoanKey
from app.domain.billing import Billing
from app.domain.concessions import Concession, ConcessionKind, decide_concession, given_up
from app.services import loans
from app.services.calculations import caught_up
from app.services.work import Work


async def foresee(
    work: Work, key: LoanKey, *, kind: ConcessionKind, interest_paise: int = 0, charges_paise: int = 0
) -> Mapping[str, int]:
    """What a concession would give up today, by component in paise; nothing is written.

    Raises what `decide_concession` raises.
    """
    position, _ = await loans.read_position(work, key)
    today = await work.business_date()
    current = (await caught_up(work, position, through=today)).decision.position
    concession = Concession(
        number=0, kind=kind, granted_on=today, interest_paise=interest_paise, charges_paise=charges_paise
    )
    return given_up(decide_concession(current, concession).transfers)


async def grant(
    work: Work,
    key: LoanKey,
    *,
    kind: ConcessionKind,
    proposal_id: int,
    interest_paise: int = 0,
    charges_paise: int = 0,
) -> Mapping[str, int]:
    """Gives up a part or the rest of a loan on the business date; answers what it came to, by component in paise.

    Raises what `decide_concession` raises.
    """
    current = await loans.lock_current(work, key)
    concession = Concession(
        number=await repository.next_concession_number(work.session),
        kind=kind,
        granted_on=await work.business_date(),
        interest_paise=interest_paise,
        charges_paise=charges_paise,
    )
    decision = decide_concession(current.decision.position, concession)
    await loans.save(work, Billing(current.decision.then(decision), current.bills))
    await repository.add_concession(
        work.session, key, concession, proposal_id=proposal_id, now=work.now, actor=work.actor.label
    )
    return given_up(decision.transfers)
