"""`/api/v1/bureau`: the files, and what was said about a borrower."""

from datetime import date

import httpx

from app.services.unit_of_work import UnitOfWorkFactory
from tests.services.delinquency.conftest import Desk
from tests.services.delinquency.test_bureau import make
from tests.services.delinquency.test_day_ends import CUSTOMER, lend
from tests.services.lending_desk import LendingHelper

FILES, RECORDS = "/api/v1/bureau/files", "/api/v1/bureau/records"


async def test_a_file_and_what_was_said(
    client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory, opened: None, officer: dict[str, str]
) -> None:
    desk = Desk(LendingHelper(uow_factory))
    await lend(desk)
    await desk.run(on=date(2026, 12, 1))
    unknown = await client.get(f"{FILES}/2026-11-30", headers=officer)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "bureau_file_not_found")
    await make(desk)

    (listed,) = (await client.get(FILES, headers=officer)).json()
    assert (listed["as_on"], listed["kind"], listed["since"], listed["records"]) == ("2026-11-30", "full", None, 1)
    file = await client.get(f"{FILES}/2026-11-30", headers=officer)
    assert file.headers["content-type"].startswith("text/csv")
    header, line, rest = file.text.split("\r\n")
    assert (header.split(",")[:3], rest) == (["as_on", "user_id", "loan_id"], "")
    assert line.startswith(
        f"2026-11-30,BC-USER-{CUSTOMER},LN-2026-0001,STANDARD_LOAN,active,2026-11-21,,120000.00,12,12"
    )

    (said,) = (await client.get(RECORDS, params={"user_id": CUSTOMER}, headers=officer)).json()
    assert (said["as_on"], said["record"]["asset_class"]) == ("2026-11-30", "standard")
    assert ",".join(said["record"].values()) == line.removeprefix("2026-11-30,")


async def test_who_may_read_them(client: httpx.AsyncClient, opened: None) -> None:
    assert (await client.get(f"{FILES}/2026-11-30")).status_code == 401
    assert (await client.get(RECORDS, params={"user_id": 1})).status_code == 401
