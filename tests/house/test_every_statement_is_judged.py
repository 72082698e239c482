"""Every place of the repositories that sends a statement is heard by the lint of a sharded database (`tests/sharding`),
whether a test of a service sends it or not."""

from tests.sharding import recorder

#: Places that made-up rows do not reach, each with its reason.
NOT_REACHED = {
    ("imports.chunks", "queue_import"): "it writes only after an import failed; the table is the coordinator's",
}


async def test_every_place_that_sends_a_statement_is_heard_and_judged() -> None:
    heard = await recorder.hear_all()
    assert sorted(heard.faults) == []
    missed = {
        (place.module, place.function, place.first)
        for place in recorder.places()
        if not any((place.module, line) in heard.lines for line in range(place.first, place.last + 1))
    }
    assert {each[:2] for each in missed} == set(NOT_REACHED)


def test_a_place_that_sends_a_statement_is_found_in_the_source() -> None:
    found = {(place.module, place.function) for place in recorder.places()}
    assert {
        ("lending.positions", "lock_stored_loans"),
        ("lending.positions", "_draw_numbers"),
        ("operations.browsing", "count_rows"),
        ("audit", "add_event"),
        ("accounting.journal", "stream_day"),
    } <= found
