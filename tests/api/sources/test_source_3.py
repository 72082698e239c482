"""Source 3, the Almeno credit system: limits from income, rates from the score of earlier loans, what is left to repay.

The document prints no requests; these are the approval system's calls, lived through by one customer.
"""

from datetime import date
from typing import Any

import pytest

from app.domain.people.access import Role
from tests.api.conftest import HeadersOf
from tests.api.stories import Story

JOHN = {"first_name": "John", "last_name": "Doe", "age": 30, "monthly_income": 50000, "phone_number": 9876543210}
LOAN = {"customer_id": 1, "loan_amount": 200000, "interest_rate": 10.5, "tenure": 24}


async def post(
    story: Story, path: str, body: dict[str, Any], headers: dict[str, str], *, status: int
) -> dict[str, Any]:
    answer = await story.client.post(path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    "monthly,limit", [(50_000, 1_800_000), (12_500, 500_000), (12_499, 400_000), (0, 0), ("33333.33", 1_200_000)]
)
async def test_the_limit_follows_from_the_income(
    story: Story, officer: dict[str, str], monthly: object, limit: int
) -> None:
    customer = await post(story, "/register", JOHN | {"monthly_income": monthly}, officer, status=201)
    assert (customer["approved_limit"], customer["monthly_income"]) == (limit, float(str(monthly)))


async def test_a_rate_below_the_slab_is_corrected_and_one_at_its_floor_is_not(
    story: Story, officer: dict[str, str]
) -> None:
    """Nobody lent to John yet: the thin-file score is 50, and the slab (30, 50] starts at 12 %."""
    await post(story, "/register", JOHN, officer, status=201)
    for asked, corrected, instalment in ((10.5, 12, 9414.69), (12, 12, 9414.69), (16, 16, 9792.62)):
        found = await post(story, "/check-eligibility", LOAN | {"interest_rate": asked}, officer, status=200)
        assert found == {
            "customer_id": 1, "approval": True, "interest_rate": asked, "corrected_interest_rate": corrected,
            "tenure": 24, "monthly_installment": instalment,
        }  # fmt: skip


async def test_a_loan_from_the_first_to_the_last_repayment(
    story: Story, officer: dict[str, str], headers_of: HeadersOf
) -> None:
    await post(story, "/register", JOHN, officer, status=201)
    created = await post(story, "/create-loan", LOAN | {"tenure": 3}, officer, status=201)
    assert created["loan_approved"] is True
    lines = (await story.client.get("/view-loans/1", headers=officer)).json()
    assert lines == [
        {
            "loan_id": 1, "loan_amount": 200000, "interest_rate": 12, "repayments_left": 3,
            "monthly_installment": created["monthly_installment"],
        }
    ]  # fmt: skip
    # The end follows from the tenure: three months from 21 November, the last instalment on 21 February.
    for day, left in (
        (date(2026, 12, 20), 3), (date(2026, 12, 21), 2), (date(2027, 1, 21), 1), (date(2027, 2, 21), 0),
    ):  # fmt: skip
        story.move_to(day)
        officer = await headers_of(Role.OFFICER)
        (line,) = (await story.client.get("/view-loans/1/", headers=officer)).json()
        assert (day, line["repayments_left"]) == (day, left)
    owed = (await story.client.get("/api/v1/loans/1/payoff", headers=officer)).json()["total"]
    await post(story, "/api/make-payment/", {"loan": 1, "amount": owed}, officer, status=200)
    (line,) = (await story.client.get("/view-loans/1", headers=officer)).json()
    assert line["repayments_left"] == 0


async def test_every_reason_of_a_refusal_is_told(story: Story, officer: dict[str, str]) -> None:
    """An instalment above half the income on the first loan, and then no more: the cap counts what is there already."""
    await post(story, "/register", JOHN, officer, status=201)
    first = LOAN | {"loan_amount": 1_000_000, "tenure": 36}
    await post(story, "/create-loan", first, officer, status=201)

    second = LOAN | {"loan_amount": 900_000}
    refused = await post(story, "/create-loan", second, officer, status=200)

    assert {key: refused[key] for key in ("loan_id", "customer_id", "loan_approved", "monthly_installment")} == {
        "loan_id": None, "customer_id": 1, "loan_approved": False, "monthly_installment": None,
    }  # fmt: skip
    assert refused["message"] == (
        "Instalments of ₹33,214.31 a month exceed 50 % of the monthly income, ₹25,000.00. "
        "The amount and the active loans, ₹19,00,000.00, exceed the approved limit of ₹18,00,000.00."
    )
    checked = await post(story, "/check-eligibility", second, officer, status=200)
    assert checked["approval"] is False
    assert len((await story.client.get("/view-loans/1", headers=officer)).json()) == 1
