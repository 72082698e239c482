"""Scores straight from a file: the rows an import would load and refuse, and the score the domain would give."""

import secrets
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import pytest_asyncio
import xlsxwriter

from app.db.models import BankTransaction, Customer, Import, OutboxRow
from app.db.repositories import ingestion as repository
from app.db.repositories.products import add_scorecard
from app.domain import scoring
from app.domain.access import SYSTEM
from app.domain.scoring import SEEDED_SCORECARDS
from app.domain.scoring_facts import BankFacts
from app.services import file_scoring, ingestion
from app.services.balance_sums import RunningSums, add_rows, add_sums
from app.services.columns import LayoutUnknown
from app.services.customers import IdentityDesk, make_identity_desk
from app.services.file_scoring import FileScores
from app.services.work import Desk
from app.settings import Settings
from tests.services.test_ingestion import BAD_ROWS, DATA, HEADER, UUID, count, write

LARGEST = 99_999_999_999


@pytest.fixture
def identity(settings: Settings) -> IdentityDesk:
    return make_identity_desk(settings)


@pytest_asyncio.fixture(autouse=True)
async def scorecards(desk: Desk) -> None:
    async with desk.open(SYSTEM) as work:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(work.session, card, now=work.now, actor="system")


async def estimate(desk: Desk, identity: IdentityDesk, path: Path, content: str | None = None) -> FileScores:
    if content is not None:
        write(path, content)
    return await file_scoring.score_file(desk, SYSTEM, path, identity=identity)


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


@pytest.mark.parametrize("blocks_at_once", [1, 8])
async def test_the_same_rows_are_refused_as_by_an_import(
    desk: Desk, identity: IdentityDesk, tmp_path: Path, blocks_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_scoring, "BLOCKS_AT_ONCE", blocks_at_once)
    odd = [
        " {id} ,2020-10-30,1,credit,",
        '{id},30/10/2020,"1,00,000.50",Dr,',
        "",
        '"  ",2020-10-30,1,CR,',
        "{id},2020-10-30,1,cReDiT,",
    ]
    rows = [row for row, _ in BAD_ROWS] + odd
    path = tmp_path / "f.csv"
    found = await estimate(desk, identity, path, (HEADER + "\n".join(rows * 3) + "\n").replace("{id}", UUID))
    assert (await count(desk, Import), await count(desk, Customer), await count(desk, OutboxRow)) == (0, 0, 0)
    loaded = await ingestion.import_transactions(desk, SYSTEM, path, identity=identity)
    async with desk.open(SYSTEM) as work:
        refused = await repository.list_rejects(work.session, loaded.import_id, after=0, limit=1_000)
    assert found.rejects.rows() == [(one.row_number, one.code) for one in refused]
    assert (found.rows_read, found.rejects.height) == (loaded.rows_read, loaded.rows_rejected)
    # Three times: +1.00, -1,00,000.50 and +1.00.
    assert found.scores.select("person", "transactions", "balance_paise", "score").rows() == [
        (UUID, 9, -29_999_550, 300)
    ]


@pytest.mark.skipif(not DATA.exists(), reason="the real files are not here")
async def test_the_real_file(desk: Desk, identity: IdentityDesk) -> None:
    found = await estimate(desk, identity, DATA / "bank_transactions_uuid.csv")
    assert (found.rows_read, found.scores.height, found.rejects.height) == (5_203, 200, 0)
    assert int((found.scores["score"] >= 450).sum()) == 24
    assert sorted(found.scores["score"].to_list())[-3:] == [790, 860, 890]
    assert await count(desk, BankTransaction) == 0


async def test_one_aadhaar_number_in_two_spellings_is_one_masked_person(
    desk: Desk, identity: IdentityDesk, tmp_path: Path
) -> None:
    rows = "2341 2341 2346,2020-10-30,1.5,CREDIT\n234123412346,2020-10-30,2,CREDIT\n2341,2020-10-30,2,CREDIT\n"
    found = await estimate(desk, identity, tmp_path / "f.csv", "aadhar_id,date,amount,type\n" + rows)
    assert found.scores.select("person", "first_row", "balance_paise").rows() == [("XXXX XXXX 2346", 2, 350)]
    assert found.rejects.rows() == [(4, "aadhaar_invalid")]


async def test_sums_beyond_sixty_three_bits_are_exact(desk: Desk, identity: IdentityDesk, tmp_path: Path) -> None:
    rows = 1_000_000
    path = tmp_path / "f.csv"
    content = "user_id,date,amount,type\n" + f"P,2020-10-30,{LARGEST},CR\n" * rows
    found = await estimate(desk, identity, path, content)
    assert found.scores.select("transactions", "balance_paise", "score").rows() == [(rows, rows * LARGEST * 100, 900)]


async def test_persons_under_one_hash_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.DataFrame({"person": ["a", "b", "a"], "paise": [1, 2, 4], "row_number": [5, 6, 7]})
    monkeypatch.setattr(pl.Expr, "hash", lambda self, seed: self.str.len_bytes() if seed == 1 else self.rank())
    seeds = iter((1, 2))
    monkeypatch.setattr(secrets, "randbits", lambda _: next(seeds))
    summed = add_rows(rows).sort("person")
    assert summed.select("person", "balance_paise", "transactions", "first_row").rows() == [
        ("a", 5, 2, 5),
        ("b", 2, 1, 6),
    ]


async def test_sums_that_are_kept_are_as_many_as_the_people() -> None:
    sums = RunningSums(most=4)
    for first_row in range(2, 42, 2):
        rows = pl.DataFrame({"person": ["a", "b"], "paise": [3, -5], "row_number": [first_row, first_row + 1]})
        sums.add(add_rows(rows))
        assert sums.all().height <= 4
    assert add_sums(sums.all()).sort("person").rows() == [("a", 2, 20, 60), ("b", 3, 20, -100)]


async def test_a_workbook_is_scored_too(desk: Desk, identity: IdentityDesk, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["user_id", "date", "amount", "type"])
        sheet.write_row(1, 0, ["P1", "2020-10-30", 325_000, "CREDIT"])
        sheet.write_row(4, 0, ["P1", "2020-10-30", 0, "CREDIT"])
    found = await estimate(desk, identity, path)
    assert found.scores.rows() == [("P1", 2, 1, 32_500_000, 450)]
    assert found.rejects.rows() == [(5, "amount_not_positive")]


async def test_a_file_without_rows_and_one_without_a_layout(desk: Desk, identity: IdentityDesk, tmp_path: Path) -> None:
    found = await estimate(desk, identity, tmp_path / "f.csv", HEADER)
    assert (found.rows_read, found.scores.height, found.rejects.height) == (0, 0, 0)
    with pytest.raises(LayoutUnknown):
        await estimate(desk, identity, tmp_path / "f.csv", "a,b\n1,2\n")
