"""Loans: read a loan, its schedule, bills, ledger and payoff amount."""

from datetime import date
from typing import Annotated

import orjson
from fastapi import Path, Query, Response
from pydantic import Field

from app.api.deps import READERS, KistRouter, LookingUpDep, ReadingDep
from app.api.id_schemas import LoanId, LoanIdOut, PaymentIdOut, ProposalIdOut, UserIdOut
from app.api.schemas import Answer, CursorText, Day, Page, RateOut, RupeesOut, in_rupees
from app.api.v1.lending.next_due import NextDue, written_due
from app.domain.cursors import read_number
from app.domain.lending.ledger import Account, Kind
from app.domain.lending.positions import LoanStatus, PlanReason
from app.domain.public_ids import format_user_id
from app.services.lending import loans
from app.services.lending.loans import LoanView

router = KistRouter(prefix="/loans", tags=["Loans"])

LoanPath = Annotated[LoanId, Path(description="`LN-2025-0456`, or its number")]


class LoanAnswer(Answer):
    """A loan on the business date. Amounts are in rupees."""

    loan_id: LoanIdOut
    user_id: UserIdOut
    product: str
    status: LoanStatus
    amount: RupeesOut = Field(description="The amount lent, in rupees")
    topped_up: RupeesOut = Field(description="Lent later on the same loan, in rupees")
    annual_rate: RateOut = Field(description="The rate in force")
    instalments: int
    disbursed_on: date
    closed_on: date | None
    emi: RupeesOut
    principal_outstanding: RupeesOut
    interest_due: RupeesOut = Field(description="Billed interest that is not paid, in rupees")
    charges_due: RupeesOut = Field(description="Charges that are not paid, in rupees")
    advance: RupeesOut = Field(description="Money paid before a bill asked for it, in rupees; the next bill uses it")
    overdue: RupeesOut = Field(description="The unpaid part of bills after their due date, in rupees")
    next_due: NextDue | None
    next_billing_on: date | None


class ScheduledInstalment(Answer):
    """One instalment: a billed one as its bill shows it, a coming one as planned. Amounts are in rupees."""

    number: int
    due_on: date
    principal: RupeesOut
    interest: RupeesOut
    amount: RupeesOut


class ScheduleAnswer(Answer):
    """The schedule in force. The principal of all instalments plus `principal_outside` is the amount lent."""

    loan_id: LoanIdOut
    version: int
    made_on: date
    reason: PlanReason
    emi: RupeesOut
    instalments: list[ScheduledInstalment]
    principal_outside: RupeesOut = Field(
        description="Principal that no instalment repays: prepaid, paid off or written off"
    )


class LedgerLine(Answer):
    """One transfer of the ledger. It belongs to a payment, to an approved waiver or write-off, to a charge for an
    event, or to none of them."""

    number: int
    group: int = Field(description="The number of the first transfer of the same movement")
    kind: Kind
    debit: Account = Field(description="The account that is debited")
    credit: Account = Field(description="The account that is credited")
    amount: RupeesOut
    component: Account
    value_date: date = Field(description="The day from which the money counts")
    booked_on: date = Field(description="The business date on which the transfer was posted")
    cycle: int | None
    payment_id: PaymentIdOut | None
    proposal_id: ProposalIdOut | None
    charge_id: int | None
    reverses: int | None = Field(description="The number of the transfer that this one takes back")


class BillAnswer(Answer):
    """A bill as it was issued, and its unpaid part. `total_due` and `minimum_due` include `past_due`."""

    cycle: int
    from_: date = Field(serialization_alias="from")
    billed_on: date
    due_on: date
    opening_principal: RupeesOut
    interest: RupeesOut
    principal_due: RupeesOut
    charges: RupeesOut = Field(
        description="Charges since the last bill and the penal charge of the cycle, as billed, in rupees"
    )
    past_due: RupeesOut = Field(description="The unpaid part of earlier bills after their due date, in rupees")
    total_due: RupeesOut
    minimum_due: RupeesOut = Field(description="The smallest payment that keeps the bill from being overdue, in rupees")
    unpaid_charges: RupeesOut
    unpaid_interest: RupeesOut
    unpaid_principal: RupeesOut
    returned_to_plan: RupeesOut = Field(
        description="Unpaid principal that left the bill and is planned again, in rupees"
    )
    closed_on: date | None = Field(
        description="The day on which the bill was closed as overdue, with its late charge; null if it was not"
    )
    settled_on: date | None = Field(description="The day on which nothing of the bill was left to pay")


class PayoffAnswer(Answer):
    """The payoff amount and its parts, in rupees: pay `total` on the day `on` to close the loan."""

    loan_id: LoanIdOut
    on: date
    charges: RupeesOut
    interest_billed: RupeesOut
    interest_accrued: RupeesOut
    principal: RupeesOut
    prepayment_charge: RupeesOut = Field(
        description="The charge, with its tax, for principal that is repaid ahead of the plan, in rupees"
    )
    advance: RupeesOut = Field(description="Money paid in advance, in rupees; it lowers the total")
    total: RupeesOut


@router.get("/{loan_id}", dependencies=[READERS], summary="Read a loan", response_model=LoanAnswer)
async def get_loan(loan_id: LoanPath, uow: LookingUpDep) -> Response:
    """Gives the loan on the business date. It includes every cycle that has ended by then, billed already or not."""
    return _written(await loans.view_loan(uow, loan_id))


