"""The story of an application that opens a card account: the decision, the account with its card, the first bill."""

from datetime import date

from sqlalchemy import func, insert, select

from app.db.models import CardAccount, CreditScore, Customer
from app.domain.people.access import SYSTEM, Role
from tests.api.cards.desk import CardDesk
from tests.api.conftest import HeadersOf, Time

APPLY = "/api/v1/loans/apply"
ASKED = {"user_id": 9, "product": "REVOLVING_CARD", "amount": 60000, "tenure_months": 1, "annual_rate": 42}


async def add_customer(desk: CardDesk, time: Time, *, score: int, income_rupees: int) -> None:
    async with desk.uow_factory.open(SYSTEM) as uow:
        values = {"customer_id": 9, "state": "customer", "name": "Rahul Sharma", "actor": "system"}
        await uow.session.execute(
            insert(Customer).values(
                **values,
                annual_income_paise=income_rupees * 100,
                approved_limit_paise=income_rupees * 300,
                created_at=time.now,
            )
        )
        await uow.session.execute(
            insert(CreditScore).values(
                customer_id=9, id=9, scorecard_code="bank_balance", scorecard_version=1, score=score, facts={},
                factors={}, reasons=[], as_of=date(2026, 1, 10), computed_at=time.now,
            )
        )  # fmt: skip


async def apply(desk: CardDesk) -> dict[str, object]:
    headers = {**desk.headers, "Idempotency-Key": "apply-1"}
    answers = [await desk.client.post(APPLY, json=ASKED, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
    assert answers[0].json() == answers[1].json()
    found: dict[str, object] = answers[0].json()
    return found


async def test_an_approved_application_opens_an_account(desk: CardDesk, headers_of: HeadersOf, time: Time) -> None:
    await desk.to("2026-01-16")
    await add_customer(desk, time, score=720, income_rupees=18_00_000)
    desk.headers = await headers_of(Role.CUSTOMER, customer_id=9)
    answer = await apply(desk)
    assert (answer["status"], answer["loan_id"]) == ("approved", None)
    desk.account_id = str(answer["card_account_id"])
    account = await desk.get()
    # The amount is the limit, 40 % of it may be taken as cash, and the first cycle is a whole month.
    assert (account["limit"], account["available"], account["status"]) == (60000.0, 60000.0, "open")
    assert (account["cash_available"], account["statement_day"], account["next_statement_on"]) == (
        24000.0, 15, "2026-02-15",
    )  # fmt: skip
    (card,) = await desk.get("/cards")
    assert (card["status"], card["card_account_id"]) == ("active", desk.account_id)
    await desk.to("2026-01-20")
    spent = {
        "reference": "A1", "amount": "10000", "kind": "purchase", "card_token": card["token"],
        "merchant": {"name": "BIG BAZAAR", "category_code": "5411", "country": "IN"},
        "transacted_at": "2026-01-20T11:30:00+05:30",
    }  # fmt: skip
    assert (await desk.post("/authorisations", spent, status=200))["approved"]
    await desk.post("/captures", {"authorisation": "A1", "reference": "C1", "amount": "10000"})
    statement = await desk.statement("2026-02-15")
    assert (statement["total_due"], statement["minimum_due"], statement["due_on"]) == (10000.0, 500.0, "2026-03-07")


async def test_a_refused_application_opens_none(desk: CardDesk, headers_of: HeadersOf, time: Time) -> None:
    await desk.to("2026-01-16")
    await add_customer(desk, time, score=300, income_rupees=18_00_000)
    headers = {**await headers_of(Role.CUSTOMER, customer_id=9), "Idempotency-Key": "apply-1"}
    answer = await desk.client.post(APPLY, json=ASKED, headers=headers)
    assert answer.status_code == 422, answer.text
    async with desk.uow_factory.open(SYSTEM) as uow:
        assert await uow.session.scalar(select(func.count()).select_from(CardAccount)) == 0
