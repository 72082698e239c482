"""A statement comes again in another file: only additional rows are loaded; equal rows of one file all count."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from itertools import permutations, product
from pathlib import Path
from random import Random

import polars as pl
import pytest
from sqlalchemy import func, select, update

from app.db.models import BankTransaction, Identity, KnownTransaction, OutboxRow
from app.db.repositories.imports.bank_transactions import get_bank_facts
from app.db.repositories.people.customers import find_identity
from app.db.repositories.products.products import add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM
from app.main import make_keyring
from app.services.imports import file_scoring, ingestion, known_rows
from app.services.imports.ingestion import ImportOutcome, Progress, Retried
from app.services.imports.known_rows import words
from app.services.people.customers import IdentityService, make_identity_service
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.services.imports.test_ingestion import HEADER, Stopped, count, load, register, write

STATEMENT = [
    "P1,2026-10-01,500,DEBIT,ATM",
    "P1,2026-10-01,500,DEBIT,ATM",
    "P1,2026-10-02,90000,CREDIT,SALARY OCT",
    "P2,2026-10-02,500,DEBIT,ATM",
]


@pytest.fixture
def identity(settings: Settings) -> IdentityService:
    return make_identity_service(settings)


def counts_of(outcome: ImportOutcome) -> tuple[int, int, int, int]:
    return outcome.rows_read, outcome.rows_loaded, outcome.rows_known, outcome.rows_rejected


SAME: list[tuple[str, str]] = [
    ("other line ends", HEADER.replace("\n", "\r\n") + "\r\n".join(STATEMENT)),
    ("another order", HEADER + "\n".join(reversed(STATEMENT))),
    ("a blank line", HEADER + "\n\n".join(STATEMENT) + "\n,,,,\n"),
    ("a byte order mark", "\ufeff" + HEADER + "\n".join(STATEMENT)),
    ("other spellings", ("narration,type,txn amount,Date,Customer ID\n"
     'atm , Dr,500.00,01/10/2026,P1\nATM,dr,"500",1/10/2026,P1\nSalary  Oct,cr,"90,000.00",2026-10-02,P1\n'
     "\u00a0Atm,Debit,500.0,2026-10-02, P2\n")),
    ("no descriptions", ("user,date,transaction_type,amount\n"
     "P1,2026-10-01,DEBIT,500\nP2,2026-10-02,DEBIT,500\nP1,2026-10-01,DEBIT,500\nP1,2026-10-02,CREDIT,90000\n")),
]  # fmt: skip


@pytest.mark.parametrize("content", [content for _, content in SAME], ids=[name for name, _ in SAME])
@pytest.mark.parametrize("is_first", [True, False])
async def test_the_same_statement_counts_once(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, content: str, is_first: bool
) -> None:
    plain = HEADER + "\n".join(STATEMENT) + "\n"
    first, second = (content, plain) if is_first else (plain, content)
    assert counts_of(await load(uow_factory, identity, tmp_path / "a.csv", content=first)) == (4, 4, 0, 0)
    assert counts_of(await load(uow_factory, identity, tmp_path / "b.csv", content=second)) == (4, 0, 4, 0)
    assert (await count(uow_factory, BankTransaction), await count(uow_factory, KnownTransaction)) == (4, 4)
    async with uow_factory.open(SYSTEM) as uow:
        customer_id = await find_identity(uow.session, kind="external", value=b"P1")
        facts = await get_bank_facts(uow.session, customer_id or 0)
    assert (facts.transactions, facts.credits_paise, facts.debits_paise) == (3, 90_000_00, 1_000_00)


async def test_only_the_excess_of_an_overlapping_period_is_loaded(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    await load(uow_factory, identity, tmp_path / "a.csv", content=HEADER + "\n".join(STATEMENT))
    more = [STATEMENT[0], "P1,2026-10-03,1,CREDIT,X", STATEMENT[0], STATEMENT[0], STATEMENT[3]]
    outcome = await load(uow_factory, identity, tmp_path / "b.csv", content=HEADER + "\n".join(more))
    assert counts_of(outcome) == (5, 2, 3, 0)
    # Any difference makes another row.
    others = [
        "P3,2026-10-01,500,DEBIT,ATM",
        "P1,2026-10-09,500,DEBIT,ATM",
        "P1,2026-10-01,500.01,DEBIT,ATM",
        "P1,2026-10-01,500,CREDIT,ATM",
        "P1,2026-10-01,500,DEBIT,ATM 2",
        "P1,2026-10-01,500,DEBIT,",
    ]
    outcome = await load(uow_factory, identity, tmp_path / "c.csv", content=HEADER + "\n".join(others))
    assert counts_of(outcome) == (6, 6, 0, 0)
    outcome = await load(uow_factory, identity, tmp_path / "d.csv", content=HEADER + "\n".join(others) + "\n")
    assert counts_of(outcome) == (6, 0, 6, 0)


@pytest.mark.parametrize(
    "text, compared",
    [
        ("UPI/Ravi  Kumar", "upi/ravi kumar"),
        ("\u00a0upi/ravi\u2003kumar\u0085", "upi/ravi kumar"),
        ("upi/ravi\nkumar", "upi/ravi kumar"),
        ("upi/ravi\x1ckumar\x0b", "upi/ravi kumar"),
        ("Cafe\u0301", "caf\u00e9"),
        ("", ""),
        ("a-b", "a-b"),
    ],
)
def test_the_form_in_which_descriptions_are_compared(text: str, compared: str) -> None:
    assert pl.DataFrame({"d": [text]}).select(words(pl.col("d"))).item() == compared


Line = tuple[str, date, int, str, str | None]


def expected_rows(files: list[list[Line]]) -> Counter[tuple[str, date, int, str]]:
    """The rows that the books must hold, counted without their descriptions, whatever the order of the files: of each
    row with a description as many as the file with the most has, and at least as many as a file without descriptions.
    """
    counts = [Counter(file) for file in files]
    most = {line: max(one[line] for one in counts) for line in set().union(*counts)}
    described, bare = Counter[tuple[str, date, int, str]](), Counter[tuple[str, date, int, str]]()
    for line, times in most.items():
        (bare if line[4] is None else described)[line[:4]] += times
    return described | bare


def random_files(drawn: Random) -> list[list[Line]]:
    people, days = ["P1", "P2", "P3"], [date(2026, 1, 30) + timedelta(days=n) for n in range(drawn.choice([1, 3, 40]))]

    def line() -> Line:
        words = drawn.choice(["", "a", "b"])
        return (
            drawn.choice(people),
            drawn.choice(days),
            drawn.choice([1, 2]),
            drawn.choice(["CREDIT", "DEBIT"]),
            words,
        )

    pool = [line() for _ in range(30)]
    files: list[list[Line]] = []
    for _ in range(4):
        chosen = [drawn.choice(pool) for _ in range(drawn.randint(1, 60))]
        files.append([(*one[:4], None) for one in chosen] if drawn.random() < 0.3 else chosen)
    return files


def as_csv(lines: list[Line], drawn: Random) -> str:
    if lines[0][4] is None:
        return "user,date,amount,type\n" + "".join(f"{p},{d},{a},{t}\n" for p, d, a, t, _ in lines)
    spelled = [(p, d, a, t, drawn.choice([w or "", f" {(w or '').upper()} "])) for p, d, a, t, w in lines]
    return HEADER + "".join(f"{p},{d},{a},{t},{w}\n" for p, d, a, t, w in spelled)


async def stored_rows(uow_factory: UnitOfWorkFactory) -> Counter[tuple[int, date, int, str]]:
    row = BankTransaction
    statement = select(row.customer_id, row.transacted_on, row.amount_paise, row.direction)
    async with uow_factory.open(SYSTEM) as uow:
        return Counter((one[0], one[1], one[2], one[3]) for one in await uow.session.execute(statement))


BARE_1, BARE_2 = (None,), (None, None)
FILES: list[tuple[str | None, ...]] = [BARE_1, BARE_2, ("",), ("a",), ("b",), ("a", "a"), ("a", "b"), ("a", "b", "b")]


async def test_the_order_of_files_does_not_matter(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sequences of four of these files, so all orders of any four. Each sequence has its own person."""
    sequences = list(product(FILES, repeat=4))
    for turn in range(4):
        monkeypatch.setattr(known_rows, "MOST_CACHED", [1_000_000, 0][turn % 2])
        bare: list[str] = []
        described: list[str] = []
        for number, files in enumerate(sequences):
            rows = bare if files[turn][0] is None else described
            rows += [f"Q{number},2026-01-31,2000,CREDIT,{words}\n" for words in files[turn]]
        for name, content in (
            ("bare", "user,date,amount,type\n" + "".join(row.replace(",None", "") for row in bare)),
            ("described", HEADER + "".join(described)),
        ):
            write(path := tmp_path / f"{turn}{name}.csv", content + "\n" * turn)
            await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity, block_bytes=100_000)
        held_by = await rows_by_external_id(uow_factory)
        day = date(2026, 1, 31)
        for number, files in enumerate(sequences):
            expected = expected_rows([[("", day, 1, "", words) for words in file] for file in files[: turn + 1]])
            assert held_by[f"Q{number}"] == expected.total(), files[: turn + 1]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_two_descriptions_are_two_rows_even_if_a_file_has_none(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, order: tuple[int, ...]
) -> None:
    row = "P1,2026-01-31,2000,CREDIT"
    files = [f"user,date,amount,type\n{row}\n", f"{HEADER}{row},Salary\n", f"{HEADER}{row},Rent refund\n"]
    for one in order:
        await load(uow_factory, identity, tmp_path / f"{one}.csv", content=files[one])
    assert await count(uow_factory, BankTransaction) == 2


