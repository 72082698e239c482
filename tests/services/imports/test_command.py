"""`kist import` as somebody types it: what it says, where the refused rows are, and how it ends."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

from app.db.repositories.people import customers
from app.domain.people.access import SYSTEM
from app.main import make_keyring
from app.services.people.customers import make_identity_service
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.supervisor import kist_command
from tests.services.imports.test_ingestion import HEADER, register, write

GOOD, BAD = "P1,2026-10-01,500,DEBIT,ATM\n", ",2026-10-01,1,CREDIT,\n"


async def kist(settings: Settings, *words: str) -> tuple[int, list[str], str]:
    """The exit code, what was said line by line without how long it took, and what was complained of."""
    done = await asyncio.to_thread(
        subprocess.run,
        kist_command(*words),
        env=os.environ | settings.addresses() | {"COLUMNS": "200", "KIST_ENV": "test"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [
        line.strip() for line in done.stdout.split("\n") if line.strip() and "━" not in line and "a second" not in line
    ]
    return done.returncode, [line.partition(" in ")[0] for line in said], done.stderr.strip()


async def test_what_an_import_says_and_how_it_ends(
    uow_factory: UnitOfWorkFactory, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    write(path, HEADER + BAD * 12)
    code, said, complaint = await kist(settings, "import", "transactions", str(path))
    reason = "the row does not say whose transaction it is"
    assert said == [
        "! 0 rows loaded of 12",
        "! 12 rows were refused; each is kept with its reason",
        *(f"row {number}: {reason}" for number in range(2, 12)),
        "all of them: /api/v1/imports/1/rejects, or",
    ]
    assert (code, complaint) == (1, "kist: nothing was loaded")
    # What was done stands in the log of commands, and not on the screen.
    log = settings.home / "logs" / "cli.log"
    begun, ended = [line for line in map(json.loads, log.read_text().splitlines()) if "import_id" in line][-2:]
    assert (begun["event"], begun["import_id"], begun["kind"], begun["actor"]) == (
        "import begun", 1, "transactions", "system",
    )  # fmt: skip
    assert (ended["event"], ended["import_id"], ended["outcome"], ended["rows_rejected"]) == (
        "import ended", 1, "finished", 12,
    )  # fmt: skip
    write(path, HEADER + GOOD)
    assert await kist(settings, "import", "transactions", str(path)) == (0, ["✓ 1 rows loaded of 1"], "")
    # Once more the same file, and the same statement in another.
    code, said, _ = await kist(settings, "import", "transactions", str(path))
    assert (code, said) == (0, ["This file was loaded before, as import 2: nothing was changed."])
    write(path, HEADER + GOOD + "\n")
    code, said, _ = await kist(settings, "import", "transactions", str(path))
    assert code == 0
    assert said == ["✓ 0 rows loaded of 1", "rows known already: 1, from earlier files; they are not loaded twice"]
    write(path, HEADER)
    code, said, complaint = await kist(settings, "import", "transactions", str(path))
    assert (code, said, complaint) == (1, ["! 0 rows loaded of 0"], "kist: nothing was loaded")
    write(path, "user;date;amount;type\n")
    code, said, complaint = await kist(settings, "import", "transactions", str(path))
    assert (code, said) == (1, [])
    assert complaint == "kist: the columns are separated by semicolons: save the file as CSV with commas"


async def test_what_a_second_try_says_is_about_that_try(
    uow_factory: UnitOfWorkFactory, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    ours = "BC-USER-{:03d},2026-10-01,5,CREDIT,x\n"
    async with uow_factory.open(SYSTEM) as uow:
        (number,) = await customers.list_next_customer_numbers(uow.session, 1)
    write(path, HEADER + GOOD + ours.format(number + 2) + BAD)
    code, said, complaint = await kist(settings, "import", "transactions", str(path))
    assert (code, said[:2], complaint) == (
        0, ["✓ 1 rows loaded of 3", "! 2 rows were refused; each is kept with its reason"], "",
    )  # fmt: skip
    code, said, complaint = await kist(settings, "import", "transactions", str(path))
    assert (code, complaint) == (1, "kist: nothing was loaded")
    assert said[:3] == [
        "! 0 of 2 rows tried again were loaded",
        "! 2 rows were refused; each is kept with its reason",
        "row 3: there is no such user",
    ]
    keyring = make_keyring(settings)
    assert (
        await register(uow_factory, make_identity_service(settings), keyring, "234123412346", name="asha") == number + 2
    )
    keyring.passwords.close()
    code, said, complaint = await kist(settings, "import", "transactions", str(path))
    assert (code, said[:2], complaint) == (
        0, ["✓ 1 of 2 rows tried again were loaded", "! 1 rows were refused; each is kept with its reason"], "",
    )  # fmt: skip
    code, said, _ = await kist(settings, "import", "transactions", str(path))
    assert (code, said[0]) == (0, "This file was loaded before, as import 1: nothing was changed.")
