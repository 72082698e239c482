"""Acts that change a living loan and need one person: reset its rate, move its due day, tell of a new rate, undo."""

from collections.abc import Sequence
from typing import Any, Final

from app.api.admin.acts.act import About, Act, Choice, Figure, Group, Input, Receipt, Subject
from app.api.admin.acts.payments import is_active
from app.api.admin.drawing.formats import rate
from app.api.v1.payments.loan_changes import DueDayBody, RateResetBody, UndoChangeBody
from app.api.v1.payments.rate_notices import ChoiceBody, NoticeBody
from app.domain.money import format_inr
from app.domain.payments.changes import Adjusts, ChangeKind
from app.services.payments import changes, rate_notices
from app.services.payments.changes import ChangedLoan, ChangeRequest
from app.services.unit_of_work import UnitOfWork

MADE_ON: Final = Input(
    name="made_on", label="From", kind="day", is_required=False,
    help="Only if it counts from an earlier day: the loan is then as if it had been entered that day.",
)  # fmt: skip
RATE: Final = Input(
    name="annual_rate", label="Annual rate (%)", kind="rate", is_required=False,
    help="Only for a fixed rate, which can be lowered. A floating rate follows its benchmark.",
)  # fmt: skip
GIVES: Final = (
    Choice(name="emi", label="Another EMI, same end", values={"adjusts": "emi"}),
    Choice(name="tenor", label="Same EMI, another end", values={"adjusts": "tenor"}),
    Choice(name="both", label="The EMI that is named", values={"adjusts": "both"}, needs="emi"),
)
EMI: Final = Input(
    name="emi", label="EMI (₹)", kind="money", is_required=False,
    help="Only if the borrower names an EMI: the end then follows from it.",
)  # fmt: skip


def left(made: ChangedLoan) -> tuple[Figure, ...]:
    """What a change leaves of a loan."""
    ahead = made.after
    return (
        Figure(label="Rate", text=rate(made.position.rate_percent)),
        Figure(label="EMI", text=format_inr(ahead.emi_paise)),
        Figure(label="Instalments to come", text=str(ahead.instalments)),
        Figure(label="Last instalment", text="none" if ahead.ends_on is None else f"{ahead.ends_on:%d %b %Y}"),
        Figure(label="Interest to come", text=format_inr(ahead.interest_paise)),
    )


def _links(subject: Subject) -> Sequence[tuple[str, str]]:
    return (("Changes of the loan", f"{subject.address.partition('?')[0]}?tab=changes"),)


async def _make(uow: UnitOfWork, subject: Subject, request: ChangeRequest, *, done: str) -> Receipt:
    made = await changes.make_for(uow, subject.loan_or_none, request)
    since = f" It counts from {made.change.made_on:%d %b %Y}."
    return Receipt(
        sentence=f"{done} {subject.name}.{since}", figures=left(made), links=tuple(_links(subject)),
        made=made.change.number,
    )  # fmt: skip


