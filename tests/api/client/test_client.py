"""The typed client against the application: a customer's way, pages, renewal of tokens, refusals, and repeats."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.domain.people.access import SYSTEM, Role
from app.services.people.access import create_user_account, issue_tokens
from app.services.unit_of_work import UnitOfWorkFactory
from kist.client import UNSET, AsyncClient, Client, Code, ConnectionLost, NotFound, NotSignedIn, Refused
from kist.client.exchange import is_passing
from kist.client.models import (
    ApplicationStatus,
    FeeBody,
    FeePaid,
    LoanAnswer,
    LoanStatus,
    NextDue,
    QuoteAnswer,
    WriteOffBody,
)
from kist.client.values import read, to_json
from kist.client.webhooks import WebhookRefused, signature, verify
from tests.api.browser import serving
from tests.api.conftest import Time
from tests.api.stories import Story

ASHA: Any = {"name": "Asha Rao", "email": "asha@example.com", "aadhar_id": "234123412346", "password": "a quiet river"}


async def token_of(app: FastAPI, uow_factory: UnitOfWorkFactory, role: Role) -> str:
    async with uow_factory.open(SYSTEM) as uow:
        actor = await create_user_account(uow, role=role, name="Somebody")
        assert actor.user_account_id is not None
        return (await issue_tokens(uow, app.state.keyring, user_account_id=actor.user_account_id)).access_token


def client_of(story: Story, **options: Any) -> AsyncClient:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=story.app))
    return AsyncClient("http://kist.example/", http=http, **options)


def walk(address: str) -> None:
    """The way of a customer, with the client for threads."""
    with Client(address) as client:
        registered = client.register_customer(**ASHA, annual_income=Decimal("600000.00"))
        client.use(registered)
        assert client.get_score(user_id=registered.user_id).status == "PENDING"
        applied = client.apply_for_loan(
            user_id=registered.user_id, product="STANDARD_LOAN", amount=60_000, tenure_months=12, annual_rate="14"
        )
        assert (applied.status, applied.emi) == (ApplicationStatus.APPROVED, Decimal("5387.23"))
        assert applied.loan_id is not None
        loan = client.get_loan(loan_id=applied.loan_id)
        assert (loan.status, loan.amount, loan.closed_on) == (LoanStatus.ACTIVE, Decimal("60000.00"), None)
        assert isinstance(loan.disbursed_on, date)
        assert loan.next_due is not None
        paid = client.take_payment(loan_id=loan.loan_id, amount=loan.next_due.amount, idempotency_key="one")
        assert client.take_payment(loan_id=loan.loan_id, amount=loan.next_due.amount, idempotency_key="one") == paid
        assert paid.applied.advance == Decimal("5387.23")
        assert [each.payment_id for each in client.iter_payments()] == [paid.payment_id]
        pdf = client.download("/api/v1/statements", loan_id=loan.loan_id, format="pdf")
        assert pdf.startswith(b"%PDF")
        quoted = client.quote_loan(
            amount="100000", annual_rate=14, instalments=12, disbursed_on=date(2026, 12, 1),
            fees=[FeeBody(name="Processing", amount=500, paid=FeePaid.DEDUCTED)],
        )  # fmt: skip
        assert (quoted.net_disbursed, quoted.key_facts.fees[0].amount) == (Decimal(99_500), Decimal("500.00"))
        with pytest.raises(Refused, match="amount_beyond_payoff: ₹") as refused:
            client.take_payment(loan_id=loan.loan_id, amount="99999999.99")
        error = refused.value
        assert (error.code, error.status, error.field) == (Code.AMOUNT_BEYOND_PAYOFF, 422, "amount")
        assert error.figures == {"payoff": "54612.77"}
        assert error.what_to_do
        with pytest.raises(NotFound, match="loan_not_found"):
            client.get_loan(loan_id="LN-2026-9999")
        with pytest.raises(Refused) as wrong:
            client.quote_loan(amount=0, annual_rate=14, instalments=0, disbursed_on=date(2026, 12, 1))
        assert [fault.field for fault in wrong.value.faults] == ["amount", "instalments"]


async def test_a_customer_registers_borrows_and_pays(story: Story) -> None:
    async with serving(story.app) as address:
        await asyncio.to_thread(walk, address)


async def test_pages_are_read_to_the_end(app: FastAPI, story: Story) -> None:
    async with client_of(story, token=await token_of(app, story.uow_factory, Role.OFFICER)) as client:
        for number in range(5):
            aadhaar = ("234123412346", "345678901238", "888877776666", "999988887777", "777766665555")[number]
            await client.register_customer(aadhar_id=aadhaar, name="Asha", email=f"{number}@example.com")
        found = [row.user_id async for row in client.iter_customers(limit=2)]
        assert found == [f"BC-USER-00{number}" for number in range(1, 6)]
        assert (await client.search_customers(email="3@example.com")).items[0].user_id == "BC-USER-004"
        changed = await client.change_customer(user_id=1, phone="+91 98765 43210", address=None)
        assert (changed.phone, changed.address) == ("+91 98765 43210", None)
        proposal = WriteOffBody(kind="write_off", loan_id="LN-2026-0001", reason="none")
        with pytest.raises(NotFound, match=Code.LOAN_NOT_FOUND):
            await client.make_proposal(body=proposal)


async def test_tokens_are_renewed_before_and_after_they_expire(story: Story, time: Time) -> None:
    async with client_of(story) as client:
        client.use(await client.register_customer(**ASHA))
        await client.log_in("asha@example.com", "a quiet river")
        first = client._token
        time.advance(minutes=11)
        # Ten calls at once renew the tokens once: a refresh token works once.
        answers = await asyncio.gather(*(client.get_customer(user_id=1) for _ in range(10)))
        assert {answer.email for answer in answers} == {"asha@example.com"}
        assert client._token != first
        await client.sign_out_everywhere()
        with pytest.raises(NotSignedIn, match=Code.TOKEN_REVOKED):
            await client.get_customer(user_id=1)


# --- what is sent again ----------------------------------------------------------------------------------------------

LOST = httpx.ReadError("reset")
REFUSED = httpx.ConnectError("refused")
PAID = {
    "payment_id": "PM-000001", "loan_id": "LN-2026-0001", "amount": "1.00", "value_date": "2026-12-01",
    "reference_id": None, "applied": {"charges": "0.00", "interest": "0.00", "principal": "0.00", "advance": "1.00"},
    "outstanding": "0.00", "next_due": None, "loan_closed": False, "replayed": False, "overpaid": "0.00",
    "recovered": "0.00", "rounding": "0.00",
}  # fmt: skip


def scripted(*steps: Any) -> tuple[httpx.Client, list[httpx.Request]]:
    """A transport that answers with these steps: a status, or an error of the connection."""
    sent: list[httpx.Request] = []
    script = iter(steps)

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        step = next(script)
        if isinstance(step, Exception):
            raise step
        body = PAID if step == 201 else {"code": "busy", "detail": "x", "errors": []}
        return httpx.Response(step, json=body, headers={"Retry-After": "0"} if step in {409, 429} else {})

    return httpx.Client(transport=httpx.MockTransport(answer)), sent


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("kist.client.client.sleep", waits.append)
    return waits


@pytest.mark.parametrize(
    "steps, count", [((LOST, 201), 2), ((503, LOST, 500, 201), 4), ((REFUSED, 201), 2), ((409, 429, 201), 3)]
)
def test_a_payment_is_sent_again_with_its_key(steps: tuple[Any, ...], count: int) -> None:
    http, sent = scripted(*steps)
    paid = Client("http://kist.example", http=http).take_payment(loan_id=1, amount=1)
    assert paid.amount == Decimal("1.00")
    keys = {request.headers["Idempotency-Key"] for request in sent}
    assert (len(sent), len(keys), len(next(iter(keys)))) == (count, 1, 32)
    assert {request.content for request in sent} == {b'{"loan_id":1,"amount":1}'}


@pytest.mark.parametrize(
    "steps, error, count",
    [
        ((LOST, 201), ConnectionLost, 1),
        ((503, 201), Exception, 1),
        ((REFUSED, 422), Refused, 2),
        ((429, 422), Refused, 2),
    ],
)
def test_a_write_without_a_key_is_sent_again_only_if_it_did_nothing(
    steps: tuple[Any, ...], error: type[Exception], count: int
) -> None:
    http, sent = scripted(*steps)
    with pytest.raises(error):
        Client("http://kist.example", http=http).block_card(token="card_x")
    assert len(sent) == count


def test_it_gives_up_after_its_retries_and_names_the_key(no_waiting: list[float]) -> None:
    http, sent = scripted(LOST, LOST, LOST)
    with pytest.raises(ConnectionLost) as lost:
        Client("http://kist.example", http=http, retries=2).take_payment(loan_id=1, amount=1, idempotency_key="mine")
    assert (lost.value.key, len(sent), len(no_waiting)) == ("mine", 3, 2)
    assert all(0.1 * 2**number <= wait <= 0.3 * 2**number for number, wait in enumerate(no_waiting))


def test_a_conflict_is_not_repeated() -> None:
    assert not is_passing(httpx.Response(409), is_safe=True)
    assert not is_passing(httpx.Response(503), is_safe=False)


# --- values ----------------------------------------------------------------------------------------------------------


def test_amounts_are_sent_exactly_and_floats_are_refused() -> None:
    body = {"amount": Decimal("4407.40"), "on": date(2026, 12, 1), "left": UNSET, "none": None, "of": [Decimal("1E+2")]}
    assert to_json(body) == {"amount": "4407.40", "on": "2026-12-01", "none": None, "of": ["100"]}
    with pytest.raises(TypeError, match="a float may be wrong already"):
        to_json({"amount": 4407.4})


def test_an_answer_of_a_newer_service_is_read() -> None:
    text = '{"instalment": 1, "amount": "4407.43", "minimum": 0, "due_date": "2026-12-31", "billed": true, "new": [1]}'
    assert read(text, NextDue) == NextDue(
        instalment=1, amount=Decimal("4407.43"), minimum=Decimal(0), due_date=date(2026, 12, 31), billed=True
    )
    assert LoanAnswer.__dataclass_fields__["status"].name == "status"
    assert QuoteAnswer.__doc__ == "The schedule of a loan and its cost."


# --- webhooks --------------------------------------------------------------------------------------------------------

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": "1614265330",
    "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
NOW = 1614265330.0


def test_a_webhook_is_checked_against_the_example_of_the_standard() -> None:
    assert verify(BODY, HEADERS, secrets=[SECRET], now=NOW) == {"test": 2432232314}
    assert verify(BODY.decode(), HEADERS, secrets=["whsec_b3RoZXI=", SECRET], now=NOW + 299)
    two = HEADERS | {"Webhook-Signature": f"v1,bm9uZQ== {HEADERS['Webhook-Signature']}"}
    assert verify(BODY, two, secrets=[SECRET], now=NOW)
    signed = f"{HEADERS['Webhook-Id']}.{HEADERS['Webhook-Timestamp']}.".encode() + BODY
    assert f"v1,{signature(signed, secret=SECRET)}" == HEADERS["Webhook-Signature"]


@pytest.mark.parametrize(
    "body, change, secret, later",
    [
        (BODY + b" ", {}, SECRET, 0), (BODY, {"Webhook-Id": "msg_other"}, SECRET, 0),
        (BODY, {"Webhook-Timestamp": "1614265331"}, SECRET, 0), (BODY, {}, "whsec_b3RoZXI=", 0),
        (BODY, {}, SECRET, 301),
        (BODY, {}, SECRET, -301), (BODY, {"Webhook-Signature": ""}, SECRET, 0),
        (BODY, {"Webhook-Timestamp": "soon"}, SECRET, 0),
    ],
)  # fmt: skip
def test_a_webhook_that_is_not_genuine_is_refused(
    body: bytes, change: dict[str, str], secret: str, later: float
) -> None:
    with pytest.raises(WebhookRefused):
        verify(body, HEADERS | change, secrets=[secret], now=NOW + later)
    with pytest.raises(WebhookRefused, match="missing"):
        verify(body, {}, secrets=[secret], now=NOW)
