"""Key facts over HTTP: an offer that is accepted, one that lapses, and the loan that is made on what was accepted."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pyxirr import irr
from sqlalchemy import func, insert, select

from app.db.models import Application, AuditEvent, Customer, Holiday, KeyFacts, Loan, Transfer
from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM, Role
from app.domain.products.products import CoLending
from app.domain.products.seeded import CREDIT_CARD_LOAN, STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.services.credit.applications import decide_pending, expire_pending
from app.services.lender import profiles
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.conftest import START, HeadersOf
from tests.api.credit.test_applications import add_score
from tests.api.lender.test_profiles import PROFILE
from tests.documents.reading import lines_of, spoken_in, text_of
from tests.domain.made_loans import EVERY_CHARGE
from tests.services.lending_desk import LendingHelper

ASKING = replace(
    STANDARD_LOAN,
    version=2,
    offer=replace(STANDARD_LOAN.offer, needs_acceptance=True),
    repayment=replace(STANDARD_LOAN.repayment, charges=EVERY_CHARGE, cooling_off_days=3),
)
BODY = {"user_id": 9, "product": "STANDARD_LOAN", "amount": 60000, "tenure_months": 12, "annual_rate": 14}
APPLICATION = "/api/v1/applications/AP-000001"
ACCEPTANCE = f"{APPLICATION}/key-facts/acceptance"
keys = count(1)


@pytest_asyncio.fixture
async def asked(uow_factory: UnitOfWorkFactory, opened: None) -> UnitOfWorkFactory:
    """A product that asks for acceptance, a customer, a lender. It is Saturday, 21 November 2026."""
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, ASKING, offered_from=date(2026, 11, 1), now=START, actor="system")
        await uow.session.execute(
            insert(Customer).values(
                customer_id=9, state="customer", name="Rahul Sharma", annual_income_paise=18_00_000_00,
                approved_limit_paise=54_00_000_00, created_at=START, actor="system",
            )
        )  # fmt: skip
        words = {"recovery_clause": "Clause 12", "grievance_clause": "Clause 15", "grievance_clause_hindi": "खंड 15"}
        await profiles.add_version(uow, document=PROFILE | words, effective_from=date(2026, 11, 21), logo=None)
    return uow_factory


async def send(client: httpx.AsyncClient, headers: dict[str, str], path: str, **body: Any) -> httpx.Response:
    return await client.post(path, json=body, headers={**headers, "Idempotency-Key": f"key-{next(keys)}"})


async def apply(client: httpx.AsyncClient, headers: dict[str, str], **change: Any) -> httpx.Response:
    return await send(client, headers, "/api/v1/loans/apply", **BODY | change)


async def rows(uow_factory: UnitOfWorkFactory) -> list[int]:
    async with uow_factory.open(SYSTEM) as uow:
        return [
            (await uow.session.execute(select(func.count()).select_from(model))).scalar_one()
            for model in (Application, KeyFacts, Loan, Transfer)
        ]


async def test_an_offer_waits_for_its_acceptance(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    made = await apply(client, officer)
    assert made.status_code == 202, made.text
    application = made.json()
    assert (application["status"], application["loan_id"], application["due_dates"]) == ("offered", None, [])
    # Three working days after Saturday: Monday, Tuesday, Wednesday.
    assert (application["annual_rate"], application["expires_on"]) == (14, "2026-11-26")
    assert await rows(asked) == [1, 1, 0, 0]

    facts = (await client.get(f"{APPLICATION}/key-facts", headers=officer)).json()
    assert {name: facts[name] for name in facts if name not in ("fees", "contingent_charges")} == {
        "proposal": "AP-000001", "loan_id": None, "product": "Standard loan", "issued_on": "2026-11-21",
        "valid_until": "2026-11-25", "accepted_on": None, "accepted_by": None, "sanctioned": 60000.0,
        "net_disbursed": 59292.0, "lent_before": 0.0, "changed_since": [], "co_lending": None,
        "annual_rate": 14,
        "rate_type": "fixed", "instalments": 12, "instalment": 5440.2,
        "first_due_on": "2026-12-21", "last_due_on": "2027-11-21", "total_interest": 4692.41, "total_fees": 1398.0,
        "total_to_pay": 65382.41, "apr": 18.48, "apr_effective": 20.13,
        "cooling_off": {"until": "2026-11-24", "payoff": 60660.69},
    }  # fmt: skip
    assert [(fee["name"], fee["total"], fee["paid"]) for fee in facts["fees"]] == [
        ("Processing fee", 708.0, "deducted"),
        ("Stamp duty", 100.0, "upfront"),
        ("Insurance service", 590.0, "financed"),
    ]
    again = await apply(client, officer, amount=50000)
    assert (again.status_code, again.json()["code"]) == (409, "application_waiting")
    assert await rows(asked) == [1, 1, 0, 0]


async def test_who_lends_together_and_at_which_blended_rate(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    """A bank funds four fifths: the rate of the loan is the blended rate, and the statement names both."""
    partner = CoLending(partner="Grameen Bank Ltd", partner_share_percent=Decimal(80))
    together = replace(ASKING, version=3, offer=replace(ASKING.offer, co_lending=partner))
    async with asked.open(SYSTEM) as uow:
        await add_product(uow.session, together, offered_from=date(2026, 11, 2), now=START, actor="system")
    await apply(client, officer)
    facts = (await client.get(f"{APPLICATION}/key-facts", headers=officer)).json()
    assert facts["co_lending"] == {
        "partner": "Grameen Bank Ltd", "partner_share": 80, "own_share": 20, "blended_rate": 14,
    }  # fmt: skip
    paper = await client.get(f"{APPLICATION}/key-facts", headers=officer, params={"format": "pdf"})
    words = " ".join(text_of(paper.content).split())
    assert "Originating: Saral Finance Private Limited, 20 %; partner: Grameen Bank Ltd, 80 %; blended" in words, words


async def test_a_holiday_makes_it_valid_for_longer(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    async with asked.open(SYSTEM) as uow:
        await uow.session.execute(
            insert(Holiday).values(calendar="IN", on=date(2026, 11, 24), name="Guru Nanak Jayanti")
        )
    assert (await apply(client, officer)).json()["expires_on"] == "2026-11-27"


async def test_the_loan_is_made_on_what_was_accepted(
    client: httpx.AsyncClient, headers_of: HeadersOf, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    """On the third day, after the product's terms have changed: amount, rate and fees are those accepted."""
    borrower = await headers_of(Role.CUSTOMER, customer_id=9)
    await apply(client, borrower)
    async with asked.open(SYSTEM) as uow:
        changed = replace(ASKING, version=3, repayment=replace(ASKING.repayment, charges=None))
        await add_product(uow.session, changed, offered_from=date(2026, 11, 22), now=START, actor="system")
    await LendingHelper(asked).set_date(date(2026, 11, 25))

    accepted = await send(client, borrower, ACCEPTANCE, language="hi")
    assert accepted.status_code == 201, accepted.text
    found = accepted.json()
    assert (found["status"], found["loan_id"], found["emi"]) == ("approved", "LN-2026-0001", 5440.2)
    assert (found["disbursed_on"], found["due_dates"][0]["date"]) == ("2026-11-25", "2026-12-25")
    assert await rows(asked) == [1, 1, 1, 6]

    again = await send(client, borrower, ACCEPTANCE)
    assert (again.status_code, again.json()["loan_id"]) == (201, "LN-2026-0001")
    assert await rows(asked) == [1, 1, 1, 6]

    facts = (await client.get("/api/v1/loans/LN-2026-0001/key-facts", headers=borrower)).json()
    assert (facts["proposal"], facts["loan_id"]) == ("AP-000001", "LN-2026-0001")
    assert (facts["issued_on"], facts["accepted_on"], facts["apr"]) == ("2026-11-21", "2026-11-25", 18.48)
    assert facts["accepted_by"].startswith("customer:")
    assert (facts["first_due_on"], facts["cooling_off"]["until"]) == ("2026-12-25", "2026-11-28")
    assert (await client.get(f"{APPLICATION}/key-facts", headers=borrower)).json() == facts
    # What closes the loan while it can be left is what the statement names, and the ledger agrees.
    payoff = await client.get("/api/v1/loans/1/payoff", params={"on": "2026-11-28"}, headers=borrower)
    assert payoff.json()["total"] == facts["cooling_off"]["payoff"] == 60660.69
    later = await client.get("/api/v1/loans/1/payoff", params={"on": "2026-11-29"}, headers=borrower)
    assert later.json()["total"] > 63_000
    async with asked.open(SYSTEM) as uow:
        event = (
            await uow.session.execute(select(AuditEvent).where(AuditEvent.action == "key_facts_accepted"))
        ).scalar_one()
        assert (event.object_id, event.details) == ("1", {"language": "hi", "apr_percent": "18.48000000", "loan_id": 1})
    async for page in reconcile_all(asked):
        assert page.differences == ()


