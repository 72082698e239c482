"""Quotes over HTTP: the golden figures of domain.md, section 6, and refusals by name."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

QUOTE = "/api/v1/loans/quote"
APR = "/api/v1/loans/apr"
USUAL = {"amount": 200000, "annual_rate": 12, "instalments": 24, "disbursed_on": "2026-01-31"}


async def ask(client: httpx.AsyncClient, headers: dict[str, str], **change: Any) -> httpx.Response:
    return await client.post(QUOTE, json={**USUAL, **change}, headers=headers)


@pytest.mark.parametrize(
    "amount,rate,instalments,emi",
    [
        (200000, 8.5, 24, 9091.13),
        (200000, "10.5", 24, 9275.21),
        (200000, 12, 24, 9414.69),
        (200000, 16, 24, 9792.62),
        (600000, 15, 10, 64201.84),
        (50000, 10.5, 12, 4407.43),
        ("1000000.00", 14, 36, 34177.63),
        (8500000, 14, 240, 105699.27),
    ],
)
async def test_the_emi(
    client: httpx.AsyncClient, officer: dict[str, str], amount: Any, rate: Any, instalments: int, emi: float
) -> None:
    answer = await ask(client, officer, amount=amount, annual_rate=rate, instalments=instalments)

    assert answer.status_code == 200
    assert answer.json()["emi"] == emi


async def test_a_quote_in_full(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await ask(
        client, officer, instalments=2, fees=[{"name": "Processing", "amount": 1180, "paid": "deducted"}]
    )

    assert answer.json() == {
        "emi": 101502.49,
        "instalments": [
            {
                "number": 1,
                "due_on": "2026-02-28",
                "days": 28,
                "principal": 99502.49,
                "interest": 2000.0,
                "amount": 101502.49,
                "balance": 100497.51,
            },
            {
                "number": 2,
                "due_on": "2026-03-31",
                "days": 31,
                "principal": 100497.51,
                "interest": 1004.98,
                "amount": 101502.49,
                "balance": 0.0,
            },
        ],
        "totals": {"principal": 200000.0, "interest": 3004.98, "fees": 1180.0, "amount": 203004.98},
        "net_disbursed": 198820.0,
        "apr": {"nominal": 16.800323, "effective": 18.156312},
        "key_facts": {
            "sanctioned_amount": 200000.0,
            "net_disbursed": 198820.0,
            "instalments": 2,
            "every": 1,
            "frequency": "month",
            "instalment": 101502.49,
            "first_due_on": "2026-02-28",
            "last_due_on": "2026-03-31",
            "annual_rate": 12.0,
            "rate_type": "fixed",
            "fees": [{"name": "Processing", "amount": 1180.0, "paid": "deducted"}],
            "total_interest": 3004.98,
            "total_fees": 1180.0,
            "total_to_pay": 203004.98,
            "apr": 16.8,
            "apr_effective": 18.16,
        },
    }


async def test_the_illustration_of_the_rbi(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await ask(
        client,
        officer,
        amount=20000,
        annual_rate=15,
        disbursed_on="2024-10-01",
        rounding={"unit": 1, "mode": "half_up"},
        fees=[
            {"name": "Ours", "amount": 240, "paid": "deducted"},
            {"name": "Insurance", "amount": 160, "paid": "deducted"},
        ],
    )

    body = answer.json()
    assert (body["emi"], body["net_disbursed"], round(body["apr"]["nominal"], 2)) == (970.0, 19600.0, 17.07)


@pytest.mark.parametrize(
    "paid,emi,net,to_pay,nominal",
    [
        ("deducted", 9414.69, 198000.0, 225952.70, 13.015199),
        ("upfront", 9414.69, 200000.0, 227952.70, 13.015199),
        ("financed", 9508.84, 200000.0, 228212.19, 13.005076),
    ],
)
async def test_how_a_fee_is_paid(
    client: httpx.AsyncClient,
    officer: dict[str, str],
    paid: str,
    emi: float,
    net: float,
    to_pay: float,
    nominal: float,
) -> None:
    body = (await ask(client, officer, fees=[{"name": "Fee", "amount": 2000, "paid": paid}])).json()

    found = (body["emi"], body["net_disbursed"], body["key_facts"]["total_to_pay"], body["apr"]["nominal"])
    assert found == (emi, net, to_pay, nominal)


async def test_the_products_of_the_sources(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    """Golden figures of section 6: daily_rounded, the card, and flat to the rupee."""
    daily = await ask(
        client,
        officer,
        amount=50000,
        annual_rate=10.5,
        instalments=12,
        every=30,
        frequency="day",
        interest_basis="daily_rounded",
        rounding={"unit": "0.01", "mode": "up"},
        disbursed_on="2025-01-31",
    )
    card = await ask(
        client, officer, amount=5000, annual_rate=14, instalments=12, rounding={"unit": 0.01, "mode": "up"}
    )
    flat = await ask(
        client,
        officer,
        amount=500000,
        annual_rate=8.8,
        amortisation="flat",
        due_day=5,
        rounding={"unit": 1, "mode": "half_up"},
        interest_rounding={"unit": 1, "mode": "half_up"},
    )

    body = daily.json()
    assert (body["emi"], body["instalments"][-1]["amount"], body["totals"]["interest"]) == (4406.04, 4405.94, 2872.38)
    assert [row["due_on"] for row in body["instalments"][:3]] == ["2025-03-02", "2025-04-01", "2025-05-01"]
    body = card.json()
    assert (body["emi"], body["instalments"][-1]["amount"], body["totals"]["interest"]) == (448.94, 448.88, 387.22)
    rows = flat.json()["instalments"]
    assert {(row["amount"], row["principal"], row["interest"]) for row in rows[:-1]} == {(24500.0, 20833.0, 3667.0)}
    assert (rows[-1]["principal"], rows[-1]["interest"]) == (20841.0, 3659.0)


async def test_every_other_field_is_read(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    body = (
        await ask(
            client,
            officer,
            day_count="30/360",
            interest_basis="days",
            first_due_on="2026-03-15",
            moratorium={"instalments": 2, "of": "both", "interest": "capitalised"},
            balloon=50000,
            disbursals=[{"on": "2026-01-31", "amount": 150000}, {"on": "2026-04-01", "amount": "50000.00"}],
        )
    ).json()

    rows = body["instalments"]
    assert (len(rows), rows[0]["due_on"], rows[0]["amount"], rows[1]["amount"]) == (24, "2026-03-15", 0.0, 0.0)
    assert rows[-1]["balance"] == 0
    assert rows[-1]["principal"] > 50000
    assert body["totals"]["principal"] > 200000


@pytest.mark.parametrize(
    "change,code,field",
    [
        ({"amount": 0}, "invalid_request", "amount"),
        ({"instalments": 0}, "invalid_request", "instalments"),
        ({"instalments": 1201}, "invalid_request", "instalments"),
        ({"annual_rate": -1}, "invalid_request", "annual_rate"),
        ({"frequency": "fortnight"}, "invalid_request", "frequency"),
        ({"disbursed_on": "31-01-2026"}, "invalid_request", "disbursed_on"),
        ({"disbursed_on": None}, "invalid_request", "disbursed_on"),
        ({"colour": "red"}, "invalid_request", "colour"),
        ({"fees": [{"name": "Fee", "amount": 1, "paid": "later"}]}, "invalid_request", "fees.0.paid"),
        ({"fees": [{"name": "Fee", "amount": 200000, "paid": "deducted"}]}, "fees_invalid", "fees"),
        ({"balloon": 200000}, "amount_invalid", "balloon"),
        ({"moratorium": {"instalments": 24}}, "moratorium_too_long", "moratorium"),
        ({"first_due_on": "2026-01-01"}, "due_rule_invalid", "first_due_on"),
        ({"amount": "0.05"}, "instalment_too_small", "instalments"),
        ({"disbursals": [{"on": "2026-01-31", "amount": 1}]}, "disbursals_invalid", "disbursals"),
        ({"interest_rounding": {"mode": "level"}}, "terms_contradict", "interest_rounding"),
    ],
)
async def test_senseless_terms_are_refused_by_name(
    client: httpx.AsyncClient, officer: dict[str, str], change: dict[str, Any], code: str, field: str
) -> None:
    answer = await ask(client, officer, **change)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)


async def test_a_quote_is_for_whoever_is_signed_in(client: httpx.AsyncClient) -> None:
    assert (await client.post(QUOTE, json=USUAL)).status_code == 401


class TestApr:
    @pytest.mark.parametrize(
        "convention,rate",
        [("nominal", 12.0), ("effective", 12.682503), ("regulation_z", 12.0), ("xirr", 12.686007)],
    )
    async def test_dated_flows(
        self, client: httpx.AsyncClient, officer: dict[str, str], convention: str, rate: float
    ) -> None:
        body = {
            "advances": [{"on": "2026-01-01", "amount": 100000}],
            "payments": [{"on": f"2026-{month:02d}-01", "amount": 1000} for month in range(2, 13)]
            + [{"on": "2027-01-01", "amount": 101000}],
            "convention": convention,
        }

        answer = await client.post(APR, json=body, headers=officer)

        assert answer.status_code == 200
        assert answer.json()["convention"] == convention
        assert answer.json()["apr"] == rate

    async def test_several_rates_are_told_apart(self, client: httpx.AsyncClient, officer: dict[str, str]) -> None:
        body = {
            "advances": [{"on": "2026-01-01", "amount": 1000}, {"on": "2028-01-01", "amount": 1320}],
            "payments": [{"on": "2027-01-01", "amount": 2300}],
            "convention": "xirr",
        }

        answer = await client.post(APR, json=body, headers=officer)

        assert (answer.status_code, answer.json()["code"]) == (422, "several_rates")

    async def test_more_changes_of_direction_than_can_be_counted_are_refused_by_name(
        self, client: httpx.AsyncClient, officer: dict[str, str]
    ) -> None:
        first = date(2026, 1, 1)
        body = {
            "advances": [{"on": f"{first + timedelta(days=2 * day)}", "amount": 1000} for day in range(2000)],
            "payments": [{"on": f"{first + timedelta(days=2 * day + 1)}", "amount": 1001} for day in range(1999)]
            + [{"on": f"{first + timedelta(days=3999)}", "amount": 5000}],
        }
        answered = await client.post(APR, json=body, headers=officer)
        body["advances"][-1]["on"], body["payments"][-1]["on"] = "2038-01-01", "2037-01-01"
        refused = await client.post(APR, json=body, headers=officer)

        # What is owed never turns: one rate, however many changes of direction.
        assert (answered.status_code, answered.json()["apr"]) == (200, 41.080373)
        assert (refused.status_code, refused.json()["code"]) == (422, "too_many_turns")
