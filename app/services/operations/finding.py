"""One search over people, loans, card accounts, payments and applications, for staff.

A text is understood in every way that it can be: as an id, a phone number, an e-mail address, a reference of a payment,
the id of another system, or words of a name. Each way is one look-up in an index, and shows a bounded number of rows.
The audit trail says that somebody searched and in which ways, never for what. A number that could be an Aadhaar number
is not searched for here: the search that takes one records why (`POST /api/v1/users/search`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.db.repositories import public_ids as number_repository
from app.db.repositories.cards import accounts as card_repository
from app.db.repositories.cards import payment_lists as card_payment_repository
from app.db.repositories.cards.payment_lists import CardPaymentFilter
from app.db.repositories.operations import finding as repository
from app.db.repositories.operations.finding import FoundAccount, FoundLoan, FoundPerson
from app.db.repositories.payments import payment_lists as payment_repository
from app.db.repositories.payments.payment_lists import PaymentFilter, PaymentSummary
from app.db.repositories.people import customer_lists as customer_repository
from app.db.repositories.people import customers as people_repository
from app.db.repositories.people.customer_lists import CustomerFilter
from app.db.session import Record
from app.domain.errors import DomainError
from app.domain.people.access import Forbidden
from app.domain.people.customers import phone_key
from app.domain.public_ids import (
    parse_application_id,
    parse_card_account_id,
    parse_loan_id,
    parse_payment_id,
    parse_user_id,
)
from app.services.credit.applications import view_application
from app.services.people.password_proof import normalise_email
from app.services.unit_of_work import UnitOfWork

#: Rows of each kind that a search shows.
MOST: Final = 20
WORD: Final = re.compile(r"[^\s.,;:'\"()\[\]{}<>|&!*\\/@+#-]+")
AADHAAR_LIKE: Final = re.compile(r"[0-9]{12}")
PHONE_DIGITS: Final = 10
REFERENCE: Final = re.compile(r"[A-Za-z0-9._/:#*@-][A-Za-z0-9 ._/:#*@-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundApplication:
    """An application."""

    customer_id: int
    application_id: int
    product_code: str
    status: str
    amount_paise: int


@dataclass(slots=True, kw_only=True)
class Found:
    """What a search found. `ways` are the ways in which its text was understood; `is_cut` says that there may be more
    people. `is_identity` says that the text could be an identity number and was not searched for."""

    people: list[FoundPerson] = field(default_factory=list)
    loans: list[FoundLoan] = field(default_factory=list)
    accounts: list[FoundAccount] = field(default_factory=list)
    payments: list[PaymentSummary] = field(default_factory=list)
    card_payments: list[Record] = field(default_factory=list)
    applications: list[FoundApplication] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    is_cut: bool = False
    is_identity: bool = False
    #: The loans and the card accounts that were asked for by their own id, and not through their people.
    named_loans: set[int] = field(default_factory=set)
    named_accounts: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many things were found; a loan or a card account that is shown with its person is not counted."""
        named = len(self.named_loans) + len(self.named_accounts)
        return len(self.people) + named + len(self.payments) + len(self.card_payments) + len(self.applications)


def looks_like_an_identity(text: str) -> bool:
    """Whether a text could be an Aadhaar number: twelve digits, with or without spaces or dashes."""
    return AADHAAR_LIKE.fullmatch(re.sub(r"[\s-]", "", text)) is not None


async def find(uow: UnitOfWork, text: str) -> Found:
    """Everything that a text may mean. Raises Forbidden."""
    if not uow.actor.is_staff:
        raise Forbidden("only staff may search")
    text, found = text.strip()[:100], Found()
    if looks_like_an_identity(text):
        found.is_identity = True
        return found
    if text:
        search = _Search(uow, text, found)
        await search.by_ids()
        await search.by_contact()
        await search.by_reference()
        await search.by_name()
        await search.gather()
        details = {"sought_by": found.ways, "found": found.count}
        await uow.record("customers_searched", object_kind="customer", object_id="several", details=details)
    return found