async def test_the_apr_is_what_the_ledger_then_holds(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    """Every bill is paid on its day. The rate of return of the cash in the ledger, by another program, is the APR."""
    await apply(client, officer)
    await send(client, officer, ACCEPTANCE)
    apr = (await client.get("/api/v1/loans/1/key-facts", headers=officer)).json()["apr"]
    lending, loan = LendingHelper(asked), LoanReference(number=1, year=None)
    schedule = (await client.get("/api/v1/loans/1/schedule", headers=officer)).json()["instalments"]
    for row in schedule:
        await lending.run_billing(on=date.fromisoformat(row["due_on"]))
        await lending.pay(loan, amount=int(Decimal(str(row["amount"])) * 100))
    async with asked.open(SYSTEM) as uow:
        cash = (
            await uow.session.execute(
                select(Transfer.value_date, Transfer.debit, Transfer.amount_paise).where(
                    (Transfer.debit == "cash") | (Transfer.credit == "cash")
                )
            )
        ).all()
        status = (await uow.session.execute(select(Loan.status))).scalar_one()
    assert status == "closed"
    by_month = [0] * 13
    for value_date, debit, paise in cash:
        month = (value_date.year - 2026) * 12 + value_date.month - 11
        by_month[month] += paise if debit == "cash" else -paise
    assert by_month[0] == -59_192_00
    rate = irr(by_month)
    assert rate is not None
    assert round(rate * 1200, 2) == apr == 18.48


@pytest.mark.parametrize("nightly", [False, True])
async def test_an_offer_lapses(
    client: httpx.AsyncClient, headers_of: HeadersOf, officer: dict[str, str], asked: UnitOfWorkFactory, nightly: bool
) -> None:
    await apply(client, officer)
    await LendingHelper(asked).set_date(date(2026, 11, 26))
    if nightly:
        async with asked.open(SYSTEM) as uow:
            assert await expire_pending(uow) == 1
    officer = await headers_of(Role.OFFICER)
    refused = await send(client, officer, ACCEPTANCE)
    assert (refused.status_code, refused.json()["code"]) == (409, "key_facts_lapsed")
    assert (await client.get(APPLICATION, headers=officer)).json()["status"] == "expired"
    assert await rows(asked) == [1, 1, 0, 0]
    # The statement can still be read, and a new application is a new offer.
    assert (await client.get(f"{APPLICATION}/key-facts", headers=officer)).json()["valid_until"] == "2026-11-25"
    assert (await apply(client, officer, amount=50000)).json()["application_id"] == "AP-000002"
    assert await rows(asked) == [2, 2, 0, 0]


async def test_an_application_that_waited_for_its_score_is_offered_then(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    offer = replace(CREDIT_CARD_LOAN.offer, waits_for_score=True, needs_acceptance=True)
    async with asked.open(SYSTEM) as uow:
        product = replace(CREDIT_CARD_LOAN, version=2, offer=offer)
        await add_product(uow.session, product, offered_from=date(2026, 11, 1), now=START, actor="system")
    pending = await apply(client, officer, product="CREDIT_CARD_LOAN", amount=50000, annual_rate=10.5)
    assert (pending.status_code, pending.json()["status"]) == (202, "pending")
    assert (await client.get(f"{APPLICATION}/key-facts", headers=officer)).json()["code"] == "key_facts_not_made"
    await add_score(asked, 700)
    async with asked.open(SYSTEM) as uow:
        (view,) = await decide_pending(uow, 9)
    assert (view.status.value, view.application.expires_on) == ("offered", date(2026, 11, 26))
    accepted = await send(client, officer, ACCEPTANCE)
    assert (accepted.json()["status"], accepted.json()["loan_id"]) == ("approved", "LN-2026-0001")
    assert await rows(asked) == [1, 1, 1, 1]


async def test_what_has_no_key_facts(
    client: httpx.AsyncClient, headers_of: HeadersOf, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    refused = await apply(client, officer, amount=90_00_000)
    assert (refused.status_code, refused.json()["code"]) == (422, "application_refused")
    found = await client.get(f"{APPLICATION}/key-facts", headers=officer)
    assert (found.status_code, found.json()["code"]) == (409, "key_facts_not_made")
    accepted = await send(client, officer, ACCEPTANCE)
    assert (accepted.status_code, accepted.json()["code"]) == (409, "application_not_offered")
    stranger = await headers_of(Role.CUSTOMER, customer_id=8)
    for path in (f"{APPLICATION}/key-facts", "/api/v1/applications/7/key-facts"):
        answer = await client.get(path, headers=stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, "application_not_found")
    assert (await send(client, stranger, ACCEPTANCE)).json()["code"] == "application_not_found"
    assert (await client.get("/api/v1/loans/7/key-facts", headers=officer)).json()["code"] == "loan_not_found"


async def test_the_older_surfaces_refuse_a_product_that_asks(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    body = {"customer_id": 9, "loan_amount": 60000, "interest_rate": 14, "tenure": 12}
    answer = await client.post("/create-loan", json=body, headers=officer)
    assert answer.status_code == 400, answer.text
    assert "must accept the key facts" in answer.text
    assert await rows(asked) == [0, 0, 0, 0]


# --- the document ---


async def document(client: httpx.AsyncClient, headers: dict[str, str], path: str, **query: str) -> bytes:
    answer = await client.get(path, params={"format": "pdf", **query}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    return answer.content


async def test_the_document_fills_every_line(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    await apply(client, officer)
    content = await document(client, officer, f"{APPLICATION}/key-facts")
    lines = lines_of(content)
    for label, value in (
        ("Proposal", "AP-000001"),
        ("Issued on", "21 Nov 2026"),
        ("Can be accepted until", "25 Nov 2026"),
        ("Loan proposal / account No.; type of loan", "AP-000001; Standard loan"),
        ("Sanctioned loan amount (in rupees)", "₹60,000.00"),
        ("Annual percentage rate (APR) (%)", "18.48 %"),
        ("Processing fee", "₹708.00 with GST of"),
        ("(i) Penal charges in case of delayed payment", "24 % a year of what is overdue, by the day"),
        ("(ii) Other penal charges", "None"),
        ("(iii) Foreclosure charges", "Part prepayment: 2 % of the principal prepaid + GST 18 %"),
        ("(v) Any other charges", "Returned payment: ₹500.00 + GST 18 %"),
        ("Clause of the loan agreement on grievance redressal", "Clause 15"),
        ("Net disbursed amount", "₹59,292.00"),
        ("Total amount to be paid by the borrower", "₹65,382.41"),
    ):
        assert lines[lines.index(label) + 1] == value, label
    text = text_of(content)
    for words in (
        "Saral Finance Private Limited", "Meera Nair", "grievance@saral.example", "Clause 12",
        "The loan can be left until 24 Nov 2026: ₹60,660.69,", "Not a collaborative loan",
        "Not accepted yet. The lender is bound by this statement until 25 Nov 2026.",
    ):  # fmt: skip
        assert words in text, words
    assert "To be stated in the loan agreement" not in text
    assert "None stated in this quote" not in text
    await send(client, officer, ACCEPTANCE)
    accepted = text_of(await document(client, officer, "/api/v1/loans/1/key-facts")).replace("\n", " ")
    assert "Accepted on 21 Nov 2026 (staff of the lender, on the borrower's word)." in accepted
    assert "AP-000001 / LN-2026-0001; Standard loan" in accepted


async def test_the_document_in_hindi(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory
) -> None:
    await apply(client, officer)
    spoken = spoken_in(await document(client, officer, f"{APPLICATION}/key-facts", language="hi"))
    for words in (
        "मुख्य तथ्य विवरण",
        "भाग 1: ब्याज दर और शुल्क",
        "स्वीकार करने की अंतिम तारीख",
        "25 नवंबर 2026",
        "स्वीकृत ऋण राशि (रुपये में)",
        "14 % वार्षिक, स्थिर",
        "12 माह",
        "समान, प्रति माह",
        "अतिदेय राशि पर 24 % वार्षिक, प्रतिदिन के हिसाब से",
        "खंड 15",
        "सहयोगी ऋण नहीं है",
        "वार्षिक प्रतिशत दर (पंक्ति 9)",
        "पुनर्भुगतान अनुसूची",
        "कुल",
    ):
        assert words in spoken, words
    assert any("24 नवंबर 2026 तक छोड़ा जा सकता है" in words for words in spoken)


async def test_a_loan_that_was_made_at_once_has_key_facts_too(
    client: httpx.AsyncClient, officer: dict[str, str], opened: None, uow_factory: UnitOfWorkFactory
) -> None:
    await LendingHelper(uow_factory).disburse(STANDARD_LOAN, amount=60_000, rate="14", instalments=12)
    facts = (await client.get("/api/v1/loans/1/key-facts", headers=officer)).json()
    assert (facts["proposal"], facts["valid_until"], facts["accepted_on"]) == ("LN-2026-0001", None, None)
    assert (facts["apr"], facts["total_fees"], facts["cooling_off"]["until"]) == (14.0, 0, "2026-11-22")
    text = text_of(await document(client, officer, "/api/v1/loans/1/key-facts"))
    assert "The loan was made on the application itself." in text
    refused = await client.get("/api/v1/loans/1/key-facts", params={"format": "csv"}, headers=officer)
    assert refused.status_code == 406


async def test_key_facts_take_a_fixed_number_of_statements(
    client: httpx.AsyncClient, officer: dict[str, str], asked: UnitOfWorkFactory, counted: list[str]
) -> None:
    await apply(client, officer)
    await send(client, officer, ACCEPTANCE)
    lending, found = LendingHelper(asked), list[int]()
    await client.get("/api/v1/loans/1/key-facts", headers=officer)  # fills the caches of the process
    for month in (1, 2):
        for form in ("json", "pdf"):
            counted.clear()
            await client.get("/api/v1/loans/1/key-facts", params={"format": form}, headers=officer)
            found.append(len(counted))
        await lending.run_billing(on=date(2026, 11, 21) + timedelta(days=31 * month))
    assert found[:2] == found[2:]
    assert max(found) <= 12
