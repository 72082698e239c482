"""Concessions: the lender gives up a part of a debt.

A waiver forgives billed interest or charges. The bills demand that much less, and the loan goes on. A write-off ends
the loan: its principal, interest and charges become a loss of the lender, and it is never billed again. Interest of
the current cycle is not billed, so it was never income and is no part of the loss. A small balance is a rest below the
product's tolerance; giving it up closes the loan as paid.

A concession never takes earned income back: it is posted against an account of its own (`waivers`, `write_offs`). It is
numbered together with the payments. A replay repeats it in its place: it then gives up what is owed on that day, and a
waiver never more than was granted. Source: docs/business-rules.md, concessions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.domain.billing.waived_tax import ChargeKey, WaivedTax, standing_parts, taxes_given_back
from app.domain.errors import Invalid, Rejected
from app.domain.lending.charges import charge
from app.domain.lending.late_days import count_late_days, take_penal
from app.domain.lending.ledger import Account, Journal, Kind, Transfer
from app.domain.lending.loans import accrued_paise
from app.domain.lending.positions import BillState, Decision, LoanStatus, Position
from app.domain.lending.settlement import pay_rest_by_credit, settle, use_advances, use_interest_credit
from app.domain.money import format_inr
from app.domain.payments.payments import LoanNotActive, payoff
from app.domain.products.charges import Charged


class ConcessionKind(StrEnum):
    """What the lender gives up: billed interest or charges, the whole debt as a loss, or a small rest."""

    WAIVER = "waiver"
    WRITE_OFF = "write_off"
    SMALL_BALANCE = "small_balance"


class WaiverOfNothing(Invalid):
    """The waiver names no interest and no charges above zero. Name one of the two."""

    code = "waiver_of_nothing"


class WaiverBeyondOwed(Rejected):
    """The waiver is larger than what the open bills ask for. Ask for at most `figures.owed`."""

    code = "waiver_beyond_owed"


class NothingToWriteOff(Rejected):
    """The loan owes nothing beyond what was paid in advance. Leave it to the next bill."""

    code = "nothing_to_write_off"


class BalanceNotSmall(Rejected):
    """What would close the loan is not below the product's tolerance. Take a payment, or propose a write-off."""

    code = "balance_not_small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concession:
    """A granted concession. `number` is from the numbering of the payments. Only a waiver has amounts (paise); `taxes`
    are its taxed charges, with the tax that credit notes give back."""

    number: int
    kind: ConcessionKind
    granted_on: date
    interest_paise: int = 0
    charges_paise: int = 0
    taxes: tuple[WaivedTax, ...] = ()


def check_waiver(*, interest_paise: int, charges_paise: int) -> None:
    """Refuses a waiver that forgives nothing. Raises WaiverOfNothing."""
    if min(interest_paise, charges_paise) < 0 or interest_paise + charges_paise == 0:
        raise WaiverOfNothing("a waiver must name interest, charges, or both", field="interest")


def decide_concession(position: Position, concession: Concession) -> Decision:
    """Grants a concession on a loan that is caught up to the day. A refused concession changes nothing.

    Raises LoanNotActive, WaiverOfNothing, WaiverBeyondOwed, NothingToWriteOff, BalanceNotSmall.
    Source: docs/business-rules.md, concessions.
    """
    if position.status is not LoanStatus.ACTIVE:
        raise LoanNotActive("the loan is not active: there is nothing to waive or write off", field="loan_id")
    if concession.kind is ConcessionKind.WAIVER:
        _check_owed(position, concession)
    elif concession.kind is ConcessionKind.SMALL_BALANCE:
        _check_small(position, on=concession.granted_on)
    elif written_off_paise(position) <= 0:
        raise NothingToWriteOff("the advances cover everything that is owed", field="loan_id")
    booking = ConcessionBooking(position.copy(), concession)
    booking.grant()
    return booking.outcome()


def written_off_paise(position: Position) -> int:
    """The loss of a write-off, in paise: everything owed on the books, less the advances."""
    return position.owed_paise - position.advance_paise