async def _reset(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    request = ChangeRequest(
        kind=ChangeKind.RATE_RESET, made_on=body.made_on, annual_rate_percent=body.annual_rate,
        adjusts=body.adjusts, emi_paise=body.emi,
    )  # fmt: skip
    return await _make(uow, subject, request, done="The rate is reset on")


async def _move(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    request = ChangeRequest(kind=ChangeKind.DUE_DAY, made_on=body.made_on, due_day=body.due_day)
    return await _make(uow, subject, request, done=f"Instalments fall due on day {body.due_day} of the month on")


async def _undo(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    row, _ = subject.row
    made = await changes.undo(uow, subject.loan_or_none, row.id, reason=body.reason)
    return Receipt(sentence=f"{subject.sentence_name} is undone.", figures=left(made), links=tuple(_links(subject)))


async def _announce(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    view = await rate_notices.announce(
        uow, subject.loan_or_none, effective_on=body.effective_on, asked_percent=body.annual_rate
    )
    figures = [Figure(label="New rate", text=rate(view.notice["annual_rate_percent"]))]
    for adjusts, made in view.choices.items():
        until = "no end" if made.after.ends_on is None else f"until {made.after.ends_on:%d %b %Y}"
        text = f"{format_inr(made.after.emi_paise)}, {made.after.instalments} to come, {until}"
        figures.append(Figure(label=_GIVES[adjusts], text=text))
    return Receipt(
        sentence=f"The borrower of {subject.name} is told of the rate from {body.effective_on:%d %b %Y}.",
        figures=tuple(figures), links=tuple(_links(subject)),
    )  # fmt: skip


_GIVES: Final = {
    Adjusts.EMI: "If the EMI changes",
    Adjusts.TENOR: "If the end changes",
    Adjusts.BOTH: "If both change",
}


async def _choose(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    effective_on = subject.row.effective_on
    await rate_notices.choose(
        uow, subject.loan_or_none, effective_on=effective_on, adjusts=body.adjusts, emi_paise=body.emi
    )
    return Receipt(
        sentence=f"The choice is stored: on {effective_on:%d %b %Y} {_what_gives(body)}.", links=tuple(_links(subject))
    )


def _what_gives(body: Any) -> str:
    if body.adjusts is Adjusts.BOTH:
        return f"the EMI becomes {'what is named' if body.emi is None else format_inr(body.emi)}, and the end follows"
    return "the EMI changes" if body.adjusts is Adjusts.EMI else "the end changes"


def _from(body: Any) -> str:
    return "" if body.made_on is None else f", from {body.made_on:%d %b %Y} on"


def _new_rate(body: Any) -> str:
    return "the rate of its benchmark" if body.annual_rate is None else rate(body.annual_rate)


RESET: Final = Act(
    name="reset-rate",
    title="Reset the rate",
    about=About.LOAN,
    route="POST /api/v1/loans/{loan_id}/rate-resets",
    body=RateResetBody,
    inputs=(RATE, EMI, MADE_ON),
    choices=GIVES,
    explains="A floating rate follows its benchmark; a fixed one can be lowered. The borrower chooses what gives. An "
    "EMI that would not pay the interest is refused.",
    do=_reset,
    sentence=lambda subject, body: f"Reset {subject.name} to {_new_rate(body)}{_from(body)}: {_what_gives(body)}.",
    button="Reset the rate",
    icon="fa-solid fa-percent",
    group=Group.CHANGE,
    is_offered=is_active,
)
DUE_DAY: Final = Act(
    name="move-due-day",
    title="Move the due day",
    about=About.LOAN,
    route="POST /api/v1/loans/{loan_id}/due-day",
    body=DueDayBody,
    inputs=(
        Input(name="due_day", label="Day of the month", kind="number", help="1 to 31; 31 is the last day of a month."),
        MADE_ON,
    ),
    explains="The current cycle gets longer, never shorter, and bears the interest of its days.",
    do=_move,
    sentence=lambda subject, body: (
        f"Move the due day of {subject.name} to day {body.due_day} of the month{_from(body)}."
    ),
    button="Move the due day",
    icon="fa-solid fa-calendar-day",
    group=Group.CHANGE,
    is_offered=is_active,
)
ANNOUNCE: Final = Act(
    name="tell-of-rate",
    title="Tell of a new rate",
    about=About.LOAN,
    route="POST /api/v1/loans/{loan_id}/rate-notices",
    body=NoticeBody,
    inputs=(Input(name="effective_on", label="From", kind="day", help="A day after today."), RATE),
    explains="The borrower is told beforehand and may choose what gives until the day before. On the day the daily job "
    "resets the rate; without a choice the EMI changes.",
    do=_announce,
    sentence=lambda subject, body: (
        f"Tell the borrower of {subject.name} of {_new_rate(body)} from {body.effective_on:%d %b %Y} on."
    ),
    button="Tell the borrower",
    icon="fa-solid fa-bullhorn",
    group=Group.CHANGE,
    is_offered=is_active,
)
CHOOSE: Final = Act(
    name="choose-for-rate",
    title="Choose what gives",
    about=About.RATE_NOTICE,
    route="POST /api/v1/loans/{loan_id}/rate-notices/{effective_on}/choice",
    body=ChoiceBody,
    inputs=(EMI,),
    choices=GIVES,
    explains="What the borrower wants, until the day before. The last choice counts.",
    do=_choose,
    sentence=lambda subject, body: f"On {subject.row.effective_on:%d %b %Y} {_what_gives(body)} ({subject.name}).",
    button="Store the choice",
    icon="fa-solid fa-list-check",
    is_offered=lambda subject: subject.row.change_id is None and subject.row.failure is None,
)
UNDO: Final = Act(
    name="undo-change",
    title="Undo a change",
    about=About.CHANGE,
    route="POST /api/v1/loans/{loan_id}/changes/{change_id}/undo",
    body=UndoChangeBody,
    inputs=(Input(name="reason", label="Reason", help="For example: entered for the wrong loan"),),
    explains="The loan then stands as if the change had never been made. Bills stay as they were issued; differences "
    "are booked today.",
    do=_undo,
    sentence=lambda subject, body: f"Undo {subject.name}.",
    button="Undo the change",
    icon="fa-solid fa-rotate-left",
    is_grave=True,
    is_offered=lambda subject: subject.row[0].undone_on is None,
)
ACTS: Final = (RESET, DUE_DAY, ANNOUNCE, CHOOSE, UNDO)
