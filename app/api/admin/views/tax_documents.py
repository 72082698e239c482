"""Tax documents of loans and of card accounts: two lists with the same columns, from one series of numbers."""

from collections.abc import Callable
from typing import Any

from starlette_admin.fields import BaseField

from app.api.admin.context import ADMIN_PATH
from app.api.admin.fields import (
    BadgeField,
    DayField,
    IdField,
    InstantField,
    MoneyField,
    NumberField,
    TextField,
    TextIdField,
    WordsField,
    card_account_field,
    loan_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.views.lending import loan_name
from app.domain.public_ids import format_card_account_id


def _fields(owner: IdField, charge: WordsField, *more: BaseField, place: Callable[[Any], str]) -> tuple[BaseField, ...]:
    """The columns of both lists. The number opens the paper, whose `place` is that of its owner:
    `loans/LN-2026-0001`."""
    number = TextIdField(
        "number",
        read=lambda row: str(row.number),
        key=place,
        file=lambda number, of: f"{ADMIN_PATH}/papers/{of}/tax-documents/{number}",
    )
    return (
        number,
        BadgeField("kind", choices=["invoice", "credit_note", "debit_note"]),
        owner,
        user_field(),
        charge,
        MoneyField("taxable_paise", label="Taxable"),
        MoneyField("central_paise", label="Central"),
        MoneyField("state_paise", label="State"),
        MoneyField("integrated_paise", label="Integrated"),
        TextField("place"),
        TextField("sac", label="SAC"),
        DayField("booked_on", label="Booked"),
        TextField("name", exclude_from_list=True),
        DayField("supplied_on", label="Supplied", exclude_from_list=True),
        *more,
        InstantField("made_at", exclude_from_list=True),
    )


class _TaxDocumentsView(ListingView):
    icon = "fa-solid fa-file-invoice"
    fields_default_sort = (("booked_on", True),)
    sortable_fields = ("booked_on",)

    def heading(self, row: Any) -> str:
        return str(row.number)


class GstDocumentsView(_TaxDocumentsView):
    """Invoices for taxed charges, and credit notes for those that were taken back or waived. They never change."""

    listing, key, menu_label, display_name = "gst_documents", "gst-documents", "GST documents", "GST document"
    about = "Numbers are given after the day is over and open the paper. Search by a number, a loan's id or a user's."
    fields = _fields(
        loan_field(),
        WordsField("charge"),
        NumberField("transfer_number", label="Transfer", exclude_from_list=True),
        NumberField("of_transfer", label="Takes back the transfer", exclude_from_list=True),
        place=lambda row: f"loans/{loan_name(row)}",
    )


class CardTaxDocumentsView(_TaxDocumentsView):
    """Invoices for the fees and the interest of card accounts, and notes for what was given back. They never change."""

    listing, key, menu_label = "card_gst_documents", "card-gst-documents", "Card tax documents"
    display_name = "Card tax document"
    about = "Numbers are given after the day is over. A number opens the paper. Search by a number or an account's."
    fields = _fields(
        card_account_field(),
        WordsField("charge"),
        NumberField("posting", exclude_from_list=True),
        place=lambda row: f"card-accounts/{format_card_account_id(row.account_id)}",
    )
