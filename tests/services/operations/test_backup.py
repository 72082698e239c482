"""A backup of books that change while it is taken, restored into an empty database, has the same rows."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.db import archive, migrate
from app.db.migrate import knows_revision
from app.db.session import create_session_factory
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import CREDIT_CARD_LOAN, PERSONAL_LOAN
from app.embedded.postgres import PROGRAMS
from app.services.operations import audit, backup
from app.services.operations.backup import BackupRefused, Manifest, back_up, bring_back, read_manifest
from app.services.people.vault import create_vault
from app.services.reporting.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings, decode_key
from tests import clusters, databases
from tests.services.conftest import START, SilentJobQueue
from tests.services.lending_desk import LendingHelper


@pytest_asyncio.fixture(autouse=True)
async def one_server(owner_dsn: str) -> None:
    await clusters.skip_on_cluster(owner_dsn, because="it is not backed up while others, as these tests, are connected")


def with_database(dsn: str, name: str) -> str:
    return make_url(dsn).set(database=name).render_as_string(hide_password=False)


@pytest_asyncio.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[Settings]:
    """Settings for an empty database on the same server."""
    name = f"{make_url(settings.owner_dsn).database}_restored"
    async with databases.connection(settings.owner_dsn) as owner:
        await owner.execute(f'DROP DATABASE IF EXISTS "{name}"')
        await owner.execute(f'CREATE DATABASE "{name}"')
        yield settings.model_copy(
            update={
                "database_url": with_database(settings.app_dsn, name),
                "owner_database_url": with_database(settings.owner_dsn, name),
            }
        )
        await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest_asyncio.fixture
async def books(lending: LendingHelper, uow_factory: UnitOfWorkFactory, settings: Settings) -> LendingHelper:
    """Two loans over three months, with a payment, a bounced payment, a sealed number and a sealed audit trail."""
    card = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    personal = await lending.disburse(PERSONAL_LOAN, amount=500_000, rate="8.8", instalments=24)
    await lending.run_billing(on=date(2026, 12, 22))
    await lending.pay(card, amount=4406_04, reference="UTR-1")
    bounced = await lending.pay(personal, amount=24_500_00, reference="UTR-2")
    await lending.run_billing(on=date(2027, 1, 22))
    await lending.reverse(bounced.payment_id)
    sealed = create_vault(settings).seal("234123412346", customer_id=1001)
    async with databases.connection(settings.owner_dsn) as owner:
        await owner.execute(
            "UPDATE customers SET aadhaar_ciphertext = $1, aadhaar_key_version = 1 WHERE customer_id = 1001",
            sealed.ciphertext,
        )
    assert await audit.seal_events(uow_factory, key=decode_key(settings.audit_key)) > 0
    return lending


async def save(settings: Settings, file: Path) -> Manifest:
    return await back_up(settings, file, programs=PROGRAMS, notify=lambda table, rows, total: None)


async def bring(settings: Settings, file: Path) -> Manifest:
    return await bring_back(settings, file, programs=PROGRAMS, notify=lambda table: None)


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


async def rows_of(dsn: str) -> dict[str, list[str]]:
    async with databases.connection(dsn) as database:
        return {
            table: [row[0] for row in await database.fetch(f"SELECT t::text FROM {table} AS t ORDER BY 1")]
            for table in databases.tables()
        }


async def test_restored_books_are_the_same_to_the_last_row_and_reconcile(
    books: LendingHelper, uow_factory: UnitOfWorkFactory, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "kist.backup"
    before = await rows_of(settings.owner_dsn)
    made = await save(settings, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert names_in(tmp_path) == ["kist.backup"]
    assert await bring(elsewhere, file) == made == read_manifest(file)
    assert await rows_of(elsewhere.owner_dsn) == before
    assert {table: len(rows) for table, rows in before.items()}.items() <= dict(made.rows).items()
    assert made.rows["loans"] == 2
    assert made.audit_head is not None

    engine = create_async_engine(elsewhere.app_dsn)
    restored = UnitOfWorkFactory(
        sessions=create_session_factory(engine), job_queue=SilentJobQueue(), clock=lambda: START
    )
    assert [page.differences async for page in reconcile_all(restored)] == [()]
    key = decode_key(settings.audit_key)
    assert [finding async for page in audit.verify(restored, key=key) for finding in page.findings] == []
    # The chain of seals continues, and numbers continue after the last one given out.
    again = LendingHelper(restored)
    await again.run_billing(on=date(2027, 2, 22))
    assert await audit.seal_events(restored, key=key) > 0
    assert [finding async for page in audit.verify(restored, key=key) for finding in page.findings] == []
    assert [page.differences async for page in reconcile_all(restored)] == [()]
    async with restored.open(SYSTEM) as uow:
        row = (await uow.session.connection()).exec_driver_sql
        sealed = (await row("SELECT aadhaar_ciphertext FROM customers WHERE customer_id = 1001")).scalar_one()
    assert create_vault(elsewhere).open(sealed, key_version=1, customer_id=1001) == "234123412346"
    await engine.dispose()


async def test_a_transaction_during_a_backup_is_in_it_whole_or_not_at_all(
    books: LendingHelper, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    stop = asyncio.Event()

    async def go_on_lending() -> None:
        while not stop.is_set():
            loan = await books.disburse(CREDIT_CARD_LOAN, amount=10_000, rate="12", instalments=12)
            await books.pay(loan, amount=100_00, reference="UTR-9")

    lender = asyncio.create_task(go_on_lending())
    await asyncio.sleep(0.05)
    made = await save(settings, tmp_path / "kist.backup")
    stop.set()
    await lender
    await bring(elsewhere, tmp_path / "kist.backup")
    async with databases.connection(elsewhere.owner_dsn) as database:
        assert await database.fetchval("SELECT count(*) FROM transfers") == made.rows["transfers"]
    engine = create_async_engine(elsewhere.app_dsn)
    restored = UnitOfWorkFactory(
        sessions=create_session_factory(engine), job_queue=SilentJobQueue(), clock=lambda: START
    )
    assert [difference async for page in reconcile_all(restored) for difference in page.differences] == []
    await engine.dispose()


async def test_nothing_is_restored_over_what_is_there(books: LendingHelper, settings: Settings, tmp_path: Path) -> None:
    before = await rows_of(settings.owner_dsn)
    await save(settings, tmp_path / "kist.backup")
    with pytest.raises(BackupRefused, match="the database is not empty"):
        await bring(settings, tmp_path / "kist.backup")
    with pytest.raises(BackupRefused, match="does not overwrite"):
        await save(settings, tmp_path / "kist.backup")
    assert await rows_of(settings.owner_dsn) == before


@pytest.mark.parametrize(
    "change, name",
    [
        ({"aadhaar_key": SecretStr("QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=")}, "KIST_AADHAAR_KEY of version 1"),
        ({"aadhaar_key_version": 2}, "KIST_AADHAAR_KEY of version 1"),
        ({"aadhaar_index_key": SecretStr("QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=")}, "KIST_AADHAAR_INDEX_KEY"),
        ({"audit_key": SecretStr("QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=")}, "KIST_AUDIT_KEY"),
    ],
)
async def test_other_keys_are_refused_before_anything_is_written(
    books: LendingHelper, settings: Settings, elsewhere: Settings, tmp_path: Path, change: dict[str, Any], name: str
) -> None:
    await save(settings, tmp_path / "kist.backup")
    with pytest.raises(BackupRefused, match=f"made under another {name}"):
        await bring(elsewhere.model_copy(update=change), tmp_path / "kist.backup")
    async with databases.connection(elsewhere.owner_dsn) as database:
        assert await database.fetchval("SELECT count(*) FROM pg_class WHERE relname = 'loans'") == 0
    if name == "KIST_AADHAAR_KEY of version 1":
        older = SecretStr(f"1:{settings.aadhaar_key.get_secret_value()}")
        rotated = {**change, "aadhaar_key_version": 2, "aadhaar_older_keys": older}
        await bring(elsewhere.model_copy(update=rotated), tmp_path / "kist.backup")


async def test_a_damaged_file_is_refused(
    books: LendingHelper, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "kist.backup"
    await save(settings, file)
    whole = file.read_bytes()
    middle = whole.index(b"database.dump") + len(whole) // 3
    for damaged in (whole[: len(whole) // 2], b"", whole[:middle] + b"?" + whole[middle + 1 :]):
        file.write_bytes(damaged)
        with pytest.raises(BackupRefused, match="damaged"):
            await bring(elsewhere, file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", '{"format": 1}')
    with pytest.raises(BackupRefused, match="is no backup"):
        await bring(elsewhere, file)
    async with databases.connection(elsewhere.owner_dsn) as database:
        assert await database.fetchval("SELECT count(*) FROM pg_class WHERE relname = 'loans'") == 0


def test_revisions() -> None:
    assert knows_revision("0008")
    assert not knows_revision("9999")


# --- a cluster -------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database counts as one whose tables are distributed."""

    async def yes(_settings: Settings) -> bool:
        return True

    monkeypatch.setattr(backup, "is_distributed", yes)


