"""Card accounts, cards, and what is of an account: found by the id that the pages write, as what an act is about.

What is of an account has the id of the account before its own: `CA-000078.17`.
"""

from typing import Any, Final

from app.api.admin.acts.act import About, Choices, Figure, Subject
from app.api.admin.acts.loan_subjects import NothingToActOn, customer_address
from app.api.admin.context import ADMIN_PATH
from app.api.admin.drawing.formats import inr, words
from app.domain.public_ids import format_user_id, parse_card_account_id
from app.services.cards import account_file, cards, views
from app.services.cards.views import AccountView
from app.services.people import customers
from app.services.unit_of_work import UnitOfWork

#: No posting of an account has a longer number.
LONGEST_NUMBER: Final = 9
#: Authorisations of an account that can be acted on: the latest.
MOST_HOLDS: Final = 200
LAST_DAY: Final = 28
END_OF_MONTH: Final = 31
#: The days on which a statement may come.
STATEMENT_DAYS: Final[Choices] = (
    *((str(day), str(day)) for day in range(1, LAST_DAY + 1)), (str(END_OF_MONTH), "the last day of the month"),
)  # fmt: skip


def card_account_address(account_id: str) -> str:
    """The page of a card account, by its public id."""
    return f"{ADMIN_PATH}/card-account/{account_id}"


async def card_account_subject(uow: UnitOfWork, text: str) -> Subject:
    """A card account. Raises CardAccountNotFound."""
    view = await views.view_account(uow, parse_card_account_id(text))
    holder = await customers.view_customer(uow, view.working.key.customer_id)
    return subject_of_account(view, holder.profile.name)


def subject_of_account(view: AccountView, holder: str | None) -> Subject:
    """A card account that was read, with the name of its holder."""
    working = view.working
    return Subject(
        about=About.CARD_ACCOUNT,
        id=working.public_id,
        name=f"card account {working.public_id} of {holder or format_user_id(working.key.customer_id)}",
        address=card_account_address(working.public_id),
        row=working,
        facts=_facts(view),
        account_id=working.key.account_id,
    )


def _facts(view: AccountView) -> tuple[Figure, ...]:
    """What an officer needs beside every form about a card account."""
    working = view.working
    return (
        Figure(label="Owed", text=inr(working.state.owed_paise)),
        Figure(label="Credit balance", text=inr(working.state.credit_paise)),
        Figure(label="Limit", text=inr(working.state.limit_paise)),
        Figure(label="Available", text=inr(view.available_paise)),
        Figure(label="Statement day", text=dict(STATEMENT_DAYS)[str(working.state.statement_day)]),
    )


async def _part(uow: UnitOfWork, text: str) -> tuple[Subject, str]:
    """An account, and what is named of it, from `CA-000078.17`. Raises CardAccountNotFound, NothingToActOn."""
    account, _, named = text.partition(".")
    if not named:
        raise NothingToActOn("there is nothing with this id")
    return await card_account_subject(uow, account), named


async def _numbered(uow: UnitOfWork, text: str) -> tuple[Subject, int]:
    of, named = await _part(uow, text)
    if not (named.isascii() and named.isdigit() and len(named) <= LONGEST_NUMBER):
        raise NothingToActOn("there is nothing with this id")
    return of, int(named)


def _of_account(of: Subject, about: About, part: object, *, name: str, tab: str, row: Any, **facts: str) -> Subject:
    return Subject(
        about=about,
        id=f"{of.id}.{part}",
        name=f"{name} on {of.name}",
        address=f"{of.address}?tab={tab}",
        row=row,
        facts=tuple(Figure(label=label.replace("_", " ").capitalize(), text=text) for label, text in facts.items()),
        account_id=of.account_id,
        part=str(part),
    )


async def _posting(uow: UnitOfWork, of: Subject, number: int, *, kind: str = "") -> Any:
    """A posting of the account, of a kind where one is named. Raises NothingToActOn."""
    found = await views.list_postings(uow, of.account, after=number - 1, limit=1)
    if not found or found[0].number != number or (kind and found[0].kind != kind):
        raise NothingToActOn("the account has no such posting")
    return found[0]


async def card_posting_subject(uow: UnitOfWork, text: str) -> Subject:
    """A posting of a card account. Raises CardAccountNotFound, NothingToActOn."""
    of, number = await _numbered(uow, text)
    row = await _posting(uow, of, number)
    return _of_account(
        of, About.CARD_POSTING, number, row=row, tab="postings",
        name=f"the {words(row.kind)} of {row.posted_on:%d %b %Y}{f' at {row.merchant}' if row.merchant else ''}",
        amount=inr(row.amount_paise), no_longer_counts=inr(row.undone_paise), reference=row.reference or "none",
    )  # fmt: skip


async def card_hold_subject(uow: UnitOfWork, text: str) -> Subject:
    """An authorisation of a card account, by the network's reference. Raises CardAccountNotFound, NothingToActOn."""
    of, reference = await _part(uow, text)
    holds = await account_file.list_authorisations(uow, of.account, limit=MOST_HOLDS)
    row = next((each for each in holds if each.reference == reference), None)
    if row is None:
        raise NothingToActOn("the account has no such authorisation")
    return _of_account(
        of, About.CARD_HOLD, reference, row=row, tab="authorisations",
        name=f"the authorisation {reference} of {row.approved_on:%d %b %Y} at {row.merchant}",
        amount=inr(row.amount_paise), captured=inr(row.captured_paise), status=words(row.status),
    )  # fmt: skip


async def card_plan_subject(uow: UnitOfWork, text: str) -> Subject:
    """An instalment plan of a card account, also one that is over: a receipt names it. Raises CardAccountNotFound,
    NothingToActOn."""
    of, number = await _numbered(uow, text)
    made = await _posting(uow, of, number, kind="conversion")
    plan = next((each for each in of.row.state.plans if each.number == number), None)
    return _of_account(
        of, About.CARD_PLAN, number, row=made, tab="plans", name=f"plan {number}",
        converted=inr(made.amount_paise), principal_left=inr(plan.principal_paise if plan else 0),
        instalments_left=str(len(plan.rows) if plan else 0),
    )  # fmt: skip


async def card_dispute_subject(uow: UnitOfWork, text: str) -> Subject:
    """A dispute of a card account, also one that is decided: a receipt names it. Raises CardAccountNotFound,
    NothingToActOn."""
    of, number = await _numbered(uow, text)
    opened = await _posting(uow, of, number, kind="dispute")
    dispute = next((each for each in of.row.state.disputes if each.number == number), None)
    return _of_account(
        of, About.CARD_DISPUTE, number, row=opened, tab="disputes",
        name=f"dispute {number} of posting {opened.of_number}",
        disputed=inr(opened.amount_paise), set_aside=inr(dispute.paise if dispute else 0),
    )  # fmt: skip


async def card_subject(uow: UnitOfWork, text: str) -> Subject:
    """A card, by its customer and its token. Raises CardNotFound, NothingToActOn."""
    customer, _, token = text.partition(".")
    view = await cards.view_card(uow, token)
    card = view.card
    if customer != str(card.customer_id):
        raise NothingToActOn("there is nothing with this id")
    page = customer_address(card.customer_id)
    if view.account_public_id is not None:
        page = card_account_address(view.account_public_id)
    return Subject(
        about=About.CARD,
        id=text,
        name=f"the card ending in {card.last_four}",
        address=f"{page}?tab=cards",
        row=card,
        facts=(Figure(label="Status", text=words(card.status)), Figure(label="Name on it", text=card.name or "–")),
        part=token,
    )
