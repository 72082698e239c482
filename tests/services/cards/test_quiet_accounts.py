"""Quiet accounts: their statements are what living them comes to, row by row, and nobody else is taken for quiet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from app.db.repositories.cards.accounts import AccountKey, state_columns
from app.db.repositories.cards.quiet_accounts import find_quiet, version_on
from app.db.repositories.cards.rows import Booking
from app.db.repositories.cards.states import kept_of
from app.domain.cards.engine.accounts import State
from app.domain.cards.engine.facts import FactKind
from app.domain.cards.engine.quiet import end_quiet_cycle
from app.domain.cards.standing import next_run_on
from app.domain.products.card_terms import CardTerms
from app.domain.products.seeded import REVOLVING_CARD
from app.services.cards.accounts import working_of
from app.services.cards.runs import Batch, Ended
from tests.domain.cards.book import PRESENT_RULES, SEEDED, Book, terms_of
from tests.domain.cards.random_lives import ACTIONS, DAY, Player, Step, products, steps

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
LIVES = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
#: What leaves most accounts quiet, and now and then what does not.
QUIET_ACTIONS = ["spend"] * 20 + ["pay", "spend_late"] * 3 + ["refund", "cash", "backdate", "bounce"]
KEY = AccountKey(7, 9)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def row_of(state: State) -> Any:
    """The account as a run reads it."""
    columns = state_columns(state, next_event_on=None, ended_on=None)
    return SimpleNamespace(
        **columns | {"kept": orjson.dumps(columns["kept"]).decode(), "state": None},
        customer_id=KEY.customer_id,
        id=KEY.account_id,
        opened_on=state.opened_on,
        last_transfer=17,
        version=3,
    )


def written(decided: Any, today: date) -> tuple[Any, ...]:
    """Everything that a run writes of a decision. What is kept is compared as JSON, whose names have no order."""
    batch = Batch(booking=Booking(on=today, at=NOW, actor="system", run_id=5))
    batch.add(decided)
    (record,) = batch.accounts
    accounts = [orjson.loads(one) if isinstance(one, str) and one.startswith("{") else one for one in record]
    rows = batch.rows
    tables = (rows.statements, rows.postings, rows.charges, rows.transfers)
    return accounts, tables, batch.events, batch.owners, batch.late


def ended(state: State, terms: dict[int, CardTerms], today: date) -> Ended | None:
    """The account as a run decides it without living it, if it is quiet."""
    row = row_of(state)
    kept = kept_of(row)
    quiet = find_quiet(row, kept)
    now = quiet and terms[version_on(kept, quiet.on)]
    end = quiet and now and end_quiet_cycle(quiet, now, days=terms[1].days, today=today)
    return Ended(KEY, row, kept, end) if end else None


def is_quiet(state: State, terms: dict[int, CardTerms], today: date) -> bool:
    """Whether a run finds the account quiet. If so, both ways lead to the same rows."""
    if (found := ended(state, terms, today)) is None:
        return False
    row = row_of(state)
    lived = working_of(
        KEY,
        row,
        kept_of(row),
        product=REVOLVING_CARD,
        terms=terms,
        rules=PRESENT_RULES,
        today=today,
        booked_on=today,
    )
    assert written(found, today) == written(lived, today)
    return True


class Watched(Player):
    """A player that looks at the account before each run that has something to do. `pays`: on the due date of each
    statement the bill is paid in full, or not."""

    def __init__(self, terms: CardTerms, *, day: int = 15, late: int = 0, pays: Sequence[bool] = ()) -> None:
        super().__init__(terms, day=day)
        self.late, self.seen, self.pays = late * DAY, [0, 0], pays

    def play(self, plan: list[Step]) -> Player:
        for step in plan:
            self.wait_for(step.days)
            super().play([replace(step, days=0)])
        self.wait_for(70)
        return self

    def wait_for(self, days: int) -> None:
        for _ in range(days):
            today = self.book.today + DAY
            run_on = next_run_on(self.book.state, rules=self.book.rules)
            if run_on == today:
                # A run may come late, and then do more than issue the statement.
                terms = {told.version: told.terms for told in self.book.state.terms}
                self.seen[is_quiet(self.book.state, terms, today + self.late)] += 1
            self.book.to(today)
            for statement in self.book.state.statements:
                pays = statement.number <= len(self.pays) and self.pays[statement.number - 1]
                if pays and statement.due_on == today and (left := self.book.state.billed_left_paise()):
                    self.book.pay(left)


@LIVES
@given(
    st.builds(
        lambda terms, days, covers: replace(terms, due_after_days=days, minimum_covers_next=covers),
        products(),
        st.integers(1, 45) | st.integers(23, 31),
        st.sampled_from([False] * 9 + [True]),
    ),
    st.sampled_from([1, 15, 28, 31]),
    st.sampled_from([0] * 8 + [3, 25]),
    st.lists(st.sampled_from([True] * 5 + [False]), min_size=16, max_size=16),
    steps(QUIET_ACTIONS, least=14, most=30),
)
def test_a_quiet_account_is_billed_as_if_it_were_lived(
    terms: CardTerms, day: int, late: int, pays: list[bool], plan: list[Step]
) -> None:
    note(f"day {day} {terms}\n{pays}\n{plan}")
    Watched(terms, day=day, late=late, pays=pays).play(plan)


@LIVES
@given(products(), steps(ACTIONS))
def test_whatever_happens_to_a_quiet_account_it_is_billed_as_if_it_were_lived(
    terms: CardTerms, plan: list[Step]
) -> None:
    note(f"{terms}\n{plan}")
    Watched(terms).play(plan)


def test_who_pays_in_full_is_quiet_on_every_statement_day() -> None:
    """Purchases of the cycle before are settled and not yet forgotten; a payment beyond the bill lowers new ones."""
    watched = Watched(SEEDED)
    book = watched.book
    for _ in range(5):
        for number in range(3):
            watched.wait_for(6)
            book.purchase(1_000_00 + number, book.today)
        if book.statements:
            book.pay(book.state.billed_left_paise() + 400_00)
        watched.wait_for((book.state.next_statement_on - book.today).days + 2)
    # The other runs judged a statement: whether it was paid in full, and some days later whether it was late.
    assert watched.seen == [8, 5]
    assert [one.asked.total_paise for one in book.statements] == [3_000_03] + [2_600_03] * 4
    assert not any(one.interest for one in book.statements)


def test_an_account_that_has_stopped_revolving_is_quiet_again() -> None:
    book = Book()
    quiet = []
    book.purchase(10_000_00, "2026-01-20")
    for paid, paid_on in ((1_000_00, "2026-03-01"), (None, "2026-03-20"), (None, "2026-04-20"), (None, "2026-05-20")):
        on = book.state.next_statement_on
        book.to(on)
        quiet.append(is_quiet(book.state, {1: SEEDED}, on + DAY))
        book.to(on + DAY)
        book.pay(paid or book.state.owed_paise, paid_on)
        book.purchase(500_00, book.today + DAY)
    assert [bool(one.interest) for one in book.statements] == [False, True, True, False]
    assert quiet == [True, False, False, True]


def test_days_before_an_account_stopped_revolving_bear() -> None:
    """It stops in the middle of a cycle: what was bought before bears interest until then, and nothing else is owed."""
    book = Book()
    book.purchase(10_000_00, "2026-01-20")
    book.pay(10_000_00, "2026-03-10")
    book.purchase(500_00, "2026-03-12")
    book.purchase(700_00, "2026-03-17")
    book.pay(book.state.billed_left_paise(), "2026-03-20")
    book.to("2026-04-15")
    assert book.state.revolving[-1][1] == date(2026, 3, 20)
    assert not any(item.bears_all for item in book.state.items)
    assert not is_quiet(book.state, {1: SEEDED}, book.today + DAY)
    assert book.statement("2026-04-15").interest
    book.pay(book.state.owed_paise, "2026-04-20")
    book.purchase(300_00, "2026-04-21")
    book.to("2026-05-15")
    assert is_quiet(book.state, {1: SEEDED}, book.today + DAY)


def test_the_terms_are_those_of_the_statement_day() -> None:
    """New terms begin after a statement; that statement still asks by the old ones."""
    tenth = terms_of(minimum_percent=SEEDED.minimum_percent * 2)
    book = Book()
    book.purchase(10_000_00, "2026-01-20")
    book.post(FactKind.TERMS, on="2026-02-01", value_on="2026-02-16", terms=tenth, version=2)
    minimums = []
    for on, paid_on in (("2026-02-15", "2026-03-01"), ("2026-03-15", "2026-04-01")):
        book.to(on)
        assert is_quiet(book.state, {1: SEEDED, 2: tenth}, book.today + DAY)
        minimums.append(book.statement(on).asked.minimum_paise)
        book.pay(book.state.owed_paise, paid_on)
        book.purchase(10_000_00, book.today + DAY)
    assert minimums == [500_00, 1_000_00]


def owing() -> Book:
    """One purchase, on the last day of the cycle."""
    book = Book()
    book.purchase(5_000_00, "2026-01-20")
    return book.to("2026-02-15")


def _cash(book: Book) -> None:
    book.cash(1_000_00, "2026-02-15")


def _fee(book: Book) -> None:
    book.post(FactKind.FEE, 100_00)


def _plan(book: Book) -> None:
    book.post(FactKind.CONVERSION, 5_000_00, of=1, annual_rate_percent=SEEDED.annual_rate_percent, instalments=3)
    book.purchase(1_000_00, "2026-02-15")


def _dispute(book: Book) -> None:
    book.post(FactKind.DISPUTE, 500_00, of=1)


def _credit(book: Book) -> None:
    book.pay(7_000_00)


def _paid(book: Book) -> None:
    book.pay(5_000_00)


def _billed(book: Book) -> None:
    """The statement before is neither paid nor judged."""
    book.to("2026-02-16").purchase(900_00, "2026-02-20")


@pytest.mark.parametrize("happens", [_cash, _fee, _plan, _dispute, _credit, _paid, _billed])
def test_whoever_owes_anything_else_is_lived(happens: Any) -> None:
    book = owing()
    assert is_quiet(book.state, {1: SEEDED}, date(2026, 2, 16))
    happens(book)
    assert not is_quiet(book.state, {1: SEEDED}, book.state.next_statement_on + DAY)


@pytest.mark.parametrize(
    "terms, today, quiet",
    [
        (SEEDED, date(2026, 2, 15), False),
        (SEEDED, date(2026, 2, 16), True),
        # The statement is due on 7 March, and a day later it is judged.
        (SEEDED, date(2026, 3, 6), True),
        (SEEDED, date(2026, 3, 7), False),
        # The next statement comes before the due date.
        (terms_of(due_after_days=40), date(2026, 3, 14), True),
        (terms_of(due_after_days=40), date(2026, 3, 15), False),
        (terms_of(minimum_covers_next=True), date(2026, 2, 16), False),
    ],
)
def test_a_run_on_which_more_happens_lives_the_account(terms: CardTerms, today: date, quiet: bool) -> None:
    assert is_quiet(owing().state, {1: terms}, today) is quiet


def test_a_broken_account_is_not_quiet() -> None:
    """Living it says what is broken, and the run parks it."""
    row = row_of(owing().state)
    row.untouched = row.untouched[:-1]
    assert find_quiet(row, kept_of(row)) is None
    with pytest.raises(AssertionError, match="each purchase is billed"):
        working_of(
            KEY,
            row,
            kept_of(row),
            product=REVOLVING_CARD,
            terms={1: SEEDED},
            rules=PRESENT_RULES,
            today=row.next_statement_on + timedelta(days=1),
            booked_on=row.next_statement_on + timedelta(days=1),
        )


def test_an_account_of_which_something_unknown_is_kept_is_lived() -> None:
    row = row_of(owing().state)
    assert find_quiet(row, kept_of(row)) is not None
    assert find_quiet(row, kept_of(row) | {"of_a_later_version": [1]}) is None


def test_an_account_that_an_earlier_version_wrote_is_lived() -> None:
    row = row_of(owing().state)
    row.state, row.kept = row.kept, None
    assert find_quiet(row, kept_of(row)) is None
