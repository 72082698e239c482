"""The lender's profile on the admin page: an admin adds a version; and the links to papers."""

import base64
from datetime import date
from io import BytesIO

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from app.db.models import LenderProfile
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, Browse, csrf_token
from tests.documents.reading import spoken_in, text_of
from tests.domain.lender.test_profiles import LEAST
from tests.services.lending_desk import LendingHelper

PAGE = "/admin/lender/create"
FORM = {name: str(value) for name, value in LEAST.items()} | {"new_effective_from": "2026-11-21", "keep_logo": "on"}


def logo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (60, 20), "#0B5D58").save(file, "PNG")
    return file.getvalue()


async def add(client: httpx.AsyncClient, *, picture: bytes | None = None, **changes: str) -> httpx.Response:
    token = csrf_token(await client.get(PAGE))
    sent: dict[str, str] = {} if picture is None else {"new_logo": base64.b64encode(picture).decode()}
    return await client.post(PAGE, data=FORM | changes | sent | {"csrftoken": token})


async def versions(uow_factory: UnitOfWorkFactory) -> list[tuple[int, str, bool, str]]:
    async with uow_factory.open(SYSTEM) as uow:
        rows = (await uow.session.execute(select(LenderProfile).order_by(LenderProfile.version))).scalars()
        return [(row.version, row.details["name"], row.logo is not None, row.actor.partition(":")[0]) for row in rows]


async def test_an_admin_adds_versions_and_the_form_begins_with_the_last_one(
    browse: Browse, uow_factory: UnitOfWorkFactory
) -> None:
    client = await browse(ADMIN)
    assert (await add(client, picture=logo(), cooling_off_days="3")).url.path == "/admin/lender/list"
    form = (await client.get(PAGE)).text
    assert 'value="Saral Finance Private Limited"' in form
    assert "14 Residency Road" in form
    assert (await add(client, name="Saral Bank")).url.path == "/admin/lender/list"
    assert (await add(client, name="Saral", keep_logo="")).url.path == "/admin/lender/list"
    assert await versions(uow_factory) == [
        (1, "Saral Finance Private Limited", True, "admin"),
        (2, "Saral Bank", True, "admin"),
        (3, "Saral", False, "admin"),
    ]
    shown = (await client.get("/admin/lender/detail?pk=1")).text
    assert "Meera Nair" in shown


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"gstin": "29AAGCB7383J1Z5"}, "15 characters with their check character"),
        ({"cin": "U65999"}, "21 characters"),
        ({"new_effective_from": "2026-11-20"}, "a version begins on 2026-11-21 or later"),
        ({"new_effective_from": "tomorrow"}, "write a date as 2026-11-21"),
    ],
)
async def test_a_wrong_value_is_shown_at_its_field(
    browse: Browse, uow_factory: UnitOfWorkFactory, changes: dict[str, str], message: str
) -> None:
    answer = await add(await browse(ADMIN), picture=None, **changes)
    assert (answer.url.path, message in answer.text) == (PAGE, True), answer.text
    assert await versions(uow_factory) == []


async def test_a_logo_that_is_no_picture(browse: Browse, uow_factory: UnitOfWorkFactory) -> None:
    answer = await add(await browse(ADMIN), picture=b"\x89PNG\r\n\x1a\n broken")
    assert answer.url.path == PAGE
    assert await versions(uow_factory) == []


async def test_an_officer_reads_only(browse: Browse) -> None:
    client = await browse(OFFICER)
    assert (await client.get("/admin/lender/list")).status_code == 200
    assert (await client.get(PAGE)).status_code == 403


# --- links to papers ---


async def test_papers_are_files_for_the_links_of_pages(browse: Browse, lending: LendingHelper) -> None:
    client = await browse(OFFICER)
    loan = await lending.disburse(STANDARD_LOAN, amount=200_000, rate="12", instalments=24)
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.pay(loan, amount=9_414_69, reference="R-1")
    for path, words in (
        ("payments/PM-000001/receipt", "Receipt of a payment"),
        ("loans/LN-2026-0001/statement", "Loan statement"),
        ("loans/LN-2026-0001/account-statement?from=2026-11-21&to=2026-12-21", "Statement of account"),
        ("loans/LN-2026-0001/interest-certificate?year=2026", "Interest certificate"),
        ("loans/1/foreclosure-letter?on=2026-12-31", "received on 31 Dec 2026"),
    ):
        answer = await client.get(f"/admin/papers/{path}")
        assert (path, answer.status_code, answer.headers["content-type"]) == (path, 200, "application/pdf")
        assert words in text_of(answer.content).replace("\n", " ")
    hindi = await client.get("/admin/papers/loans/1/foreclosure-letter?language=hi")
    assert "समयपूर्व भुगतान पत्र" in spoken_in(hindi.content)


@pytest.mark.parametrize(
    "path, status",
    [
        ("loans/LN-2026-0001/no-dues-letter", 409),
        ("loans/LN-2026-0009/statement", 404),
        ("loans/LN-2026-0001/love-letter", 404),
        ("loans/LN-2026-0001/foreclosure-letter?language=fr", 404),
        ("loans/LN-2026-0001/foreclosure-letter?on=tomorrow", 422),
        ("loans/x/statement", 422),
        ("", 404),
    ],
)
async def test_a_paper_that_makes_no_sense_is_a_page_that_says_so(
    browse: Browse, lending: LendingHelper, path: str, status: int
) -> None:
    client = await browse(OFFICER)
    await lending.disburse(STANDARD_LOAN, amount=200_000, rate="12", instalments=24)
    answer = await client.get(f"/admin/papers/{path}")
    assert (answer.status_code, "Quote the request id" in answer.text) == (status, True)


async def test_without_a_session_there_is_no_paper(browse: Browse, client: httpx.AsyncClient) -> None:
    answer = await client.get("/admin/papers/loans/LN-2026-0001/statement", follow_redirects=False)
    assert answer.status_code in (302, 303, 307)
