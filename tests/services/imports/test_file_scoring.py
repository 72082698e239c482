"""Scores from a file: the same rows are loaded and refused as by an import, and the domain gives the same scores."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import polars as pl
import pytest
import pytest_asyncio
import xlsxwriter
from psutil import Process

from app.db.models import BankTransaction, Customer, Import, OutboxRow
from app.db.repositories.imports import ingestion as repository
from app.db.repositories.products.products import add_scorecard
from app.domain.credit import scoring
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.credit.scoring_facts import BankFacts
from app.domain.money import MAX_PAISE
from app.domain.people.access import SYSTEM
from app.services.imports import checked_rows, file_scoring, ingestion
from app.services.imports.balance_sums import BalanceSums, keys
from app.services.imports.checked_rows import Checked, NotVectorisable
from app.services.imports.file_scoring import FileScores
from app.services.people.customers import IdentityService, make_identity_service
from app.services.tables.columns import FileUnreadable, LayoutUnknown
from app.services.tables.raw_rows import LONGEST_ROW_BYTES
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.services.imports.test_ingestion import BAD_ROWS, DATA, HEADER, UUID, count, write

LARGEST = 99_999_999_999


@pytest.fixture
def identity(settings: Settings) -> IdentityService:
    return make_identity_service(settings)


@pytest_asyncio.fixture(autouse=True)
async def scorecards(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")


async def estimate(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, path: Path, content: str | None = None
) -> FileScores:
    if content is not None:
        write(path, content)
    return await file_scoring.score_file(uow_factory, SYSTEM, path, identity=identity)


def test_a_column_of_balances_is_scored_as_the_domain_scores_one() -> None:
    parameters = SEEDED_SCORECARDS[0].parameters
    rupees = [-(10**9), -1, 0, 99_999, 100_000, 114_999, 115_000, 324_999, 325_000, 999_999, 1_000_000, 10**12]
    balances = [100 * one + paise for one in rupees for paise in (-1, 0, 1)]
    found = pl.DataFrame({"b": balances}, schema={"b": pl.Int128}).select(
        file_scoring.bank_balance(pl.col("b"), parameters=parameters)
    )
    one_by_one = [
        scoring.bank_balance(BankFacts(transactions=1, credits_paise=one), parameters=parameters)[0] for one in balances
    ]
    assert [Decimal(one) for one in found.to_series().to_list()] == one_by_one


def no_query(*_: Any, **__: Any) -> tuple[int, Checked]:
    raise NotVectorisable


@pytest.mark.parametrize(
    "is_ragged, blocks_at_once, most_unusual, block_bytes",
    [
        (True, 1, 20_000, 4_000_000),
        (True, 8, 20_000, 4_000_000),
        (False, 8, 20_000, 4_000_000),
        (False, 8, 3, 4_000_000),
        (True, 8, 20_000, 150),
        (False, 2, 20_000, 150),
    ],
)
async def test_the_same_rows_are_refused_as_by_an_import(
    uow_factory: UnitOfWorkFactory,
    identity: IdentityService,
    tmp_path: Path,
    is_ragged: bool,
    blocks_at_once: int,
    most_unusual: int,
    block_bytes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checked_rows, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(checked_rows, "BLOCKS_AT_ONCE", blocks_at_once)
    monkeypatch.setattr(checked_rows, "MOST_UNUSUAL", most_unusual)
    if not is_ragged and most_unusual > 3:
        # All rows are read by queries, or the test fails.
        monkeypatch.delattr(checked_rows, "check_one_by_one")
    odd = [
        " {id} ,2020-10-30,1,credit,",
        "{id},30/10/2020,1,Dr,",
        "",
        "  ,2020-10-30,1,CR,",
        "{id},2020-10-30,1,cReDiT,",
    ]
    bad = [row for row, code in BAD_ROWS if is_ragged or code != "too_many_fields"]
    path = tmp_path / "f.csv"
    # The parser counts the columns of the first row.
    rows = [*odd, *bad] * 3 if is_ragged else [odd[1], *odd, *bad] * 3
    found = await estimate(uow_factory, identity, path, (HEADER + "\n".join(rows) + "\n").replace("{id}", UUID))
    assert (
        await count(uow_factory, Import),
        await count(uow_factory, Customer),
        await count(uow_factory, OutboxRow),
    ) == (0, 0, 0)
    loaded = await ingestion.import_transactions(uow_factory, SYSTEM, path, identity=identity)
    async with uow_factory.open(SYSTEM) as uow:
        refused = await repository.list_rejects(uow.session, loaded.import_id, after=0, limit=1_000)
    assert found.rejects.rows() == [(one.row_number, one.code) for one in refused]
    assert len(refused) >= 3 * len(bad)
    assert (found.rows_read, found.rejects.height) == (loaded.rows_read, loaded.rows_rejected)
    # Each of the three repetitions has +1, -1 and +1; if the file is not ragged, it begins with another -1.
    debits = 3 if is_ragged else 6
    assert found.scores.select("person", "transactions", "balance_paise").rows() == [
        (UUID, 6 + debits, 600 - 100 * debits)
    ]


FIELDS = {
    "user": [
        "P1",
        "P2",
        "P3",
        UUID,
        " P1 ",
        "",
        "BC-USER-00001",
        "234123412346",
        "2341",
        "!",
        '"P1"',
        '"P""2"',
        "P\u00e9",
        "P1\x1c",
        "\x0bP1\u2028",
        "P\x851",
        "\x1c",
        "\u200b",
    ],
    "date": ["2020-10-30", "2021-02-28", "30/10/2020", "2021-02-29", "", "2020-1-3", "0020-10-30", '"2020-10-30"'],
    "amount": [
        "1",
        "2.5",
        "30.25",
        "1,00",
        '"1,00,000.50"',
        "1.125",
        "1.10",
        "-3",
        "+3",
        "0",
        "1e3",
        ".5",
        "5.",
        '"₹1,00,000.00"',
        "₹ 2000",
        '"Rs. 1,00,000"',
        "Rs 500",
        '"INR 1,00,000.00"',
        "100000/-",
        "rs.7.50 /-",
        "-₹3",
        "₹-3",
        "₹₹3",
        "₹ Rs 3",
        "USD 3",
        "3 ₹",
        "3/-/-",
        "₹",
        "/-",
        "Rs\u00a03",
        "",
        " 7",
    ],
    "type": ["CREDIT", "DEBIT", "Cr", "dr", "cReDiT", "", "X", " CREDIT"],
    "note": [
        "",
        "x",
        '"a, b"',
        '"two\nlines"',
        "y" * 1_001,
        '"' + "z\n" * 600 + '"',
        "\0",
        "\ufffd",
        '"',
        'a"b',
        '""""',
        "a\x0bb",
        "\x0c",
        "\x1d",
        "\ufeff",
        "a\x1cb",
        "a\u0085",
        "a\u2028b",
    ],
    "more": ["", "q", '"r, s"', '"t\nu"', "v" * 1_001, '"'],
}


