"""The parts of an act: its form, its sentence, what it does, and its receipt.

    TAKE = Act(
        name="take-payment", title="Take a payment", about=About.LOAN, route="POST /api/v1/loans/payments",
        body=PaymentBody, constants={"loan_id": ITS_ID},
        inputs=(Input(name="amount", label="Amount", kind="money"),),
        sentence=lambda subject, body: f"Take {format_inr(body.amount)} on {subject.name}.",
        do=_take, button="Take the payment",
    )

`route` is the route of the API that does the same. The form is read as its body, so what the API refuses cannot be
typed here either, and whoever may call the route may use the form.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias

from app.api.schemas import Body
from app.domain.public_ids import LoanReference
from app.services.unit_of_work import UnitOfWork

#: As a constant of a form: the id of what the act is about, or the number or the name of it within its account.
ITS_ID: Final = "{id}"
ITS_PART: Final = "{part}"
#: The values of a choice, each with its label.
Choices: TypeAlias = tuple[tuple[str, str], ...]


class About(StrEnum):
    """What an act is about."""

    LOAN = "loan"
    PAYMENT = "payment"
    CHARGE = "charge"
    CHANGE = "change"
    RATE_NOTICE = "rate notice"
    CUSTOMER = "customer"
    CARD = "card"
    CARD_ACCOUNT = "card account"
    CARD_POSTING = "card posting"
    CARD_HOLD = "authorisation"
    CARD_PLAN = "instalment plan"
    CARD_DISPUTE = "dispute"
    APPLICATION = "application"
    PROPOSAL = "proposal"
    PROMISE = "promise"
    RUN = "run"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its name, in words."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an act is about: its public id, a name for people, the address of its page, and its row. `loan` or
    `account_id` is the loan or the card account that the act changes, if it changes one, and `part` is the number or
    the name of what is meant within it; `is_own` says that the signed-in person made it. `offers` are the values of a
    choice that this subject gives."""

    about: About
    id: str
    name: str
    address: str
    row: Any
    facts: tuple[Figure, ...] = ()
    loan: LoanReference | None = None
    account_id: int | None = None
    part: str = ""
    is_own: bool = False
    offers: Choices = ()

    @property
    def loan_or_none(self) -> LoanReference:
        """The loan of an act about a loan or a payment."""
        assert self.loan is not None, "the act is about a loan"
        return self.loan

    @property
    def account(self) -> int:
        """The number of the card account of an act about one, or about a part of one."""
        assert self.account_id is not None, "the act is about a card account"
        return self.account_id

    @property
    def sentence_name(self) -> str:
        """The name at the beginning of a sentence."""
        return f"{self.name[:1].upper()}{self.name[1:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a form. `name` is the name of the field in the body of the API. A choice without `choices` has those
    that the subject offers. A list is typed with commas."""

    name: str
    label: str
    kind: Literal["money", "text", "long", "day", "number", "rate", "choice", "list"] = "text"
    help: str = ""
    is_required: bool = True
    choices: Choices = ()
    start: Callable[[Subject], str] = field(default=lambda subject: "")

    def choices_of(self, subject: Subject) -> Choices:
        """The values of a choice."""
        return self.choices or subject.offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several ways to do an act, previewed beside the others. `values` are fields of the body. `needs` is the
    only way that reads this input, and it is previewed only if something was typed there."""

    name: str
    label: str
    values: Mapping[str, str]
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an act did: a sentence, its figures, and links to what it made (label and address). `made` is the number of
    what it made, for the consequence that a preview shows."""

    sentence: str
    figures: tuple[Figure, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    made: int | None = None


class Group(StrEnum):
    """The menu of a page that offers an act. The acts of every day are buttons."""

    BUTTON = ""
    CHANGE = "Change the loan"
    GIVE_UP = "Give up"
    CARD = "Manage the account"
    CARD_MONEY = "Give back"
    FOLLOW_UP = "Follow up"


#: The only choice of an act that has none.
ONLY: Final = Choice(name="", label="", values={})


def _always(subject: Subject) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that staff can do. `sentence` names the figures that are confirmed. `do` is the use case."""

    name: str
    title: str
    about: About
    route: str
    do: Callable[[UnitOfWork, Subject, Any], Awaitable[Receipt]]
    sentence: Callable[[Subject, Any], str]
    button: str
    body: type[Body] | None = None
    inputs: tuple[Input, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = (ONLY,)
    icon: str = "fa-solid fa-pen"
    #: A text above the form.
    explains: str = ""
    #: What follows later, if it follows: only a preview shows it.
    consequence: Callable[[UnitOfWork, Receipt], Awaitable[object]] | None = None
    #: Where a page offers it.
    group: Group = Group.BUTTON
    #: Whether it takes something away: its buttons are red.
    is_grave: bool = False
    #: Whether a page offers it. The use case has the last word.
    is_offered: Callable[[Subject], bool] = _always
