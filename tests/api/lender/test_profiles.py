"""The lender's profile over HTTP: read by everybody who is signed in, changed by admins."""

import base64
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from app.domain.people.access import Role
from tests.api.conftest import HeadersOf

PATH = "/api/v1/lender"
PROFILE: dict[str, Any] = {
    "name": "Saral Finance Private Limited",
    "address": "14 Residency Road\nBengaluru 560025",
    "cin": "U65999KA2019PTC123456",
    "gstin": "29AAGCB7383J1Z4",
    "grievance_officer": "Meera Nair",
    "grievance_phone": "+91 80 4000 1000",
    "grievance_email": "grievance@saral.example",
    "upi_address": "saral@bank",
}


def logo(kind: str = "PNG") -> str:
    file = BytesIO()
    Image.new("RGB", (60, 20), "#0B5D58").save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


async def add(client: httpx.AsyncClient, headers: dict[str, str], **change: Any) -> httpx.Response:
    body = {"effective_from": "2026-11-21", "profile": PROFILE} | change
    return await client.post(PATH, json=body, headers=headers)


async def test_an_admin_adds_a_version_and_everybody_reads_it(
    client: httpx.AsyncClient, headers_of: HeadersOf, admin: dict[str, str], officer: dict[str, str]
) -> None:
    customer = await headers_of(Role.CUSTOMER, customer_id=9)
    missing = await client.get(PATH, headers=customer)
    assert (missing.status_code, missing.json()["code"]) == (404, "lender_profile_missing")

    made = await add(client, admin, logo=logo())
    assert made.status_code == 201, made.text
    assert (made.json()["version"], made.json()["has_logo"]) == (1, True)
    assert (await add(client, admin, logo=logo("JPEG"), effective_from="2026-12-01")).json()["version"] == 2

    found = await client.get(PATH, headers=customer)
    assert found.status_code == 200
    assert (found.json()["version"], found.json()["profile"]["gstin"]) == (1, "29AAGCB7383J1Z4")
    assert found.json()["profile"]["cooling_off_days"] is None
    versions = await client.get(f"{PATH}/versions", headers=admin)
    assert [each["version"] for each in versions.json()] == [2, 1]
    assert (await client.get(f"{PATH}/versions", headers=officer)).status_code == 403


@pytest.mark.parametrize(
    "change, code, field",
    [
        ({"profile": PROFILE | {"gstin": "29AAGCB7383J1Z5"}}, "lender_profile_invalid", "gstin"),
        ({"profile": PROFILE | {"cin": "U65999"}}, "lender_profile_invalid", "cin"),
        ({"profile": PROFILE | {"colour": "green"}}, "invalid_request", "profile.colour"),
        ({"effective_from": "2026-11-20"}, "lender_profile_too_early", "effective_from"),
        ({"logo": "not base64!"}, "lender_logo_invalid", "logo"),
        ({"logo": base64.b64encode(b"GIF89a").decode()}, "lender_logo_invalid", "logo"),
    ],
)
async def test_what_is_wrong_is_refused_by_name(
    client: httpx.AsyncClient, admin: dict[str, str], change: dict[str, Any], code: str, field: str
) -> None:
    answer = await add(client, admin, **change)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)
    assert (await client.get(PATH, headers=admin)).status_code == 404


async def test_an_officer_may_not(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    assert (await add(client, officer)).status_code == 403
