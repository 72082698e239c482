"""Acts about applications: apply for a customer, have a waiting application decided now, and accept an offer."""

from typing import Any, Final

from app.api.admin.acts.act import ITS_ID, About, Act, Figure, Input, Receipt, Subject
from app.api.admin.acts.subjects import loan_address
from app.api.v1.credit.applications import ApplyBody
from app.api.v1.credit.key_facts import AcceptKeyFactsBody
from app.domain.money import format_inr
from app.domain.public_ids import format_application_id, format_loan_id
from app.services.credit import acceptance, applications
from app.services.credit.applications import ApplicationRequest, ApplicationStatus, ApplicationView
from app.services.unit_of_work import UnitOfWork

APPLY_ROUTE: Final = "POST /api/v1/loans/apply"


def _answer(view: ApplicationView) -> Receipt:
    asked, plan = view.application, view.plan
    figures = [Figure(label="Decision", text=view.status.value)]
    links = []
    if plan is not None and asked.loan_id is not None:
        loan = format_loan_id(year=plan.disbursed_on.year, number=asked.loan_id)
        links.append((f"Loan {loan}", loan_address(loan)))
        # A preview shows the figures too, and the loan will have another number: only the link names it.
        figures.append(Figure(label="EMI", text=format_inr(plan.emi_paise)))
    figures += [Figure(label="Reason", text=str(reason["message"])) for reason in asked.reasons]
    what = {
        ApplicationStatus.APPROVED: "is approved, and the loan is paid out.",
        ApplicationStatus.OFFERED: "is approved, and waits for the borrower to accept its key facts.",
        ApplicationStatus.REFUSED: "is refused.",
        ApplicationStatus.PENDING: "waits for the score, which decides it.",
        ApplicationStatus.EXPIRED: "has expired.",
    }[view.status]
    return Receipt(sentence=f"{format_application_id(asked.id)} {what}", figures=tuple(figures), links=tuple(links))


async def _apply(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    request = ApplicationRequest(
        customer_id=body.user_id,
        product_code=body.product,
        amount_paise=body.amount,
        instalments=body.tenure_months,
        annual_rate_percent=body.annual_rate,
        purpose=body.purpose,
    )
    # The form has a key of its own, so an equal application is another one.
    return _answer(await applications.apply(uow, request, repeat_allowed=True))


async def _decide(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    asked = subject.row.application
    request = ApplicationRequest(
        customer_id=asked.customer_id,
        product_code=asked.product_code,
        amount_paise=asked.amount_paise,
        instalments=asked.instalments,
        annual_rate_percent=asked.requested_rate_percent,
        purpose=asked.purpose,
    )
    return _answer(await applications.apply(uow, request, repeat_allowed=True))


async def _accept(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    number = subject.row.application.id
    return _answer(await acceptance.accept_key_facts(uow, number, language=body.language))


def _accepts(subject: Subject, body: Any) -> str:
    asked = subject.row.application
    return (
        f"The borrower of {subject.name} has read the key facts and accepts them: "
        f"{format_inr(asked.amount_paise)} in {asked.instalments} instalments is paid out at once."
    )


def _sentence(subject: Subject, body: Any) -> str:
    amount = "the amount of the product" if body.amount is None else format_inr(body.amount)
    return f"Apply for {amount} of {body.product} for {subject.name}. If it is approved, the loan is paid out at once."


APPLY: Final = Act(
    name="apply",
    title="Apply for credit",
    about=About.CUSTOMER,
    route=APPLY_ROUTE,
    body=ApplyBody,
    constants={"user_id": ITS_ID},
    inputs=(
        Input(name="product", label="Product", help="The code, as in Products: PERSONAL_LOAN"),
        Input(
            name="amount", label="Amount (₹)", kind="money", is_required=False, help="Empty if the product fixes it."
        ),
        Input(
            name="tenure_months", label="Instalments", kind="number", is_required=False,
            help="Empty if the product fixes them.",
        ),
        Input(
            name="annual_rate", label="Annual rate (%)", kind="rate", is_required=False,
            help="Only for a product that takes the rate from the applicant.",
        ),
        Input(name="purpose", label="Purpose", is_required=False),
    ),
    explains="The preview is the decision that the application would get now.",
    do=_apply,
    sentence=_sentence,
    button="Apply",
    icon="fa-solid fa-file-signature",
    is_offered=lambda subject: bool(subject.row.state == "customer"),
)  # fmt: skip
DECIDE: Final = Act(
    name="decide-application",
    title="Decide now",
    about=About.APPLICATION,
    route=APPLY_ROUTE,
    explains="Decides an application that waited for its score, on today's facts.",
    do=_decide,
    sentence=lambda subject, body: f"Decide {subject.name} now. If it is approved, the loan is paid out at once.",
    button="Decide now",
    icon="fa-solid fa-gavel",
    is_offered=lambda subject: subject.row.status is ApplicationStatus.PENDING,
)
ACCEPT: Final = Act(
    name="accept-offer",
    title="Accept the offer",
    about=About.APPLICATION,
    route="POST /api/v1/applications/{application_id}/key-facts/acceptance",
    body=AcceptKeyFactsBody,
    inputs=(
        Input(
            name="language", label="Read in", kind="choice", choices=(("en", "English"), ("hi", "Hindi")),
            help="The language of the key facts that the borrower read and accepted.",
        ),
    ),
    explains="For a borrower who accepts at the counter. Give the borrower the key facts first: the loan is made on "
    "them.",
    do=_accept,
    sentence=_accepts,
    button="Accept and pay out",
    icon="fa-solid fa-signature",
    is_offered=lambda subject: subject.row.status is ApplicationStatus.OFFERED,
)  # fmt: skip
ACTS: Final = (APPLY, DECIDE, ACCEPT)
