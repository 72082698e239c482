"""Acts of those who collect: note a promise, a contact or a note, plan what is done next, withdraw a promise."""

from dataclasses import replace
from typing import Any, Final

from app.api.admin.acts.act import ITS_ID, About, Act, Group, Input, Receipt, Subject
from app.api.admin.acts.payments import is_active
from app.api.admin.drawing.formats import words
from app.api.v1.collections.assignments import ActionBody
from app.api.v1.collections.contacts import AttemptBody, NoteBody
from app.api.v1.collections.promises import PromiseBody
from app.domain.collections.cases import NextAction
from app.domain.collections.contact import Channel, Outcome
from app.domain.money import format_inr
from app.domain.public_ids import format_promise_id, parse_promise_id
from app.services.collections import assigning, diary, promises
from app.services.collections.diary import Attempt
from app.services.unit_of_work import UnitOfWork

API: Final = "POST /api/v1/collections"
NOTE: Final = Input(
    name="note", label="Note", kind="long", is_required=False, help="Never a full Aadhaar number: it is refused."
)


def _choices(names: type[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((one.value, words(one)) for one in names)


def _tab(subject: Subject) -> tuple[tuple[str, str], ...]:
    return (("Notes", f"{subject.address.partition('?')[0]}?tab=notes"),)


async def _promise(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    made = await promises.make_promise(uow, amount_paise=body.amount, pay_by=body.pay_by, note=body.note, **body.named)
    number = format_promise_id(made.promise.id)
    return Receipt(
        sentence=f"{number}: {format_inr(body.amount)} on {subject.name} by {body.pay_by:%d %b %Y}.",
        links=_tab(subject),
    )


PROMISE: Final = Act(
    name="promise-to-pay",
    title="Promise to pay",
    about=About.LOAN,
    route=f"{API}/promises",
    body=PromiseBody,
    constants={"loan_id": ITS_ID},
    inputs=(
        Input(name="amount", label="Amount", kind="money"),
        Input(name="pay_by", label="By", kind="day", help="The last day on which the money may come."),
        NOTE,
    ),
    explains="The daily run says whether it is kept: payments count by their value date.",
    do=_promise,
    sentence=lambda subject, body: (
        f"The borrower of {subject.name} promises {format_inr(body.amount)} by {body.pay_by:%d %b %Y}."
    ),
    button="Note the promise",
    group=Group.FOLLOW_UP,
    icon="fa-solid fa-handshake",
    is_offered=is_active,
)


async def _withdraw(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    await promises.withdraw_promise(uow, parse_promise_id(subject.id))
    return Receipt(sentence=f"{subject.name} no longer counts.", links=_tab(subject))


WITHDRAW: Final = Act(
    name="withdraw-promise",
    title="Withdraw the promise",
    about=About.PROMISE,
    route=f"{API}/promises/{{promise_id}}/withdraw",
    explains="For a promise that was noted by mistake or agreed otherwise. It is then neither kept nor broken.",
    do=_withdraw,
    sentence=lambda subject, body: f"Withdraw {subject.name}.",
    button="Withdraw the promise",
    icon="fa-solid fa-rotate-left",
    is_grave=True,
)


async def _contact(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    attempt = Attempt(channel=body.channel, outcome=body.outcome, at=body.at, text=body.text)
    await diary.note_attempt(uow, body.subject, attempt)
    return Receipt(
        sentence=f"Noted on {subject.name}: {words(body.channel)}, {words(body.outcome)}.", links=_tab(subject)
    )


CONTACT: Final = Act(
    name="note-contact",
    title="Contact",
    about=About.LOAN,
    route=f"{API}/contacts",
    body=AttemptBody,
    constants={"loan_id": ITS_ID},
    inputs=(
        Input(name="channel", label="How", kind="choice", choices=_choices(Channel)),
        Input(name="outcome", label="What came of it", kind="choice", choices=_choices(Outcome)),
        Input(
            name="at", label="When", is_required=False,
            help="Empty: now. Else with the time zone: 2026-12-29T10:30+05:30. Outside the lawful hours it is refused.",
        ),
        Input(name="text", label="Note", kind="long", is_required=False, help=NOTE.help),
    ),
    do=_contact,
    sentence=lambda subject, body: (
        f"Note on {subject.name}: {words(body.channel)}, {words(body.outcome)}."
    ),
    button="Note the contact",
    group=Group.FOLLOW_UP,
    icon="fa-solid fa-phone",
)  # fmt: skip


async def _note(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    await diary.add_note(uow, body.subject, body.text)
    return Receipt(sentence=f"The note on {subject.name} is written.", links=_tab(subject))


def _note_about(about: About, *, name: str, constant: str) -> Act:
    return Act(
        name=name,
        title="Note",
        about=about,
        route=f"{API}/notes",
        body=NoteBody,
        constants={constant: ITS_ID},
        inputs=(Input(name="text", label="Note", kind="long", help=NOTE.help),),
        explains="A note cannot be changed or removed. All staff can read it.",
        do=_note,
        sentence=lambda subject, body: f"Write a note of {len(body.text)} characters on {subject.name}.",
        button="Write the note",
        group=Group.FOLLOW_UP,
        icon="fa-solid fa-note-sticky",
    )


NOTE_LOAN: Final = _note_about(About.LOAN, name="note-on-loan", constant="loan_id")
NOTE_CARD: Final = _note_about(About.CARD_ACCOUNT, name="note-on-card-account", constant="card_account_id")
NOTE_CUSTOMER: Final = _note_about(About.CUSTOMER, name="note-on-customer", constant="user_id")


async def _plan(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    await assigning.plan_action(uow, action=body.action, on=body.on, **body.named)
    return Receipt(sentence=f"{subject.name}: {words(body.action)} on {body.on:%d %b %Y}.", links=_tab(subject))


PLAN: Final = Act(
    name="plan-action",
    title="Plan",
    about=About.LOAN,
    route=f"{API}/actions",
    body=ActionBody,
    constants={"loan_id": ITS_ID},
    inputs=(
        Input(name="action", label="What is done next", kind="choice", choices=_choices(NextAction)),
        Input(name="on", label="On", kind="day"),
    ),
    explains="It takes the place of what was planned before. Only loans of the work list have a next action.",
    do=_plan,
    sentence=lambda subject, body: f"{subject.name}: {words(body.action)} on {body.on:%d %b %Y}.",
    button="Plan it",
    group=Group.FOLLOW_UP,
    icon="fa-solid fa-calendar-check",
    is_offered=is_active,
)


def _of_card(act: Act) -> Act:
    """The same act about a card account."""
    return replace(
        act,
        name=f"{act.name}-card",
        about=About.CARD_ACCOUNT,
        constants={"card_account_id": ITS_ID},
        is_offered=lambda subject: subject.row.row.status == "open",
    )


PROMISE_CARD, CONTACT_CARD, PLAN_CARD = (_of_card(act) for act in (PROMISE, CONTACT, PLAN))
#: What is done from a line of the work list, by the kind of facility.
OF_LINE: Final = {"loan": (PROMISE, CONTACT, PLAN), "card": (PROMISE_CARD, CONTACT_CARD, PLAN_CARD)}
ACTS: Final = (
    PROMISE, CONTACT, NOTE_LOAN, NOTE_CUSTOMER, PLAN, WITHDRAW, PROMISE_CARD, CONTACT_CARD, NOTE_CARD, PLAN_CARD,
)  # fmt: skip
