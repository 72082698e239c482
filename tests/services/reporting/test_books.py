"""The books that a loan statement is made from: what payments settled is what the view `payment_allocations` says."""

from collections import defaultdict
from datetime import date

from sqlalchemy import text

from app.db.repositories.reporting.books import find_books
from app.domain.products.seeded import CREDIT_CARD_LOAN
from tests.services.lending_desk import OFFICER, LendingHelper

_VIEW = text("SELECT payment_id, component, amount_paise FROM payment_allocations WHERE loan_id = :loan_id")


async def test_what_payments_settled_is_that_of_the_view(lending: LendingHelper) -> None:
    """A payment on the day, one ahead of its bill (an advance that the next bill uses), and one that is taken back."""
    loan = await lending.disburse(CREDIT_CARD_LOAN, amount=50_000, rate="10.5", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.pay(loan, amount=4_407_43)
    await lending.pay(loan, amount=6_000_00)
    await lending.run_billing(on=date(2027, 1, 21))
    taken_back = await lending.pay(loan, amount=1_000_00)
    await lending.reverse(taken_back.payment_id)

    async with lending.uow_factory.open(OFFICER) as uow:
        rows = (await uow.session.execute(_VIEW, {"loan_id": loan.number})).all()
        books = await find_books(uow.reader, loan.number)

    assert books is not None
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        sums[row.payment_id][row.component] += row.amount_paise
    assert {
        payment.payment_id: (
            payment.charges_paise, payment.interest_paise, payment.principal_paise, payment.advance_paise,
        )
        for payment in books.payments
    } == {
        payment.payment_id: tuple(
            sums[payment.payment_id][part] for part in ("charges", "interest", "principal", "advance")
        )
        for payment in books.payments
    }  # fmt: skip
    assert [payment.amount_paise for payment in books.payments] == [4_407_43, 6_000_00, 1_000_00]
    assert sum(sums[books.payments[2].payment_id].values()) == 0
    assert books.moved == []
