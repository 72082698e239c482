"""Acts about a card account itself: open one, its limit, block, statement day, terms, cards, and its end."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from app.api.admin.acts.act import ITS_ID, About, Act, Figure, Group, Input, Receipt, Subject
from app.api.admin.acts.card_subjects import STATEMENT_DAYS, card_account_address
from app.api.v1.cards.account_bodies import AddOnCardBody, OpenCardAccountBody
from app.api.v1.cards.changes import AlwaysBody, CardLimitBody, ConsentBody, StatementDayBody, TermsBody
from app.domain.money import format_inr
from app.domain.public_ids import format_card_account_id
from app.services.cards import accounts, cards, changes, opening
from app.services.products.products import get_current_product
from app.services.unit_of_work import UnitOfWork

Do = Callable[[UnitOfWork, Subject, Any], Awaitable[Receipt]]
ROUTE: Final = "/api/v1/card-accounts/{account_id}"
YES_NO: Final = (("true", "yes"), ("false", "no"))


def changed(action: Callable[[UnitOfWork, int, Any], Awaitable[object]], told: Callable[[Subject, Any], str]) -> Do:
    """What an act does that changes an account, and tells it in one sentence."""

    async def act(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
        await action(uow, subject.account, body)
        return Receipt(sentence=told(subject, body), links=((f"Card account {subject.id}", subject.address),))

    return act


def is_open(subject: Subject) -> bool:
    """Whether the account lives."""
    return bool(subject.row.row.status == "open")


def _is_blocked(subject: Subject) -> bool:
    return subject.row.row.blocked_on is not None


async def _open(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    key = await opening.open_with_card(
        uow, customer_id=body.user_id, product=await get_current_product(uow, body.product), limit_paise=body.limit,
        statement_day=body.statement_day, cardholder=body.cardholder,
    )  # fmt: skip
    name = format_card_account_id(key.account_id)
    return Receipt(
        sentence=f"A card account with a limit of {format_inr(body.limit)} is opened for {subject.name}, with a card.",
        links=((f"Card account {name}", card_account_address(name)),),
    )


OPEN: Final = Act(
    name="open-card-account",
    title="Open a card account",
    about=About.CUSTOMER,
    route="POST /api/v1/card-accounts",
    body=OpenCardAccountBody,
    constants={"user_id": ITS_ID},
    inputs=(
        Input(
            name="product", label="Product", help="The code, as in Products: a product with card terms.",
            start=lambda subject: "REVOLVING_CARD",
        ),
        Input(name="limit", label="Limit (₹)", kind="money"),
        Input(name="statement_day", label="Statement day", kind="choice", choices=STATEMENT_DAYS),
        Input(name="cardholder", label="Name on the card", is_required=False, help="Empty: no name."),
    ),
    explains="Opens the account today, without an application. A customer who asks for one applies for credit instead.",
    do=_open,
    sentence=lambda subject, body: f"Open a card account with a limit of {format_inr(body.limit)} for {subject.name}.",
    button="Open the account",
    icon="fa-solid fa-wallet",
    is_offered=lambda subject: bool(subject.row.state == "customer"),
)  # fmt: skip
CHANGE_LIMIT: Final = Act(
    name="change-card-limit",
    title="Change the limit",
    about=About.CARD_ACCOUNT,
    route=f"PUT {ROUTE}/limit",
    body=CardLimitBody,
    inputs=(
        Input(name="limit", label="Limit (₹)", kind="money"),
        Input(
            name="requested", label="Has the holder asked for it?", kind="choice",
            choices=(("false", "no"), ("true", "yes, and this is on record")),
            help="Without a request a limit can be lowered; two people raise it (propose a higher limit).",
        ),
    ),
    do=changed(
        lambda uow, account, body: changes.change_limit(
            uow, account, limit_paise=body.limit, is_requested=body.requested
        ),
        lambda subject, body: f"The limit of {subject.name} is {format_inr(body.limit)}.",
    ),
    sentence=lambda subject, body: f"Set the limit of {subject.name} to {format_inr(body.limit)}.",
    button="Change the limit",
    icon="fa-solid fa-gauge",
    group=Group.CARD,
    is_offered=is_open,
)  # fmt: skip


async def _move_day(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    move = await changes.preview_statement_day(uow, subject.account, day=body.statement_day)
    await changes.move_statement_day(uow, subject.account, day=body.statement_day)
    return Receipt(
        sentence=f"The statement day of {subject.name} is {dict(STATEMENT_DAYS)[str(move.statement_day)]}.",
        figures=(
            Figure(label="The open cycle began", text=f"{move.cycle_began_on:%d %b %Y}"),
            Figure(label="It would have ended", text=f"{move.would_end_on:%d %b %Y}"),
            Figure(label="It ends", text=f"{move.ends_on:%d %b %Y}"),
            Figure(label="Longest interest-free time", text=f"{move.longest_interest_free_days} days"),
        ),
        links=((f"Card account {subject.id}", subject.address),),
    )


MOVE_DAY: Final = Act(
    name="move-statement-day",
    title="Move the statement day",
    about=About.CARD_ACCOUNT,
    route=f"PUT {ROUTE}/statement-day",
    body=StatementDayBody,
    inputs=(
        Input(
            name="statement_day", label="Statement day", kind="choice", choices=STATEMENT_DAYS,
            start=lambda subject: str(subject.row.state.statement_day),
        ),
    ),
    explains="The open cycle ends on the first new day on or after the date on which it would have ended. Tell the "
    "holder the longest interest-free time before you confirm.",
    do=_move_day,
    sentence=lambda subject, body: (
        f"Move the statement day of {subject.name} to {dict(STATEMENT_DAYS)[str(body.statement_day)]}."
    ),
    button="Move the statement day",
    icon="fa-solid fa-calendar-day",
    group=Group.CARD,
    is_offered=is_open,
)  # fmt: skip
CONSENT: Final = Act(
    name="over-limit-consent",
    title="Consent to go over the limit",
    about=About.CARD_ACCOUNT,
    route=f"PUT {ROUTE}/over-limit-consent",
    body=ConsentBody,
    inputs=(
        Input(
            name="consents", label="Does the holder consent?", kind="choice", choices=YES_NO,
            help="Without it nothing is approved over the limit.",
        ),
    ),
    do=changed(
        lambda uow, account, body: changes.consent_over_limit(uow, account, consents=body.consents),
        lambda subject, body: (
            f"The holder of {subject.name} {'consents' if body.consents else 'does not consent'} to go over the limit."
        ),
    ),
    sentence=lambda subject, body: (
        f"Record that the holder of {subject.name} {'consents' if body.consents else 'does not consent'} to go over "
        "the limit."
    ),
    button="Record it",
    icon="fa-solid fa-arrow-up-from-bracket",
    group=Group.CARD,
    is_offered=is_open,
)  # fmt: skip
ALWAYS: Final = Act(
    name="always-statement",
    title="A statement every month",
    about=About.CARD_ACCOUNT,
    route=f"PUT {ROUTE}/always-statement",
    body=AlwaysBody,
    inputs=(
        Input(
            name="always",
            label="Does a statement always come?",
            kind="choice",
            choices=YES_NO,
            help="Otherwise none comes where nothing is owed and nothing moved.",
        ),
    ),
    do=changed(
        lambda uow, account, body: changes.want_statements(uow, account, always=body.always),
        lambda subject, body: f"{subject.sentence_name} gets a statement {_how_often(body)}.",
    ),
    sentence=lambda subject, body: f"Send {subject.name} a statement {_how_often(body)}.",
    button="Set it",
    icon="fa-solid fa-file-invoice",
    group=Group.CARD,
    is_offered=is_open,
)


def _how_often(body: Any) -> str:
    return "every month" if body.always else "only if something is owed or moved"


TELL_TERMS: Final = Act(
    name="tell-card-terms",
    title="Tell of new terms",
    about=About.CARD_ACCOUNT,
    route=f"POST {ROUTE}/terms",
    body=TermsBody,
    inputs=(Input(name="version", label="Version of the product", kind="number", help="As in Products."),),
    explains="The holder is told today. A new rate or fee begins on the day after a statement, a month later at least.",
    do=changed(
        lambda uow, account, body: changes.tell_terms(uow, account, version=body.version),
        lambda subject, body: f"The holder of {subject.name} is told of the terms of version {body.version}.",
    ),
    sentence=lambda subject, body: f"Tell the holder of {subject.name} of the terms of version {body.version}.",
    button="Tell the holder",
    icon="fa-solid fa-bullhorn",
    group=Group.CARD,
    is_offered=is_open,
)


async def _add_card(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    key = await accounts.find_key(uow, subject.account)
    view = await cards.issue_account_card(uow, key, name=body.name, is_add_on=True)
    return Receipt(
        sentence=f"A card for {body.name} draws on {subject.name}.",
        figures=(Figure(label="Expires", text=f"{view.card.expires_on:%m/%Y}"),),
        links=(("Cards of the account", f"{subject.address}?tab=cards"),),
    )


ADD_ON: Final = Act(
    name="add-on-card",
    title="Issue an add-on card",
    about=About.CARD_ACCOUNT,
    route=f"POST {ROUTE}/cards",
    body=AddOnCardBody,
    inputs=(Input(name="name", label="Name on the card"),),
    explains="Another card on the same line, for somebody else.",
    do=_add_card,
    sentence=lambda subject, body: f"Issue a card for {body.name} on {subject.name}.",
    button="Issue the card",
    icon="fa-solid fa-credit-card",
    group=Group.CARD,
    is_offered=is_open,
)
CLOSE: Final = Act(
    name="close-card-account",
    title="Close the account",
    about=About.CARD_ACCOUNT,
    route=f"POST {ROUTE}/closing",
    explains="Only an account on which nothing is owed. A credit balance is paid out, and its cards end.",
    do=changed(
        lambda uow, account, body: changes.close(uow, account),
        lambda subject, body: f"{subject.sentence_name} is closed.",
    ),
    sentence=lambda subject, body: f"Close {subject.name}.",
    button="Close the account",
    icon="fa-solid fa-circle-check",
    group=Group.CARD,
    is_grave=True,
    is_offered=is_open,
)
BLOCK: Final = Act(
    name="block-card-account",
    title="Block the account",
    about=About.CARD_ACCOUNT,
    route=f"POST {ROUTE}/block",
    explains="Every authorisation is declined from now on. Only staff can remove a block that staff set.",
    do=changed(
        lambda uow, account, body: changes.block(uow, account, blocks=True),
        lambda subject, body: f"{subject.sentence_name} is blocked.",
    ),
    sentence=lambda subject, body: f"Block {subject.name}.",
    button="Block the account",
    icon="fa-solid fa-lock",
    is_grave=True,
    is_offered=lambda subject: is_open(subject) and not _is_blocked(subject),
)
UNBLOCK: Final = replace(
    BLOCK,
    name="unblock-card-account",
    title="Unblock the account",
    route=f"POST {ROUTE}/unblock",
    explains="",
    do=changed(
        lambda uow, account, body: changes.block(uow, account, blocks=False),
        lambda subject, body: f"{subject.sentence_name} is unblocked.",
    ),
    sentence=lambda subject, body: f"Unblock {subject.name}.",
    button="Unblock the account",
    icon="fa-solid fa-lock-open",
    is_grave=False,
    is_offered=lambda subject: is_open(subject) and _is_blocked(subject),
)
ACTS: Final = (
    BLOCK, UNBLOCK, CHANGE_LIMIT, MOVE_DAY, CONSENT, ALWAYS, TELL_TERMS, ADD_ON, CLOSE, OPEN,
)  # fmt: skip
