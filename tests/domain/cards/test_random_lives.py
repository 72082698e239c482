"""Random lives: two implementations agree on every statement, and the promises of docs/cards.md hold."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.products.card_terms import CardTerms
from tests.domain.cards.random_lives import ACTIONS, IN_TIME, Player, Step, products, steps

LIVES = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
DAYS = st.sampled_from([1, 15, 28, 31])


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
    assert sum(spare[1] for spare in naive.spare) == book.state.credit_paise  # type: ignore[misc]


@LIVES
@given(products(), DAYS, steps(IN_TIME))
def test_two_implementations_agree_when_everything_is_known_in_time(
    terms: CardTerms, day: int, plan: list[Step]
) -> None:
    player = Player(terms, day=day, naive=True).play(plan).finish()
    player.book.check()
    agree(player)


@LIVES
@given(products(), DAYS, steps(ACTIONS))
def test_two_implementations_agree_when_the_past_changes(terms: CardTerms, day: int, plan: list[Step]) -> None:
    player = Player(terms, day=day, naive=True).play(plan).finish()
    player.book.check()
    agree(player)