async def test_a_cluster_is_backed_up_only_at_rest(
    books: LendingHelper, settings: Settings, elsewhere: Settings, tmp_path: Path, as_cluster: None
) -> None:
    async with databases.connection(settings.owner_dsn):
        with pytest.raises(BackupRefused, match=r"other sessions are open: a dump would not be of one moment"):
            await back_up(settings, tmp_path / "busy", programs=PROGRAMS, notify=lambda *_: None)
    assert names_in(tmp_path) == []


async def test_a_cluster_at_rest_is_one_moment(
    settings: Settings, elsewhere: Settings, tmp_path: Path, as_cluster: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate.run(elsewhere.owner_dsn)
    manifest = await back_up(elsewhere, tmp_path / "rest", programs=PROGRAMS, notify=lambda *_: None)
    assert (tmp_path / "rest").exists()

    async def one_more(_owner_dsn: str) -> dict[str, int]:
        return {**manifest.rows, "loans": 1}

    monkeypatch.setattr(archive, "count_rows", one_more)
    with pytest.raises(BackupRefused, match="somebody wrote while the cluster was dumped"):
        await back_up(elsewhere, tmp_path / "written", programs=PROGRAMS, notify=lambda *_: None)
    assert names_in(tmp_path) == ["rest"]


async def test_a_backup_is_restored_before_the_extension_is_made(
    books: LendingHelper, settings: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_up(settings, tmp_path / "books", programs=PROGRAMS, notify=lambda *_: None)

    # No other extension is in every PostgreSQL.
    monkeypatch.setattr(backup, "EXTENSION", "plpgsql")
    with pytest.raises(BackupRefused, match="has the extension plpgsql already: restore first"):
        await bring_back(elsewhere, tmp_path / "books", programs=PROGRAMS, notify=lambda _: None)
    assert await archive.is_empty(elsewhere.owner_dsn)
