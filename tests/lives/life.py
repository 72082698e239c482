"""A life of a loan by chance: what people do to it, day by day, written down so that it can be lived again.

Each deed is drawn from what the loan really owes, and kept with its figures. The same deeds on the same contract are
the same life, with or without chance; fewer deeds are a shorter life, which is how a failure is made small.
"""

import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from app.domain.billing.cycles import catch_up
from app.domain.errors import DomainError
from app.domain.lending.ledger import Account
from app.domain.lending.positions import BillState, LoanStatus
from app.domain.money import RoundingMode
from app.domain.payments.allocation import decide_payment
from app.domain.payments.concessions import Concession, ConcessionKind, decide_concession
from app.domain.payments.life import LaterPaymentsConflict, replay_loan
from app.domain.payments.payments import PaymentOrder, TreatAs, check_order
from app.domain.payments.replay import rewrite
from app.domain.reporting.reconciliation import REPLAYED_FIGURES
from tests.domain.made_loans import assert_books_balance
from tests.lives.books import Books
from tests.lives.contracts import Contract
from tests.lives.law import Breach, payment_faults


class Deed(NamedTuple):
    """Something that is done to a loan on a day of its life: what, and its figures (paise, days or a number)."""

    day: int
    what: str
    first: int = 0
    second: int = 0
    treat_as: TreatAs = TreatAs.INSTALMENT


