"""Benchmarks of files: scoring a file against a bare query, importing one against COPY, and importing workbooks."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from app.domain.people.access import SYSTEM
from app.embedded.postgres import PROGRAMS
from app.services.imports.file_scoring import score_file
from app.services.imports.ingestion import CUSTOMERS, LOANS, TRANSACTIONS, import_file
from app.services.people.customers import IdentityService, make_identity_service
from app.services.samples.files import write_files
from app.services.samples.generator import Sample
from app.services.tables.columns import YEARS
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from app.workers.context import open_context
from bench.bare_query import sum_barely
from bench.report import Figure, Report, alternate, ratio_figures

ROUNDS = 3
ROWS_PER_PERSON = 100
BEGAN = 18_262  # 2020-01-01
PSQL = PROGRAMS / "psql"
COPIED = "customer_id,import_id,row_number,transacted_on,direction,amount_paise,description"


Run = Callable[[Coroutine[Any, Any, Any]], Any]


def write_transactions(path: Path, *, rows: int, seed: int) -> None:
    """Writes a file of bank transactions with a hundred rows for each person. The same seed gives the same file."""
    people = max(rows // ROWS_PER_PERSON, 1)
    ids = pl.select(person=pl.int_range(people)).with_columns(
        user_id=pl.format("{}-87b9-4b87-af5a-{}", pl.col("person").hash(seed) % 10**8, pl.col("person") + 10**11)
    )
    number = pl.int_range(rows).hash(seed)
    drawn = pl.select(
        person=(number % people).cast(pl.Int64),
        day=(number // people % 2_000).cast(pl.Int32),
        paise=number // 2_003 % 10_000_000 + 1,
        is_credit=number // 4_001 % 20 < 11,
    )
    written = drawn.join(ids, on="person", how="left", maintain_order="left").select(
        "user_id",
        (pl.col("day") + BEGAN).cast(pl.Date).alias("transaction_date"),
        pl.format("{}.{}", pl.col("paise") // 100, (pl.col("paise") % 100).cast(pl.String).str.zfill(2)).alias(
            "amount"
        ),
        pl.when("is_credit").then(pl.lit("CREDIT")).otherwise(pl.lit("DEBIT")).alias("type"),
        pl.lit("UPI transfer").alias("description"),
    )
    written.write_csv(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSizes:
    """How many rows are scored and imported, and how many customers the workbooks have."""

    scored: int
    imported: int
    customers: int


def measure_files(settings: Settings, report: Report, folder: Path, *, sizes: FileSizes) -> None:
    """All figures of files, in a migrated and seeded database without customers."""
    with asyncio.Runner() as runner:
        opened = open_context(settings)
        uow_factory = runner.run(opened.__aenter__()).uow_factory
        identity = make_identity_service(settings)
        try:
            run, dsn = runner.run, settings.owner_dsn
            with report.trying("scoring a file"):
                report.add(measure_scoring(settings, uow_factory, identity, folder, run=run, rows=sizes.scored))
            with report.trying("importing transactions"):
                report.add(measure_copying(uow_factory, identity, folder, dsn=dsn, run=run, rows=sizes.imported))
            with report.trying("importing workbooks"):
                report.add(measure_workbooks(uow_factory, identity, folder, run=run, customers=sizes.customers))
        finally:
            runner.run(opened.__aexit__(None, None, None))


def measure_scoring(
    settings: Settings, uow_factory: UnitOfWorkFactory, identity: IdentityService, folder: Path, *, run: Run, rows: int
) -> Iterator[Figure]:
    """Scoring everybody in a file, against a query that sums the same file by person without checks."""
    path = folder / "scored.csv"
    write_transactions(path, rows=rows, seed=1)
    note = f"{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB"
    bare = alternate(
        ROUNDS,
        lambda: rows / _seconds(lambda: run(score_file(uow_factory, SYSTEM, path, identity=identity))),
        lambda: rows / _seconds(lambda: sum_barely(path)),
    )
    yield from ratio_figures(
        "scoring a file", bare, unit="rows/s", peer="bare polars query", note=note, bound="at least 0.75"
    )
    peak, of_peer = _peak(settings, "bench.file_scorer", path), _peak(settings, "bench.bare_query", path)
    yield Figure(name="scoring a file: peak of memory", value=peak, unit="MB", note=note)
    yield Figure(name="scoring a file: peak of memory: bare polars query", value=of_peer, unit="MB", note=note)
    yield Figure(name="scoring a file: peak of memory: ratio", value=peak / of_peer, unit="x", bound="at most 1.0")
    path.unlink()
    small = folder / "scored-by-pandas.csv"
    write_transactions(small, rows=rows // 10, seed=1)
    found = run(score_file(uow_factory, SYSTEM, small, identity=identity)).scores
    assert dict(found.select("person", "balance_paise").iter_rows()) == sum_with_pandas(small).to_dict()
    by_pandas = alternate(
        ROUNDS,
        lambda: rows // 10 / _seconds(lambda: run(score_file(uow_factory, SYSTEM, small, identity=identity))),
        lambda: rows // 10 / _seconds(lambda: sum_with_pandas(small)),
    )
    small.unlink()
    yield from ratio_figures(
        "scoring a smaller file",
        by_pandas,
        unit="rows/s",
        peer="pandas",
        note=f"{rows // 10:,} rows",
        bound="at least 5",
    )


def sum_with_pandas(path: Path) -> pd.Series:
    """Balances in paise by person, of the rows that pass the same checks, computed with pandas."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    day = pd.to_datetime(rows["transaction_date"], format="%Y-%m-%d", errors="coerce")
    is_amount = rows["amount"].str.fullmatch(r"[0-9]{1,11}(\.[0-9]{1,2})?")
    paise = (pd.to_numeric(rows["amount"].where(is_amount)) * 100).round()
    sign = rows["type"].str.upper().map({"CREDIT": 1, "CR": 1, "DEBIT": -1, "DR": -1})
    is_usable = (rows["description"].str.len() <= 1_000) & ~rows["description"].str.contains("\0|\ufffd")
    is_good = rows["user_id"].ne("") & day.dt.year.between(*YEARS) & (paise > 0) & sign.notna() & is_usable
    return (paise * sign)[is_good].astype("int64").groupby(rows["user_id"]).sum()


