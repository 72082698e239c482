"""A controller's month end over HTTP: the journal and its transfers, the trial balance, the close, what comes after."""

from xml.etree import ElementTree

import pytest

from app.domain.people.access import Role
from app.domain.products.seeded import STANDARD_LOAN
from tests.api.accounting.controller import Controller, summed

LOAN, CARD = "STANDARD_LOAN", "REVOLVING_CARD"
DECEMBER = {
    ("1010", LOAN): -109_338_15,
    ("1020", CARD): 1_000_00,
    ("1110", LOAN): 110_538_15,
    ("1210", CARD): 4_000_25,
    ("2220", CARD): -5_000_25,
    ("4110", LOAN): -1_200_00,
}


async def test_the_month_end(controller: Controller) -> None:
    await controller.cards.to("2027-01-04")
    # The journal of a day: by account and product, balanced.
    days = {day["on"]: day for day in await controller.get("journal?from=2026-12-01&to=2026-12-31")}
    assert sorted(days) == ["2026-12-01", "2026-12-21", "2026-12-22"]
    day = days["2026-12-21"]
    assert (day["debit"], day["credit"]) == (11_861.85, 11_861.85)
    assert [(line["code"], line["debit"], line["credit"], line["transfers"]) for line in day["lines"]] == [
        ("1010", 10_661.85, 0, 2),
        ("1110", 0, 9_461.85, 1),
        ("1120", 1_200, 1_200, 2),
        ("4110", 0, 1_200, 1),
    ]
    # Its transfers, page by page.
    line = f"journal/transfers?on=2026-12-21&book=loans&account=interest&product={LOAN}&limit=1"
    first = await controller.get(line)
    second = await controller.get(f"{line}&cursor={first['next_cursor']}")
    found = [one for page in (first, second) for one in page["items"]]
    assert [(one["of"], one["kind"], one["debit"], one["credit"], one["amount"]) for one in found] == [
        ("LN-2026-0001", "interest", "interest", "interest_income", 1_200),
        ("LN-2026-0001", "payment", "cash", "interest", 1_200),
    ]
    # The trial balance is the sum of the journal, and the result makes assets and liabilities equal.
    assert await controller.balances("2026-12-31") == DECEMBER
    assert summed(await controller.table("journal")) == DECEMBER
    result = await controller.get("profit-and-loss?from=2026-12-01&to=2026-12-31")
    assert (result["income"], result["expenses"], result["result"]) == (1_200, 0, 1_200)
    sheet = await controller.get("balance-sheet?on=2026-12-31")
    today = (await controller.get("trial-balance"))["on"]
    assert await controller.get("balance-sheet") == await controller.get(f"balance-sheet?on={today}")
    assert (sheet["assets"], sheet["liabilities"], sheet["result"]) == (6_200.25, 5_000.25, 1_200)
    # Two people close the month.
    own = await controller.headers(Role.ADMIN)
    proposed = await controller.post("periods", {"ends_on": "2026-12-31"}, status=201, headers=own)
    assert (proposed["begins_on"], proposed["ends_on"], proposed["status"]) == (
        "2026-11-21", "2026-12-31", "proposed",
    )  # fmt: skip
    refused = await controller.post("periods/1/approve", status=422, headers=own)
    assert refused["code"] == "own_period"
    closed = await controller.post("periods/1/approve", {"note": "agreed with the bank"}, role=Role.ADMIN)
    assert (closed["status"], closed["note"]) == ("closed", "agreed with the bank")
    files = [await controller.export(of, form) for of, form in (("journal", "csv"), ("journal", "tally"))]
    # Money that came in December is found in January: it is booked in January, and December stays.
    await controller.pay("20000", "2027-01-04", value_date="2026-12-24")
    assert await controller.balances("2026-12-31") == DECEMBER
    assert [await controller.export(of, form) for of, form in (("journal", "csv"), ("journal", "tally"))] == files
    january = await controller.balances("2027-01-04")
    assert january["1010", LOAN] == DECEMBER["1010", LOAN] + 20_000_00
    booked = await controller.get(f"journal/transfers?on=2027-01-04&book=loans&account=cash&product={LOAN}")
    assert {(one["value_date"], one["booked_on"]) for one in booked["items"]} == {("2026-12-24", "2027-01-04")}


async def test_a_period_is_decided_by_another_person_and_once(controller: Controller) -> None:
    await controller.cards.to("2027-01-04")
    refused = await controller.post("periods", {"ends_on": "2027-01-04"}, status=422)
    assert refused["code"] == "period_not_over"
    maker = await controller.headers()
    await controller.post("periods", {"ends_on": "2026-12-31"}, status=201, headers=maker)
    again = await controller.post("periods", {"ends_on": "2026-11-30"}, status=409)
    assert again["code"] == "period_proposed"
    assert (await controller.post("periods/1/approve", status=403))["code"] == "forbidden"
    assert (await controller.post("periods/1/withdraw", status=403))["code"] == "forbidden"
    withdrawn = await controller.post("periods/1/withdraw", headers=maker)
    assert withdrawn["status"] == "withdrawn"
    decided = await controller.post("periods/1/reject", role=Role.ADMIN, status=409)
    assert decided["code"] == "period_decided"
    listed = await controller.get("periods")
    assert [(one["period"], one["status"]) for one in listed["items"]] == [(1, "withdrawn")]
    assert (await controller.get("periods/1"))["status"] == "withdrawn"
    assert (await controller.get("periods/9", status=404))["code"] == "period_not_found"


