"""Payments, for reading."""

from collections.abc import Sequence
from typing import Any

from app.api.admin.actor_field import ActorField
from app.api.admin.acts.act import About
from app.api.admin.fields import (
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    TextField,
    WordsField,
    loan_field,
    payment_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.views.lending import loan_name
from app.domain.payments.payments import TreatAs
from app.domain.public_ids import format_payment_id


class PaymentsView(ListingView):
    """Payments. A reversed payment stays in the list, with the date of its reversal."""

    listing, key, menu_label, display_name = "payments", "payments", "Payments", "Payment"
    icon = "fa-solid fa-indian-rupee-sign"
    about = "Search by a payment's id (PM-000012), a loan's, a user's, or by the reference."
    fields = (
        payment_field("id"),
        loan_field(),
        user_field(),
        MoneyField("amount_paise", label="Amount"),
        DayField("value_date"),
        WordsField("method", label="Paid by"),
        TextField("reference"),
        BadgeField("treated_as", label="As", choices=[each.value for each in TreatAs]),
        DayField("reversed_on", label="Reversed"),
        DayField("booked_on", label="Booked", exclude_from_list=True),
        NumberField("instalment", exclude_from_list=True),
        TextField("reversal_reason", exclude_from_list=True),
        InstantField("received_at", label="Received", exclude_from_list=True),
        ActorField("actor", label="Received by", exclude_from_list=True),
    )
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "customer_id", "amount_paise", "value_date")

    acts_about = About.PAYMENT

    def subject_of(self, row: Any) -> str:
        return format_payment_id(row.id)

    def heading(self, row: Any) -> str:
        return format_payment_id(row.id)

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        return [("The loan's transfers", "transfers", loan_name(row))] if row.loan_year else []