def _peak(settings: Settings, program: str, path: Path) -> float:
    """The peak memory in megabytes of a process of its own that only scores this file, or only runs the bare query: the
    median of some runs, because that of one run may be twice that of another."""
    words, env = [sys.executable, "-m", program, str(path)], os.environ | settings.addresses()
    runs = (subprocess.run(words, check=True, env=env, stdout=subprocess.PIPE, text=True) for _ in range(ROUNDS))
    return statistics.median(int(done.stdout) for done in runs) / 1024


def measure_copying(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, folder: Path, *, dsn: str, run: Run, rows: int
) -> list[Figure]:
    """Importing a file, against psql that copies the rows of that import into the table again."""
    imported: list[int] = []

    def ours() -> float:
        path = folder / "imported.csv"
        write_transactions(path, rows=rows, seed=len(imported) + 10)

        def load() -> None:
            outcome = run(import_file(uow_factory, SYSTEM, path, kind=TRANSACTIONS, identity=identity))
            assert outcome.rows_loaded == rows, outcome
            imported.append(outcome.import_id)

        seconds = _seconds(load)
        path.unlink()
        return rows / seconds

    def peer() -> float:
        if not imported:
            ours()
        path = folder / "copied.csv"
        own = f"bank_transactions WHERE import_id = {imported[-1]}"
        _psql(dsn, f"\\copy (SELECT {COPIED} FROM {own}) TO '{path}' CSV")  # noqa: S608
        _psql(dsn, f"DELETE FROM {own}")  # noqa: S608
        # Deleted rows would slow COPY down, and autovacuum could start while it is timed.
        _psql(dsn, "VACUUM bank_transactions")
        seconds = _seconds(lambda: _psql(dsn, f"\\copy bank_transactions ({COPIED}) FROM '{path}' CSV"))
        path.unlink()
        return rows / seconds

    pairs = alternate(ROUNDS, ours, peer)
    return ratio_figures(
        "importing transactions", pairs, unit="rows/s", peer="COPY by psql", note=f"{rows:,} rows", bound="at least 0.4"
    )


def measure_workbooks(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, folder: Path, *, run: Run, customers: int
) -> Iterator[Figure]:
    """Importing workbooks of customers and of their loans of other lenders."""
    files = write_files(Sample(customers=customers, loans_per_customer=3, transactions=0, seed=1), folder=folder)
    for kind, path in ((CUSTOMERS, files.customers), (LOANS, files.loans)):
        began = time.perf_counter()
        outcome = run(import_file(uow_factory, SYSTEM, path, kind=kind, identity=identity))
        read: int = outcome.rows_read
        rate = read / (time.perf_counter() - began)
        yield Figure(name=f"importing {kind}, xlsx", value=rate, unit="rows/s", note=f"{read:,} rows")


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _psql(dsn: str, command: str) -> None:
    words = [str(PSQL), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, dsn.replace("+asyncpg", "")]
    subprocess.run(words, check=True, env=os.environ | {"LC_ALL": "C"}, stdout=sys.stderr)