async def test_the_lender_s_own_codes_are_in_every_report_and_export(controller: Controller) -> None:
    banks = [
        {"book": book, "account": "cash", "code": "BNK-01", "name": "HDFC & Sons A/c 4471"}
        for book in ("loans", "cards")
    ]
    headers = await controller.headers(Role.ADMIN)
    address = "/api/v1/accounting/chart"
    for changes, status, code in (
        (banks, 200, None),
        ([banks[0] | {"name": "Other"}], 422, "account_code_in_use"),
        ([banks[0] | {"account": "gold"}], 404, "account_unknown"),
        ([banks[0] | {"name": "=SUM(A1)"}], 422, "chart_entry_invalid"),
    ):
        answer = await controller.client.patch(address, json={"accounts": changes}, headers=headers)
        assert (answer.status_code, answer.json()["code"] if code else None) == (status, code), answer.text
    refused = await controller.client.patch(address, json={"accounts": banks}, headers=await controller.headers())
    assert refused.status_code == 403
    chart = await controller.get("chart")
    assert [one["name"] for one in chart if one["code"] == "BNK-01"] == ["HDFC & Sons A/c 4471"] * 2
    await controller.cards.to("2027-01-04")
    balances = await controller.balances("2026-12-31")
    assert (balances["BNK-01", LOAN], balances["BNK-01", CARD]) == (-109_338_15, 1_000_00)
    assert "1010" not in {code for code, _ in balances}
    vouchers = ElementTree.fromstring(await controller.export("journal", "tally"))
    names = {one.text for one in vouchers.iter("LEDGERNAME")}
    accounts = ElementTree.fromstring(await controller.export("accounts", "tally"))
    assert "HDFC & Sons A/c 4471" in names
    assert names <= {one.attrib["NAME"] for one in accounts.iter("LEDGER")}


async def test_each_transfer_is_exported_once(controller: Controller) -> None:
    await controller.cards.to("2027-01-04")
    rows = await controller.table("transfers")
    assert [(row["booked_on"], row["of"], row["kind"], row["amount_paise"]) for row in rows] == [
        ("2026-11-21", "LN-2026-0001", "disbursal", "12000000"),
        ("2026-12-01", "CA-000001", "posting", "500025"),
        ("2026-12-21", "LN-2026-0001", "interest", "120000"),
        ("2026-12-21", "LN-2026-0001", "payment", "120000"),
        ("2026-12-21", "LN-2026-0001", "payment", "946185"),
        ("2026-12-22", "CA-000001", "posting", "100000"),
    ]
    assert rows[0]["debit_account"] == "Loans: principal"
    assert await controller.table("transfers", "from=2026-12-02&to=2026-12-20") == []


@pytest.mark.parametrize(
    "path, status, code",
    [
        ("exports/transfers?from=2026-12-01&to=2026-12-31&format=tally", 422, "export_not_offered"),
        ("exports/accounts?from=2026-12-01&to=2026-12-31&format=csv", 422, "export_not_offered"),
        ("exports/journal?from=2026-12-01&to=2027-12-31&format=csv", 422, "report_days_invalid"),
        ("exports/journal?from=2026-12-22&to=2026-12-01&format=csv", 422, "report_days_invalid"),
        ("exports/gold?from=2026-12-01&to=2026-12-31", 422, None),
        ("journal?from=2026-11-01&to=2026-12-20", 422, "report_days_invalid"),
        ("trial-balance?on=2027-12-31", 422, "report_days_invalid"),
        ("journal/transfers?on=2026-12-21&book=cards&account=gold&product=X", 404, "account_unknown"),
        ("journal/transfers?on=2026-12-21&book=cards&account=cash&product=X&cursor=1", 422, "cursor_unknown"),
    ],
)
async def test_what_cannot_be_read_is_refused(controller: Controller, path: str, status: int, code: str | None) -> None:
    answer = await controller.client.get(f"/api/v1/accounting/{path}", headers=await controller.headers())
    assert answer.status_code == status, answer.text
    if code is not None:
        assert answer.json()["code"] == code


async def test_a_report_takes_as_many_statements_for_many_loans_as_for_one(
    controller: Controller, counted: list[str]
) -> None:
    """The number of statements depends on the days of a report, not on what was booked on them."""
    await controller.cards.to("2027-01-04")
    reports = [
        "journal?from=2026-12-21&to=2026-12-22",
        f"journal/transfers?on=2026-12-21&book=loans&account=cash&product={LOAN}",
        "trial-balance?on=2026-12-31",
        "profit-and-loss?from=2026-12-01&to=2026-12-31",
        "balance-sheet?on=2026-12-31",
    ]
    headers = await controller.headers()

    async def count() -> list[int]:
        counts = []
        for path in reports:
            counted.clear()
            answer = await controller.client.get(f"/api/v1/accounting/{path}", headers=headers)
            assert answer.status_code == 200, answer.text
            counts.append(len(counted))
        return counts

    before = await count()
    for _ in range(5):
        await controller.lending.disburse(STANDARD_LOAN, amount=50_000, rate="12", instalments=12)
    assert await count() == before
