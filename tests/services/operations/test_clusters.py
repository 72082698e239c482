"""What `kist distribute` would send to a cluster, what it refuses, and what `kist doctor` says of servers.

There is no cluster here. The plan is computed from the facts of a catalog, which are given; on one server the command
is refused by name.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy.exc import ProgrammingError

from app.db import cluster
from app.db.cluster import DATABASE_SETTINGS, ClusterFacts, Step, plan
from app.db.migrate import newest_revision
from app.services.operations.clusters import DistributeRefused, check_facts, distribute, is_distributed, read_plan
from app.services.operations.diagnosis import look_at_servers
from app.services.operations.doctor import Verdict
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings

READY = ClusterFacts(database="kist", version="14.0.1", workers=2)
PLANNED = partial(plan, role="kist_app", lock_timeout_ms=3_000, shards=32)
HEAD = newest_revision()


def statements(steps: list[Step]) -> list[str]:
    return [step.statement for step in steps]


def placed() -> Mapping[str, str]:
    """The catalog of a cluster on which every table is in its place."""
    return dict.fromkeys(cluster.tables_of("reference"), "reference") | dict.fromkeys(
        cluster.tables_of("business"), "distributed"
    )


def test_the_settings_come_first_then_what_every_server_has_then_the_customers() -> None:
    planned = statements(PLANNED(READY))
    assert planned[:6] == [
        "ALTER DATABASE \"kist\" SET citus.enable_local_reference_table_foreign_keys TO 'off'",
        "ALTER DATABASE \"kist\" SET citus.multi_shard_modify_mode TO 'sequential'",
        "ALTER DATABASE \"kist\" SET citus.propagate_set_commands TO 'local'",
        "ALTER DATABASE \"kist\" SET citus.all_modifications_commutative TO 'on'",
        'ALTER ROLE "kist_app" IN DATABASE "kist" SET citus.override_table_visibility TO \'off\'',
        'ALTER ROLE "kist_app" IN DATABASE "kist" SET lock_timeout TO \'3000ms\'',
    ]
    references = [each for each in planned if "create_reference_table" in each]
    assert sorted(references) == [
        "SELECT create_reference_table('public.benchmarks')",
        "SELECT create_reference_table('public.holidays')",
        "SELECT create_reference_table('public.lender_profiles')",
        "SELECT create_reference_table('public.products')",
        "SELECT create_reference_table('public.scorecards')",
    ]
    after = 6 + len(references)
    assert planned[6:after] == references
    assert planned[after] == "SELECT create_distributed_table('public.customers', 'customer_id', shard_count => 32)"
    rest = planned[after + 1 :]
    assert all(each.endswith("', 'customer_id', colocate_with => 'public.customers')") for each in rest)
    assert len(rest) == len(cluster.tables_of("business")) - 1


def test_a_table_comes_after_those_that_it_refers_to() -> None:
    names = cluster.tables_of("business")
    pairs = ["customers loans", "loans bills", "proposals concessions", "bank_transactions known_transactions"]
    for before, after in map(str.split, pairs):
        assert names.index(before) < names.index(after)
    assert not {"outbox", "public_ids", "identities", "audit_events", "idempotency_keys"} & set(names)


def test_what_is_done_is_not_planned_again() -> None:
    done = replace(
        READY,
        tables=placed(),
        settings=DATABASE_SETTINGS,
        role_settings={"citus.override_table_visibility": "off", "lock_timeout": "3000ms"},
    )
    assert PLANNED(done) == []
    tables = {name: kind for name, kind in placed().items() if name not in ("cards", "holidays")}
    interrupted = replace(done, tables=tables, settings={**DATABASE_SETTINGS, "citus.propagate_set_commands": "none"})
    assert statements(PLANNED(interrupted)) == [
        "ALTER DATABASE \"kist\" SET citus.propagate_set_commands TO 'local'",
        "SELECT create_reference_table('public.holidays')",
        "SELECT create_distributed_table('public.cards', 'customer_id', colocate_with => 'public.customers')",
    ]


def test_the_rows_that_were_copied_into_shards_are_removed_last() -> None:
    filled = replace(READY, filled=frozenset({"loans", "customers"}))
    last = PLANNED(filled)[-2:]
    assert statements(last) == [
        "SELECT truncate_local_data_after_distributing_table('public.customers')",
        "SELECT truncate_local_data_after_distributing_table('public.loans')",
    ]
    assert all(step.may_fail for step in last)


def test_a_server_of_one_role_gets_no_settings_of_a_role() -> None:
    assert not any("ALTER ROLE" in each for each in statements(PLANNED(replace(READY, has_role=False))))


def test_a_name_is_quoted() -> None:
    assert statements(PLANNED(replace(READY, database='a"b')))[0].startswith('ALTER DATABASE "a""b" SET')


@pytest.mark.parametrize(
    "facts, revision, message",
    [
        (ClusterFacts(database="kist"), HEAD, "the extension citus is not installed in the database kist"),
        (replace(READY, version="13.2.0"), HEAD, "version 13.2.0: this version of Kist needs 14"),
        (replace(READY, version="140.1"), HEAD, "version 140.1"),
        (replace(READY, is_coordinator=False), HEAD, "a worker of the cluster: give the address of the coordinator"),
        (replace(READY, workers=0), HEAD, "the cluster has no worker"),
        (READY, "0001", "run kist migrate first"),
        (READY, None, "run kist migrate first"),
    ],
)
def test_what_is_no_cluster_of_ours_is_refused_by_name(facts: ClusterFacts, revision: str | None, message: str) -> None:
    with pytest.raises(DistributeRefused, match=message):
        check_facts(facts, revision=revision)
    check_facts(READY, revision=HEAD)


# --- on one server ---------------------------------------------------------------------------------------------------


async def test_one_server_is_refused_and_stays_as_it_is(settings: Settings, clean_database: None) -> None:
    if await is_distributed(settings):
        pytest.skip("the database of these tests is a cluster")
    with pytest.raises(DistributeRefused, match="the extension citus is not installed in the database kist_test_"):
        await read_plan(settings)
    async with cluster.connected(settings.owner_dsn) as connection:
        facts = await cluster.read_facts(connection, role="kist_app")
    assert (facts.is_cluster, facts.is_distributed, facts.workers) == (False, False, 0)


async def test_the_plan_ends_at_the_first_statement_that_fails(settings: Settings, clean_database: None) -> None:
    said: list[str] = []
    steps = [
        Step(what="one", statement="SELECT 1"),
        Step(what="space", statement="SELECT no_such_function()", may_fail=True),
        Step(what="two", statement="SELECT no_such_function()"),
        Step(what="three", statement="SELECT 1"),
    ]
    with pytest.raises(ProgrammingError):
        await distribute(settings, steps, notify=lambda what, number, of: said.append(f"{number}/{of} {what}"))
    assert said == ["1/4 one", "2/4 space", "3/4 two"]
    said.clear()
    failed = await distribute(settings, steps[:2], notify=lambda what, number, of: said.append(what))
    assert (failed, said) == (["SELECT no_such_function()"], ["one", "space"])


async def test_what_the_owner_may_not_do_is_said(settings: Settings, clean_database: None) -> None:
    steps = [Step(what="x", statement="ALTER ROLE postgres SET lock_timeout TO '1s'")]
    as_application = settings.model_copy(update={"owner_database_url": settings.app_dsn})
    with pytest.raises(DistributeRefused, match="run it as a superuser: ALTER ROLE postgres SET lock_timeout"):
        await distribute(as_application, steps, notify=lambda *_: None)


async def test_the_doctor_looks_at_the_servers(settings: Settings, uow_factory: UnitOfWorkFactory) -> None:
    findings = {finding.about: finding for finding in await look_at_servers(uow_factory, settings)}

    assert {about: finding.verdict for about, finding in findings.items()} == {
        "rights": Verdict.GOOD,
        "servers": Verdict.GOOD,
    }
    assert findings["servers"].found.startswith(("one", "a cluster of"))