def random_file(drawn: Random) -> str:
    """A file with mostly usual fields; the share of unusual ones is random."""
    oddity = drawn.choice([0, 0.01, 0.05, 0.3])
    usual = {name: values[: 1 if name in {"note", "more"} else 3] for name, values in FIELDS.items()}
    usual["type"] = FIELDS["type"][:2]
    names = [name for name in FIELDS if name != "more" or drawn.random() < 0.5]
    drawn.shuffle(names)

    def row() -> str:
        fields = [drawn.choice((FIELDS if drawn.random() < oddity else usual)[name]) for name in names]
        if drawn.random() < oddity:
            fields = drawn.choice([[], fields[:2], [*fields, "beyond"], [*fields, ""]])
        return ",".join(fields)

    lines = [",".join({"more": "reference", "note": "description"}.get(name, name) for name in names)]
    lines += [row() for _ in range(drawn.choice([0, 1, 5, 60]))]
    return drawn.choice(["\n", "\r\n"]).join(lines) + drawn.choice(["", "\n"])


async def test_queries_and_blocks_give_the_same_scores(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.csv"
    at_once, one_by_one = checked_rows.check_at_once, checked_rows.check_one_by_one
    slices: Counter[str] = Counter()

    def count_at_once(*args: Any, **keywords: Any) -> tuple[int, Checked]:
        found = at_once(*args, **keywords)
        slices["by a query"] += 1
        return found

    def count_one_by_one(*args: Any, **keywords: Any) -> tuple[int, Checked]:
        slices["by blocks"] += 1
        return one_by_one(*args, **keywords)

    monkeypatch.setattr(checked_rows, "check_one_by_one", count_one_by_one)
    monkeypatch.setattr(checked_rows, "BLOCKS_AT_ONCE", 3)
    for seed in range(120):
        path.write_text(random_file(Random(seed)), newline="")
        block_bytes = Random(seed).choice([1, 40, 300, 4_000_000])
        monkeypatch.setattr(checked_rows, "BLOCK_BYTES", block_bytes)
        monkeypatch.setattr(checked_rows, "check_at_once", count_at_once)
        first = await estimate(uow_factory, identity, path)
        monkeypatch.setattr(checked_rows, "check_at_once", no_query)
        counted = slices.copy()
        second = await estimate(uow_factory, identity, path)
        slices = counted
        assert first.rows_read == second.rows_read, seed
        assert first.rejects.rows() == second.rejects.rows(), seed
        assert sorted(first.scores.rows()) == sorted(second.scores.rows()), seed
    assert min(slices["by a query"], slices["by blocks"]) > 20, slices


async def test_a_slice_that_takes_long_keeps_its_row_numbers(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, begun = checked_rows.check_at_once, Counter[str]()

    def check_slowly_at_first(*args: Any, **keywords: Any) -> tuple[int, Checked]:
        begun["slices"] += 1
        if begun["slices"] % 2:
            sleep(0.02)
        return at_once(*args, **keywords)

    monkeypatch.setattr(checked_rows, "check_at_once", check_slowly_at_first)
    monkeypatch.setattr(checked_rows, "BLOCK_BYTES", 64)
    monkeypatch.setattr(checked_rows, "BLOCKS_AT_ONCE", 1)
    rows = [f"P{number},2020-10-30,{number % 5},CR," for number in range(2, 42)]
    found = await estimate(uow_factory, identity, tmp_path / "f.csv", HEADER + "\n".join(rows) + "\n")
    assert begun["slices"] > 10
    assert found.rejects.rows() == [(row, "amount_not_positive") for row in range(5, 42, 5)]
    assert sorted(found.scores.select("first_row", "person").rows()) == [
        (row, f"P{row}") for row in range(2, 42) if row % 5
    ]


async def test_a_row_that_is_too_long_ends_the_reading(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked_rows, "BLOCK_BYTES", 200)
    content = HEADER + "P,2020-10-30,1,CR,\n" * 500 + "x" * (LONGEST_ROW_BYTES + 1_000)
    with pytest.raises(FileUnreadable, match="longer than a megabyte"):
        await estimate(uow_factory, identity, tmp_path / "f.csv", content)


@pytest.mark.parametrize("text", ["\0", "\ufffd", "\u00e9"])
async def test_a_character_beyond_ascii_is_checked_in_its_own_slice(
    uow_factory: UnitOfWorkFactory,
    identity: IdentityService,
    tmp_path: Path,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checked_rows, "BLOCK_BYTES", 100)
    monkeypatch.setattr(checked_rows, "BLOCKS_AT_ONCE", 1)
    plain = "P,2020-10-30,1,CR,UPI transfer\n"
    content = HEADER + plain * 20 + f"P,2020-10-30,1,CR,UPI{text}transfer\n" + plain * 20
    found = await estimate(uow_factory, identity, tmp_path / "f.csv", content)
    refused = [] if text.isalpha() else [(22, "description_unusable")]
    assert found.rejects.rows() == refused
    assert found.scores.select("transactions", "balance_paise").rows() == [
        (41 - len(refused), 4_100 - 100 * len(refused))
    ]


@pytest.mark.skipif(not DATA.exists(), reason="the real files are not here")
async def test_the_real_file(uow_factory: UnitOfWorkFactory, identity: IdentityService) -> None:
    found = await estimate(uow_factory, identity, DATA / "bank_transactions_uuid.csv")
    assert (found.rows_read, found.scores.height, found.rejects.height) == (5_203, 200, 0)
    assert int((found.scores["score"] >= 450).sum()) == 24
    assert sorted(found.scores["score"].to_list())[-3:] == [790, 860, 890]
    assert await count(uow_factory, BankTransaction) == 0


async def test_one_aadhaar_number_in_two_spellings_is_one_masked_person(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    rows = "2341 2341 2346,2020-10-30,1.5,CREDIT\n234123412346,2020-10-30,2,CREDIT\n2341,2020-10-30,2,CREDIT\n"
    found = await estimate(uow_factory, identity, tmp_path / "f.csv", "aadhar_id,date,amount,type\n" + rows)
    assert found.scores.select("person", "first_row", "balance_paise").rows() == [("XXXX XXXX 2346", 2, 350)]
    assert found.rejects.rows() == [(4, "aadhaar_invalid")]


async def test_sums_beyond_sixty_three_bits_are_exact(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    rows = 1_000_000
    path = tmp_path / "f.csv"
    content = "user_id,date,amount,type\n" + f"P,2020-10-30,{LARGEST},CR\n" * rows
    found = await estimate(uow_factory, identity, path, content)
    assert found.scores.select("transactions", "balance_paise", "score").rows() == [(rows, rows * LARGEST * 100, 900)]


@pytest.mark.parametrize("places_in_common", ["key", "proof"])
def test_persons_with_one_hash_have_separate_sums(places_in_common: str) -> None:
    rows = pl.DataFrame({"person": ["a", "b", "a"], "paise": [1, 2, 4], "row_number": [5, 6, 7]}).with_columns(keys())
    hashed = rows.with_columns(pl.lit(7, dtype=pl.UInt64).alias(places_in_common))
    sums = BalanceSums()
    added = [sums.add(some) for some in (hashed, hashed.tail(2), hashed.head(2))]
    assert [people.height for _, people in added] == [2, 0, 0]
    first, second = added[0][0][:2]
    assert [numbers.tolist() for numbers, _ in added] == [[first, second, first], [second, first], [first, second]]
    assert sums.all().sort("person").rows() == [("a", 5, 4, 10), ("b", 6, 3, 6)]


def test_people_whose_hashes_share_their_last_bits_have_separate_sums() -> None:
    sums, drawn, expected = BalanceSums(), Random(1), dict[str, tuple[int, int, int]]()
    for piece in range(30):
        # More people in every piece, with few different slots to choose.
        names = [f"P{drawn.randrange(40 * (piece + 1))}" for _ in range(200)]
        rows = [(name, 200 * piece + index, drawn.randrange(-9, 9)) for index, name in enumerate(names)]
        people = pl.DataFrame(rows, schema=["person", "row_number", "paise"], orient="row").with_columns(keys())
        numbers, _ = sums.add(people.with_columns(pl.col("key") & 0xF00000000000000F))
        for name, row, paise in rows:
            first_row, transactions, balance = expected.get(name, (row, 0, 0))
            expected[name] = first_row, transactions + 1, balance + paise
        assert sums.all()["person"].gather(numbers).to_list() == names
    assert {name: tuple(found) for name, *found in sums.all().iter_rows()} == expected


def test_a_row_that_comes_late_in_its_piece_may_be_the_first_of_its_person() -> None:
    rows = pl.DataFrame({"person": ["a", "b", "a"], "paise": [3, -5, 3], "row_number": [9, 8, 2]})
    sums = BalanceSums()
    sums.add(rows.with_columns(keys()))
    sums.add(rows.with_columns(*keys(), pl.col("row_number") + 10))
    assert sums.all().sort("person").rows() == [("a", 2, 4, 12), ("b", 8, 2, -10)]


def test_sums_of_either_sign_are_carried_exactly() -> None:
    paise = [MAX_PAISE, -MAX_PAISE, -MAX_PAISE, -1]
    rows = pl.DataFrame({"person": ["a", "b", "c", "c"], "paise": paise, "row_number": [2, 3, 4, 5]})
    piece = pl.concat([rows.with_columns(keys())] * 300_000)
    sums = BalanceSums()
    for _ in range(4):
        sums.add(piece)
    balances = [("a", 1_200_000 * MAX_PAISE), ("b", -1_200_000 * MAX_PAISE), ("c", -1_200_000 * (MAX_PAISE + 1))]
    assert sums.all().sort("person").select("person", "balance_paise").rows() == balances


def test_memory_grows_with_the_people_and_not_with_the_rows() -> None:
    """Every piece names a few people for the first time, and their texts must not keep those of the piece."""
    sums, process, rows = BalanceSums(), Process(), 100_000
    held = []
    for piece in range(40):
        number = pl.int_range(rows, dtype=pl.Int64)
        name = pl.format("a person with a long name {}", pl.when(number < 5).then(number + 10 * piece).otherwise(10**9))
        sums.add(
            pl.select(row_number=number, person=name, paise=pl.repeat(1, rows, dtype=pl.Int64)).with_columns(keys())
        )
        held.append(process.memory_info().rss)
    assert sums.all().height == 201
    # The texts of thirty pieces would take 100 MB.
    assert held[-1] - held[9] < 40_000_000


async def test_a_workbook_is_scored_too(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["user_id", "date", "amount", "type"])
        sheet.write_row(1, 0, ["P1", "2020-10-30", 325_000, "CREDIT"])
        sheet.write_row(4, 0, ["P1", "2020-10-30", 0, "CREDIT"])
    found = await estimate(uow_factory, identity, path)
    assert found.scores.rows() == [("P1", 2, 1, 32_500_000, 450)]
    assert found.rejects.rows() == [(5, "amount_not_positive")]


async def test_a_file_without_rows_and_one_without_a_layout(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    found = await estimate(uow_factory, identity, tmp_path / "f.csv", HEADER)
    assert (found.rows_read, found.scores.height, found.rejects.height) == (0, 0, 0)
    with pytest.raises(LayoutUnknown):
        await estimate(uow_factory, identity, tmp_path / "f.csv", "a,b\n1,2\n")