async def rows_by_external_id(uow_factory: UnitOfWorkFactory) -> Counter[str]:
    statement = (
        select(Identity.value, func.count())
        .join(BankTransaction, BankTransaction.customer_id == Identity.customer_id)
        .group_by(Identity.value)
    )
    async with uow_factory.open(SYSTEM) as uow:
        return Counter({value.decode(): number for value, number in await uow.session.execute(statement)})


@pytest.mark.parametrize("seed", range(24))
async def test_random_files_agree_with_a_simple_count(
    uow_factory: UnitOfWorkFactory,
    identity: IdentityService,
    tmp_path: Path,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = Random(seed)
    # The cache is small, so that blocks read only rows that resemble their own.
    monkeypatch.setattr(known_rows, "MOST_CACHED", drawn.choice([0, 5, 1_000]))
    monkeypatch.setattr(known_rows, "MOST_READ", drawn.choice([1, 100]))
    files = random_files(drawn)
    for number, lines in enumerate(files):
        path = tmp_path / f"{number}.csv"
        write(path, as_csv(lines, drawn))

        def crash(progress: Progress) -> None:
            if drawn.random() < 0.3:
                raise Stopped

        outcome = None
        while outcome is None:
            try:
                outcome = await ingestion.import_transactions(
                    uow_factory,
                    SYSTEM,
                    path,
                    identity=identity,
                    progress=crash,
                    block_bytes=drawn.choice([30, 200, 5_000]),
                )
            except Stopped:
                continue
        assert outcome.rows_loaded + outcome.rows_known == outcome.rows_read == len(lines)
    async with uow_factory.open(SYSTEM) as uow:
        people = {
            name: await find_identity(uow.session, kind="external", value=name.encode()) for name in ("P1", "P2", "P3")
        }
    expected = Counter({(people[p], d, 100 * a, t): n for (p, d, a, t), n in expected_rows(files).items()})
    assert await stored_rows(uow_factory) == expected


async def test_two_programs_load_overlapping_statements_at_once(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    rows = [f"P{n % 9},2026-10-{n % 28 + 1:02d},{n % 50 + 1},CREDIT,{n % 3}" for n in range(1_200)]
    drawn = Random(1)
    paths = []
    for number in range(4):
        part = rows[200 * number : 200 * number + 600]
        drawn.shuffle(part)
        paths.append(tmp_path / f"{number}.csv")
        write(paths[-1], HEADER + "\n".join(part) + "\n")
    outcomes = await asyncio.gather(
        *(
            ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity, block_bytes=3_000)
            for path in paths
        )
    )
    # The books hold each row as often as the file that has it most often.
    counts = [Counter(path.read_text().splitlines()[1:]) for path in paths]
    most = {row: max(one[row] for one in counts) for row in set().union(*counts)}
    assert (
        sum(outcome.rows_loaded for outcome in outcomes)
        == sum(most.values())
        == await count(uow_factory, BankTransaction)
    )
    assert sum(outcome.rows_known for outcome in outcomes) == 4 * 600 - sum(most.values())


async def test_a_prospect_who_became_a_customer_is_the_same_person(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, settings: Settings, tmp_path: Path
) -> None:
    header = "aadhar_id,date,amount,type\n"
    await load(uow_factory, identity, tmp_path / "a.csv", content=header + "234123412346,2026-10-01,5,CREDIT\n")
    keyring = make_keyring(settings)
    number = await register(uow_factory, identity, keyring, "234123412346", name="asha")
    keyring.passwords.close()
    ours = f"BC-USER-{number:03d}"
    content = f"user_id,date,amount,type\n{ours},2026-10-01,5,CREDIT\n2341 2341 2346,2026-10-01,5,CREDIT\n"
    outcome = await load(uow_factory, identity, tmp_path / "b.csv", content=content)
    assert counts_of(outcome) == (2, 1, 1, 0)


async def waiting(uow_factory: UnitOfWorkFactory) -> list[str]:
    async with uow_factory.open(SYSTEM) as uow:
        found = await uow.session.execute(
            select(OutboxRow.key).where(OutboxRow.job == "score_imported", OutboxRow.done_at.is_(None))
        )
        keys = sorted(found.scalars())
        await uow.session.execute(update(OutboxRow).values(done_at=uow.now))
    return keys


async def test_scores_are_asked_for_only_where_something_was_loaded(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, settings: Settings, tmp_path: Path
) -> None:
    keyring = make_keyring(settings)
    first = await register(uow_factory, identity, keyring, "234123412346", name="asha")
    second = await register(uow_factory, identity, keyring, "345634563458", name="ravi")
    keyring.passwords.close()
    await waiting(uow_factory)
    rows = [f"BC-USER-{number:03d},2026-10-01,5,CREDIT," for number in (first, second)]
    outcome = await load(uow_factory, identity, tmp_path / "a.csv", content=HEADER + "\n".join(rows))
    assert (outcome.scores_asked, await waiting(uow_factory)) == (2, [str(first), str(second)])
    outcome = await load(uow_factory, identity, tmp_path / "b.csv", content=HEADER + "\n".join([*rows, rows[1]]))
    assert (counts_of(outcome), outcome.scores_asked) == ((3, 1, 2, 0), 1)
    assert await waiting(uow_factory) == [str(second)]
    outcome = await load(uow_factory, identity, tmp_path / "c.csv", content=HEADER + "\n".join(rows) + "\n\n")
    assert (counts_of(outcome), outcome.scores_asked, await waiting(uow_factory)) == ((2, 0, 2, 0), 0, [])


async def test_refused_rows_are_tried_again_if_the_reason_may_no_longer_hold(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, settings: Settings, tmp_path: Path
) -> None:
    keyring = make_keyring(settings)
    first = await register(uow_factory, identity, keyring, "234123412346", name="asha")
    rows = [
        f"BC-USER-{first:03d},2026-10-01,5,CREDIT,x",
        f"BC-USER-{first + 1:03d},2026-10-01,7,CREDIT,x",
        f"BC-USER-{first + 1:03d},2026-10-01,7,CREDIT,x",
        ",2026-10-01,9,CREDIT,x",
    ]
    path = tmp_path / "a.csv"
    assert counts_of(await load(uow_factory, identity, path, content=HEADER + "\n".join(rows))) == (4, 1, 0, 3)
    again = await load(uow_factory, identity, path)
    assert (counts_of(again), again.retried, again.already_loaded) == (
        (4, 1, 0, 3),
        Retried(rows=3, loaded=0, known=0),
        False,
    )
    second = await register(uow_factory, identity, keyring, "345634563458", name="ravi")
    keyring.passwords.close()
    assert second == first + 1
    await load(uow_factory, identity, tmp_path / "b.csv", content=HEADER + rows[1])
    await waiting(uow_factory)
    outcome = await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity, block_bytes=50)
    assert (counts_of(outcome), outcome.is_retry, outcome.scores_asked) == ((4, 2, 1, 1), True, 1)
    assert outcome.retried == Retried(rows=3, loaded=1, known=1)
    assert await waiting(uow_factory) == [str(second)]
    refused = await ingestion.list_rejects(uow_factory, SYSTEM, outcome.import_id, limit=9)
    assert [(one.row_number, one.code) for one in refused] == [(5, "person_missing")]
    # The remaining rows cannot become valid, because their faults are in the file.
    assert (await load(uow_factory, identity, path)).already_loaded
    assert await count(uow_factory, BankTransaction) == 3


