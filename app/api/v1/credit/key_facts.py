"""Key facts of an application or a loan: read them as JSON or as a PDF, and accept those of an offer."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from app.api.deps import APPLICANTS, READERS, KistRouter, UnitOfWorkDep
from app.api.documents import Accepted, AnswerForm, FormAsked, GeneratedFile, choose_form, documented_pdf
from app.api.id_schemas import ApplicationId, ApplicationIdOut, LoanId
from app.api.schemas import Answer, AprOut, Body, RateOut, RupeesOut, example
from app.api.v1.credit.applications import ApplicationAnswer, present_application
from app.documents.key_facts import key_facts_pdf
from app.documents.key_facts_about import ChangedFact, KeyFactsAbout
from app.documents.words import Language
from app.domain.payments.changes import ChangeKind
from app.domain.people.access import Role
from app.domain.products.charge_terms import Fee, FeePaid
from app.domain.products.charges import ChargePer, NamedCharge
from app.domain.public_ids import format_application_id
from app.services.credit import acceptance
from app.services.credit.acceptance import ChangeSince, KeyFactsParties, KeyFactsView

router = KistRouter(tags=["Key facts"])

ApplicationPath = Annotated[ApplicationId, Path(description="`AP-000034`, or its number")]
LanguageAsked = Annotated[Language, Query(description="The language of the PDF")]


class OfferFeeAnswer(Answer):
    """A fee of the disbursal, in rupees. `total` is with its tax."""

    name: str
    amount: RupeesOut
    tax: RupeesOut
    total: RupeesOut
    paid: FeePaid
    for_third_party: bool


class ContingentChargeAnswer(Answer):
    """A charge that depends on what happens: an amount in rupees, a share in percent, or both, and its GST."""

    name: str
    per: ChargePer
    amount: RupeesOut
    percent: RateOut
    tax_percent: RateOut
    grace_days: int


class CoolingOffAnswer(Answer):
    """Until when the loan can be left, and what closes it on that day if nothing was paid before, in rupees. A top-up
    is given back until then: so much principal is repaid without a charge."""

    until: date
    payoff: RupeesOut


class CoLendingAnswer(Answer):
    """Who lends together with the lender, the shares of both in percent, and the blended rate, which is the rate of the
    loan."""

    partner: str
    partner_share: RateOut
    own_share: RateOut
    blended_rate: RateOut


class ChangeSinceAnswer(Answer):
    """A change of the loan since. `annual_rate` is the rate from its day on, where it changed; a top-up has key facts
    of its own, those of `application_id`."""

    change_id: int
    kind: ChangeKind
    made_on: date
    annual_rate: RateOut | None
    amount: RupeesOut | None
    application_id: ApplicationIdOut | None


class OfferKeyFactsAnswer(Answer):
    """The key facts of an offer or a loan. The dates are those of a disbursal on the day of issue, or of the loan's.

    `valid_until` is null where the loan was made at once. The figures stay those that were accepted: what changed since
    is in `changed_since`.
    """

    proposal: str = Field(examples=["AP-000034"])
    loan_id: str | None = Field(examples=["LN-2025-0456"])
    product: str
    issued_on: date
    valid_until: date | None
    accepted_on: date | None
    accepted_by: str | None
    sanctioned: RupeesOut
    net_disbursed: RupeesOut
    lent_before: RupeesOut = Field(description="What was left of a loan on which more is lent; part of `sanctioned`")
    annual_rate: RateOut
    rate_type: str
    instalments: int
    instalment: RupeesOut
    first_due_on: date
    last_due_on: date
    fees: list[OfferFeeAnswer]
    contingent_charges: list[ContingentChargeAnswer]
    total_interest: RupeesOut
    total_fees: RupeesOut
    total_to_pay: RupeesOut
    apr: AprOut
    apr_effective: AprOut
    cooling_off: CoolingOffAnswer
    co_lending: CoLendingAnswer | None
    changed_since: list[ChangeSinceAnswer]


class AcceptKeyFactsBody(Body):
    """The acceptance of a key facts statement, and the language in which it was read."""

    model_config = example({"language": "hi"})

    language: Language = Language.ENGLISH


@router.get(
    "/applications/{application_id}/key-facts",
    dependencies=[READERS],
    summary="The key facts of an application",
    response_model=OfferKeyFactsAnswer,
    responses=documented_pdf(conflict="The application has no key facts"),
)
async def get_application_key_facts(
    application_id: ApplicationPath,
    uow: UnitOfWorkDep,
    language: LanguageAsked = Language.ENGLISH,
    form: FormAsked = None,
    accept: Accepted = None,
) -> OfferKeyFactsAnswer | Response:
    """Gives the statement of an offer that waits to be accepted or has lapsed, or of the loan that was made. The answer
    is JSON or a PDF: choose it in `Accept`, or with `format`."""
    wanted = choose_form(accept, asked=form, offered=(AnswerForm.JSON, AnswerForm.PDF))
    view = await acceptance.view_of_application(uow, application_id)
    return await _answer(uow, view, wanted, language=language)


@router.get(
    "/loans/{loan_id}/key-facts",
    dependencies=[READERS],
    summary="The key facts of a loan",
    response_model=OfferKeyFactsAnswer,
    responses=documented_pdf(),
)
async def get_loan_key_facts(
    loan_id: Annotated[LoanId, Path(description="`LN-2025-0456`, or its number")],
    uow: UnitOfWorkDep,
    language: LanguageAsked = Language.ENGLISH,
    form: FormAsked = None,
    accept: Accepted = None,
) -> OfferKeyFactsAnswer | Response:
    """Gives the statement of the loan as it was made, with its acceptance. The answer is JSON or a PDF: choose it in
    `Accept`, or with `format`."""
    wanted = choose_form(accept, asked=form, offered=(AnswerForm.JSON, AnswerForm.PDF))
    return await _answer(uow, await acceptance.view_of_loan(uow, loan_id), wanted, language=language)


@router.post(
    "/applications/{application_id}/key-facts/acceptance",
    status_code=201,
    dependencies=[APPLICANTS],
    summary="Accept the key facts of an application",
)
async def accept_key_facts(
    application_id: ApplicationPath, body: AcceptKeyFactsBody, uow: UnitOfWorkDep
) -> ApplicationAnswer:
    """Makes and disburses the loan on what the statement names. A statement that was accepted before is answered with
    its loan."""
    return present_application(await acceptance.accept_key_facts(uow, application_id, language=body.language))


async def _answer(
    uow: UnitOfWorkDep, view: KeyFactsView, wanted: AnswerForm, *, language: Language
) -> OfferKeyFactsAnswer | Response:
    if wanted is not AnswerForm.PDF:
        return _present(view)
    about = about_of(view, await acceptance.get_parties(uow, view))
    return GeneratedFile(
        lambda: key_facts_pdf(view.facts.quote, terms=view.facts.terms, about=about, language=language),
        form=AnswerForm.PDF,
        name=f"key-facts-{view.proposal}",
    )


def about_of(view: KeyFactsView, parties: KeyFactsParties) -> KeyFactsAbout:
    """What the document shows beyond the figures."""
    return KeyFactsAbout(
        lender=parties.lender,
        borrower=parties.borrower,
        proposal=view.proposal,
        loan_id=view.loan_id,
        product=view.product,
        issued_on=view.issued_on,
        valid_until=view.valid_until,
        accepted_on=view.accepted_on,
        accepted_by_staff=not (view.accepted_by or "").startswith(Role.CUSTOMER.value),
        contingent=view.facts.contingent,
        leave_until=view.facts.leave_until,
        leave_for_paise=view.facts.leave_for_paise,
        benchmark=view.facts.benchmark,
        lent_before_paise=view.facts.lent_before_paise,
        co_lending=view.co_lending,
        changes=tuple(
            ChangedFact(
                kind=since.change.kind.value,
                on=since.change.made_on,
                annual_rate_percent=since.change.annual_rate_percent,
                proposal=None if since.application_id is None else format_application_id(since.application_id),
            )
            for since in view.changes
        ),
    )


def _fee(fee: Fee) -> OfferFeeAnswer:
    return OfferFeeAnswer(
        name=fee.name,
        amount=fee.amount_paise,
        tax=fee.tax_paise,
        total=fee.total_paise,
        paid=fee.paid,
        for_third_party=fee.for_third_party,
    )


def _contingent(charge: NamedCharge) -> ContingentChargeAnswer:
    return ContingentChargeAnswer(
        name=charge.name,
        per=charge.per,
        amount=charge.amount_paise,
        percent=charge.percent,
        tax_percent=charge.tax_percent,
        grace_days=charge.grace_days,
    )


def _present(view: KeyFactsView) -> OfferKeyFactsAnswer:
    facts = view.facts.quote.facts
    return OfferKeyFactsAnswer(
        proposal=view.proposal,
        loan_id=view.loan_id,
        product=view.product,
        issued_on=view.issued_on,
        valid_until=view.valid_until,
        accepted_on=view.accepted_on,
        accepted_by=view.accepted_by,
        sanctioned=facts.sanctioned_paise,
        net_disbursed=facts.net_disbursed_paise,
        lent_before=view.facts.lent_before_paise,
        annual_rate=facts.annual_rate_percent,
        rate_type=facts.rate_type if view.facts.benchmark is None else "floating",
        instalments=facts.instalments,
        instalment=facts.instalment_paise,
        first_due_on=facts.first_due_on,
        last_due_on=facts.last_due_on,
        fees=[_fee(fee) for fee in facts.fees],
        contingent_charges=[_contingent(charge) for charge in view.facts.contingent],
        total_interest=facts.interest_paise,
        total_fees=facts.fees_paise,
        total_to_pay=facts.total_payable_paise,
        apr=facts.apr_percent,
        apr_effective=facts.apr_effective_percent,
        cooling_off=CoolingOffAnswer(until=view.facts.leave_until, payoff=view.facts.leave_for_paise),
        co_lending=_together(view),
        changed_since=[_since(since) for since in view.changes],
    )


def _together(view: KeyFactsView) -> CoLendingAnswer | None:
    together = view.co_lending
    if together is None:
        return None
    return CoLendingAnswer(
        partner=together.partner,
        partner_share=together.partner_share_percent,
        own_share=100 - together.partner_share_percent,
        blended_rate=view.facts.quote.facts.annual_rate_percent,
    )


def _since(since: ChangeSince) -> ChangeSinceAnswer:
    change = since.change
    return ChangeSinceAnswer(
        change_id=change.number,
        kind=change.kind,
        made_on=change.made_on,
        annual_rate=change.annual_rate_percent,
        amount=change.amount_paise or None,
        application_id=since.application_id,
    )
