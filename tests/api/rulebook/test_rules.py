"""`GET /api/v1/rules`."""

import httpx

RULES = "/api/v1/rules"


async def test_the_rules_of_a_day(client: httpx.AsyncClient, opened: None, officer: dict[str, str]) -> None:
    answer = await client.get(RULES, params={"on": "2026-06-30"}, headers=officer)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["on"], body["lender"]) == ("2026-06-30", "nbfc_middle")
    rules = {row["rule"]: row for row in body["rules"]}
    assert rules["bureau_as_on_days"]["value"] == [15, 31]
    assert rules["card_gst_percent"] == {
        "rule": "card_gst_percent",
        "words": "tax on a card's interest, fees and late fee, by the day of the posting",
        "value": "18",
        "unit": "percent",
        "from": "2017-07-01",
        "until": None,
        "counted": "event",
        "products": ["card"],
        "borrowers": ["individual", "individual_business", "other", "small_enterprise"],
        "reference": "Notification 12/2017-Central Tax (Rate), entry 27",
        "lives_in": "Notification 12/2017-Central Tax (Rate)",
        "sureness": "high",
    }
    first = body["changes"][0]
    assert (first["on"], first["before"]["value"], first["after"]["value"]) == (
        "2026-07-01", [15, 31], [9, 16, 23, 31],
    )  # fmt: skip


async def test_the_default_is_the_business_date(
    client: httpx.AsyncClient, opened: None, officer: dict[str, str]
) -> None:
    today = (await client.get("/api/v1/clock", headers=officer)).json()["business_date"]
    assert (await client.get(RULES, headers=officer)).json()["on"] == today


async def test_who_may_read_the_rules(client: httpx.AsyncClient, opened: None) -> None:
    assert (await client.get(RULES)).status_code == 401
