"""Card accounts, and lists of their statements, postings, authorisations and transfers."""

from collections.abc import Sequence
from typing import Any

from starlette_admin.views import BaseView

from app.api.admin.actor_field import ActorField
from app.api.admin.acts.act import About
from app.api.admin.acts.subjects import card_account_address
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    TextField,
    WordsField,
    YesNoField,
    card_account_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.domain.public_ids import format_card_account_id


class CardAccountsView(ListingView):
    """Revolving lines, with what is used and held of their limits."""

    listing, key, menu_label, display_name = "card_accounts", "card-accounts", "Card accounts", "Card account"
    icon = "fa-solid fa-wallet"
    about = "Search by the id of an account, or by a user's id."
    acts_about = About.CARD_ACCOUNT
    fields = (
        card_account_field("id"),
        user_field(),
        BadgeField("status", choices=["open", "closed", "charged_off"]),
        MoneyField("limit_paise", label="Limit"),
        MoneyField("used_paise", label="Used"),
        MoneyField("held_paise", label="Held"),
        NumberField("statement_day"),
        DayField("next_statement_on", label="Next statement"),
        DayField("opened_on", label="Opened"),
        DayField("ended_on", label="Ended"),
        DayField("blocked_on", label="Blocked"),
        TextField("product_code", label="Product", exclude_from_list=True),
        ActorField("blocked_by", exclude_from_list=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        ActorField("actor", label="Opened by", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "customer_id", "limit_paise", "used_paise", "next_statement_on")

    def heading(self, row: Any) -> str:
        return format_card_account_id(row.id)

    def subject_of(self, row: Any) -> str:
        return format_card_account_id(row.id)

    def page_of(self, row: Any) -> str | None:
        return card_account_address(format_card_account_id(row.id))

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        number = str(row.id)
        return [("Its statements", "card-statements", number), ("Its postings", "card-postings", number)]


class CardStatementsView(ListingView):
    """Statements as they were issued."""

    listing, key, menu_label, display_name = "card_statements", "card-statements", "Card statements", "Card statement"
    icon = "fa-solid fa-file-invoice"
    about = "Search by the id of an account, or by a user's id."
    fields = (
        card_account_field(),
        NumberField("number"),
        user_field(),
        DayField("issued_on", label="Statement"),
        DayField("due_on", label="Due"),
        MoneyField("total_due_paise", label="Total due"),
        MoneyField("minimum_due_paise", label="Minimum due"),
        MoneyField("opening_paise", label="Opening"),
        MoneyField("closing_paise", label="Closing"),
        YesNoField("interest_free"),
        DayField("from_on", label="From", exclude_from_list=True),
        NumberField("run_id", label="Run", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "issued_on", "due_on", "total_due_paise")

    def heading(self, row: Any) -> str:
        return f"Statement {row.number} of {format_card_account_id(row.account_id)}"


class CardPostingsView(ListingView):
    """What moved card accounts. A posting that was undone stays, with how much of it no longer counts."""

    listing, key, menu_label, display_name = "card_postings", "card-postings", "Card postings", "Card posting"
    icon = "fa-solid fa-list"
    about = "Search by the id of an account, a user's id, a reference or a merchant."
    fields = (
        card_account_field(),
        NumberField("number"),
        WordsField("kind"),
        MoneyField("amount_paise", label="Amount"),
        MoneyField("owed_paise", label="Owed more"),
        DayField("posted_on", label="Posted"),
        DayField("value_on", label="Counts from", exclude_from_list=True),
        TextField("reference"),
        TextField("merchant"),
        MoneyField("undone_paise", label="Undone"),
        user_field(),
        NumberField("of_number", label="Of posting", exclude_from_list=True),
        InstantField("posted_at", exclude_from_list=True),
        ActorField("actor", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "posted_on", "amount_paise")

    def heading(self, row: Any) -> str:
        return f"Posting {row.number} of {format_card_account_id(row.account_id)}"


class CardHoldsView(ListingView):
    """Authorisations: what was approved and holds a part of the limit, and what was declined, with the reason."""

    listing, key, menu_label, display_name = "card_holds", "card-holds", "Authorisations", "Authorisation"
    icon = "fa-solid fa-hand"
    about = "Search by the id of an account, a user's id, a reference, a merchant, or the reason of a decline."
    fields = (
        card_account_field(),
        InstantField("transacted_at", label="When"),
        WordsField("kind"),
        TextField("merchant"),
        MoneyField("amount_paise", label="Amount"),
        BadgeField("status", choices=["declined", "open", "captured", "reversed", "expired"]),
        WordsField("decline_code", label="Declined because"),
        MoneyField("captured_paise", label="Captured"),
        MoneyField("available_paise", label="Available then"),
        user_field(),
        TextField("reference"),
        TextField("category_code", label="Kind of merchant", exclude_from_list=True),
        TextField("country", exclude_from_list=True),
        YesNoField("is_online", label="Online", exclude_from_list=True),
        DayField("approved_on", label="Business date", exclude_from_list=True),
        InstantField("expires_at", label="Expires", exclude_from_list=True),
        ActorField("actor", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "transacted_at", "amount_paise")

    def heading(self, row: Any) -> str:
        return f"Authorisation {row.reference} of {format_card_account_id(row.account_id)}"

    def subject_of(self, row: Any) -> str:
        return f"{format_card_account_id(row.account_id)}.{row.reference}"

    acts_about = About.CARD_HOLD


class CardTransfersView(ListingView):
    """The books of card accounts: every transfer debits one account and credits another."""

    listing, key, menu_label, display_name = "card_transfers", "card-transfers", "Card transfers", "Card transfer"
    icon = "fa-solid fa-right-left"
    about = "Search by the id of an account, or by a user's id. Transfers are never changed."
    fields = (
        card_account_field(),
        NumberField("number"),
        user_field(),
        WordsField("debit"),
        WordsField("credit"),
        MoneyField("amount_paise", label="Amount"),
        DayField("value_on", label="Value date"),
        DayField("booked_on", label="Booked"),
        NumberField("posting"),
        YesNoField("is_laying", label="From living again", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id",)

    def heading(self, row: Any) -> str:
        return f"Transfer {row.number} of {format_card_account_id(row.account_id)}"


#: The menu of card accounts.
MENU: list[type[BaseView] | BaseView] = [
    CardAccountsView, CardStatementsView, CardPostingsView, CardHoldsView, CardTransfersView,
]  # fmt: skip
