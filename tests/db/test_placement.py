"""The shard of a customer is computed as PostgreSQL's own hash says."""

import random

from sqlalchemy import text

from app.db.placement import ONE_SERVER, Placement, find_placement, hash_of
from app.db.session import Reader, SessionFactory, engine_of
from tests import clusters

NUMBERS = [0, 1, 2, 3, 1_000_000, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, -1, -2, -(2**31), -(2**63)]


async def test_the_hash_of_a_number_is_that_of_postgresql(session_factory: SessionFactory) -> None:
    chance = random.Random(1)
    numbers = NUMBERS + [chance.randint(-(2**63), 2**63 - 1) for _ in range(1_000)] + list(range(100))
    async with session_factory() as session:
        asked = text(
            "SELECT hashint8(number)"
            " FROM unnest(CAST(:numbers AS bigint[])) WITH ORDINALITY AS n(number, place) ORDER BY place"
        )
        hashes = (await session.execute(asked, {"numbers": numbers})).scalars().all()
    assert [hash_of(number) for number in numbers] == list(hashes)


async def test_a_database_without_shards_is_one_server(session_factory: SessionFactory, owner_dsn: str) -> None:
    await clusters.skip_on_cluster(owner_dsn, because="it has shards")
    async with session_factory() as session:
        assert await find_placement(session) == ONE_SERVER
    reader = Reader(engine_of(session_factory))
    assert await find_placement(reader) is await find_placement(reader)
    reader.close()
    assert not ONE_SERVER.is_cluster
    assert {ONE_SERVER.place_of(customer) for customer in range(100)} == {0}


def test_customers_are_placed_by_the_lowest_hash_of_each_shard() -> None:
    quarter = 2**30
    placement = Placement((-2 * quarter, -quarter, 0, quarter))
    assert placement.is_cluster
    places = {customer: placement.place_of(customer) for customer in range(1, 1_000)}
    assert all(place == (hash_of(customer) + 2 * quarter) // quarter for customer, place in places.items())
    assert set(places.values()) == {0, 1, 2, 3}
