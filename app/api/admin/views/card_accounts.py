"""Card accounts, which staff block and refund, their statements and postings."""

from collections.abc import Sequence
from typing import Any

from app.api.admin.acts.act import About
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    TextField,
    WordsField,
    YesNoField,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.domain.public_ids import format_card_account_id


class CardAccountsView(ListingView):
    """Revolving lines, with what is used and held of their limits."""

    listing, key, menu_label, display_name = "card_accounts", "card-accounts", "Card accounts", "Card account"
    icon = "fa-solid fa-wallet"
    about = "Search by the number of an account, or by a user's id."
    acts_about = About.CARD_ACCOUNT
    fields = (
        NumberField("id", label="Number"),
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
        TextField("blocked_by", exclude_from_list=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        TextField("actor", label="Opened by", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "customer_id", "limit_paise", "used_paise", "next_statement_on")

    def heading(self, row: Any) -> str:
        return format_card_account_id(row.id)

    def subject_of(self, row: Any) -> str:
        return format_card_account_id(row.id)

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        number = str(row.id)
        return [("Its statements", "card-statements", number), ("Its postings", "card-postings", number)]


class CardStatementsView(ListingView):
    """Statements as they were issued."""

    listing, key, menu_label, display_name = "card_statements", "card-statements", "Card statements", "Card statement"
    icon = "fa-solid fa-file-invoice"
    about = "Search by the number of an account, or by a user's id."
    fields = (
        NumberField("account_id", label="Account"),
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
    fields_default_sort = (("issued_on", True),)
    sortable_fields = ("account_id", "issued_on", "due_on", "total_due_paise")

    def heading(self, row: Any) -> str:
        return f"Statement {row.number} of {format_card_account_id(row.account_id)}"


class CardPostingsView(ListingView):
    """What moved card accounts. A posting that was undone stays, with how much of it no longer counts."""

    listing, key, menu_label, display_name = "card_postings", "card-postings", "Card postings", "Card posting"
    icon = "fa-solid fa-list"
    about = "Search by the number of an account, a user's id, a reference or a merchant."
    fields = (
        NumberField("account_id", label="Account"),
        NumberField("number"),
        WordsField("kind"),
        MoneyField("amount_paise", label="Amount"),
        MoneyField("owed_paise", label="Owed more"),
        DayField("posted_on", label="Posted"),
        TextField("reference"),
        TextField("merchant"),
        MoneyField("undone_paise", label="Undone"),
        user_field(),
        NumberField("of_number", label="Of posting", exclude_from_list=True),
        InstantField("posted_at", exclude_from_list=True),
        TextField("actor", exclude_from_list=True),
    )
    fields_default_sort = (("posted_on", True),)
    sortable_fields = ("account_id", "posted_on", "amount_paise")

    def heading(self, row: Any) -> str:
        return f"Posting {row.number} of {format_card_account_id(row.account_id)}"
