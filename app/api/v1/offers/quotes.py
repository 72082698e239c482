"""Quotes: the schedule and the cost of any loan. Nothing is stored, and only the lender's letterhead is read."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.deps import SIGNED_IN, KistRouter, ReadingDep
from app.api.documents import Accepted, AnswerForm, FormAsked, GeneratedFile, choose_form, documented_forms, json_answer
from app.api.schemas import (
    Answer,
    AprOut,
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
    example,
)
from app.documents.key_facts import key_facts_pdf
from app.documents.words import Language
from app.domain.calendar import DayCount, Frequency
from app.domain.money import TO_THE_PAISA, Rounding, RoundingMode
from app.domain.offers.key_facts import KeyFacts
from app.domain.offers.quotes import Quote, quote
from app.domain.products.charge_terms import Fee, FeePaid
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
from app.services.lender.profiles import find_profile
from app.services.lending.calculations import QUOTES

router: APIRouter = KistRouter(prefix="/loans", tags=["Quotes"])

#: The default as a client would write it, because a default is validated like a client's value.
A_PAISA: Any = "0.01"
Count = Annotated[Whole, Between(1, 1200)]


class RoundingBody(Body):
    """A rounding rule: a figure is rounded to a multiple of `unit`, in the way that `mode` names."""

    model_config = example({"unit": 1, "mode": "half_up"})

    unit: Rupees = Field(
        default=A_PAISA,
        description="In rupees: 0.01 rounds to the paisa, 1 to the rupee, 5 to a multiple of five rupees",
        examples=["0.01", 1],
    )
    mode: RoundingMode = RoundingMode.HALF_UP

    def rule(self) -> Rounding:
        return Rounding(mode=self.mode, unit_paise=self.unit)


class MoratoriumBody(Body):
    """A moratorium: in the first instalments the borrower does not pay principal, or neither principal nor interest."""

    instalments: Annotated[Whole, Between(0, 1200)]
    of: MoratoriumOf = MoratoriumOf.PRINCIPAL
    interest: MoratoriumInterest = MoratoriumInterest.SIMPLE


class FlowBody(Body):
    """An amount on a day."""

    on: Day
    amount: Rupees


class FeeBody(Body):
    """A fee at the start of the loan: deducted from the disbursal, paid upfront, or financed."""

    name: Line
    amount: Rupees
    paid: FeePaid


class QuoteBody(Body):
    """The terms of a loan. No product has to offer them."""

    model_config = example(
        {
            "amount": 100000,
            "annual_rate": 14,
            "instalments": 12,
            "disbursed_on": "2026-12-01",
            "fees": [{"name": "Processing", "amount": 500, "paid": "deducted"}],
        }
    )

    amount: Rupees
    annual_rate: RatePercent
    instalments: Count
    disbursed_on: Day
    every: Annotated[Count, Field(description="An instalment falls due every so many periods of `frequency`")] = 1
    frequency: Frequency = Frequency.MONTH
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENT
    interest_basis: InterestBasis = InterestBasis.PERIOD
    day_count: DayCount = DayCount.ACTUAL_365F
    first_due_on: Day | None = None
    due_day: Annotated[Whole, Between(1, 31)] | None = None
    odd_first_period: OddFirstPeriod | None = Field(
        default=None,
        description="How the first period counts if it is longer or shorter than the others. The default counts its "
        "days; a flat loan counts it as a whole period.",
    )
    rounding: RoundingBody = RoundingBody()
    interest_rounding: RoundingBody | None = None
    moratorium: MoratoriumBody | None = None
    balloon: RupeesOrZero = 0
    disbursals: Annotated[list[FlowBody], Field(max_length=100, default_factory=list)]
    fees: Annotated[list[FeeBody], Field(max_length=50, default_factory=list)]

    def terms(self) -> ScheduleTerms:
        """The terms as the schedule engine takes them."""
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
    """One planned instalment. `days` is the length of its period; `balance` is the principal left after it."""

    number: int
    due_on: date
    days: int
    principal: RupeesOut
    interest: RupeesOut
    amount: RupeesOut
    balance: RupeesOut


class Totals(Answer):
    """The totals over all instalments (`amount` is principal plus interest), and the total of all fees."""

    principal: RupeesOut
    interest: RupeesOut
    fees: RupeesOut
    amount: RupeesOut


class AprAnswer(Answer):
    """The annual percentage rate: `nominal` as in the RBI's key facts statement, `effective` as in the EU
    directives."""

    nominal: AprOut
    effective: AprOut


class FeeAnswer(Answer):
    """A fee of the quote."""

    name: str
    amount: RupeesOut
    paid: FeePaid


class KeyFactsAnswer(Answer):
    """The figures of the RBI's key facts statement (circular of 15 April 2024, Annex A). Its rates have two decimals.
    `total_interest` includes interest that was added to the principal."""

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
    total_to_pay: RupeesOut = Field(description="All instalments plus the fees paid upfront, in rupees")
    apr: AprOut
    apr_effective: AprOut


class QuoteAnswer(Answer):
    """The schedule of a loan and its cost."""

    emi: RupeesOut
    instalments: list[QuotedInstalment]
    totals: Totals
    net_disbursed: RupeesOut
    apr: AprAnswer
    key_facts: KeyFactsAnswer


@router.post(
    "/quote",
    dependencies=[SIGNED_IN],
    summary="Quote a loan",
    response_model=QuoteAnswer,
    responses=documented_forms(AnswerForm.PDF),
)
async def quote_loan(
    body: QuoteBody,
    uow: ReadingDep,
    form: FormAsked = None,
    language: Annotated[Language, Query(description="The language of the PDF")] = Language.ENGLISH,
    accept: Accepted = None,
) -> Response:
    """Computes the schedule and the cost of any loan, whether a product offers it or not. Nothing is stored. Ask for a
    PDF, in `Accept` or with `format`, to get the RBI's key facts statement."""
    wanted = choose_form(accept, asked=form, offered=(AnswerForm.JSON, AnswerForm.PDF))
    fees = tuple(Fee(name=fee.name, amount_paise=fee.amount, paid=fee.paid) for fee in body.fees)
    terms = body.terms()
    if wanted is AnswerForm.PDF:
        found = await QUOTES.run(lambda: quote(terms, fees=fees))
        lender = await find_profile(uow)
        return GeneratedFile(
            lambda: key_facts_pdf(found, terms=terms, lender=lender, language=language),
            form=AnswerForm.PDF,
            name="key-facts-statement",
        )
    return await json_answer(QUOTES, lambda: _present(quote(terms, fees=fees)))


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