@dataclass
class Life:
    """A loan that is lived, and the deeds that were done to it."""

    contract: Contract
    books: Books
    today: date
    deeds: list[Deed] = field(default_factory=list)
    number: int = 0
    found: list[Breach] = field(default_factory=list)

    @classmethod
    def begin(cls, contract: Contract) -> "Life":
        decision = contract.disburse()
        books = Books(decision.position)
        books.save(decision)
        return cls(contract, books, contract.disbursed_on)

    @property
    def day(self) -> int:
        """How old the loan is, in days."""
        return (self.today - self.contract.disbursed_on).days

    def do(self, deed: Deed) -> None:
        """Does one deed on its day, the days before it included; what is refused changes nothing."""
        self.deeds.append(deed)
        self.today = max(self.contract.disbursed_on + timedelta(days=deed.day), self.today)
        self.books.save_billing(catch_up(self.books.position, through=self.today))
        match deed.what:
            case "pay":
                self._pay(deed)
            case "reverse":
                self._reverse(deed)
            case "waive":
                self._concede(ConcessionKind.WAIVER, interest=deed.first, charges=deed.second)
            case "write_off":
                self._concede(ConcessionKind.WRITE_OFF, interest=0, charges=0)
            case "forget":
                self._concede(ConcessionKind.SMALL_BALANCE, interest=0, charges=0)

    def _order(self, deed: Deed, *, value_date: date) -> PaymentOrder:
        self.number += 1
        return PaymentOrder(
            payment_id=self.number,
            amount_paise=deed.first,
            value_date=value_date,
            booked_on=self.today,
            treat_as=deed.treat_as,
            reference=str(self.number),
        )

    def _pay(self, deed: Deed) -> None:
        """A payment, today's or one that came `second` days ago, as its service takes it."""
        order = self._order(deed, value_date=self.today - timedelta(days=deed.second))
        before = self.books.position
        with refusals_change_nothing(self.books):
            if order.value_date < before.last_event_on:
                check_order(before, order)
                self._rewrite([*self.books.payments, order])
                return
            outcome = decide_payment(before, order)
            self.books.payments.append(order)
            self.books.save(outcome.decision)
            self.found += payment_faults(before, self.books.position, order)

    def _reverse(self, deed: Deed) -> None:
        kept = [order for order in self.books.payments if order.payment_id != deed.first]
        if len(kept) < len(self.books.payments):
            # A payment that bounced can be taken back: the loan only owes more without it. Only where interest is
            # rounded up, or by more than a paisa, may a plan that is made once less have a little less of it.
            rounding = self.contract.terms.interest_rounding
            self._rewrite(kept, may_refuse=rounding.mode is RoundingMode.UP or rounding.unit_paise > 1)

    def _rewrite(self, payments: list[PaymentOrder], *, may_refuse: bool = True) -> None:
        with refusals_change_nothing(self.books):
            try:
                billing = rewrite(self.books.position, self.books.history, payments=payments, on=self.today)
            except LaterPaymentsConflict:
                assert may_refuse, "a payment that bounced can be taken back"
                raise
            self.books.payments = payments
            self.books.save_billing(billing)

    def _concede(self, kind: ConcessionKind, *, interest: int, charges: int) -> None:
        self.number += 1
        concession = Concession(
            number=self.number, kind=kind, granted_on=self.today, interest_paise=interest, charges_paise=charges
        )
        with refusals_change_nothing(self.books):
            decision = decide_concession(self.books.position, concession)
            self.books.concessions.append(concession)
            self.books.save(decision)

    def faults(self, *, thoroughly: bool = True) -> Iterator[Breach]:
        """What does not hold of the books today; to live the loan again takes most of the time."""
        yield from self.found
        try:
            self._check_books()
        except AssertionError:
            yield crashed("books")
        if not thoroughly:
            return
        for one in self.books.differences():
            yield Breach(f"reconcile.{one.figure.split()[0]}", f"stored {one.stored}, derived {one.derived}")
        again = replay_loan(self.books.position, self.books.history, through=self.today).position
        for figure in REPLAYED_FIGURES:
            if figure != "movements" and getattr(again, figure) != getattr(self.books.position, figure):
                found = f"{getattr(self.books.position, figure)}, lived again {getattr(again, figure)}"
                yield Breach(f"relive.{figure}", found)

    def _check_books(self) -> None:
        books, position = self.books, self.books.position
        assert_books_balance(position)
        assert books.balance(Account.PRINCIPAL) == position.principal_paise
        assert books.balance(Account.INTEREST) == position.interest_paise
        assert books.balance(Account.CHARGES) == position.charges_paise
        assert -books.balance(Account.ADVANCE) == position.advance_paise
        received = sum(order.amount_paise for order in books.payments)
        assert books.balance(Account.CASH) == received - position.disbursed_paise
        assert [one.number for one in books.transfers] == list(range(1, len(books.transfers) + 1))
        assert {state.cycle: _unpaid(state) for state in books.states.values() if state.unpaid_paise} == {
            bill.cycle: _unpaid(bill) for bill in position.open_bills
        }
        if position.status is LoanStatus.ACTIVE:
            assert position.next_event_on is not None or position.open_bills, "active, and nothing will ever happen"
            assert position.next_billing_on is not None or not position.undemanded_principal_paise, "no bill to come"


def _unpaid(state: BillState) -> tuple[int, int, int]:
    return state.unpaid_charges_paise, state.unpaid_interest_paise, state.unpaid_principal_paise


#: What a payment or a concession may be answered that does not fit the loan as it stands.
EXPECTED = {
    "amount_beyond_payoff", "amount_not_exact", "replan_not_offered", "loan_not_active", "loan_written_off",
    "later_payments_conflict", "value_date_before_disbursal", "waiver_of_nothing", "waiver_beyond_owed",
    "nothing_to_write_off", "balance_not_small",
}  # fmt: skip


class refusals_change_nothing:  # noqa: N801 - reads as a phrase
    """A refusal by an expected name is an answer like any other, as long as the position is what it was."""

    def __init__(self, books: Books) -> None:
        self.books, self.before = books, books.position.copy()

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, DomainError):
            return False
        assert error.code in EXPECTED, error
        assert self.books.position == self.before, "a refusal changes nothing"
        return True


def crashed(where: str) -> Breach:
    """The error that is being handled, as a breach, named by the place where it was raised."""
    error = sys.exception()
    assert error is not None
    last = traceback.extract_tb(error.__traceback__)[-1]
    return Breach(f"crash.{where}.{Path(last.filename).stem}.{last.name}", traceback.format_exc()[-1500:])
