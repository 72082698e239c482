"""Imports of bank transactions on the real database: every layout and every difficulty."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from app.db.models import BankTransaction, Customer, Identity, Import, OutboxRow
from app.db.repositories.imports import ingestion as repository
from app.db.repositories.imports.bank_transactions import get_bank_facts
from app.db.repositories.imports.ingestion import Reject
from app.db.repositories.people.customers import find_identity
from app.db.repositories.products.products import add_scorecard
from app.domain.credit.scoring import BANK_BALANCE, SEEDED_SCORECARDS
from app.domain.credit.scoring_facts import BankFacts
from app.domain.people.aadhaar import AadhaarCheck
from app.domain.people.access import SYSTEM
from app.domain.people.customers import Registration
from app.main import make_keyring
from app.services.credit import scoring
from app.services.imports import ingestion
from app.services.imports.bank_transactions import PersonKind, find_layout, identify
from app.services.imports.ingestion import ImportInProgress, ImportOutcome, Progress
from app.services.people import customers
from app.services.people.customers import IdentityService, make_identity_service
from app.services.people.password_proof import Keyring
from app.services.tables.columns import SPACES, LayoutUnknown
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
HEADER = "user_id,transaction_date,amount,type,description\n"
UUID = "f5abc955-889d-4a17-87b9-45b362eb673b"


@pytest.fixture
def identity(settings: Settings) -> IdentityService:
    return make_identity_service(settings)


@pytest.fixture(scope="session")
def keyring(settings: Settings) -> Keyring:
    return make_keyring(settings)


@pytest_asyncio.fixture
async def scorecards(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")


async def count(uow_factory: UnitOfWorkFactory, table: type) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return int((await uow.session.execute(select(func.count()).select_from(table))).scalar_one())


def write(path: Path, content: str) -> None:
    path.write_text(content, newline="")


async def load(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, path: Path, *, content: str | None = None
) -> ImportOutcome:
    if content is not None:
        write(path, content)
    return await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity)


async def rejects(uow_factory: UnitOfWorkFactory, outcome: ImportOutcome) -> dict[int, str]:
    async with uow_factory.open(SYSTEM) as uow:
        rows = await repository.list_rejects(uow.session, outcome.import_id, after=0, limit=1000)
    return {row.row_number: row.code for row in rows}


async def register(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring, aadhaar: str, *, name: str
) -> int:
    registration = Registration(name=name, email=f"{name}@example.com", aadhar_id=aadhaar)
    registered = await customers.register(
        uow_factory, None, identity=identity, keyring=keyring, registration=registration
    )
    return registered.customer_id


@pytest.mark.skipif(not DATA.exists(), reason="the real files are not here")
async def test_the_real_uuid_file(uow_factory: UnitOfWorkFactory, identity: IdentityService, scorecards: None) -> None:
    outcome = await load(uow_factory, identity, DATA / "bank_transactions_uuid.csv")
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (5203, 5203, 0)
    assert await count(uow_factory, BankTransaction) == 5203
    assert await count(uow_factory, Customer) == await count(uow_factory, Identity) == 200
    async with uow_factory.open(SYSTEM) as uow:
        scores, balances = [], []
        for customer_id in (await uow.session.execute(select(Customer.customer_id))).scalars().all():
            facts = await get_bank_facts(uow.session, customer_id)
            balances.append((facts.credits_paise - facts.debits_paise) // 100)
            scored = await scoring.compute_score(uow, customer_id, scorecard=BANK_BALANCE)
            assert scored is not None
            scores.append(int(scored.score))
    assert sum(score >= 450 for score in scores) == 24
    assert sorted(scores)[-3:] == [790, 860, 890]
    assert sorted(balances)[-3:] == [846_032, 943_824, 988_229]
    assert sum(balance < 0 for balance in balances) == 94


@pytest.mark.skipif(not DATA.exists(), reason="the real files are not here")
async def test_the_real_aadhaar_file(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring, scorecards: None
) -> None:
    outcome = await load(uow_factory, identity, DATA / "bank_transactions_aadhaar.csv")
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (11, 11, 0)
    async with uow_factory.open(SYSTEM) as uow:
        found = {}
        for aadhaar in ("123456789012", "654321987654", "987654321098"):
            prospect = await find_identity(uow.session, kind="aadhaar", value=identity.vault.index(aadhaar))
            assert prospect is not None
            scored = await scoring.compute_score(uow, prospect, scorecard=BANK_BALANCE)
            assert scored is not None
            found[aadhaar] = (prospect, scored.score)
    assert [score for _, score in found.values()] == [330, 600, 760]
    # The prospect's row becomes the customer, so the transactions are there at once.
    assert await register(uow_factory, identity, keyring, "123456789012", name="sagar") == found["123456789012"][0]
    again = await load(uow_factory, identity, DATA / "bank_transactions_aadhaar.csv")
    assert replace(again, already_loaded=False) == outcome
    assert again.already_loaded
    assert await count(uow_factory, BankTransaction) == 11


@pytest.mark.parametrize(
    "content",
    [
        "user,date,transaction_type,amount\r\n{id},2020-10-30,CREDIT,64709\r\n",
        "AADHARID,Date,Amount,Transaction_type\n234123412346,30/10/2020,64709.00,credit\n\n\n",
        'aadhar_id,date,amount,transaction_type\n2341 2341 2346,30/10/2020,"64,709",CR\n',
        "\ufeffUser ID,Transaction Date,AMOUNT,Type,Description\n{id},30/10/2020,64709.0,Credit,SALARY\n",
        "type,amount,user_id,transaction_date,branch\n credit , 64709 , {id} , 2020-10-30 ,x\n",
    ],
)  # fmt: skip
async def test_every_layout_says_the_same(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, content: str
) -> None:
    outcome = await load(uow_factory, identity, tmp_path / "f.csv", content=content.replace("{id}", UUID))
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 0)
    async with uow_factory.open(SYSTEM) as uow:
        customer_id = (await uow.session.execute(select(Customer.customer_id))).scalar_one()
        assert await get_bank_facts(uow.session, customer_id) == BankFacts(
            transactions=1,
            credits_paise=6_470_900,
            recent_credits_paise=6_470_900,
            first_on=date(2020, 10, 30),
            last_on=date(2020, 10, 30),
        )


BAD_ROWS = [
    ("{id},2020-10-30,1,CREDIT,a,b", "too_many_fields"),
    (",2020-10-30,1,CREDIT,", "person_missing"),
    ("1.11122E+11,2020-10-30,1,CREDIT,", "aadhaar_invalid"),
    ("12345678901,2020-10-30,1,CREDIT,", "aadhaar_invalid"),
    ("123456789012.0,2020-10-30,1,CREDIT,", "aadhaar_invalid"),
    ("two words,2020-10-30,1,CREDIT,", "person_unreadable"),
    ("BC-USER-001,2020-10-30,1,CREDIT,", "user_unknown"),
    ("BC-USER-1,2020-10-30,1,CREDIT,", "user_unknown"),
    ("{id},,1,CREDIT,", "date_missing"),
    ("{id},2020-02-30,1,CREDIT,", "date_unreadable"),
    ("{id},30/10/20,1,CREDIT,", "date_unreadable"),
    ("{id},10-30-2020,1,CREDIT,", "date_unreadable"),
    ("{id},13/13/2020,1,CREDIT,", "date_unreadable"),
    ("{id},2020-10-30,,CREDIT,", "amount_missing"),
    ("{id},2020-10-30,1.005,CREDIT,", "amount_unreadable"),
    ("{id},2020-10-30,1e5,CREDIT,", "amount_unreadable"),
    ("{id},2020-10-30,Rs Rs 5,CREDIT,", "amount_unreadable"),
    ("{id},2020-10-30,$5,CREDIT,", "amount_unreadable"),
    ("{id},2020-10-30,5 Rs,CREDIT,", "amount_unreadable"),
    ("{id},2020-10-30,Rs -5,CREDIT,", "amount_not_positive"),
    ("{id},2020-10-30,0,CREDIT,", "amount_not_positive"),
    ("{id},2020-10-30,0.00,CREDIT,", "amount_not_positive"),
    ("{id},2020-10-30,-5,CREDIT,", "amount_not_positive"),
    ("{id},2020-10-30,-0.50,CREDIT,", "amount_not_positive"),
    ("{id},2020-10-30,100000000000.01,CREDIT,", "amount_too_large"),
    ("{id},2020-10-30,9223372036854775807,CREDIT,", "amount_too_large"),
    ("{id},2020-10-30,1,REFUND,", "type_unknown"),
    ("{id},2020-10-30,1,,", "type_unknown"),
    ("{id},2020-10-30,1,CREDIT,a\0b", "description_unusable"),
    ("{id},2020-10-30,1,CREDIT," + "x" * 1001, "description_unusable"),
]


async def test_bad_rows_are_named_and_the_others_load(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    good = "{id},2020-10-30,100000000000,CREDIT,the most\n"
    content = HEADER + good + "".join(f"{row}\n" for row, _ in BAD_ROWS) + good
    outcome = await load(uow_factory, identity, tmp_path / "f.csv", content=content.replace("{id}", UUID))
    assert (outcome.rows_loaded, outcome.rows_rejected) == (2, len(BAD_ROWS))
    assert await rejects(uow_factory, outcome) == {number: code for number, (_, code) in enumerate(BAD_ROWS, start=3)}
    assert await count(uow_factory, Customer) == 1


async def test_a_reason_never_repeats_a_value(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    content = HEADER + "99998888777,2020-10-30,1,CREDIT,\n234123412346,77/77/7777,1,CREDIT,\n"
    outcome = await load(uow_factory, identity, tmp_path / "f.csv", content=content)
    async with uow_factory.open(SYSTEM) as uow:
        rows = await repository.list_rejects(uow.session, outcome.import_id, after=0, limit=10)
    assert [type(row) for row in rows] == [Reject, Reject]
    assert not any("99998888777" in row.reason or "2341" in row.reason or "77" in row.reason for row in rows)


async def test_users_of_ours_are_found_and_asked_a_score(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, keyring: Keyring, tmp_path: Path
) -> None:
    number = await register(uow_factory, identity, keyring, "234123412346", name="asha")
    async with uow_factory.open(SYSTEM) as uow:
        await uow.session.execute(update(OutboxRow).values(done_at=uow.now))
    row = f"BC-USER-{number:03d},2020-10-30,500000,CREDIT,\n"
    outcome = await load(uow_factory, identity, tmp_path / "f.csv", content=HEADER + row + row)
    # Two equal rows may be two transactions.
    assert (outcome.rows_loaded, outcome.scores_asked) == (2, 1)
    async with uow_factory.open(SYSTEM) as uow:
        waiting = (await uow.session.execute(select(OutboxRow).where(OutboxRow.done_at.is_(None)))).scalars().one()
    assert (waiting.job, waiting.key, waiting.payload) == ("score_imported", str(number), {"customer_id": number})


async def test_the_same_person_in_two_spellings_is_one_prospect(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    rows = "234123412346,2020-10-30,1,CREDIT,\n2341 2341 2346,2020-10-30,1,CREDIT,\n"
    assert (await load(uow_factory, identity, tmp_path / "f.csv", content=HEADER + rows)).rows_loaded == 2
    # Two of the four are those of the first file.
    outcome = await load(uow_factory, identity, tmp_path / "g.csv", content=HEADER + rows + rows)
    assert (outcome.rows_loaded, outcome.rows_known) == (2, 2)
    assert await count(uow_factory, Customer) == 1


class Stopped(Exception):
    """Stands for a crash of the program."""


async def test_a_crashed_import_continues_where_it_stopped(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    bad = ",2020-10-30,1,CREDIT,\n"
    rows = "".join(f"P{number % 7},2020-10-{number % 28 + 1:02d},{number + 1},CREDIT,\n" for number in range(1000))
    write(path, HEADER + rows + bad + rows)

    def crash(progress: Progress) -> None:
        if progress.rows > 700:
            raise Stopped

    with pytest.raises(Stopped):
        await ingestion.import_transactions(
            uow_factory, SYSTEM, path, identity=identity, progress=crash, block_bytes=10_000
        )
    async with uow_factory.open(SYSTEM) as uow:
        stopped = (await uow.session.execute(select(Import))).scalars().one()
    assert (stopped.status, stopped.failure) == ("failed", "Stopped")
    assert 700 < stopped.rows_read < 2001
    assert await count(uow_factory, BankTransaction) == stopped.rows_loaded
    # The blocks have another size, so that the import continues inside one.
    outcome = await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity, block_bytes=3_333)
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (2001, 2000, 1)
    assert await count(uow_factory, BankTransaction) == 2000
    assert await rejects(uow_factory, outcome) == {1002: "person_missing"}


async def test_two_programs_never_load_a_row_twice(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    write(path, HEADER + "".join(f"P1,2020-10-01,{number + 1},CREDIT,\n" for number in range(1000)))
    overtaken: list[ImportOutcome] = []

    async def overtake() -> None:
        overtaken.append(await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity))

    first = ingestion.ImportLoader.load
    calls = 0

    async def slow(self: ingestion.ImportLoader, rows: object, *, bytes_read: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            await overtake()
        await first(self, rows, bytes_read=bytes_read)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingestion.ImportLoader, "load", slow)
        with pytest.raises(ImportInProgress):
            await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity, block_bytes=5_000)
    assert overtaken[0].rows_loaded == 1000
    assert await count(uow_factory, BankTransaction) == 1000


@pytest.mark.parametrize(
    "header",
    [
        "who,when,how much", "user_id,date,amount", "user_id,aadhaar,date,amount,type", "date,amount,type",
        "user_id,date,Date,amount,type",
    ],
)  # fmt: skip
async def test_an_unknown_layout_writes_nothing(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, header: str
) -> None:
    with pytest.raises(LayoutUnknown):
        await load(uow_factory, identity, tmp_path / "f.csv", content=f"{header}\n1,2,3,4\n")
    assert await count(uow_factory, Import) == 0


def test_the_checksum_mode_holds_for_files_too() -> None:
    assert identify("123456789012", people=PersonKind.AADHAAR, check=AadhaarCheck.CHECKSUM) == "aadhaar_invalid"
    assert find_layout(["AADHARID", "Date", "Amount", "Transaction_type"]).people is PersonKind.AADHAAR
    # In a column of Aadhaar numbers no other id is accepted.
    assert identify(UUID, people=PersonKind.AADHAAR, check=AadhaarCheck.FORMAT) == "aadhaar_invalid"


@pytest.mark.parametrize("space", [*SPACES.replace("\n", ""), ""], ids=lambda space: f"{space!a}")
async def test_a_row_of_invisible_characters_is_blank(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, space: str
) -> None:
    rows = [
        f"{space}P1{space},2026-10-01,5,CREDIT,x{space}",
        f",,,,{space}",
        f"{space},,{space},,",
        "P2,2026-10-01,5,CR,",
    ]
    above = f"{space}\n,,{space}\n" if space != "\r" else ""
    # Read as one block, and line by line because of the open quote.
    for name, more, refused in (("a", "", 0), ("b", '\nP3,2026-10-01,"5,CREDIT,x', 1)):
        outcome = await load(
            uow_factory, identity, tmp_path / f"{name}.csv", content=above + HEADER + "\n".join(rows) + more
        )
        assert (outcome.rows_read, outcome.rows_rejected) == (2 + refused, refused)
    assert await count(uow_factory, BankTransaction) == 2


def test_spaces_are_those_of_python_and_unicode() -> None:
    spaces = {chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()} | {"\u200b", "\ufeff"}
    assert set(SPACES) == spaces
