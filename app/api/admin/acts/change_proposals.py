"""Changes of a loan that need two people: a restructuring, a moratorium, and more money."""

from typing import Any, Final

from app.api.admin.acts.act import ITS_ID, About, Act, Group, Input, Subject
from app.api.admin.acts.payments import is_active
from app.api.admin.acts.proposals import PROPOSE, REASON, carried_out, propose
from app.api.admin.drawing.formats import rate
from app.api.v1.operations.proposal_bodies import RestructureBody, TopUpBody
from app.domain.money import format_inr

YES: Final = (("true", "yes"), ("false", "no"))
NO: Final = (("false", "no"), ("true", "yes"))
DIFFICULTY: Final = Input(
    name="for_difficulty", label="Is the borrower in financial difficulty?", kind="choice", choices=YES,
    help="If so, the class of the loan follows: it is a restructured loan.",
)  # fmt: skip
LEFT: Final = Input(
    name="instalments", label="Instalments that are left", kind="number", is_required=False,
    help="Counted from the current one.",
)  # fmt: skip


def _restructure(subject: Subject, body: Any) -> str:
    parts = [
        "" if body.instalments is None else f"{body.instalments} instalments are left",
        "" if body.annual_rate is None else f"the rate is {rate(body.annual_rate)}",
        "unpaid bills become principal" if body.capitalises_arrears else "",
    ]
    said = ", ".join(part for part in parts if part) or "nothing is named"
    return f"Propose to restructure {subject.name}: {said}{_class(body)}."


def _class(body: Any) -> str:
    return ", for financial difficulty" if body.for_difficulty else ""


def _moratorium(subject: Subject, body: Any) -> str:
    what = "no principal" if body.moratorium_of == "principal" else "nothing"
    if body.moratorium_of == "both":
        what += " (interest waits)" if body.moratorium_interest == "simple" else " (interest becomes principal)"
    count = body.moratorium_instalments
    end = "the end moves by as many" if body.instalments is None else f"{body.instalments} are left"
    return f"Propose that {what} is due in {count} instalments of {subject.name}; {end}{_class(body)}."


def _top_up(subject: Subject, body: Any) -> str:
    end = "the last date stays" if body.instalments is None else f"{body.instalments} instalments are left"
    return f"Propose to lend {format_inr(body.amount)} more on {subject.name}; {end}."


RESTRUCTURE: Final = Act(
    name="propose-restructuring",
    title="Propose a restructuring",
    about=About.LOAN,
    route=PROPOSE,
    body=RestructureBody,
    constants={"kind": "restructure", "loan_id": ITS_ID},
    inputs=(
        LEFT,
        Input(
            name="annual_rate", label="Annual rate (%)", kind="rate", is_required=False, help="Empty: the rate stays."
        ),
        Input(
            name="capitalises_arrears", label="Do unpaid bills become principal?", kind="choice", choices=NO,
            help="Charges stay as they are.",
        ),
        DIFFICULTY,
        REASON,
    ),
    explains="Agrees anew on what is left; what is not named stays. Another person has to approve.",
    do=propose,
    sentence=_restructure,
    consequence=carried_out,
    button="Propose the restructuring",
    icon="fa-solid fa-arrows-rotate",
    group=Group.CHANGE,
    is_offered=is_active,
)  # fmt: skip
MORATORIUM: Final = Act(
    name="propose-moratorium",
    title="Propose a moratorium",
    about=About.LOAN,
    route=PROPOSE,
    body=RestructureBody,
    constants={"kind": "restructure", "loan_id": ITS_ID},
    inputs=(
        Input(
            name="moratorium_instalments", label="For how many instalments", kind="number",
            help="From the current one.",
        ),
        Input(
            name="moratorium_of", label="What is not paid", kind="choice",
            choices=(
                ("principal", "principal: interest is paid"), ("both", "nothing is paid"),
            ),
        ),
        Input(
            name="moratorium_interest", label="If nothing is paid, what becomes of the interest", kind="choice",
            choices=(
                ("simple", "it waits, without interest on it"), ("capitalised", "it becomes principal, as agreed"),
            ),
        ),
        LEFT,
        DIFFICULTY,
        REASON,
    ),
    explains="For some instalments no principal is due, or nothing at all. Without a number of instalments the end "
    "moves by as many. Another person has to approve.",
    do=propose,
    sentence=_moratorium,
    consequence=carried_out,
    button="Propose the moratorium",
    icon="fa-solid fa-hourglass-half",
    group=Group.CHANGE,
    is_offered=is_active,
)  # fmt: skip
TOP_UP: Final = Act(
    name="propose-top-up",
    title="Propose a top-up",
    about=About.LOAN,
    route=PROPOSE,
    body=TopUpBody,
    constants={"kind": "top_up", "loan_id": ITS_ID},
    inputs=(Input(name="amount", label="Amount (₹)", kind="money"), LEFT, REASON),
    explains="Lends more on the loan; an overdue loan gets nothing more. Without a number of instalments the last date "
    "stays. Another person has to approve.",
    do=propose,
    sentence=_top_up,
    consequence=carried_out,
    button="Propose the top-up",
    icon="fa-solid fa-circle-plus",
    group=Group.CHANGE,
    is_offered=is_active,
)
ACTS: Final = (RESTRUCTURE, MORATORIUM, TOP_UP)
