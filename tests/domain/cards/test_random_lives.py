"""Random lives: two implementations agree on every statement, and the promises of docs/cards.md hold."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from app.domain.cards.engine.charges import Cause, Finding
from app.domain.cards.engine.life import IssuedStatement
from app.domain.cards.engine.replay import live_again
from app.domain.products.card_terms import CardBucket, CardTerms
from tests.domain.cards.random_lives import ACTIONS, DAY, IN_TIME, OPENED, QUIET, Player, Step, products, steps

#: A life that fails is printed as it is: making it shorter takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
LIVES = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
DAYS = st.sampled_from([1, 15, 28, 31])


def again_statements(player: Player) -> list[IssuedStatement]:
    """The statements of an account that is lived from its first day by what is known on the last."""
    book = player.book
    finding = Finding(on=book.today, number=book.state.last_number + 1)
    return live_again(book.history(), rules=book.rules, finding=finding).statements


def agree(player: Player) -> None:
    """The naive account, lived from its first day, says the same."""
    naive, book = player.naive, player.book
    assert naive is not None
    naive.live(list(book.history().facts), book.today, None)
    shown = {one.number: (one.asked.total_paise, one.asked.minimum_paise) for one in book.statements}
    assert {number: naive.shown[number][:2] for number in shown} == shown
    owed: dict[str, int] = {}
    for debt in naive.debts:
        if debt.left:
            owed[debt.kind] = owed.get(debt.kind, 0) + debt.left
    assert owed == {bucket.value: paise for bucket, paise in book.state.balances().items()}
    assert sum(spare[1] for spare in naive.spare) == book.state.credit_paise
    loss = book.state.loss
    assert naive.lost == (None if loss is None else loss.paise)
    assert loss is None or naive.recovered == loss.recovered_paise


def check_days(player: Player) -> None:
    """No day of a posting is charged twice. Instalments of a plan have one number, and so has interest that was found
    by one replay."""
    charged: set[tuple[int, str, object]] = set()
    for statement in again_statements(player):
        for line in [line for group in statement.interest for line in group.lines]:
            for offset in range(line.days):
                place = (line.number, line.bucket.value, line.from_on + offset * DAY, line.balance_paise)
                if line.bucket in (CardBucket.PURCHASES, CardBucket.CASH):
                    assert place[:3] not in charged
                    charged.add(place[:3])


@pytest.mark.parametrize("actions", [IN_TIME, ACTIONS], ids=["everything is known in time", "the past changes"])
@LIVES
@given(products(), DAYS, OPENED, st.data())
def test_two_implementations_agree(
    actions: list[str], terms: CardTerms, day: int, opened: date, drawn: st.DataObject
) -> None:
    plan = drawn.draw(steps(actions))
    note(f"opened {opened}, day {day} {terms}\n{plan}")
    player = Player(terms, day=day, opened=opened, naive=True).play(plan).finish()
    player.book.check()
    agree(player)


@LIVES
@given(products(), steps(ACTIONS), st.integers(1, 20_000_00), st.integers(0, 60), st.integers(0, 30))
def test_returned_and_put_back_nets_to_nothing(
    terms: CardTerms, plan: list[Step], paise: int, after: int, later: int
) -> None:
    """In every bucket, and in what was charged."""
    note(f"{terms}\n{plan}\n{paise} {after} {later}")
    players = [Player(terms).play(plan) for _ in range(2)]
    returned, kept = (player.book for player in players)
    paid, _ = (book.pay(paise) for book in (returned, kept))
    paid_on = returned.today
    for book in (returned, kept):
        book.to(paid_on + after * DAY)
    returned.return_payment(paid)
    for book in (returned, kept):
        book.to(book.today + later * DAY)
    returned.pay(paise, value_on=paid_on)
    assert returned.state.balances() == kept.state.balances()
    assert returned.state.credit_paise == kept.state.credit_paise
    returned.check()


@LIVES
@given(products(), steps(ACTIONS), steps(IN_TIME, most=5), st.integers(1, 20_000_00), st.integers(1, 60))
def test_a_payment_learned_late_leaves_no_more_owed(
    terms: CardTerms, plan: list[Step], then: list[Step], paise: int, late: int
) -> None:
    in_time, learned_late = Player(terms).play(plan), Player(terms).play(plan)
    paid_on = in_time.book.today
    in_time.book.pay(paise)
    for player in (in_time, learned_late):
        player.book.to(paid_on + late * DAY)
    learned_late.book.pay(paise, value_on=paid_on)
    for player in (in_time, learned_late):
        spent = [step for step in then if step.action in ("spend", "wait")]
        player.play(spent).finish()
    assert learned_late.book.state.used_paise <= in_time.book.state.used_paise


@LIVES
@given(products(), DAYS, steps(IN_TIME))
def test_who_pays_the_minimum_owes_less(terms: CardTerms, day: int, plan: list[Step]) -> None:
    """Whoever pays the minimum by its due date and spends nothing has paid all interest, fees and tax of the statement,
    and owes less purchases and cash at the next one."""
    book = Player(terms, day=day).play(plan).finish().book
    for _ in range(3):
        statement = book.state.statements[-1]
        asked = statement.shown
        if not asked.minimum_paise:
            return
        book.pay(asked.minimum_paise, max(book.today, statement.due_on))
        old = [item for item in book.state.items if item.billed_by == statement.number and item.left_paise]
        settled_first = terms.payment_order[:3] == tuple(CardBucket)[:3]
        if settled_first:
            assert not [item for item in old if item.bucket in list(CardBucket)[:3]]
        book.to(book.state.next_statement_on + DAY)
        after = book.state.statements[-1].shown.parts
        if settled_first:
            assert after.spent_paise <= asked.parts.spent_paise - asked.parts.share_paise


@LIVES
@given(products(), DAYS, OPENED, steps([one for one in QUIET if one != "convert"]))
def test_the_total_never_grows_where_the_minimum_covers_the_next_statement(
    terms: CardTerms, day: int, opened: date, plan: list[Step]
) -> None:
    """Whoever pays it by the due date and spends nothing owes no more a month later. Not with a plan, of which another
    instalment is billed, and in the order of payments that the product has when it is sold."""
    note(f"opened {opened}, day {day} {terms}\n{plan}")
    terms = replace(terms, minimum_covers_next=True, payment_order=tuple(CardBucket))
    book = Player(terms, day=day, opened=opened).play(plan).finish().book
    for _ in range(3):
        asked = book.state.statements[-1].shown
        book.pay(asked.minimum_paise or 1, max(book.today, book.state.statements[-1].due_on))
        book.to(book.state.next_statement_on + DAY)
        assert book.state.statements[-1].shown.total_paise <= asked.total_paise


@LIVES
@given(products(), DAYS, steps(QUIET))
def test_a_minimum_that_covers_the_next_statement_covers_it(terms: CardTerms, day: int, plan: list[Step]) -> None:
    """What a minimum of this kind asks for at least is what is billed a month later, where nothing is paid or bought:
    the interest and its tax, and what was owed of both before."""
    note(f"day {day} {terms}\n{plan}")
    book = Player(replace(terms, minimum_covers_next=True), day=day).play(plan).finish().book
    parts = book.state.statements[-1].known.parts
    if book.state.credits or not parts.covering_paise:
        return
    number = book.state.statement_number
    book.to(book.state.next_statement_on + DAY)
    billed = sum(
        tranche.paise + tranche.tax_paise
        for key, tranches in book.history().charges.items()
        for tranche in tranches
        if key.number == number + 1 and key.cause in (Cause.INTEREST, Cause.CASH_INTEREST, Cause.PLAN_INTEREST)
    )
    whole = parts.tax_paise + parts.fees_paise + parts.interest_paise + parts.instalments_paise
    assert parts.covering_paise == whole + billed


@LIVES
@given(products(), DAYS, steps(["spend", "spend_late", "cash", "refund", "pay_all", "wait"], most=20))
def test_a_transactor_pays_no_interest_on_purchases(terms: CardTerms, day: int, plan: list[Step]) -> None:
    """Who pays every total on its due date, at the latest, whatever they buy."""
    player = Player(terms, day=day)
    book = player.book
    for step in [*plan, Step("wait", 60, 0, 0, 0)]:
        for _ in range(step.days):
            book.to(book.today + DAY)
            due = [one for one in book.state.statements if one.due_on == book.today]
            if due and (left := book.state.billed_left_paise()):
                book.pay(left)
        player.play([replace(step, days=0)])
    assert [one for one in book.postings if one.kind == "interest"] == []
    assert book.state.revolving == []


@LIVES
@given(products(), DAYS, steps(ACTIONS))
def test_no_day_of_a_posting_is_charged_twice(terms: CardTerms, day: int, plan: list[Step]) -> None:
    check_days(Player(terms, day=day).play(plan).finish())
