"""Scores over HTTP: what a score was made of makes it again, whatever has happened since."""

from datetime import date
from typing import Any

import pytest_asyncio
from sqlalchemy import func, select

from app.db.models import CreditScore
from app.db.repositories.products.products import add_scorecard
from app.domain.credit.scoring import LOAN_HISTORY, SEEDED_SCORECARDS, Scorecard
from app.domain.people.access import SYSTEM, Role
from app.services.credit.scoring import compute_score
from app.services.unit_of_work import UnitOfWorkFactory
from tests import databases
from tests.api.conftest import START, HeadersOf
from tests.api.stories import Story, bearer

REGISTER = {"aadhar_id": "888877776666", "name": "Rahul Sharma", "email": "rahul@brightlend.com"}
#: A balance of 7,30,000: 300 + 10 x 42.
STATEMENT = [("2026-02-01", 500_000), ("2026-03-15", 250_000), ("2026-03-18", -20_000)]


@pytest_asyncio.fixture
async def rahul(story: Story) -> dict[str, str]:
    """A customer, number 1, with a score of 720, number 1; their headers."""
    story.move_to(date(2026, 11, 21))
    registered = (await story.client.post("/api/v1/users/register", json=REGISTER)).json()
    await story.add_statement(1, STATEMENT)
    await story.work_off()
    return bearer(registered["access_token"])


async def count_scores(uow_factory: UnitOfWorkFactory) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return int((await uow.session.execute(select(func.count()).select_from(CreditScore))).scalar_one())


async def replayed(story: Story, headers: dict[str, str], score_id: str) -> dict[str, Any]:
    answer = await story.client.post(f"/api/v1/credit/scores/{score_id}/replay", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_score_comes_out_again_after_facts_and_scorecard_have_changed(
    story: Story, rahul: dict[str, str]
) -> None:
    shown = (await story.client.get("/api/v1/credit/scores?user_id=1", headers=rahul)).json()
    assert (shown["score_id"], shown["score"]) == ("CS-000001", 720)
    # Since then he was paid, and the scorecard got a version that gives nobody more than 600.
    await story.add_statement(1, [("2026-11-20", 90_000)], import_id=2)
    card = SEEDED_SCORECARDS[0]
    stricter = Scorecard(code=card.code, version=2, parameters={**card.parameters, "maximum": 600})
    async with story.uow_factory.open(SYSTEM) as uow:
        await add_scorecard(uow.session, stricter, now=START, actor="system")
        await compute_score(uow, 1, scorecard=card.code)
    story.move_to(date(2026, 11, 22))
    rahul = await story.token_of(1)

    first, second = await replayed(story, rahul, "CS-000001"), await replayed(story, rahul, "2")

    assert first == {
        "score_id": "CS-000001", "user_id": "BC-USER-001", "scorecard": "bank_balance", "scorecard_version": 1,
        "as_of": "2026-11-21", "score": 720, "replayed_score": 720, "same": True, "factors": shown["factors"],
        "reasons": [{
            "code": "balance_in_steps",
            "figures": {"balance_paise": 730_000_00, "steps": 42, "transactions": 3},
        }],
    }  # fmt: skip
    assert first["reasons"] == shown["reasons"]
    assert (second["scorecard_version"], second["score"], second["replayed_score"], second["same"]) == (
        2, 600, 600, True,
    )  # fmt: skip
    assert await count_scores(story.uow_factory) == 2


async def test_a_loan_history_comes_out_again(story: Story, rahul: dict[str, str], officer: dict[str, str]) -> None:
    async with story.uow_factory.open(SYSTEM) as uow:
        await compute_score(uow, 1, scorecard=LOAN_HISTORY)
    found = await replayed(story, officer, "CS-000002")
    assert (found["scorecard"], found["score"], found["replayed_score"], found["same"]) == (
        "loan_history", 50, 50, True,
    )  # fmt: skip


async def test_a_score_that_was_tampered_with_is_told(story: Story, rahul: dict[str, str], owner_dsn: str) -> None:
    async with databases.connection(owner_dsn) as owner:
        await owner.execute("UPDATE credit_scores SET score = 900")
    found = await replayed(story, rahul, "1")
    assert (found["score"], found["replayed_score"], found["same"]) == (900, 720, False)


async def test_somebody_elses_score_is_not_there(story: Story, rahul: dict[str, str], headers_of: HeadersOf) -> None:
    stranger = await headers_of(Role.CUSTOMER, customer_id=9)
    answers = [
        await story.client.post(f"/api/v1/credit/scores/{score_id}/replay", headers=headers)
        for score_id, headers in (("1", stranger), ("2", rahul))
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "score_not_found")] * 2
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    bad = await story.client.post("/api/v1/credit/scores/CS-1/replay", headers=rahul)
    assert (bad.status_code, "CS-1" in bad.text) == (422, False)
