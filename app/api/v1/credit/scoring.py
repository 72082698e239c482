"""Credit scores: the number, the words for it, and why."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field, PlainSerializer, WithJsonSchema

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import ScoreId, ScoreIdOut, UserId, UserIdOut
from app.api.schemas import Answer
from app.services.credit import scoring
from app.services.credit.scoring import ScoreReplay, ScoreView

router = KistRouter(prefix="/credit", tags=["Credit scores"])


def _number(score: Decimal) -> int | float:
    # 720 and not 720.0; a score has two decimals at most.
    return int(score) if score == score.to_integral_value() else float(score)


ScoreOut = Annotated[Decimal, PlainSerializer(_number), WithJsonSchema({"type": "number", "examples": [720]})]


class FactorsAnswer(Answer):
    """The bands that the facts fall in."""

    payment_history: str = Field(examples=["EXCELLENT"])
    credit_utilization: str = Field(examples=["LOW_RISK"])
    credit_age: str = Field(examples=["GOOD"])


class ReasonAnswer(Answer):
    """Why the score is what it is. Money among the figures is in paise."""

    code: str = Field(examples=["balance_in_steps"])
    figures: dict[str, Any]


class ScoreAnswer(Answer):
    """The latest score. `PENDING` with a null score: nothing is known yet to score, which is not a bad score."""

    user_id: UserIdOut
    score_id: ScoreIdOut | None
    status: Literal["AVAILABLE", "PENDING"]
    score: ScoreOut | None
    scorecard: str
    factors: FactorsAnswer | None
    reasons: list[ReasonAnswer]
    as_of: date | None


class ReplayAnswer(Answer):
    """A score as it was stored and as it comes out again; `same` holds of the score, its factors and its reasons."""

    score_id: ScoreIdOut
    user_id: UserIdOut
    scorecard: str
    scorecard_version: int
    as_of: date
    score: ScoreOut
    replayed_score: ScoreOut | None
    same: bool
    factors: FactorsAnswer | None
    reasons: list[ReasonAnswer]


@router.get("/scores", dependencies=[READERS], summary="Read a credit score")
async def read_score(
    user_id: Annotated[UserId, Query(description="`BC-USER-009`, or its number")], uow: ReadingDep
) -> ScoreAnswer:
    """From 300 to 900, from the customer's bank transactions; it is computed in the background."""
    return _present(await scoring.view_score(uow, user_id))


@router.post("/scores/{score_id}/replay", dependencies=[READERS], summary="Replay a credit score")
async def replay_score(score_id: ScoreId, uow: ReadingDep) -> ReplayAnswer:
    """The same facts and the same version of the scorecard give the same score, for ever. Nothing is stored."""
    return _present_replay(await scoring.replay_score(uow, score_id))


def _present(view: ScoreView) -> ScoreAnswer:
    return ScoreAnswer(
        user_id=view.customer_id,
        score_id=view.score_id,
        status="PENDING" if view.score is None else "AVAILABLE",
        score=view.score,
        scorecard=view.scorecard,
        factors=None if view.factors is None else FactorsAnswer(**view.factors),
        reasons=[ReasonAnswer(**reason) for reason in view.reasons],
        as_of=view.as_of,
    )


def _present_replay(replay: ScoreReplay) -> ReplayAnswer:
    stored, again = replay.stored, replay.again
    return ReplayAnswer(
        score_id=stored.id,
        user_id=stored.customer_id,
        scorecard=stored.scorecard_code,
        scorecard_version=stored.scorecard_version,
        as_of=stored.as_of,
        score=stored.score,
        replayed_score=None if again is None else again.score,
        same=replay.same,
        factors=None if again is None else FactorsAnswer.model_validate(again.factors),
        reasons=[] if again is None else [ReasonAnswer.model_validate(reason) for reason in again.reasons],
    )
