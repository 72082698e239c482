"""What each advance will pay when its bills are raised."""

from collections import deque

from app.domain.billing.bills_to_come import BillToCome, bills_to_come
from app.domain.lending.positions import Position
from app.domain.products.products import Component


def planned_uses(position: Position) -> dict[int, tuple[int, int]]:
    """What each advance will pay when its bills are raised: payment number -> (principal, interest), in paise."""
    if not position.advances:
        return {}
    # An advance pays the charges of a bill last.
    order = [part for part in position.terms.payment_order if part is not Component.CHARGES] + [Component.CHARGES]
    wanted = deque(
        (part, _part_of(bill, part)) for bill in bills_to_come(position, on=position.cycle_began_on) for part in order
    )
    uses: dict[int, tuple[int, int]] = {}
    for payment_id, advance in position.advances:
        left = advance
        used = dict.fromkeys(Component, 0)
        while left and wanted:
            part, amount = wanted.popleft()
            taken = min(left, amount)
            used[part] += taken
            left -= taken
            if taken < amount:
                wanted.appendleft((part, amount - taken))
        uses[payment_id] = (used[Component.PRINCIPAL], used[Component.INTEREST])
    return uses


def _part_of(bill: BillToCome, part: Component) -> int:
    return {
        Component.CHARGES: bill.charges_paise,
        Component.INTEREST: bill.interest_paise,
        Component.PRINCIPAL: bill.principal_paise,
    }[part]
