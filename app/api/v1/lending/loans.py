"""Loans: how one stands, its plan, its ledger, and what closes it."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field

from app.api.deps import READERS, KistRouter, ReadingDep
from app.api.id_schemas import LoanId, LoanIdOut, PaymentIdOut, ProposalIdOut, UserId, UserIdOut
from app.api.schemas import Answer, Day, Page, RateOut, RupeesOut
from app.api.v1.lending.next_due import NextDue, present_due
from app.domain.public_ids import format_loan_id
from app.services.lending import loans
from app.services.lending.loans import LoanView

router = KistRouter(prefix="/loans", tags=["Loans"])

LoanPath = Annotated[LoanId, Path(description="`LN-2025-0456`, or its number")]


class LoanAnswer(Answer):
    """A loan as it stands on the business date."""

    loan_id: LoanIdOut
    user_id: UserIdOut
    product: str
    status: str
    amount: RupeesOut
    annual_rate: RateOut
    instalments: int
    disbursed_on: date
    closed_on: date | None
    emi: RupeesOut
    principal_outstanding: RupeesOut
    interest_due: RupeesOut
    charges_due: RupeesOut
    advance: RupeesOut
    overdue: RupeesOut
    next_due: NextDue | None
    next_billing_on: date | None


class LoanLine(Answer):
    """A loan in a list."""

    loan_id: LoanIdOut
    product: str
    status: str
    amount: RupeesOut
    annual_rate: RateOut
    disbursed_on: date
    principal_outstanding: RupeesOut
    next_billing_on: date | None


class ScheduledInstalment(Answer):
    """One instalment: as it was billed, or as it will be if everything is paid when it is billed."""

    number: int
    due_on: date
    principal: RupeesOut
    interest: RupeesOut
    amount: RupeesOut


class ScheduleAnswer(Answer):
    """The schedule as it stands: the principals of its instalments and `principal_outside` sum to the amount lent."""

    loan_id: LoanIdOut
    version: int
    made_on: date
    reason: str
    emi: RupeesOut
    instalments: list[ScheduledInstalment]
    principal_outside: RupeesOut = Field(description="Repaid outside of them: prepaid, paid off, or written off")


class LedgerLine(Answer):
    """One transfer of the ledger. It belongs to a payment, to the proposal by which something was given up, or to
    neither."""

    number: int
    group: int
    kind: str
    debit: str
    credit: str
    amount: RupeesOut
    component: str
    value_date: date
    booked_on: date
    cycle: int | None
    payment_id: PaymentIdOut | None
    proposal_id: ProposalIdOut | None
    reverses: int | None


class BillAnswer(Answer):
    """A bill as it was issued, and what is left of it. The total and the minimum include past dues."""

    cycle: int
    from_: date = Field(serialization_alias="from")
    billed_on: date
    due_on: date
    opening_principal: RupeesOut
    interest: RupeesOut
    principal_due: RupeesOut
    past_due: RupeesOut
    total_due: RupeesOut
    minimum_due: RupeesOut
    unpaid_charges: RupeesOut
    unpaid_interest: RupeesOut
    unpaid_principal: RupeesOut
    returned_to_plan: RupeesOut
    closed_on: date | None
    settled_on: date | None


class PayoffAnswer(Answer):
    """What closes a loan on a day; paying it on that day does."""

    loan_id: LoanIdOut
    on: date
    charges: RupeesOut
    interest_billed: RupeesOut
    interest_accrued: RupeesOut
    principal: RupeesOut
    advance: RupeesOut
    total: RupeesOut


def _present(view: LoanView) -> LoanAnswer:
    position = view.position
    return LoanAnswer(
        loan_id=view.public_id,
        user_id=position.customer_id,
        product=view.product_code,
        status=position.status.value,
        amount=position.disbursed_paise,
        annual_rate=position.annual_rate_percent,
        instalments=position.instalments,
        disbursed_on=position.disbursed_on,
        closed_on=position.closed_on,
        emi=position.emi_paise,
        principal_outstanding=position.principal_paise,
        interest_due=position.interest_paise,
        charges_due=position.charges_paise,
        advance=position.advance_paise,
        overdue=view.overdue_paise,
        next_due=present_due(view.next_due),
        next_billing_on=position.next_billing_on,
    )


@router.get("", dependencies=[READERS], summary="The loans of a customer")
async def list_loans(
    uow: ReadingDep,
    user_id: Annotated[UserId, Query()],
    cursor: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[LoanLine]:
    """In order of their numbers; `next_cursor` asks for the next page."""
    rows = await loans.list_customer_loans(uow, user_id, after=cursor, limit=limit)
    lines = [
        LoanLine(
            loan_id=format_loan_id(year=row.disbursed_on.year, number=row.loan_id),
            product=row.product_code,
            status=row.status,
            amount=row.disbursed_paise,
            annual_rate=row.annual_rate_percent,
            disbursed_on=row.disbursed_on,
            principal_outstanding=row.principal_paise,
            next_billing_on=row.next_billing_on,
        )
        for row in rows
    ]
    return Page(items=lines, next_cursor=str(rows[-1].loan_id) if len(rows) == limit else None)


@router.get("/{loan_id}", dependencies=[READERS], summary="A loan as it stands")
async def get_loan(loan_id: LoanPath, uow: ReadingDep) -> LoanAnswer:
    """On the business date, with every cycle up to then taken into account."""
    return _present(await loans.view_loan(uow, loan_id))


@router.get("/{loan_id}/schedule", dependencies=[READERS], summary="The schedule in force")
async def get_schedule(loan_id: LoanPath, uow: ReadingDep) -> ScheduleAnswer:
    """Every instalment: billed ones as they were billed, less what went back to the plan, the others as they will be if
    what is open is paid today and everything after that on its billing date."""
    schedule = await loans.get_schedule(uow, loan_id)
    return ScheduleAnswer(
        loan_id=schedule.public_id,
        version=schedule.version,
        made_on=schedule.made_on,
        reason=schedule.reason,
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


@router.get("/{loan_id}/bills", dependencies=[READERS], summary="The bills of a loan")
async def list_bills(loan_id: LoanPath, uow: ReadingDep) -> list[BillAnswer]:
    """The oldest first. A bill never changes; what is unpaid of it does."""
    return [
        BillAnswer(
            cycle=bill.cycle,
            from_=bill.from_on,
            billed_on=bill.billed_on,
            due_on=bill.due_on,
            opening_principal=bill.opening_principal_paise,
            interest=bill.interest_paise,
            principal_due=bill.principal_due_paise,
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


@router.get("/{loan_id}/ledger", dependencies=[READERS], summary="Every movement of money of a loan")
async def get_ledger(
    loan_id: LoanPath,
    uow: ReadingDep,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Page[LedgerLine]:
    """The transfers in the order in which they were posted."""
    rows, granted = await loans.list_ledger(uow, loan_id, after=cursor, limit=limit)
    lines = [
        LedgerLine(
            number=row.number,
            group=row.group_number,
            kind=row.kind,
            debit=row.debit,
            credit=row.credit,
            amount=row.amount_paise,
            component=row.component,
            value_date=row.value_date,
            booked_on=row.booked_on,
            cycle=row.cycle,
            payment_id=None if row.payment_id in granted else row.payment_id,
            proposal_id=granted.get(row.payment_id),
            reverses=row.reverses,
        )
        for row in rows
    ]
    return Page(items=lines, next_cursor=str(rows[-1].number) if len(rows) == limit else None)


@router.get("/{loan_id}/payoff", dependencies=[READERS], summary="What closes a loan on a day")
async def get_payoff(loan_id: LoanPath, uow: ReadingDep, on: Annotated[Day | None, Query()] = None) -> PayoffAnswer:
    """Part by part, on the business date or on a later day if nothing is paid until then."""
    view = await loans.view_loan(uow, loan_id, on=on)
    quote = view.payoff
    return PayoffAnswer(
        loan_id=view.public_id,
        on=quote.on,
        charges=quote.charges_paise,
        interest_billed=quote.interest_billed_paise,
        interest_accrued=quote.interest_accrued_paise,
        principal=quote.principal_paise,
        advance=quote.advance_paise,
        total=quote.total_paise,
    )
