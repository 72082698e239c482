"""Staff accounts on the admin page: an admin adds, disables and enables them. Disabling takes effect at once."""

import asyncio

import httpx
import pytest
from sqlalchemy import select

from app.db.models import AuditEvent, UserAccount
from app.domain.people.access import SYSTEM, Actor, Forbidden, Role
from app.services.people.access import create_user_account
from app.services.people.staff import StaffNotFound, disable_staff
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, PASSWORD, Browse, csrf_token
from tests.api.admin.test_actions import press

NEW = {"name": "Kavita Joshi", "email": "Kavita@Kist.example", "role": "officer", "password": PASSWORD}
PAGE = "/admin/staff/create"


async def user_accounts(uow_factory: UnitOfWorkFactory) -> dict[str, UserAccount]:
    async with uow_factory.open(SYSTEM) as uow:
        return {str(row.email): row for row in (await uow.session.execute(select(UserAccount))).scalars()}


async def events(uow_factory: UnitOfWorkFactory, *, action: str) -> list[tuple[str, str, str]]:
    async with uow_factory.open(SYSTEM) as uow:
        statement = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        rows = (await uow.session.execute(statement)).scalars()
        return [(row.actor, row.object_kind, row.object_id) for row in rows]


async def add(client: httpx.AsyncClient, **changes: str) -> httpx.Response:
    return await client.post(PAGE, data=NEW | changes | {"csrftoken": csrf_token(await client.get(PAGE))})


async def sign_in(client: httpx.AsyncClient, email: str) -> httpx.Response:
    return await client.post("/api/v1/auth/token", data={"username": email, "password": PASSWORD})


async def test_an_admin_adds_somebody_who_then_signs_in(
    browse: Browse, uow_factory: UnitOfWorkFactory, client: httpx.AsyncClient
) -> None:
    page = await browse(ADMIN)
    answer = await add(page)
    assert answer.url.path == "/admin/staff/list"
    assert "kavita@kist.example" in answer.text
    found = await user_accounts(uow_factory)
    made, admin = found["kavita@kist.example"], found[ADMIN]
    assert (made.name, made.role, made.disabled_at) == ("Kavita Joshi", "officer", None)
    assert (f"admin:{admin.id}", "principal", str(made.id)) in await events(uow_factory, action="principal_made")
    assert (await sign_in(client, "kavita@kist.example")).status_code == 200
    shown = (await page.get(f"/admin/staff/detail?pk={made.id}")).text
    assert "Kavita Joshi" in shown
    assert (str(made.password_hash) in shown, PASSWORD in shown) == (False, False)
    assert "Kavita" not in (await page.get("/admin/staff/list?q=meera")).text


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"email": OFFICER}, "this e-mail address is in use"),
        ({"email": "nobody"}, "an e-mail address looks like"),
        ({"name": " "}, "required"),
        ({"password": "short"}, "8"),
        ({"role": "customer"}, "role"),
        ({"role": "system"}, "role"),
    ],
)
async def test_a_wrong_form_names_its_field_and_does_not_hold_the_password(
    browse: Browse, uow_factory: UnitOfWorkFactory, changes: dict[str, str], message: str
) -> None:
    page = await browse(ADMIN)
    before, noted = set(await user_accounts(uow_factory)), await events(uow_factory, action="principal_made")
    answer = await add(page, **changes)
    assert (answer.status_code, message in answer.text) == (422, True), answer.text[-3000:]
    assert (NEW | changes)["password"] not in answer.text
    assert set(await user_accounts(uow_factory)) == before
    assert await events(uow_factory, action="principal_made") == noted


async def test_a_disabled_account_is_worth_nothing_at_once(
    browse: Browse, uow_factory: UnitOfWorkFactory, client: httpx.AsyncClient
) -> None:
    admin, officer = await browse(ADMIN), await browse(OFFICER)
    tokens = (await sign_in(client, OFFICER)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await client.get("/api/v1/clock", headers=headers)).status_code == 200
    ravi = (await user_accounts(uow_factory))[OFFICER]

    # The second time the button does not exist, and nothing changes.
    for code in (200, 400):
        assert (await press(admin, "staff", "disable", pk=str(ravi.id))).status_code == code

    refused = await client.get("/api/v1/clock", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    refreshed = await client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "token_invalid")
    assert (await sign_in(client, OFFICER)).status_code == 401
    assert (await officer.get("/admin/loans/list")).url.path == "/admin/login"
    assert len(await events(uow_factory, action="staff_disabled")) == 1

    assert (await press(admin, "staff", "enable", pk=str(ravi.id))).status_code == 200
    # Earlier tokens and sessions stay invalid.
    assert (await client.get("/api/v1/clock", headers=headers)).status_code == 401
    assert (await officer.get("/admin/loans/list")).url.path == "/admin/login"
    assert (await sign_in(client, OFFICER)).status_code == 200
    assert len(await events(uow_factory, action="staff_enabled")) == 1


