"""Imported files, their rejected rows, and bank transactions. All of it is for reading."""

from collections.abc import Sequence
from typing import Any

from app.api.admin.actor_field import ActorField
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    TextField,
    WordsField,
    numbered_field,
    user_field,
)
from app.api.admin.listing_view import ListingView


class ImportsView(ListingView):
    """Imported files, with the counts of their rows."""

    listing, key, menu_label, display_name = "imports", "imports", "Imports", "Import"
    icon = "fa-solid fa-file-import"
    fields = (
        NumberField("id", label="Import"),
        BadgeField("kind", choices=["customers", "loans", "transactions"]),
        TextField("file_name", label="File"),
        BadgeField("status", choices=["queued", "running", "finished", "failed"]),
        NumberField("rows_read", label="Read"),
        NumberField("rows_loaded", label="Loaded"),
        NumberField("rows_known", label="Known already"),
        NumberField("rows_rejected", label="Rejected"),
        InstantField("started_at", label="Started", exclude_from_list=True),
        InstantField("finished_at", label="Finished"),
        TextField("failure", exclude_from_list=True),
        ActorField("actor", label="Loaded by", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "rows_rejected")

    def heading(self, row: Any) -> str:
        return f"Import {row.id}: {row.file_name}"

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        return [("Rejected rows", "rejects", f"#{row.id}")]


class RejectsView(ListingView):
    """Rejected rows: the row number, a code and a reason, never the row's values."""

    listing, key, menu_label, display_name = "import_rejects", "rejects", "Rejected rows", "Rejected row"
    icon = "fa-solid fa-ban"
    fields = (
        numbered_field("import_id", label="Import", view="imports"),
        NumberField("row_number", label="Row of the file"),
        WordsField("code", label="What"),
        TextField("reason", label="Why"),
    )
    fields_default_sort = (("import_id", True),)
    sortable_fields = ("import_id",)
    about = "Search for #12 to see the rows that import 12 rejected, or for words of a code or a reason."


class TransactionsView(ListingView):
    """Bank transactions of customers and prospects, from imported files."""

    listing, key, menu_label, display_name = "bank_transactions", "transactions", "Transactions", "Transaction"
    icon = "fa-solid fa-building-columns"
    about = "The balance score is computed from these. Search by a user's id, or for words of a description."
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