async def test_a_crashed_retry_continues_where_it_stopped(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, settings: Settings, tmp_path: Path
) -> None:
    keyring = make_keyring(settings)
    first = await register(uow_factory, identity, keyring, "234123412346", name="asha")
    path = tmp_path / "a.csv"
    rows = [f"BC-USER-{first + n % 2:03d},2026-10-01,{n},CREDIT,x" for n in range(1, 41)]
    assert counts_of(await load(uow_factory, identity, path, content=HEADER + "\n".join(rows))) == (40, 20, 0, 20)
    await register(uow_factory, identity, keyring, "345634563458", name="ravi")
    keyring.passwords.close()

    def crash(progress: Progress) -> None:
        if progress.rows > 15:
            raise Stopped

    with pytest.raises(Stopped):
        await ingestion.import_transactions(
            uow_factory, SYSTEM, path, identity=identity, progress=crash, block_bytes=200
        )
    between = await count(uow_factory, BankTransaction)
    assert 20 < between < 40
    outcome = await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity, block_bytes=99)
    assert counts_of(outcome) == (40, 40, 0, 0)
    async with uow_factory.open(SYSTEM) as uow:
        amounts = (await uow.session.execute(select(BankTransaction.amount_paise))).scalars()
    assert sorted(amounts) == [100 * n for n in range(1, 41)]


async def test_a_score_from_a_file_counts_what_an_import_of_it_counts(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    path = tmp_path / "a.csv"
    write(path, HEADER + "\n".join(STATEMENT))
    found = await file_scoring.score_file(uow_factory, SYSTEM, path, identity=identity)
    # The two equal rows count both.
    assert found.scores.sort("person").select("person", "transactions", "balance_paise").rows() == [
        ("P1", 3, 89_000_00),
        ("P2", 1, -500_00),
    ]
    await load(uow_factory, identity, path)
    async with uow_factory.open(SYSTEM) as uow:
        customer_id = await find_identity(uow.session, kind="external", value=b"P1")
        facts = await get_bank_facts(uow.session, customer_id or 0)
    assert (facts.transactions, facts.credits_paise - facts.debits_paise) == (3, 89_000_00)
