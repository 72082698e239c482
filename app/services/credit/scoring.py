"""Scores customers, and finds stored scores.

`score_customer` is a job and may run any number of times: it sums the facts in the database, scores them, and stores a
row only if the result differs from the latest one. The scorecard `bank_balance` needs transactions; `loan_history`
always gives a score and is computed when a decision needs it.
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.db.repositories.credit import scoring as repository
from app.db.repositories.credit.scoring import StoredScore, reason_documents
from app.db.repositories.imports import bank_transactions as transactions
from app.db.repositories.lending import external_loans
from app.db.repositories.people import customers
from app.domain.credit.scoring import BANK_BALANCE, Scored, ScoreNotFound, replay, score
from app.domain.credit.scoring_facts import Facts, add_external
from app.domain.people.customers import CustomerNotFound
from app.services.credit.credit_events import score_changed
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWork

DECIDE_PENDING = "decide_pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """A customer's score as shown; `score` is None while there are no facts to score."""

    customer_id: int
    score_id: int | None
    scorecard: str
    score: Decimal | None
    factors: dict[str, Any] | None
    reasons: list[Any]
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReplay:
    """A stored score, and the result of scoring its facts again with the same version of the scorecard."""

    stored: StoredScore
    again: Scored | None
    same: bool


async def score_customer(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """The job: brings a customer's `bank_balance` score up to date.

    Two runs for one customer never overlap: a customer has at most one such job that is not done (see `outbox`).
    """
    customer_id: int = payload["customer_id"]
    await compute_score(uow, customer_id, scorecard=BANK_BALANCE)


async def compute_score(uow: UnitOfWork, customer_id: int, *, scorecard: str) -> Scored | None:
    """Scores a customer on today's facts, and stores the score if it differs. None while there are no facts.

    Raises `ScorecardUnknown`.
    """
    card = await repository.get_scorecard(uow.session, scorecard)
    as_of = await uow.business_date()
    facts = Facts(
        bank=await transactions.get_bank_facts(uow.session, customer_id),
        loans=add_external(
            await repository.get_loan_facts(uow.session, customer_id, as_of=as_of),
            external=await external_loans.get_loan_facts(uow.session, customer_id, as_of=as_of),
        ),
    )
    scored = score(card, facts=facts, as_of=as_of)
    if scored is not None:
        latest = await repository.find_latest_score(uow.session, customer_id, scorecard=scorecard)
        if latest is None or not _says_the_same(latest, scored):
            score_id = await repository.add_score(uow.session, customer_id, scored, now=uow.now)
            await publish(uow, score_changed(customer_id, scored, score_id=score_id))
            # Pending applications are decided by another job, because a failure there must not undo the score.
            await uow.enqueue(DECIDE_PENDING, key=str(customer_id), payload={"customer_id": customer_id})
    return scored


async def find_score(uow: UnitOfWork, customer_id: int, *, scorecard: str) -> StoredScore | None:
    """The latest stored score of a customer, for decisions."""
    return await repository.find_latest_score(uow.session, customer_id, scorecard=scorecard)


async def view_score(uow: UnitOfWork, customer_id: int, *, scorecard: str = BANK_BALANCE) -> ScoreView:
    """A customer's latest score with its factors. Raises `CustomerNotFound`."""
    if not uow.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    await customers.get_profile(uow.session, customer_id)
    stored = await repository.find_latest_score(uow.session, customer_id, scorecard=scorecard)
    return ScoreView(
        customer_id=customer_id,
        score_id=None if stored is None else stored.id,
        scorecard=scorecard,
        score=None if stored is None else stored.score,
        factors=None if stored is None else stored.factors,
        reasons=[] if stored is None else stored.reasons,
        as_of=None if stored is None else stored.as_of,
    )


async def replay_score(uow: UnitOfWork, score_id: int) -> ScoreReplay:
    """Scores the stored facts again with the same version of the scorecard. Nothing is written.

    Raises `ScoreNotFound`.
    """
    stored = await repository.get_score(uow.session, score_id)
    if not uow.actor.may_see(stored.customer_id):
        raise ScoreNotFound("there is no such score", field="score_id")
    card = await repository.get_scorecard(uow.session, stored.scorecard_code, version=stored.scorecard_version)
    again = replay(card, facts=stored.facts, as_of=stored.as_of)
    same = again is not None and _says_the_same(stored, again) and reason_documents(again) == stored.reasons
    return ScoreReplay(stored=stored, again=again, same=same)


def _says_the_same(stored: StoredScore, scored: Scored) -> bool:
    """Whether a new row would equal the stored one. Its date alone is not a difference."""
    return (
        stored.scorecard_version == scored.version
        and stored.score == scored.score
        and stored.facts == scored.facts
        and stored.factors == asdict(scored.factors)
    )
