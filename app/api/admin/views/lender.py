"""The lender's profile, as versioned rows.

A version is never edited. An admin adds the next one; the form starts with the version in force.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette_admin.exceptions import FormValidationError
from starlette_admin.fields import BaseField, BooleanField, IntegerField, StringField, TextAreaField

from app.api.admin.context import business_day_text, is_admin, open_uow
from app.api.admin.fields import DayField, NumberField, TextField
from app.api.admin.short_view import ShortView
from app.domain.errors import DomainError
from app.domain.lender.profiles import LenderProfile, LenderVersion, read_picture
from app.services.lender import profiles
from app.services.unit_of_work import UnitOfWork

#: Fields with several lines, and what a field is called where its name does not say it.
LONG: Final = ("address", "recovery_clause", "grievance_clause", "transfer_terms", "recovery_service")
LABELS: Final = {
    "cin": "CIN",
    "gstin": "GSTIN",
    "rbi_registration": "Registration with the Reserve Bank",
    "upi_address": "UPI address",
    "bank_ifsc": "IFSC",
    "email": "E-mail",
    "grievance_email": "Grievance e-mail",
    "recovery_clause": "Clause on recovery agents",
    "grievance_clause": "Clause on grievances",
    "transfer_terms": "Whether loans may be transferred or securitised",
    "recovery_service": "Who recovers for the lender",
    "cooling_off_days": "Days in which a new loan can be left",
}
REQUIRED: Final = ("name", "address", "grievance_officer", "grievance_phone", "grievance_email")


async def _in_force(request: Request) -> LenderVersion | None:
    """The version in force, read once for a form."""
    if not hasattr(request.state, "lender_version"):
        async with open_uow(request) as uow:
            request.state.lender_version = await profiles.find_profile(uow)
    found: LenderVersion | None = request.state.lender_version
    return found


def _default(name: str) -> Callable[[Request], Awaitable[Any]]:
    """The value of a field in the version in force."""

    async def default(request: Request) -> Any:
        found = await _in_force(request)
        return None if found is None else getattr(found.profile, name)

    return default


def label_of(name: str) -> str:
    """What a field of the profile is called."""
    plain = name.removesuffix("_hindi")
    label = LABELS.get(plain, plain.replace("_", " ").capitalize())
    return f"{label} (Hindi)" if name.endswith("_hindi") else label


def _field(name: str) -> BaseField:
    shared: dict[str, Any] = {
        "label": label_of(name),
        "required": name in REQUIRED,
        "default": _default(name),
        "exclude_from_list": True,
        "getter": lambda request, row: getattr(row.profile, name),
    }
    if name == "cooling_off_days":
        return IntegerField(name, **shared, help_text="Empty: the shortest time that the rules allow.")
    if name.removesuffix("_hindi") in LONG:
        return TextAreaField(name, rows=3, maxlength=500, **shared)
    return StringField(name, maxlength=200, **shared)


class LenderView(ShortView):
    """Versions of the lender's profile."""

    key, menu_label, display_name = "lender", "Lender", "version of the profile"
    icon = "fa-solid fa-building-columns"
    about = "What every paper says about the lender. A version never changes; the next one is in force from its day on."
    pk_attr = "version"
    fields = (
        NumberField("version", exclude_from_create=True),
        DayField("effective_from", label="In force from", exclude_from_create=True),
        TextField("shown_name", label="Name", getter=lambda request, row: row.profile.name, exclude_from_create=True,
                  exclude_from_detail=True),
        TextField("logo_there", label="Logo", getter=lambda request, row: "yes" if row.logo else "no",
                  exclude_from_create=True),
        StringField(
            "new_effective_from", label="In force from", required=True, input_type="date", default=business_day_text,
            help_text="The business date, or a later day.", exclude_from_list=True, exclude_from_detail=True,
        ),
        *(_field(item.name) for item in fields(LenderProfile)),
        StringField(
            "new_logo", label="Logo", form_template="kist/picture.html", exclude_from_list=True,
            exclude_from_detail=True, help_text="A PNG or a JPEG of at most 200 kB.",
        ),
        BooleanField(
            "keep_logo", label="Keep the present logo", default=True, exclude_from_list=True, exclude_from_detail=True
        ),
    )  # fmt: skip
    row_actions: Sequence[str] | None = ("view",)
    exporters = ()
    create_template = "kist/create_lender.html"

    def can_create(self, request: Request) -> bool:
        return is_admin(request)

    async def rows(self, uow: UnitOfWork) -> Sequence[Any]:
        """All versions, the newest first."""
        return await profiles.list_versions(uow)

    def heading(self, row: Any) -> str:
        return f"{row.profile.name} {row.version}"

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        """Adds the version. Raises FormValidationError, which the form shows at the wrong field."""
        try:
            effective_from = date.fromisoformat(str(data["new_effective_from"]).strip())
        except ValueError:
            raise FormValidationError({"new_effective_from": "write a date as 2026-11-21"}) from None
        document = {item.name: data.get(item.name) for item in fields(LenderProfile)}
        if not document["holiday_calendar"]:
            del document["holiday_calendar"]
        try:
            logo = await self._logo(request, data)
            async with open_uow(request) as uow:
                version = await profiles.add_version(uow, document=document, effective_from=effective_from, logo=logo)
        except DomainError as error:
            places = {"effective_from": "new_effective_from", "logo": "new_logo"}
            field = error.field or "name"
            raise FormValidationError({places.get(field, field): error.message}) from None
        return await self.find_by_pk(request, version.version)

    async def _logo(self, request: Request, data: dict[str, Any]) -> bytes | None:
        """The picture that was sent; without one the present one, unless it is given up. Raises LogoInvalid."""
        if sent := str(data.get("new_logo") or ""):
            return read_picture(sent)
        present = await _in_force(request)
        return present.logo if present is not None and data.get("keep_logo") else None
