"""Losses: an account is charged off, and what is received for it afterwards is a recovery.

A recovery is income of the lender and repays nothing, because nothing is owed any more. It is so up to what was lost;
what is more is a credit balance of the holder. Nothing is charged to such an account. Source: docs/cards.md, charge-off
and recoveries.
"""

from app.domain.cards.engine.accounts import AccountStatus, Credit, Loss
from app.domain.cards.engine.facts import Fact
from app.domain.cards.engine.items import Item
from app.domain.cards.engine.ledger import ACCOUNT_OF, CardAccount, balance_out, balances_of
from app.domain.cards.engine.life import Life


def charge_off(life: Life, fact: Fact) -> None:
    """Everything that is owed becomes a loss, after the holder's credit is used for it, and the account ends."""
    state = life.state
    deltas = {account: -paise for account, paise in balances_of(state).items() if paise > 0}
    owed = -sum(deltas.values())
    used = min(owed, state.credit_paise)
    deltas[CardAccount.CREDIT_BALANCE] = used
    deltas[CardAccount.LOSSES] = owed - used
    if life.finding is None:
        life.transfers += balance_out(deltas, posting=fact.number, on=fact.posted_on, is_laying=False)
    for credit in state.credits:
        part = min(used, credit.paise)
        credit.paise -= part
        used -= part
    state.credits = [credit for credit in state.credits if credit.paise]
    state.items, state.plans, state.disputes, state.statements, state.questions = [], [], [], [], []
    state.loss = Loss(deltas[CardAccount.LOSSES])
    state.status = AccountStatus.CHARGED_OFF


def recover(life: Life, fact: Fact, *, debit: CardAccount) -> None:
    """Money for an account that is charged off. `debit` is the lender's account that it comes to."""
    state, loss = life.state, life.state.loss
    assert loss is not None, "an account that is charged off has a loss"
    part = min(fact.counts_paise, loss.left_paise)
    loss.recovered_paise += part
    life.transfer(fact.number, debit, CardAccount.RECOVERY_INCOME, part, value_on=fact.value_on)
    if rest := fact.counts_paise - part:
        state.credits.append(Credit(fact.number, fact.value_on, rest))
        life.transfer(fact.number, debit, CardAccount.CREDIT_BALANCE, rest, value_on=fact.value_on)


def lose(life: Life, item: Item, *, number: int) -> None:
    """A debt of an account that is charged off is lost at once: credit that was paid out and turned out not to
    exist."""
    state, loss, left = life.state, life.state.loss, item.left_paise
    assert loss is not None, "an account that is charged off has a loss"
    loss.paise += left
    life.transfer(number, CardAccount.LOSSES, ACCOUNT_OF[item.bucket], left, value_on=item.from_on)
    item.left_paise = 0
    state.items = [one for one in state.items if one is not item]
