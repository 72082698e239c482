"""Charges of a loan: the schedule of charges with what was charged, booking one, and taking one back."""

from datetime import date
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field, StringConstraints

from app.api.deps import OFFICERS, READERS, KistRouter, OnceDep, ReadingDep, UnitOfWorkDep
from app.api.id_schemas import LoanIdOut
from app.api.schemas import Answer, Between, Body, Line, RateOut, RupeesOut, Whole, example
from app.api.v1.lending.loans import LoanPath
from app.domain.lending.ledger import Kind
from app.domain.products.charges import ChargePer, NamedCharge
from app.domain.reporting.charges import ChargedLine
from app.services.payments import charges as charge_service
from app.services.payments.charges import BookedView
from app.services.reporting import charges as charge_views

router = KistRouter(prefix="/loans", tags=["Payments"])

ChargePath = Annotated[Whole, Between(1, 2**63 - 1), Path(description="The `charge_id` of a charge for an event")]


class NamedChargeAnswer(Answer):
    """A charge that the product names. It has an amount in rupees, a share in percent, or both, each with its bounds.
    `tax_percent` is the GST on top of it on the business date. A charge with a `code` is booked by it."""

    name: str
    code: str | None
    per: ChargePer
    amount: RupeesOut
    percent: RateOut
    minimum: RupeesOut
    maximum: RupeesOut | None
    tax_percent: RateOut
    sac: str | None
    grace_days: int


class ChargedAnswer(Answer):
    """A charge that was posted. `charge_id` is there for a charge that can be taken back, `cycle` for one of a bill."""

    kind: Kind
    name: str | None
    on: date
    booked_on: date
    amount: RupeesOut
    tax: RupeesOut
    total: RupeesOut
    cycle: int | None
    charge_id: int | None
    taken_back_on: date | None


class ChargesAnswer(Answer):
    """The charges of a loan on the business date. Amounts are in rupees."""

    loan_id: LoanIdOut
    as_of: date
    schedule_of_charges: list[NamedChargeAnswer]
    charged: list[ChargedAnswer]
    charges_due: RupeesOut = Field(description="Charges that are posted and not paid, in rupees")
    next_bill: RupeesOut = Field(description="What the next bill demands of charges if what is open is paid today")


@router.get("/{loan_id}/charges", dependencies=[READERS], summary="List the charges of a loan")
async def list_loan_charges(loan_id: LoanPath, uow: ReadingDep) -> ChargesAnswer:
    """Gives the charges that the product names, and every charge that was posted, the oldest first."""
    found = await charge_views.list_charges(uow, loan_id)
    return ChargesAnswer(
        loan_id=found.public_id,
        as_of=found.on,
        schedule_of_charges=[_present_named(named) for named in found.named],
        charged=[_present_line(line) for line in found.lines],
        charges_due=found.position.charges_paise,
        next_bill=found.to_come_paise,
    )


def _present_named(named: NamedCharge) -> NamedChargeAnswer:
    return NamedChargeAnswer(
        name=named.name,
        code=named.code,
        per=named.per,
        amount=named.amount_paise,
        percent=named.percent,
        minimum=named.minimum_paise,
        maximum=named.maximum_paise,
        tax_percent=named.tax_percent,
        sac=named.sac,
        grace_days=named.grace_days,
    )


def _present_line(line: ChargedLine) -> ChargedAnswer:
    return ChargedAnswer(
        kind=line.kind,
        name=line.name,
        on=line.on,
        booked_on=line.booked_on,
        amount=line.amount_paise,
        tax=line.tax_paise,
        total=line.total_paise,
        cycle=line.cycle,
        charge_id=line.charge_id,
        taken_back_on=line.taken_back_on,
    )


ChargeCode = Annotated[
    str, StringConstraints(pattern="^[a-z][a-z0-9_]{1,39}$"), Field(examples=["duplicate_statement"])
]


