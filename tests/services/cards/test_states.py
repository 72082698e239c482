"""The state of an account as it is stored, and back."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import orjson

from app.db.repositories.cards.accounts import state_columns
from app.db.repositories.cards.states import kept_of, state_of, stored_state
from app.domain.cards.engine.accounts import State
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.items import ROW
from app.domain.products.card_terms import CardBucket
from tests.domain.cards.book import SEEDED, Book, comparable


def stored(state: State) -> State:
    """The state after it was written and read."""
    columns = state_columns(state, next_event_on=None, ended_on=None)
    row: Any = SimpleNamespace(
        **columns | {"state": "{}", "kept": orjson.dumps(columns["kept"]).decode()}, opened_on=state.opened_on
    )
    return state_of(row, kept_of(row), {1: SEEDED})


def lived() -> Book:
    """Two statements: purchases that were paid in part, cash, a plan, a dispute, and purchases that nobody touched."""
    book = Book(limit=5_00_000_00)
    first = book.purchase(10_000_00, "2026-01-20")
    second = book.purchase(5_000_00, "2026-02-05", value_on="2026-02-03")
    book.cash(2_000_00, "2026-02-06")
    book.pay(750_00, "2026-03-07")
    book.statement("2026-03-15")
    for day in (18, 19, 20):
        book.purchase(1_000_00 + day, f"2026-03-{day}")
    book.post(FactKind.DISPUTE, 500_00, "2026-03-21", of=second)
    book.purchase(900_00, "2026-03-22")
    assert first == 1
    return book


def test_a_state_that_is_read_is_the_state_that_was_written() -> None:
    book = lived()
    again = stored(book.state.copy())
    assert comparable(again) == comparable(book.state)
    # What is written of it is the same: the rows of untouched purchases too.
    assert stored_state(stored(book.state.copy())) == stored_state(book.state)


def test_purchases_that_nobody_touched_are_rows_until_something_happens() -> None:
    book = lived()
    again = stored(book.state.copy())
    (open_cycle,) = again.bought
    rows = list(ROW.iter_unpack(open_cycle.rows))
    day = date(2026, 3, 18).toordinal()
    assert (len(rows), rows[0][1:]) == (4, (day, day, 1_000_18))
    assert (open_cycle.billed_by, open_cycle.from_on) == (None, date(2026, 3, 18))
    assert open_cycle.paise == 1_000_18 + 1_000_19 + 1_000_20 + 900_00
    assert sum(again.balances().values()) == again.owed_paise == book.state.owed_paise
    assert again.balances() == book.state.balances()
    assert again.find_item(rows[0][0]) is not None
    assert again.bought == []
    assert again.balances()[CardBucket.PURCHASES] == book.state.balances()[CardBucket.PURCHASES]


def test_a_document_of_an_earlier_version_is_read() -> None:
    """It had no rows, and did not say when the cycle would have ended."""
    book = lived()
    columns = state_columns(book.state, next_event_on=None, ended_on=None)
    document = columns["kept"]
    for name in ("rows", "ends"):
        del document[name]
    day = date(2026, 3, 20).toordinal()
    document["items"] = [[7, "purchases", day, day, 1_000_00, day, None, False, [], []]]
    before: dict[str, Any] = {"state": document, "kept": None, "untouched": None}
    row: Any = SimpleNamespace(**columns | before, opened_on=book.state.opened_on)
    state = state_of(row, kept_of(row), {1: SEEDED})
    assert [(item.number, item.left_paise, item.accounted_until) for item in state.items] == [
        (7, 1_000_00, date(2026, 3, 20))
    ]  # fmt: skip
    assert state.would_end_on == state.next_statement_on


def test_an_account_that_is_stored_every_day_has_the_same_statements() -> None:
    """Written and read between all events, the rows of untouched purchases lead to the same lines and amounts."""
    kept, plain = Book(), Book()
    for book in (kept, plain):
        for day, paise in (("2026-01-20", 10_000_00), ("2026-02-05", 5_000_00)):
            book.purchase(paise, day)
            _store(book, book is kept)
        book.to("2026-02-16")
        _store(book, book is kept)
        book.pay(750_00, "2026-03-07")
        _store(book, book is kept)
        book.to("2026-03-16")
        _store(book, book is kept)
        book.purchase(1_000_00, "2026-03-20")
        _store(book, book is kept)
        book.pay(15_233_06, "2026-04-02")
        _store(book, book is kept)
        book.to("2026-04-16")
        _store(book, book is kept)
        book.pay(570_00, "2026-05-05")
        _store(book, book is kept)
        book.to("2026-06-16")
    assert kept.statements == plain.statements
    assert [one.asked.total_paise for one in kept.statements][:4] == [15_000_00, 15_233_06, 1_365_93, 851_54]


def _store(book: Book, stores: bool) -> None:
    if stores:
        book.decided.state = stored(book.state)
