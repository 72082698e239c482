"""Credit scores: the score, its factors and its reasons, and the replay of a stored score."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field, PlainSerializer, WithJsonSchema

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import ScoreId, ScoreIdOut, UserId, UserIdOut
from app.api.schemas import Answer
from app.services.credit import scoring
from app.services.credit.scoring import ScoreReplay, ScoreView

router = KistRouter(prefix="/credit", tags=["Credit scores"])


def _number(score: Decimal) -> int | float:
    # A whole score is written as 720 and not as 720.0. A score has at most two decimals.
    return int(score) if score == score.to_integral_value() else float(score)


ScoreOut = Annotated[
    Decimal,
    PlainSerializer(_number),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1000, "examples": [720]}),
]


class FactorsAnswer(Answer):
    """The bands into which the customer's facts fall."""

    payment_history: str = Field(examples=["EXCELLENT"])
    credit_utilization: str = Field(examples=["LOW_RISK"])
    credit_age: str = Field(examples=["GOOD"])


class ScoreReason(Answer):
    """A reason for the score. Figures whose names end in `_paise` are in paise."""

    code: str = Field(examples=["balance_in_steps"])
    figures: dict[str, Any]


class ScoreAnswer(Answer):
    """The latest score. `PENDING` means that there is no score yet, because no facts are known."""

    user_id: UserIdOut
    score_id: ScoreIdOut | None
    status: Literal["AVAILABLE", "PENDING"]
    score: ScoreOut | None
    scorecard: str
    factors: FactorsAnswer | None
    reasons: list[ScoreReason]
    as_of: date | None


class ReplayAnswer(Answer):
    """A stored score and the score computed again. `same` says whether score, factors and reasons are all equal."""

    score_id: ScoreIdOut
    user_id: UserIdOut
    scorecard: str
    scorecard_version: int
    as_of: date
    score: ScoreOut
    replayed_score: ScoreOut | None
    same: bool
    factors: FactorsAnswer | None
    reasons: list[ScoreReason]


@router.get("/scores", dependencies=[READERS], summary="Read a credit score")
async def get_score(
    user_id: Annotated[UserId, Query(description="`BC-USER-009`, or its number")], uow: ReadingDep
) -> ScoreAnswer:
    """Gives the latest score, from 300 to 900. A background job computes it from the customer's bank transactions."""
    return _present(await scoring.view_score(uow, user_id))


@router.post("/scores/{score_id}/replay", dependencies=[READERS], summary="Replay a credit score")
async def replay_score(
    score_id: Annotated[ScoreId, Path(description="`CS-000056`, or its number")], uow: ReadingDep
) -> ReplayAnswer:
    """Computes a stored score again from its stored facts and its version of the scorecard. Nothing is stored. The
    result is always the same as the stored score; if `same` is false, report it."""
    return _present_replay(await scoring.replay_score(uow, score_id))


def _present(view: ScoreView) -> ScoreAnswer:
    return ScoreAnswer(
        user_id=view.customer_id,
        score_id=view.score_id,
        status="PENDING" if view.score is None else "AVAILABLE",
        score=view.score,
        scorecard=view.scorecard,
        factors=None if view.factors is None else FactorsAnswer(**view.factors),
        reasons=[ScoreReason(**reason) for reason in view.reasons],
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
        reasons=[] if again is None else [ScoreReason.model_validate(reason) for reason in again.reasons],
    )