class ChargeTrialBody(Body):
    """A charge to simulate, by its code in the schedule of charges."""

    model_config = example({"charge": "duplicate_statement"})

    charge: ChargeCode


class ChargeBody(Body):
    """A charge to book, by its code in the schedule of charges, and why."""

    model_config = example({"charge": "duplicate_statement", "reason": "asked for at the branch"})

    charge: ChargeCode
    reason: Line = Field(examples=["asked for at the branch"])


class BookedAnswer(Answer):
    """A charge with its tax, and the loan with it, in rupees. `charge_id` is null for a simulation."""

    loan_id: LoanIdOut
    charge_id: int | None
    name: str
    on: date
    amount: RupeesOut
    tax: RupeesOut
    total: RupeesOut
    sac: str | None
    charges_due_before: RupeesOut
    charges_due: RupeesOut
    next_bill: RupeesOut = Field(description="What the next bill demands of charges")
    payoff: RupeesOut = Field(description="What closes the loan on the day")


def _present_booked(view: BookedView) -> BookedAnswer:
    booked = view.booked
    return BookedAnswer(
        loan_id=view.loan_public_id,
        charge_id=booked.number or None,
        name=booked.name or "",
        on=booked.booked_on,
        amount=booked.charged.amount_paise,
        tax=booked.charged.tax_paise,
        total=booked.charged.total_paise,
        sac=booked.sac,
        charges_due_before=view.before.charges_paise,
        charges_due=view.after.charges_paise,
        next_bill=view.next_bill_paise,
        payoff=view.payoff_paise,
    )


@router.post("/{loan_id}/charges/simulate", dependencies=[OFFICERS], summary="Simulate a charge of a loan")
async def simulate_charge(loan_id: LoanPath, body: ChargeTrialBody, uow: ReadingDep) -> BookedAnswer:
    """Gives what a charge would come to today with its tax, and what the loan would owe. Nothing is written."""
    return _present_booked(await charge_service.foresee_charge(uow, loan_id, body.charge))


@router.post(
    "/{loan_id}/charges",
    status_code=201,
    response_model=BookedAnswer,
    dependencies=[OFFICERS],
    summary="Book a charge that the product names",
)
async def book_charge(loan_id: LoanPath, body: ChargeBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Books a charge for a service or an event, such as a duplicate statement: its amount is the product's, its tax
    that of the day. The next bill demands it. It can be waived, and taken back if its cause is undone. Send an
    Idempotency-Key: it is required."""
    if first := await once.first_answer():
        return first
    once.insist()
    booked = await charge_service.book_service_charge(uow, loan_id, body.charge, reason=body.reason)
    return await once.keep(_present_booked(booked))


class TakeBackBody(Body):
    """Why a charge is taken back."""

    model_config = example({"reason": "the bank withdrew the return"})

    reason: Line = Field(examples=["the bank withdrew the return"])


class TakeBackAnswer(Answer):
    """What the loan owes of charges afterwards, in rupees."""

    loan_id: str
    charge_id: int
    taken_back_on: date
    charges_due: RupeesOut


@router.post(
    "/{loan_id}/charges/{charge_id}/take-back",
    response_model=TakeBackAnswer,
    dependencies=[OFFICERS],
    summary="Take back a charge whose cause was undone",
)
async def take_back_charge(
    loan_id: LoanPath, charge_id: ChargePath, body: TakeBackBody, uow: UnitOfWorkDep, once: OnceDep
) -> Response:
    """The loan stands as if the charge had never been booked. What was paid of it pays something else. To forgive a
    charge that was due, propose a waiver."""
    if first := await once.first_answer():
        return first
    left = await charge_service.take_back_charge(uow, loan_id, charge_id, reason=body.reason)
    return await once.keep(
        TakeBackAnswer(
            loan_id=left.loan_public_id,
            charge_id=left.charge_id,
            taken_back_on=left.taken_back_on,
            charges_due=left.charges_paise,
        )
    )
