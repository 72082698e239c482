"""Acts about instalment plans and disputes of a card account."""

from typing import Any, Final

from app.api.admin.acts.act import ITS_PART, About, Act, Figure, Input, Receipt, Subject
from app.api.admin.acts.card_accounts import ROUTE
from app.api.admin.acts.card_money import SPENT
from app.api.admin.drawing.formats import rate
from app.api.v1.cards.changes import ConversionBody, DisputeBody, DisputeDecisionBody
from app.domain.money import format_inr
from app.services.cards import changes
from app.services.cards.accounts import Working
from app.services.unit_of_work import UnitOfWork

REASON: Final = Input(name="reason", label="Reason")


def _tab(subject: Subject, tab: str) -> str:
    return f"{subject.address.partition('?')[0]}?tab={tab}"


async def _convert(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    working = await changes.convert(
        uow, subject.account, purchase=body.purchase, instalments=body.instalments,
        annual_rate_percent=body.annual_rate,
    )  # fmt: skip
    plan = next(each for each in reversed(working.state.plans) if each.purchase == body.purchase)
    interest = sum(row.interest_paise for row in plan.rows)
    fees = sum(fact.amount_paise for fact in working.decided.facts if fact.fee is not None)
    return Receipt(
        sentence=f"{subject.sentence_name} is paid in {len(plan.rows)} instalments.",
        figures=(
            Figure(label="Converted", text=format_inr(plan.principal_paise)),
            Figure(label="Instalment", text=format_inr(plan.emi_paise)),
            Figure(label="Rate", text=rate(plan.annual_rate_percent)),
            Figure(label="Interest of the plan", text=format_inr(interest)),
            Figure(label="Fee, without its tax", text=format_inr(fees)),
            Figure(label="First instalment", text=f"{plan.rows[0].due_on:%d %b %Y}"),
            Figure(label="Last instalment", text=f"{plan.rows[-1].due_on:%d %b %Y}"),
        ),
        links=(("Plans of the account", _tab(subject, "plans")),),
    )


async def _foreclose(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    working = await changes.foreclose(uow, subject.account, int(subject.part))
    return _told(working, f"{subject.sentence_name} is due at once.", subject, "plans")


async def _dispute(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    working = await changes.dispute(uow, subject.account, posting=body.posting, paise=body.amount, reason=body.reason)
    return _told(working, f"{subject.sentence_name} is disputed.", subject, "disputes")


async def _decide(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    working = await changes.decide_dispute(
        uow, subject.account, int(subject.part), for_holder=body.winner == "holder", reason=body.reason
    )
    return _told(working, f"{subject.sentence_name} is decided for the {body.winner}.", subject, "disputes")


def _told(working: Working, sentence: str, subject: Subject, tab: str) -> Receipt:
    state = working.state
    return Receipt(
        sentence=sentence,
        figures=(
            Figure(label="Owed", text=format_inr(state.owed_paise)),
            Figure(label="Credit balance", text=format_inr(state.credit_paise)),
            Figure(label="Set aside by disputes", text=format_inr(state.disputed_paise)),
        ),
        links=((f"The account's {tab}", _tab(subject, tab)),),
    )


def _is_spent(subject: Subject) -> bool:
    return subject.row.kind in SPENT and subject.row.amount_paise > subject.row.undone_paise


CONVERT: Final = Act(
    name="convert-card-purchase",
    title="Pay in instalments",
    about=About.CARD_POSTING,
    route=f"POST {ROUTE}/conversions",
    body=ConversionBody,
    constants={"purchase": ITS_PART},
    inputs=(
        Input(name="instalments", label="Instalments", kind="number"),
        Input(
            name="annual_rate", label="Annual rate (%)", kind="rate", is_required=False, help="Empty: the product's.",
        ),
    ),
    explains="What is unpaid of the purchase becomes a plan, of which each statement bills one instalment. What an "
    "issued statement asks for is worked out again without it.",
    do=_convert,
    sentence=lambda subject, body: f"Let {subject.name} be paid in {body.instalments} instalments.",
    button="Make the plan",
    icon="fa-solid fa-calendar-plus",
    is_offered=lambda subject: subject.row.kind == "purchase" and _is_spent(subject),
)  # fmt: skip
FORECLOSE: Final = Act(
    name="foreclose-card-plan",
    title="Foreclose a plan",
    about=About.CARD_PLAN,
    route=f"POST {ROUTE}/plans/{{plan}}/foreclose",
    explains="What is left of the plan is due with the next statement, with its interest up to today and the product's "
    "fee.",
    do=_foreclose,
    sentence=lambda subject, body: f"Make all that is left of {subject.name} due at once.",
    button="Foreclose the plan",
    icon="fa-solid fa-forward-fast",
    is_grave=True,
)
DISPUTE: Final = Act(
    name="dispute-card-posting",
    title="Dispute",
    about=About.CARD_POSTING,
    route=f"POST {ROUTE}/disputes",
    body=DisputeBody,
    constants={"posting": ITS_PART},
    inputs=(
        Input(name="amount", label="Amount (₹)", kind="money", is_required=False, help="Empty: all of it."),
        Input(name="reason", label="Reason", help="What the holder says: the goods never came"),
    ),
    explains="What is unpaid of it is set aside: no interest, and in no total or minimum. It still uses the limit.",
    do=_dispute,
    sentence=lambda subject, body: (
        f"Open a dispute of {'all' if body.amount is None else format_inr(body.amount)} of {subject.name}."
    ),
    button="Open the dispute",
    icon="fa-solid fa-scale-balanced",
    is_offered=_is_spent,
)
DECIDE: Final = Act(
    name="decide-card-dispute",
    title="Decide a dispute",
    about=About.CARD_DISPUTE,
    route=f"POST {ROUTE}/disputes/{{dispute}}/decide",
    body=DisputeDecisionBody,
    inputs=(
        Input(
            name="winner", label="Who is right?", kind="choice",
            choices=(("holder", "the holder"), ("merchant", "the merchant")),
            help="For the merchant: the amount is owed from today. For the holder: it is reversed, paid parts too.",
        ),
        REASON,
    ),
    do=_decide,
    sentence=lambda subject, body: f"Decide {subject.name} for the {body.winner}.",
    button="Decide the dispute",
    icon="fa-solid fa-gavel",
)  # fmt: skip
ACTS: Final = (DISPUTE, CONVERT, FORECLOSE, DECIDE)
