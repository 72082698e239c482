"""Applications, scores and scorecards, for reading."""

from collections.abc import Sequence
from typing import Any

from app.api.admin.actor_field import ActorField
from app.api.admin.acts.act import About
from app.api.admin.document_field import DocumentField
from app.api.admin.fields import (
    BadgeField,
    DayField,
    DecimalField,
    InstantField,
    MoneyField,
    NumberField,
    RateField,
    TextField,
    WordsField,
    application_field,
    loan_field,
    product_field,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.domain.public_ids import format_application_id


class ApplicationsView(ListingView):
    """Applications and their decisions."""

    listing, key, menu_label, display_name = "applications", "applications", "Applications", "Application"
    icon = "fa-solid fa-file-signature"
    fields = (
        application_field("id", label="Application"),
        user_field(),
        product_field(),
        BadgeField("status", choices=["pending", "offered", "approved", "refused", "expired"]),
        MoneyField("amount_paise", label="Amount"),
        NumberField("instalments"),
        RateField("requested_rate_percent", label="Requested rate", exclude_from_list=True),
        RateField("annual_rate_percent", label="Approved rate"),
        DayField("applied_on", label="Applied"),
        DayField("decided_on", label="Decided"),
        loan_field(),
        TextField("purpose", exclude_from_list=True),
        DayField("expires_on", label="Expires", exclude_from_list=True),
        DocumentField("reasons", exclude_from_list=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        ActorField("actor", label="Made by", exclude_from_list=True),
    )
    acts_about = About.APPLICATION
    fields_default_sort = (("id", True),)
    sortable_fields = ("id", "customer_id", "amount_paise", "applied_on", "decided_on")

    def heading(self, row: Any) -> str:
        return format_application_id(row.id)

    def subject_of(self, row: Any) -> str:
        return format_application_id(row.id)


class ScoresView(ListingView):
    """Scores, each with its facts and reasons."""

    listing, key, menu_label, display_name = "credit_scores", "scores", "Scores", "Score"
    icon = "fa-solid fa-gauge-high"
    fields = (
        NumberField("id", label="Number"),
        user_field(),
        WordsField("scorecard_code", label="Scorecard"),
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


class ScorecardsView(ListingView):
    """Versions of scorecards, with all of their parameters."""

    listing, key, menu_label, display_name = "scorecards", "scorecards", "Scorecards", "Scorecard"
    icon = "fa-solid fa-scale-balanced"
    about = "Compare only scores of the same scorecard and the same version."
    fields = (
        TextField("code"),
        NumberField("version"),
        InstantField("created_at", label="Added"),
        ActorField("actor", label="Added by"),
        DocumentField("parameters", exclude_from_list=True),
    )
    fields_default_sort = ("code", ("version", True))
    sortable_fields = ("code", "version", "created_at")

    def heading(self, row: Any) -> str:
        return f"{row.code} {row.version}"

    def related(self, row: Any) -> Sequence[tuple[str, str, str]]:
        return [("Scores of this card", "scores", str(row.code))]