def _written(view: LoanView) -> Response:
    """A `LoanAnswer` as JSON, written as plain values: as a model it would take four times as long."""
    position, due = view.position, view.next_due
    answer = {
        "loan_id": view.public_id,
        "user_id": format_user_id(position.customer_id),
        "product": view.product_code,
        "status": position.status,
        "amount": in_rupees(position.disbursed_paise),
        "topped_up": in_rupees(position.lent_paise - position.disbursed_paise),
        "annual_rate": float(position.rate_percent),
        "instalments": position.instalments,
        "disbursed_on": position.disbursed_on,
        "closed_on": position.closed_on,
        "emi": in_rupees(position.emi_paise),
        "principal_outstanding": in_rupees(position.principal_paise),
        "interest_due": in_rupees(position.interest_paise),
        "charges_due": in_rupees(position.charges_paise),
        "advance": in_rupees(position.advance_paise),
        "overdue": in_rupees(view.overdue_paise),
        "next_due": None if due is None else written_due(due),
        "next_billing_on": position.next_billing_on,
    }
    return Response(orjson.dumps(answer), media_type="application/json")


@router.get("/{loan_id}/schedule", dependencies=[READERS], summary="Read the schedule in force")
async def get_schedule(loan_id: LoanPath, uow: LookingUpDep) -> ScheduleAnswer:
    """Gives every instalment. A billed one is shown as it was billed, less principal that returned to the plan. The
    others are shown as they will be if the open bills are paid today and each later bill on its billing date."""
    schedule = await loans.get_schedule(uow, loan_id)
    return ScheduleAnswer(
        loan_id=schedule.public_id,
        version=schedule.version,
        made_on=schedule.made_on,
        reason=PlanReason(schedule.reason),
        emi=schedule.emi_paise,
        instalments=[
            ScheduledInstalment(
                number=row.number,
                due_on=row.due_on,
                principal=row.principal_paise,
                interest=row.interest_paise,
                amount=row.principal_paise + row.interest_paise,
            )
            for row in schedule.rows
        ],
        principal_outside=schedule.principal_outside_paise,
    )


@router.get("/{loan_id}/bills", dependencies=[READERS], summary="List the bills of a loan")
async def list_bills(loan_id: LoanPath, uow: LookingUpDep) -> list[BillAnswer]:
    """Lists the bills, the oldest first. A bill never changes after it is issued; only its unpaid part does."""
    return [
        BillAnswer(
            cycle=bill.cycle,
            from_=bill.from_on,
            billed_on=bill.billed_on,
            due_on=bill.due_on,
            opening_principal=bill.opening_principal_paise,
            interest=bill.interest_paise,
            principal_due=bill.principal_due_paise,
            charges=bill.charges_paise,
            past_due=bill.past_due_paise,
            total_due=bill.total_due_paise,
            minimum_due=bill.minimum_due_paise,
            unpaid_charges=left.unpaid_charges_paise,
            unpaid_interest=left.unpaid_interest_paise,
            unpaid_principal=left.unpaid_principal_paise,
            returned_to_plan=left.returned_paise,
            closed_on=left.closed_on,
            settled_on=left.settled_on,
        )
        for bill, left in await loans.list_bills(uow, loan_id)
    ]


@router.get("/{loan_id}/ledger", dependencies=[READERS], summary="Read the ledger of a loan")
async def get_ledger(
    loan_id: LoanPath,
    uow: ReadingDep,
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=500, description="The most rows to answer")] = 100,
) -> Page[LedgerLine]:
    """Lists every transfer in the order of posting. Send `next_cursor` as `cursor` to get the next page."""
    rows, numbered = await loans.list_ledger(uow, loan_id, after=read_number(cursor, default=0), limit=limit)
    lines = []
    for row in rows:
        other = numbered.get(row.payment_id)
        line = LedgerLine(
            number=row.number,
            group=row.group_number,
            kind=Kind(row.kind),
            debit=Account(row.debit),
            credit=Account(row.credit),
            amount=row.amount_paise,
            component=Account(row.component),
            value_date=row.value_date,
            booked_on=row.booked_on,
            cycle=row.cycle,
            payment_id=row.payment_id if other is None else None,
            proposal_id=None if other is None else other.proposal_id,
            charge_id=row.payment_id if other is not None and other.is_charge else None,
            reverses=row.reverses,
        )
        lines.append(line)
    return Page(items=lines, next_cursor=str(rows[-1].number) if len(rows) == limit else None)


@router.get("/{loan_id}/payoff", dependencies=[READERS], summary="Read the payoff amount")
async def get_payoff(
    loan_id: LoanPath,
    uow: LookingUpDep,
    on: Annotated[Day | None, Query(description="A later day; the default is the business date")] = None,
) -> PayoffAnswer:
    """Gives the amount that closes the loan, and its parts, on the business date. With `on` it gives the amount on a
    later day, if nothing is paid before."""
    view = await loans.view_loan(uow, loan_id, on=on)
    quote = view.payoff
    return PayoffAnswer(
        loan_id=view.public_id,
        on=quote.on,
        charges=quote.charges_paise,
        interest_billed=quote.interest_billed_paise,
        interest_accrued=quote.interest_accrued_paise,
        principal=quote.principal_paise,
        prepayment_charge=quote.prepayment_charge_paise,
        advance=quote.advance_paise,
        total=quote.total_paise,
    )
