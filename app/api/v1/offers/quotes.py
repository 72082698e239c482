"""Quotes: the schedule of any loan and what it costs.

Nothing is stored and nothing is read: a request holds all that the answer depends on.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from app.api.deps import SIGNED_IN, KistRouter
from app.api.documents import Accepted, Drawn, Form, FormAsked, choose_form, documented_forms, written
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Day,
    Line,
    RateOut,
    RatePercent,
    Rupees,
    RupeesOrZero,
    RupeesOut,
    Whole,
)
from app.documents.key_facts import key_facts_pdf
from app.domain.calendar import DayCount, Frequency
from app.domain.money import TO_THE_PAISA, Rounding, RoundingMode
from app.domain.offers.key_facts import Fee, FeePaid, KeyFacts
from app.domain.offers.quotes import Quote, quote
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import (
    Amortisation,
    Disbursal,
    Moratorium,
    MoratoriumInterest,
    MoratoriumOf,
    OddFirstPeriod,
    ScheduleTerms,
)
from app.services.lending.calculations import QUOTES

router: APIRouter = KistRouter(prefix="/loans", tags=["Quotes"])

#: As a client writes it; it is read like everything else that a client writes.
A_PAISA: Any = "0.01"
Count = Annotated[Whole, Between(1, 1200)]


class RoundingBody(Body):
    """A figure becomes a multiple of `unit`, by `mode`."""

    unit: Rupees = Field(
        default=A_PAISA,
        description="In rupees: 0.01 is to the paisa, 1 to the rupee, 5 to five rupees",
        examples=["0.01", 1],
    )
    mode: RoundingMode = RoundingMode.HALF_UP

    def rule(self) -> Rounding:
        return Rounding(mode=self.mode, unit_paise=self.unit)


class MoratoriumBody(Body):
    """The first instalments in which principal, or principal and interest, are not paid."""

    instalments: Annotated[Whole, Between(0, 1200)]
    of: MoratoriumOf = MoratoriumOf.PRINCIPAL
    interest: MoratoriumInterest = MoratoriumInterest.SIMPLE


class FlowBody(Body):
    """Money on a day."""

    on: Day
    amount: Rupees


class FeeBody(Body):
    """A fee at the beginning: deducted from the disbursal, paid upfront, or financed."""

    name: Line
    amount: Rupees
    paid: FeePaid


class QuoteBody(Body):
    """The terms of a loan that nobody has to want."""

    amount: Rupees
    annual_rate: RatePercent
    instalments: Count
    disbursed_on: Day
    every: Count = 1
    frequency: Frequency = Frequency.MONTH
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENT
    interest_basis: InterestBasis = InterestBasis.PERIOD
    day_count: DayCount = DayCount.ACTUAL_365F
    first_due_on: Day | None = None
    due_day: Annotated[Whole, Between(1, 31)] | None = None
    odd_first_period: OddFirstPeriod | None = Field(
        default=None, description="By its days, unless the loan is flat: then as a whole one, if nothing else is said"
    )
    rounding: RoundingBody = RoundingBody()
    interest_rounding: RoundingBody | None = None
    moratorium: MoratoriumBody | None = None
    balloon: RupeesOrZero = 0
    disbursals: Annotated[list[FlowBody], Field(max_length=100, default_factory=list)]
    fees: Annotated[list[FeeBody], Field(max_length=50, default_factory=list)]

    def terms(self) -> ScheduleTerms:
        """As the schedule engine wants them."""
        moratorium = self.moratorium
        return ScheduleTerms(
            amount_paise=self.amount,
            annual_rate_percent=self.annual_rate,
            instalments=self.instalments,
            disbursed_on=self.disbursed_on,
            every=self.every,
            frequency=self.frequency,
            amortisation=self.amortisation,
            interest_basis=self.interest_basis,
            day_count=self.day_count,
            first_due_on=self.first_due_on,
            due_day=self.due_day,
            odd_first_period=self.odd_first_period,
            emi_rounding=self.rounding.rule(),
            interest_rounding=TO_THE_PAISA if self.interest_rounding is None else self.interest_rounding.rule(),
            moratorium=None
            if moratorium is None
            else Moratorium(instalments=moratorium.instalments, of=moratorium.of, interest=moratorium.interest),
            balloon_paise=self.balloon,
            disbursals=tuple(Disbursal(on=part.on, amount_paise=part.amount) for part in self.disbursals),
        )


class QuotedInstalment(Answer):
    """One planned repayment; `balance` is the principal left after it."""

    number: int
    due_on: date
    days: int
    principal: RupeesOut
    interest: RupeesOut
    amount: RupeesOut
    balance: RupeesOut


class Totals(Answer):
    """Sums over the instalments (`amount` is principal and interest), and of all fees."""

    principal: RupeesOut
    interest: RupeesOut
    fees: RupeesOut
    amount: RupeesOut


class AprAnswer(Answer):
    """Annual percentage rates: nominal as in the RBI's key facts statement, effective as in the EU's directives."""

    nominal: RateOut
    effective: RateOut


class FeeAnswer(Answer):
    """A fee of the quote."""

    name: str
    amount: RupeesOut
    paid: FeePaid


class KeyFactsAnswer(Answer):
    """The figures of the RBI's key facts statement (circular of 15 April 2024, Annex A). The rates have two decimals
    there; `total_interest` counts interest that became principal."""

    sanctioned_amount: RupeesOut
    net_disbursed: RupeesOut
    instalments: int
    every: int
    frequency: Frequency
    instalment: RupeesOut
    first_due_on: date
    last_due_on: date
    annual_rate: RateOut
    rate_type: str
    fees: list[FeeAnswer]
    total_interest: RupeesOut
    total_fees: RupeesOut
    total_to_pay: RupeesOut = Field(description="All instalments, and the fees paid upfront")
    apr: RateOut
    apr_effective: RateOut


class QuoteAnswer(Answer):
    """A plan and what it costs."""

    emi: RupeesOut
    instalments: list[QuotedInstalment]
    totals: Totals
    net_disbursed: RupeesOut
    apr: AprAnswer
    key_facts: KeyFactsAnswer


@router.post(
    "/quote",
    dependencies=[SIGNED_IN],
    summary="The schedule and the cost of any loan; nothing is stored",
    response_model=QuoteAnswer,
    responses=documented_forms(Form.PDF),
)
async def quote_loan(body: QuoteBody, form: FormAsked = None, accept: Accepted = None) -> Response:
    """Any terms, whether a product offers them or not; as a PDF it is the key facts statement of the RBI."""
    wanted = choose_form(accept, asked=form, offered=(Form.JSON, Form.PDF))
    fees = tuple(Fee(name=fee.name, amount_paise=fee.amount, paid=fee.paid) for fee in body.fees)
    terms = body.terms()
    if wanted is Form.PDF:
        found = await QUOTES.run(lambda: quote(terms, fees=fees))
        return Drawn(lambda: key_facts_pdf(found, terms=terms), form=Form.PDF, name="key-facts-statement")
    return await written(QUOTES, lambda: _present(quote(terms, fees=fees)))


def _present(found: Quote) -> QuoteAnswer:
    schedule, facts = found.schedule, found.facts
    return QuoteAnswer(
        emi=schedule.emi_paise,
        instalments=[
            QuotedInstalment(
                number=row.number,
                due_on=row.due_on,
                days=row.days,
                principal=row.principal_paise,
                interest=row.interest_paise,
                amount=row.amount_paise,
                balance=row.balance_paise,
            )
            for row in schedule.instalments
        ],
        totals=Totals(
            principal=schedule.principal_paise,
            interest=schedule.interest_paise,
            fees=facts.fees_paise,
            amount=schedule.amount_paise,
        ),
        net_disbursed=facts.net_disbursed_paise,
        apr=AprAnswer(nominal=found.nominal_percent, effective=found.effective_percent),
        key_facts=_key_facts(facts),
    )


def _key_facts(facts: KeyFacts) -> KeyFactsAnswer:
    return KeyFactsAnswer(
        sanctioned_amount=facts.sanctioned_paise,
        net_disbursed=facts.net_disbursed_paise,
        instalments=facts.instalments,
        every=facts.every,
        frequency=facts.frequency,
        instalment=facts.instalment_paise,
        first_due_on=facts.first_due_on,
        last_due_on=facts.last_due_on,
        annual_rate=facts.annual_rate_percent,
        rate_type=facts.rate_type,
        fees=[FeeAnswer(name=fee.name, amount=fee.amount_paise, paid=fee.paid) for fee in facts.fees],
        total_interest=facts.interest_paise,
        total_fees=facts.fees_paise,
        total_to_pay=facts.total_payable_paise,
        apr=facts.apr_percent,
        apr_effective=facts.apr_effective_percent,
    )