@dataclass(slots=True)
class _Search:
    """One search on its way."""

    uow: UnitOfWork
    text: str
    found: Found
    people: set[int] = field(default_factory=set)
    owners: set[int] = field(default_factory=set)

    async def by_ids(self) -> None:
        """As an id, with its letters or as a bare number."""
        upper = self.text.upper()
        if (number := _number(parse_user_id, upper)) is not None:
            self.people.add(number)
            self.found.ways.append("user id")
        try:
            loan = parse_loan_id(upper).number
        except DomainError:
            loan = None
        if loan is not None and (owner := await number_repository.find_owner(self.uow.session, "loan", loan)):
            self.found.named_loans.add(loan)
            self.owners.add(owner.customer_id)
            self.found.ways.append("loan id")
        if (number := _number(parse_card_account_id, upper)) is not None:
            await self._account(number)
        if (number := _number(parse_payment_id, upper)) is not None:
            await self._payment(number)
        if (number := _number(parse_application_id, upper)) is not None:
            await self._application(number)

    async def _account(self, number: int) -> None:
        key = await card_repository.find_key(self.uow.session, number)
        if key is not None:
            self.found.named_accounts.add(number)
            self.owners.add(key.customer_id)
            self.found.ways.append("card account id")

    async def _payment(self, number: int) -> None:
        try:
            self.found.payments.append(await payment_repository.get_payment_summary(self.uow.session, number))
        except DomainError:
            return
        self.found.ways.append("payment id")

    async def _application(self, number: int) -> None:
        try:
            view = await view_application(self.uow, number)
        except DomainError:
            return
        asked = view.application
        self.found.applications.append(
            FoundApplication(
                customer_id=asked.customer_id,
                application_id=asked.id,
                product_code=asked.product_code,
                status=view.status.value,
                amount_paise=asked.amount_paise,
            )
        )
        self.found.ways.append("application id")

    async def by_contact(self) -> None:
        """As a phone number, an e-mail address, or the id of another system."""
        digits = re.sub(r"[^0-9]", "", self.text)
        if "@" in self.text:
            await self._customers(CustomerFilter(email=normalise_email(self.text)), way="e-mail")
        elif len(digits) >= PHONE_DIGITS and re.fullmatch(r"[0-9+() -]+", self.text):
            await self._customers(CustomerFilter(phone_key=phone_key(self.text)), way="phone")
        owner = await people_repository.find_identity(self.uow.session, kind="external", value=self.text.encode())
        if owner is not None:
            self.people.add(owner)
            self.found.ways.append("external id")

    async def _customers(self, wanted: CustomerFilter, *, way: str) -> None:
        rows = await customer_repository.list_customers(self.uow.session, wanted, after=0, limit=MOST)
        self.people |= {row.customer_id for row in rows}
        self.found.ways.append(way)

    async def by_reference(self) -> None:
        """As the reference of a payment to a loan or to a card account."""
        if not REFERENCE.fullmatch(self.text):
            return
        rows = await payment_repository.list_payments_of_all(
            self.uow.session, PaymentFilter(reference=self.text), before=None, limit=MOST
        )
        known = {row.payment_id for row in self.found.payments}
        self.found.payments += [row for row in rows if row.payment_id not in known]
        self.found.card_payments += await card_payment_repository.list_payments(
            self.uow.session, CardPaymentFilter(reference=self.text), before=None, limit=MOST
        )
        if rows or self.found.card_payments:
            self.found.ways.append("reference")

    async def by_name(self) -> None:
        """As words of a name, unless it is a number."""
        words = [word.lower() for word in WORD.findall(self.text)]
        if not words or "@" in self.text or all(word.isdigit() for word in words):
            return
        rows = await repository.list_people_by_words(self.uow.session, words, limit=MOST + 1)
        self.found.is_cut = len(rows) > MOST
        self.found.people += rows[:MOST]
        self.found.ways.append("name")

    async def gather(self) -> None:
        """Reads the people who were found by their numbers, and the loans and card accounts of all of them."""
        known = {person.customer_id for person in self.found.people}
        if missing := self.people - known:
            self.found.people = [*await repository.list_people(self.uow.session, [*missing]), *self.found.people]
        owners = {person.customer_id for person in self.found.people} | self.owners
        if owners:
            self.found.loans = await repository.list_loans_of(self.uow.session, [*owners])
            self.found.accounts = await repository.list_accounts_of(self.uow.session, [*owners])


def _number(parse: Callable[[str], int], text: str) -> int | None:
    try:
        return parse(text)
    except DomainError:
        return None
