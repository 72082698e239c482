"""Applications for loans under faults: each with its own Idempotency-Key, repeated until it is acknowledged.

Most applicants have a score and are decided at once, until they have as many loans as the product allows. Newcomers
have none: their application waits until a file with their bank transactions is imported (`uploads.py`). At the end each
key has one application, each application was acknowledged, and each approved one has exactly one loan.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.domain.public_ids import format_user_id
from tests.chaos.caller import Answer, Caller
from tests.chaos.load import rupees
from tests.chaos.people import People
from tests.chaos.target import Target

PEOPLE = 2
PAUSE_SECONDS = 0.25
DECIDED = frozenset({"approved", "refused"})

APPLICATIONS = """
SELECT a.id, a.customer_id, a.product_code, a.amount_paise, a.status, a.loan_id,
       (SELECT count(*) FROM loans AS l WHERE l.customer_id = a.customer_id AND l.application_id = a.id) AS loans,
       (SELECT count(*) FROM cards AS c WHERE c.customer_id = a.customer_id AND c.loan_id = a.loan_id) AS cards
FROM applications AS a
"""
KEYS = "SELECT key FROM idempotency_keys WHERE route LIKE '%/loans/apply' AND answer IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What an application asked for, and what it was answered."""

    customer_id: int
    paise: int
    application: str
    status: str
    loan: str | None


@dataclass(slots=True, kw_only=True)
class Applying:
    """The applicants, and what was acknowledged under each key."""

    caller: Caller
    people: People
    random: random.Random
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)

    async def apply_once(self, http: httpx.AsyncClient) -> None:
        """Sends one application until it is acknowledged."""
        key = f"apply-{len(self.acknowledged) + self.random.randrange(10**9)}"
        if self.random.random() < 0.2:
            customer_id, paise = self.random.choice(self.people.newcomers), 5_000_00
            terms: dict[str, Any] = {"product": "CREDIT_CARD"}
        else:
            customer_id, paise = self.random.choice(self.people.applicants), self.random.randrange(500_00, 5_000_00)
            terms = {"product": "CREDIT_CARD_LOAN", "amount": rupees(paise), "tenure_months": 12, "annual_rate": 12}
        await self.send(http, key, {"user_id": format_user_id(customer_id), **terms}, customer_id, paise)

    async def send(
        self, http: httpx.AsyncClient, key: str, body: dict[str, Any], customer_id: int, paise: int
    ) -> None:  # fmt: skip
        request = http.build_request("POST", "/api/v1/loans/apply", json=body, headers={"Idempotency-Key": key})
        answer = await self.caller.send(http, request, is_answer=_is_decision, same=_told)
        self.acknowledged[key] = Acknowledged(customer_id, paise, *_told(answer))


def _is_decision(answer: Answer) -> bool:
    return answer.is_success or (answer.status_code == 422 and answer.json()["code"] == "application_refused")


def _told(answer: dict[str, Any]) -> tuple[str, str, str | None]:
    """What was decided. A refusal is a problem; its `status` is that of HTTP."""
    refused = "reasons" in answer and answer.get("code") == "application_refused"
    return answer["application_id"], "refused" if refused else answer["status"], answer.get("loan_id")


async def verify_applications(target: Target, applying: Applying) -> list[str]:
    """Returns one line for each fact that was verified. Raises AssertionError if one does not hold."""
    rows = {f"AP-{row['id']:06d}": row for row in await target.rows(APPLICATIONS)}
    by_application: dict[str, list[Acknowledged]] = defaultdict(list)
    for one in applying.acknowledged.values():
        by_application[one.application].append(one)
    assert rows.keys() == by_application.keys(), sorted(rows.keys() ^ by_application.keys())[:5]
    for number, answers in by_application.items():
        _verify(rows[number], answers)
    keys = [row["key"] for row in await target.rows(KEYS)]
    assert sorted(keys) == sorted(applying.acknowledged), sorted({*keys} ^ applying.acknowledged.keys())[:5]
    approved = [row for row in rows.values() if row["status"] == "approved"]
    loose = await target.value(
        "SELECT count(*) FROM loans WHERE application_id IS NOT NULL AND (customer_id, application_id) NOT IN"
        " (SELECT customer_id, id FROM applications WHERE status = 'approved')"
    )
    assert loose == 0, f"{loose} loans have no approved application"
    waited = sum(answers[0].status == "pending" for answers in by_application.values())
    return [
        f"{len(keys):,} applications acknowledged, each key once: {len(rows):,} in the books",
        f"{len(approved):,} of them approved, each with one loan; {waited:,} had waited for a score",
    ]


def _verify(row: Any, answers: Sequence[Acknowledged]) -> None:
    what = f"{dict(row)} was acknowledged as {answers}"
    assert {(one.customer_id, one.paise) for one in answers} == {(row["customer_id"], row["amount_paise"])}, what
    # Only one that waits may have several keys: a second request for it is told how it stands.
    assert len(answers) == 1 or any(one.status == "pending" for one in answers), what
    assert {one.status for one in answers} <= {"pending", row["status"]}, what
    assert row["loans"] == (row["status"] == "approved"), what
    assert row["cards"] == (row["loans"] and row["product_code"] == "CREDIT_CARD"), what
    assert all(one.loan is None or int(one.loan.rpartition("-")[2]) == row["loan_id"] for one in answers), what
