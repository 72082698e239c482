"""Interest of a card account that has accrued until the end of a day, and that no statement has charged by then.

Days that bear interest for sure are counted: of cash, of what an earlier statement left unpaid, and of plans. Days of
purchases whose statement may still be paid in full are not: whether they bear is known when it is judged.
"""

from datetime import date

from app.domain.cards.engine import plans
from app.domain.cards.engine.accounts import AccountStatus, State
from app.domain.cards.engine.cycles import ONE_DAY
from app.domain.cards.engine.interest import charge_interest


def accrued_until_end(state: State, *, on: date) -> int:
    """The interest in paise, the day itself included. `state` is that of the end of the day; it is not changed."""
    if state.status is not AccountStatus.OPEN:
        return 0
    until = on + ONE_DAY
    of_plans = sum(plans.accrued_paise(plan, on=until) for plan in state.plans)
    return of_plans + sum(group.paise for group in charge_interest(state.copy(), until=until))