def given_up(transfers: Sequence[Transfer]) -> dict[str, int]:
    """The amounts that a concession gave up: `principal_paise`, `interest_paise` and `charges_paise` -> paise. Where
    tax of the charges is given back by credit notes, `tax_paise` is that part of them."""
    total = {f"{part.value}_paise": 0 for part in (Account.PRINCIPAL, Account.INTEREST, Account.CHARGES)}
    if tax := sum(transfer.amount_paise for transfer in transfers if transfer.kind is Kind.CREDIT_NOTE):
        total["tax_paise"] = tax
    for transfer in transfers:
        if transfer.kind in (Kind.WAIVER, Kind.WRITE_OFF):
            total[f"{transfer.component.value}_paise"] += transfer.amount_paise
    return total


def standing_concession(granted: Concession, groups: Mapping[ChargeKey, Sequence[Transfer]]) -> Concession:
    """A concession without the waived charges that do not stand any more: a waiver goes with its charge."""
    taxes = standing_parts(granted.taxes, groups)
    gone = sum(part.waived_paise for part in granted.taxes) - sum(part.waived_paise for part in taxes)
    return granted if gone == 0 else replace(granted, taxes=taxes, charges_paise=granted.charges_paise - gone)


def _check_owed(position: Position, concession: Concession) -> None:
    check_waiver(interest_paise=concession.interest_paise, charges_paise=concession.charges_paise)
    interest = sum(bill.unpaid_interest_paise for bill in position.open_bills)
    charges = position.charges_paise
    for field, asked, owed in (
        ("interest", concession.interest_paise, interest),
        ("charges", concession.charges_paise, charges),
    ):
        if asked > owed:
            raise WaiverBeyondOwed(
                f"open bills demand only {format_inr(owed)} of {field}", field=field, owed_paise=owed, asked_paise=asked
            )


def _check_small(position: Position, *, on: date) -> None:
    if not _is_small(position, on=on):
        closing, tolerance = payoff(position, on=on).total_paise, position.terms.tolerance_paise
        raise BalanceNotSmall(
            f"{format_inr(closing)} closes the loan, which is not below the tolerance of {format_inr(tolerance)}",
            field="loan_id",
            payoff_paise=closing,
            tolerance_paise=tolerance,
        )


def _is_small(position: Position, *, on: date) -> bool:
    """Whether the payoff is above 0 and below the tolerance. A loan covered by its advance has a payoff of 0."""
    return 0 < payoff(position, on=on).total_paise < position.terms.tolerance_paise


