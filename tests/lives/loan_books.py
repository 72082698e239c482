"""The rows that a database would hold of one loan, in memory."""

from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date

from app.domain.billing.cycles import Bill, Billing
from app.domain.billing.issued_bills import IssuedBill
from app.domain.lending.charges import BookedCharge
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.lending.positions import BillState, Decision, PlanReason, Position
from app.domain.payments.changes import LoanChange
from app.domain.payments.concessions import Concession
from app.domain.payments.histories import History, Replanned
from app.domain.payments.payments import PaymentOrder
from app.domain.payments.refunds import Refund
from app.domain.reporting.reconciliation import Difference, find_differences
from app.domain.reporting.statements import Moved, PaymentFacts, Statement, make_statement

_OWED = (Account.CHARGES, Account.INTEREST, Account.PRINCIPAL, Account.ADVANCE)
_CASH = (Account.CASH, Account.ADVANCE)
_LOSSES = (Account.WAIVERS, Account.WRITE_OFFS)


@dataclass
class Books:
    """The position of a loan, and all rows that led to it."""

    position: Position
    transfers: list[Transfer] = field(default_factory=list)
    bills: dict[int, Bill] = field(default_factory=dict)
    states: dict[int, BillState] = field(default_factory=dict)
    payments: list[PaymentOrder] = field(default_factory=list)
    replanned: list[Replanned] = field(default_factory=list)
    concessions: list[Concession] = field(default_factory=list)
    charges: list[BookedCharge] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    changes: list[LoanChange] = field(default_factory=list)

    def copy(self) -> "Books":
        """The books as they are. The states of bills change with the position, and are copied with it."""
        copied = {one.name: copy(getattr(self, one.name)) for one in fields(self)}
        copied["position"] = self.position.copy()
        copied["states"] = {cycle: state.copy() for cycle, state in self.states.items()}
        return Books(**copied)

    def save(self, decision: Decision, bills: list[Bill] | None = None) -> None:
        self.position = decision.position
        self.transfers += decision.transfers
        for bill in bills or []:
            assert bill.cycle not in self.bills, "one bill a cycle"
            self.bills[bill.cycle] = bill
        self.states |= {cycle: state.copy() for cycle, state in decision.states.items()}
        self.replanned += [
            Replanned(plan.made_on, plan.after_payment_id or 0)
            for plan in decision.plans
            if plan.reason is PlanReason.REPLAY
        ]

    def save_billing(self, billing: Billing) -> None:
        self.save(billing.decision, list(billing.bills))

    @property
    def history(self) -> History:
        return History(
            list(self.bills.values()), self.payments, self.transfers, self.replanned, self.concessions, self.refunds,
            self.changes, self.charges,
        )  # fmt: skip

    def balance(self, account: Account) -> int:
        debits = sum(one.amount_paise for one in self.transfers if one.debit is account)
        return debits - sum(one.amount_paise for one in self.transfers if one.credit is account)

    def differences(self) -> list[Difference]:
        """The differences that `kist reconcile` would report."""
        return find_differences(
            self.position, self.history, states=[self.states[cycle] for cycle in sorted(self.states)]
        )

    def statement(self, *, on: date) -> Statement:
        """The statement of a day, made as the service makes it."""
        issued = [IssuedBill(self.bills[cycle], self.states[cycle]) for cycle in sorted(self.bills)]
        return make_statement(self.position, bills=issued, payments=self._payment_facts(), on=on, moved=self._moved())

    def _payment_facts(self) -> list[PaymentFacts]:
        """The allocation of each payment that is not reversed, as in the view `payment_allocations`."""
        went: dict[int, Counter[Account]] = defaultdict(Counter)
        for one in self.transfers:
            if one.payment_id is not None and (one.debit in _CASH or one.credit in _CASH):
                went[one.payment_id][one.credit] += one.amount_paise
                went[one.payment_id][one.debit] -= one.amount_paise
        return [
            PaymentFacts(
                payment_id=order.payment_id,
                value_date=order.value_date,
                amount_paise=order.amount_paise,
                **{f"{account.value}_paise": went[order.payment_id][account] for account in _OWED},
                method=None,
                reference=order.reference,
                reversed_on=None,
            )
            for order in sorted(self.payments, key=lambda order: (order.value_date, order.payment_id))
        ]

    def _moved(self) -> list[Moved]:
        """The amounts settled without a payment, as the repository reads them for a statement."""
        sums: Counter[tuple[Account, Account, int | None]] = Counter()
        for one in self.transfers:
            if one.component is Account.INTEREST_SUSPENSE:
                continue
            if one.kind is Kind.FEE:
                sums[Account.CHARGE_INCOME, Account.CHARGES, None] += one.amount_paise
            for account, sign in ((one.debit, 1), (one.credit, -1)):
                if account in _LOSSES or (account is Account.INTEREST and one.component is not Account.INTEREST):
                    sums[account, one.component, one.cycle] += sign * one.amount_paise
        return [
            Moved(account=account, component=component, cycle=cycle, amount_paise=amount)
            for (account, component, cycle), amount in sums.items()
            if amount
        ]