async def test_nobody_disables_their_own_account(browse: Browse, uow_factory: UnitOfWorkFactory) -> None:
    admin = await browse(ADMIN)
    meera = (await user_accounts(uow_factory))[ADMIN]
    answer = await press(admin, "staff", "disable", pk=str(meera.id))
    assert (answer.status_code, "another admin has to disable your account" in answer.text) == (400, True)
    assert (await user_accounts(uow_factory))[ADMIN].disabled_at is None
    assert await events(uow_factory, action="staff_disabled") == []


async def test_a_disabled_admin_cannot_disable_an_account(staff: None, uow_factory: UnitOfWorkFactory) -> None:
    found = await user_accounts(uow_factory)
    ravi, meera = found[OFFICER], found[ADMIN]
    async with uow_factory.open(SYSTEM) as uow:
        await disable_staff(uow, meera.id)
    with pytest.raises(Forbidden):
        async with uow_factory.open(Actor(role=Role.ADMIN, user_account_id=meera.id)) as uow:
            await disable_staff(uow, ravi.id)
    assert (await user_accounts(uow_factory))[OFFICER].disabled_at is None


async def test_two_admins_cannot_disable_each_other_at_once(staff: None, uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        other = await create_user_account(uow, role=Role.ADMIN, name="Kavita", email="kavita@kist.example")
    meera = Actor(role=Role.ADMIN, user_account_id=(await user_accounts(uow_factory))[ADMIN].id)

    async def disable(actor: Actor, whom: Actor) -> None:
        assert whom.user_account_id is not None
        async with uow_factory.open(actor) as uow:
            await disable_staff(uow, whom.user_account_id)

    outcomes = await asyncio.gather(disable(meera, other), disable(other, meera), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes if outcome is not None] == [Forbidden]
    left = [
        row for row in (await user_accounts(uow_factory)).values() if row.role == "admin" and row.disabled_at is None
    ]
    assert len(left) == 1


@pytest.mark.parametrize("pk", ["0", "x", "999999", str(2**70)])
async def test_an_unknown_account_cannot_be_disabled(browse: Browse, uow_factory: UnitOfWorkFactory, pk: str) -> None:
    answer = await press(await browse(ADMIN), "staff", "disable", pk=pk)
    assert 400 <= answer.status_code < 500
    assert [row.disabled_at for row in (await user_accounts(uow_factory)).values()] == [None, None]


async def test_a_customer_account_cannot_be_disabled_as_staff(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        asha = await create_user_account(uow, role=Role.CUSTOMER, name="Asha", email="asha@kist.example", customer_id=9)
        assert asha.user_account_id is not None
        with pytest.raises(StaffNotFound):
            await disable_staff(uow, asha.user_account_id)
    assert (await user_accounts(uow_factory))["asha@kist.example"].disabled_at is None


async def test_staff_accounts_are_for_admins(browse: Browse, uow_factory: UnitOfWorkFactory) -> None:
    officer = await browse(OFFICER)
    meera = (await user_accounts(uow_factory))[ADMIN]
    for path in ("list", "create", f"detail?pk={meera.id}"):
        assert (await officer.get(f"/admin/staff/{path}")).status_code == 403
    token = csrf_token(await officer.get("/admin/"))
    posted = await officer.post(PAGE, data=NEW | {"csrftoken": token})
    assert posted.status_code == 403
    assert (await press(officer, "staff", "disable", pk=str(meera.id))).status_code in {400, 403}
    assert {email: row.disabled_at for email, row in (await user_accounts(uow_factory)).items()} == {
        ADMIN: None,
        OFFICER: None,
    }
