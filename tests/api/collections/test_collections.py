"""Collections over HTTP: pages, files, promises, hours, assignment, views, the day; and who may not."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from app.domain.people.access import Role
from app.domain.products.seeded import STANDARD_LOAN
from app.services.collections import following
from app.services.delinquency import day_ends
from tests.api.conftest import HeadersOf
from tests.api.stories import Story
from tests.services.lending_desk import FAR, LendingHelper

Headers = dict[str, str]
FLOOR = "/api/v1/collections"
LOAN, LARGE = "LN-2026-0001", "LN-2026-0002"


async def follow(story: Story, *, on: date) -> None:
    """The daily run of a date."""
    story.time.now = datetime(on.year, on.month, on.day, 6, 0, tzinfo=UTC)
    await LendingHelper(story.uow_factory).run_billing(on=on)
    payload = {"through": day_ends.day_before(on).isoformat()}
    assert await day_ends.judge_day_ends(story.uow_factory, payload, until=FAR)
    assert await following.follow_day_ends(story.uow_factory, payload, until=FAR)


@pytest.fixture
async def late(story: Story) -> Story:
    """Two loans that are a day late: 10,661.85 and 17,769.76."""
    lending = LendingHelper(story.uow_factory)
    for amount in (120_000, 200_000):
        await lending.disburse(STANDARD_LOAN, amount=amount, rate="12", instalments=12)
    await follow(story, on=date(2026, 12, 22))
    return story


async def get(client: httpx.AsyncClient, path: str, headers: Headers, **query: Any) -> Any:
    answer = await client.get(f"{FLOOR}/{path}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_pages_of_the_work_list(late: Story, client: httpx.AsyncClient, officer: Headers) -> None:
    first = await get(client, "cases", officer, sort="-overdue", limit=1)
    second = await get(client, "cases", officer, sort="-overdue", limit=1, cursor=first["next_cursor"])
    last = await get(client, "cases", officer, sort="-overdue", limit=1, cursor=second["next_cursor"])
    assert [page["items"][0]["loan_id"] for page in (first, second)] == [LARGE, LOAN]
    assert last == {"items": [], "next_cursor": None}
    assert second["items"][0] == {
        "loan_id": LOAN, "card_account_id": None, "user_id": "BC-USER-1001", "name": "Asha Rao", "phone": None,
        "product": "STANDARD_LOAN", "days_past_due": 1, "asset_class": "sma_0", "overdue": 10661.85,
        "overdue_now": 10661.85, "oldest_due_on": "2026-12-21", "in_list_since": "2026-12-21", "closed_on": None,
        "officer_id": None, "officer": None, "next_action": None, "next_action_on": None, "promise": None,
        "promised": None, "promised_for": None, "contacted_at": None,
    }  # fmt: skip
    some = await get(client, "cases", officer, overdue_from="15000", days_to=30)
    assert [case["loan_id"] for case in some["items"]] == [LARGE]
    wrong = await client.get(f"{FLOOR}/cases?days_from=9&days_to=1", headers=officer)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "collection_filter_invalid")
    other = await client.get(f"{FLOOR}/cases?cursor={first['next_cursor']}", headers=officer)
    assert (other.status_code, other.json()["code"]) == (422, "cursor_unknown")


async def test_files_of_all_rows(late: Story, client: httpx.AsyncClient, officer: Headers, admin: Headers) -> None:
    answer = await client.get(f"{FLOOR}/cases/export", params={"sort": "-overdue"}, headers=officer)
    assert answer.headers["content-disposition"] == 'attachment; filename="work-list.csv"'
    rows = [line.split(",") for line in answer.text.strip().split("\r\n")]
    assert [row[0] for row in rows] == ["facility", LARGE, LOAN]
    book = await client.get(f"{FLOOR}/cases/export?format=xlsx", headers=officer)
    assert (book.content[:2], book.headers["content-type"].rpartition(".")[2]) == (b"PK", "sheet")
    wrong = await client.get(f"{FLOOR}/cases/export?unassigned=true&officer_id=1", headers=officer)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "collection_filter_invalid")
    seen = await client.get("/api/v1/audit/events", params={"action": "exported"}, headers=admin)
    assert [one["details"]["rows"] for one in seen.json()["items"] if one["action"] == "exported"] == [2, 2]


async def test_a_promise_is_made_kept_and_listed(
    late: Story, client: httpx.AsyncClient, officer: Headers, headers_of: HeadersOf
) -> None:
    body = {"loan_id": LOAN, "amount": "10661.85", "pay_by": "2026-12-24", "note": "after salary"}
    made = await client.post(f"{FLOOR}/promises", json=body, headers=officer)
    assert made.status_code == 201, made.text
    assert (made.json()["promise_id"], made.json()["status"], "note" in made.json()) == ("PTP-000001", "open", False)
    again = await client.post(f"{FLOOR}/promises", json=body, headers=officer)
    assert (again.status_code, again.json()["code"]) == (409, "promise_duplicate")
    paid = {"loan_id": LOAN, "amount": "10661.85", "payment_method": "UPI", "reference_id": "UTR-1"}
    assert (await client.post("/api/v1/loans/payments", json=paid, headers=officer)).status_code == 201
    await follow(late, on=date(2026, 12, 23))
    officer = await headers_of(Role.OFFICER)
    listed = await get(client, "promises", officer, status="kept", pay_from="2026-12-24", pay_to="2026-12-24")
    assert [(one["promise_id"], one["paid"], one["kept_on"], one["name"]) for one in listed["items"]] == [
        ("PTP-000001", 10661.85, "2026-12-22", "Asha Rao")
    ]
    view = await get(client, f"loans/{LOAN}", officer)
    assert (view["case"]["closed_on"], view["promises"][0]["status"]) == ("2026-12-22", "kept")
    diary = await get(client, "diary", officer, loan_id=LOAN)
    assert [(one["kind"], one["text"], one["details"]) for one in diary["items"]] == [
        ("promise_kept", None, {"promise": 1, "paid": 10661.85}),
        ("promise_made", "after salary", {"promise": 1, "amount": 10661.85, "pay_by": "2026-12-24"}),
    ]
    gone = await client.post(f"{FLOOR}/promises/PTP-000001/withdraw", headers=officer)
    assert (gone.status_code, gone.json()["code"]) == (409, "promise_decided")


async def test_contacts_inside_the_hours(late: Story, client: httpx.AsyncClient, officer: Headers) -> None:
    body = {"loan_id": LOAN, "channel": "call", "outcome": "reached"}
    refused = await client.post(f"{FLOOR}/contacts", json={**body, "at": "2026-12-21T19:30:00+05:30"}, headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (422, "contact_outside_hours")
    assert refused.json()["figures"] == {
        "local_time": "19:30", "time_zone": "Asia/Kolkata", "hours": ["08:00-19:00"],
        "reference": "RBI draft of 2026-05-20 on recovery",
    }  # fmt: skip
    for wrong in ({"at": "2026-12-21T10:00:00"}, {"channel": "fax"}, {"user_id": 1001}):
        assert (await client.post(f"{FLOOR}/contacts", json=body | wrong, headers=officer)).status_code == 422
    assert (await get(client, "diary", officer, loan_id=LOAN))["items"] == []
    noted = await client.post(f"{FLOOR}/contacts", json={**body, "at": "2026-12-21T18:59:00+05:30"}, headers=officer)
    assert (noted.status_code, noted.json()["happened_at"]) == (201, "2026-12-21T13:29:00Z")


async def test_a_note_with_an_aadhaar_number(late: Story, client: httpx.AsyncClient, officer: Headers) -> None:
    body = {"user_id": "BC-USER-1001", "text": "it is 2341 2341 2346"}
    refused = await client.post(f"{FLOOR}/notes", json=body, headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (422, "note_holds_identity_number")
    assert "2341" not in refused.text
    assert (await get(client, "diary", officer, user_id="BC-USER-1001"))["items"] == []


async def test_assignment_and_the_day(late: Story, client: httpx.AsyncClient, officer: Headers) -> None:
    (me,) = [one["officer_id"] for one in await get(client, "officers", officer)]
    bulk = {"officer_ids": [me], "filters": {"unassigned": True, "overdue_from": 15000}}
    done = await client.post(f"{FLOOR}/assignments/bulk", json=bulk, headers=officer)
    assert (done.status_code, done.json()) == (200, {"found": 1, "changed": 1})
    plan = {"loan_id": LARGE, "action": "visit", "on": "2026-12-22"}
    planned = await client.post(f"{FLOOR}/actions", json=plan, headers=officer)
    assert (planned.json()["officer"], planned.json()["next_action"]) == ("Somebody", "visit")
    day = await get(client, "day", officer)
    nothing = {"number": 0, "amount": 0.0}
    assert day == {
        "on": "2026-12-22",
        "officers": [
            {
                "officer_id": me, "officer": "Somebody", "due": nothing, "actions": {"number": 1, "amount": 17769.76},
                "promised": nothing, "bounced": nothing, "paid": nothing,
            }
        ],
    }  # fmt: skip
    lines = await get(client, "day/actions", officer, officer_id=me)
    assert [(line["loan_id"], line["state"], line["officer"]) for line in lines["items"]] == [
        (LARGE, "visit", "Somebody")
    ]
    due = await get(client, "day/due", officer, on="2026-12-21", limit=1)
    rest = await get(client, "day/due", officer, on="2026-12-21", limit=1, cursor=due["next_cursor"])
    assert [page["items"][0]["loan_id"] for page in (due, rest)] == [LOAN, LARGE]
    unknown = await client.post(f"{FLOOR}/assignments", json={"loan_id": LOAN, "officer_id": 999}, headers=officer)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "officer_unknown")
    cleared = await client.post(f"{FLOOR}/actions", json={"loan_id": LARGE}, headers=officer)
    assert cleared.json()["next_action"] is None
    half = await client.post(f"{FLOOR}/actions", json={"loan_id": LARGE, "action": "call"}, headers=officer)
    assert half.status_code == 422


async def test_saved_views(story: Story, client: httpx.AsyncClient, officer: Headers, headers_of: HeadersOf) -> None:
    body = {"name": "Large", "filters": {"overdue_from": 15000.5, "asset_class": "sma_1"}, "sort": "-overdue"}
    saved = await client.put(f"{FLOOR}/views", json=body, headers=officer)
    assert saved.status_code == 200, saved.text
    assert (saved.json()["filters"]["overdue_from"], saved.json()["mine"]) == (15000.5, True)
    assert await get(client, "views", officer) == [saved.json()]
    other = await headers_of(Role.OFFICER)
    assert await get(client, "views", other) == []
    number = saved.json()["view_id"]
    refused = await client.delete(f"{FLOOR}/views/{number}", headers=other)
    assert (refused.status_code, refused.json()["code"]) == (404, "collection_view_not_found")
    assert (await client.delete(f"{FLOOR}/views/{number}", headers=officer)).status_code == 204
    assert await get(client, "views", officer) == []


async def test_customers_and_services_may_not(late: Story, client: httpx.AsyncClient, headers_of: HeadersOf) -> None:
    for role in (Role.CUSTOMER, Role.SERVICE):
        stranger = await headers_of(role, customer_id=1001 if role is Role.CUSTOMER else None)
        for path in ("cases", "cases/export", f"loans/{LOAN}", "diary?loan_id=1", "promises", "day", "views"):
            assert (await client.get(f"{FLOOR}/{path}", headers=stranger)).status_code == 403
        note = {"loan_id": LOAN, "text": "hello"}
        assert (await client.post(f"{FLOOR}/notes", json=note, headers=stranger)).status_code == 403
