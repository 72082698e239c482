"""The part of the menu that proves: transfers, bank transactions, scores, cards, and the audit trail. For reading."""

from typing import Any

from app.api.admin.fields import (
    BadgeField,
    DayField,
    DecimalField,
    DocumentField,
    InstantField,
    MoneyField,
    NumberField,
    TextField,
    loan_field,
    numbered_field,
    payment_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.views.lending import loan_name

ACCOUNTS = [
    "principal", "interest", "charges", "advance", "cash", "interest_income", "charge_income", "gst_payable",
    "refund_payable", "waivers", "write_offs",
]  # fmt: skip


class TransfersView(ListingView):
    """The ledger: every movement of money, inserted and never changed."""

    listing, key, menu_label, display_name = "transfers", "transfers", "Transfers", "Transfer"
    icon = "fa-solid fa-right-left"
    about = "The ledger of every loan. Search by a loan's id or a user's."
    fields = (
        loan_field(),
        user_field(),
        NumberField("number"),
        TextField("kind"),
        BadgeField("debit", choices=ACCOUNTS),
        BadgeField("credit", choices=ACCOUNTS),
        MoneyField("amount_paise", label="Amount"),
        DayField("value_date"),
        DayField("booked_on", label="Booked"),
        NumberField("cycle"),
        payment_field("payment_id"),
        NumberField("reverses"),
        TextField("component", exclude_from_list=True),
        NumberField("group_number", label="Movement", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id",)

    def heading(self, row: Any) -> str:
        return f"{loan_name(row)}, transfer {row.number}"


class TransactionsView(ListingView):
    """Bank transactions of customers and prospects, as their files told them."""

    listing, key, menu_label, display_name = "bank_transactions", "transactions", "Transactions", "Transaction"
    icon = "fa-solid fa-building-columns"
    about = "Bank transactions, behind the balance score. Search by a user's id, or in the descriptions."
    fields = (
        user_field(),
        DayField("transacted_on", label="Date"),
        BadgeField("direction", choices=["CREDIT", "DEBIT"]),
        MoneyField("amount_paise", label="Amount"),
        TextField("description"),
        numbered_field("import_id", label="Import", view="imports"),
        NumberField("row_number", label="Row of the file"),
    )
    fields_default_sort = ("customer_id",)
    sortable_fields = ("customer_id",)


class ScoresView(ListingView):
    """Scores, each with the facts and the reasons that made it."""

    listing, key, menu_label, display_name = "credit_scores", "scores", "Scores", "Score"
    icon = "fa-solid fa-gauge-high"
    fields = (
        NumberField("id", label="Number"),
        user_field(),
        TextField("scorecard_code", label="Scorecard"),
        NumberField("scorecard_version", label="Version"),
        DecimalField("score"),
        DayField("as_of", label="As of"),
        InstantField("computed_at", label="Computed"),
        DocumentField("facts", exclude_from_list=True),
        DocumentField("factors", exclude_from_list=True),
        DocumentField("reasons", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "customer_id", "score", "as_of")


class AuditView(ListingView):
    """Who did what to what and from where, written with the deed."""

    listing, key, menu_label, display_name = "audit_events", "audit-events", "Audit trail", "Audit event"
    icon = "fa-solid fa-clipboard-list"
    fields = (
        NumberField("id", label="Number"),
        InstantField("at", label="When"),
        TextField("actor", label="Who"),
        TextField("action", label="Did"),
        TextField("object_kind", label="To what kind"),
        TextField("object_id", label="Which"),
        user_field(),
        TextField("client_address", label="From where", exclude_from_list=True),
        TextField("request_id", label="Request", exclude_from_list=True),
        DocumentField("details", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id",)
