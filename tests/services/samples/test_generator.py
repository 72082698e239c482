"""Generated data are the same for the same seed, look like the real files, and are loaded by the same import."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import func, select

from app.db.models import Customer, ExternalLoan
from app.db.repositories.people.customers import get_profile
from app.domain.people.access import SYSTEM
from app.domain.people.customers import approved_limit_paise
from app.services.imports import ingestion
from app.services.people.customers import make_identity_service
from app.services.samples import files as generated_files
from app.services.samples.files import write_files
from app.services.samples.generator import Sample, draw, make_customers, make_loans, make_transactions
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings

SMALL = Sample(customers=60, loans_per_customer=3, transactions=4_000, seed=11)


def split_mix(index: int, *, seed: int, stream: int) -> int:
    """SplitMix64 in Python's integers, which never overflow."""
    start = seed * 0xD1342543DE82EF95 + stream * 0xA0761D6478BD642F
    mixed = (index * 0x9E3779B97F4A7C15 + start) % 2**64
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = ((mixed ^ (mixed >> shift)) * factor) % 2**64
    return (mixed ^ (mixed >> 31)) >> 11


def test_a_figure_depends_only_on_its_place() -> None:
    index = pl.DataFrame({"index": range(5)})
    whole = index.select(draw(pl.col("index"), seed=1, stream=2, below=1_000))["index"].to_list()
    # These figures are written here, so that a change of the data for a seed is found.
    assert whole == [206, 131, 855, 738, 451] == [split_mix(place, seed=1, stream=2) % 1_000 for place in range(5)]
    assert index.slice(3).select(draw(pl.col("index"), seed=1, stream=2, below=1_000))["index"].to_list() == whole[3:]
    blocks = pl.concat(make_transactions(SMALL, rows_at_once=701))
    assert blocks.equals(pl.concat(make_transactions(SMALL)))
    assert make_loans(SMALL)[50:60] == make_loans(SMALL, first=50, count=10)


def test_the_same_seed_is_the_same_bytes(tmp_path: Path) -> None:
    one, two = write_files(SMALL, folder=tmp_path / "one"), write_files(SMALL, folder=tmp_path / "two")
    other = write_files(
        Sample(customers=60, loans_per_customer=3, transactions=4_000, seed=12), folder=tmp_path / "other"
    )
    for name in ("customers", "loans", "transactions"):
        first = getattr(one, name).read_bytes()
        assert first == getattr(two, name).read_bytes()
        assert first != getattr(other, name).read_bytes()


def test_a_prefix_stands_before_every_id_of_a_customer_and_changes_nothing_else() -> None:
    prefixed = replace(SMALL, prefix="DEMO-")
    people, plain = make_customers(prefixed), make_customers(SMALL)
    assert people["Customer ID"].to_list() == [f"DEMO-{number}" for number in range(1, 61)]
    assert people.drop("Customer ID").equals(plain.drop("Customer ID"))
    assert make_loans(prefixed) == [[f"DEMO-{row[0]}", *row[1:]] for row in make_loans(SMALL)]
    rows, before = pl.concat(make_transactions(prefixed)), pl.concat(make_transactions(SMALL))
    assert rows.drop("user_id").equals(before.drop("user_id"))
    damaged = [one for one in rows["user_id"] if not one.startswith("DEMO-")]
    assert (len(damaged), set(damaged)) == (9, {"1.11122E+11", "98765432109", ""})


def test_the_shape_of_the_real_files() -> None:
    people, loans = make_customers(SMALL), make_loans(SMALL)
    assert people["Customer ID"].to_list() == list(range(1, 61))
    assert people["Phone Number"].is_between(9_000_000_000, 9_999_999_999).all()
    assert len(loans) == SMALL.loans == 57 * 3
    holders = {row[0] for row in loans}
    assert sorted(set(range(1, 61)) - holders) == [18, 36, 54]
    ids = [row[1] for row in loans]
    twice = [one for one in set(ids) if ids.count(one) == 2]
    assert len(twice) == len(loans) - len(set(ids)) == 6
    # A loan id never occurs twice for one person.
    assert len({(row[0], row[1]) for row in loans}) == len(loans)
    assert all(row[6] <= row[3] for row in loans)


async def test_it_is_loaded_by_the_same_import(
    uow_factory: UnitOfWorkFactory, settings: Settings, tmp_path: Path
) -> None:
    files, identity = write_files(SMALL, folder=tmp_path), make_identity_service(settings)
    kinds = {"transactions": files.transactions, "loans": files.loans, "customers": files.customers}
    outcomes = {
        kind: await ingestion.import_file(uow_factory, SYSTEM, path, kind=kind, identity=identity)
        for kind, path in kinds.items()
    }
    assert {kind: (done.rows_loaded, done.rows_rejected) for kind, done in outcomes.items()} == {
        "transactions": (3_991, 9),
        "loans": (171, 0),
        "customers": (60, 0),
    }
    async with uow_factory.open(SYSTEM) as uow:
        people = (await uow.session.execute(select(func.count()).select_from(Customer))).scalar_one()
        loans = (await uow.session.execute(select(func.count()).select_from(ExternalLoan))).scalar_one()
        first = await get_profile(
            uow.session,
            (await uow.session.execute(select(Customer.customer_id).where(Customer.external_id == "1"))).scalar_one(),
        )
    assert (people, loans) == (60, 171)
    assert first.approved_limit_paise != approved_limit_paise(first.annual_income_paise or 0)


def test_a_workbook_that_would_be_too_long_is_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated_files, "LONGEST_WORKBOOK", 50)
    files = write_files(SMALL, folder=tmp_path)
    assert (files.customers.suffix, files.loans.suffix) == (".csv", ".csv")
    assert len(files.customers.read_text().split()) > 60