@dataclass(slots=True)
class ConcessionBooking:
    """Books one concession on one position. It changes that position and collects the transfers."""

    position: Position
    concession: Concession
    journal: Journal
    states: dict[int, BillState]

    def __init__(
        self,
        position: Position,
        concession: Concession,
        *,
        journal: Journal | None = None,
        states: dict[int, BillState] | None = None,
    ) -> None:
        """`journal` and `states` are those of the payment that leaves a small rest; otherwise they begin here."""
        self.position = position
        self.concession = concession
        self.journal = journal or Journal(last_number=position.last_transfer, booked_on=concession.granted_on)
        self.states = {} if states is None else states

    def grant(self) -> None:
        """Gives up what is owed. Where a replay closed the loan, or left nothing to write off, it does nothing."""
        if self.position.status is not LoanStatus.ACTIVE:
            return
        count_late_days(self.position, on=self.concession.granted_on)
        if self.concession.kind is ConcessionKind.WAIVER:
            self._waive()
        elif self.concession.kind is ConcessionKind.WRITE_OFF:
            if written_off_paise(self.position) > 0:
                self._write_off(status=LoanStatus.WRITTEN_OFF)
        elif _is_small(self.position, on=self.concession.granted_on):
            self._bill_accrued()
            self._write_off(status=LoanStatus.CLOSED)

    def outcome(self) -> Decision:
        """The decision, after `grant`."""
        position = self.position
        position.last_transfer = self.journal.number
        position.last_event_on = max(position.last_event_on, self.concession.granted_on)
        return Decision(position, self.journal.transfers, self.states, ())

    def _waive(self) -> None:
        position, on = self.position, self.concession.granted_on
        interest, charges = self.concession.interest_paise, self.concession.charges_paise
        for bill in position.open_bills[:]:
            part = min(interest, bill.unpaid_interest_paise)
            charge = min(charges, bill.unpaid_charges_paise)
            if part + charge == 0:
                continue
            self._give_up(bill, interest=part, charges=charge, principal=0)
            interest -= part
            charges -= charge
            if bill.unpaid_paise == 0:
                position.settle(bill, on)
        unbilled = min(charges, position.unbilled_charges_paise)
        self._post(Account.CHARGES, unbilled)
        position.charges_paise -= unbilled
        position.unbilled_charges_paise -= unbilled
        self._give_tax_back(self.concession.charges_paise - charges + unbilled)
        settle(position, self.journal, self.states, on=on, number=self.concession.number)

    def _give_tax_back(self, given_paise: int) -> None:
        """Posts the tax of what was given up of taxed charges: the lender owes it no more, and its loss is less."""
        granted, on = self.concession.charges_paise, self.concession.granted_on
        for part in taxes_given_back(self.concession.taxes, granted_paise=granted, given_paise=given_paise):
            kind, number = part.charge
            of_bill, of_event = (number, None) if kind == "charge" else (None, number)
            tax = Account.GST_PAYABLE
            self.journal.post(Kind.CREDIT_NOTE, tax, Account.WAIVERS, part.tax_paise, tax, on, of_bill, of_event)

    def _bill_accrued(self) -> None:
        """Posts the interest and the penal charge of the current cycle. An advance may pay the interest."""
        position, on, interest = self.position, self.concession.granted_on, Account.INTEREST
        penal = Charged(take_penal(position, on=on), 0)
        charge(position, self.journal, penal, kind=Kind.PENAL_CHARGE, on=on, number=self.concession.number)
        accrued = accrued_paise(position, on=on)
        self.journal.post(
            Kind.INTEREST, interest, Account.INTEREST_INCOME, accrued, interest, on, None, self.concession.number
        )
        position.interest_paise += accrued
        position.unbilled_interest_paise += accrued

    def _write_off(self, *, status: LoanStatus) -> None:
        position, on, number = self.position, self.concession.granted_on, self.concession.number
        use_interest_credit(position, self.journal, self.states, on=on, number=number)
        pay_rest_by_credit(position, self.journal, on=on, number=number)
        # A loan with an advance has no open bill, so the advance pays what is not billed yet.
        position.interest_paise -= use_advances(
            position, self.journal, Account.INTEREST, owed=max(position.interest_paise, 0), on=on
        )
        position.principal_paise -= use_advances(
            position, self.journal, Account.PRINCIPAL, owed=position.undemanded_principal_paise, on=on
        )
        position.charges_paise -= use_advances(
            position, self.journal, Account.CHARGES, owed=position.unbilled_charges_paise, on=on
        )
        for bill in position.open_bills[:]:
            self._give_up(
                bill,
                interest=bill.unpaid_interest_paise,
                charges=bill.unpaid_charges_paise,
                principal=bill.unpaid_principal_paise,
            )
            position.settle(bill, on)
        self._post(Account.CHARGES, position.charges_paise)
        self._post(Account.INTEREST, position.interest_paise)
        self._post(Account.PRINCIPAL, position.principal_paise)
        position.interest_paise = position.principal_paise = position.unbilled_interest_paise = 0
        position.charges_paise = position.unbilled_charges_paise = 0
        position.late_principal_days = position.late_amount_days = 0
        position.advances = []
        position.movements = []
        position.close(on, status=status)

    def _give_up(self, bill: BillState, *, interest: int, charges: int, principal: int) -> None:
        position = self.position
        self.states[bill.cycle] = bill
        bill.unpaid_charges_paise -= charges
        bill.unpaid_interest_paise -= interest
        bill.unpaid_principal_paise -= principal
        position.charges_paise -= charges
        position.interest_paise -= interest
        position.principal_paise -= principal
        for account, part in (
            (Account.CHARGES, charges),
            (Account.INTEREST, interest),
            (Account.PRINCIPAL, principal),
        ):
            self._post(account, part, cycle=bill.cycle)

    def _post(self, account: Account, amount: int, *, cycle: int | None = None) -> None:
        is_waiver = self.concession.kind is ConcessionKind.WAIVER
        kind, loss = (Kind.WAIVER, Account.WAIVERS) if is_waiver else (Kind.WRITE_OFF, Account.WRITE_OFFS)
        on, number = self.concession.granted_on, self.concession.number
        self.journal.post(kind, loss, account, amount, account, on, cycle, number)
