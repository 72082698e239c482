"""Customers and prospects, for reading, and staff accounts, which admins add, disable and enable."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette_admin import row_action
from starlette_admin.exceptions import FormValidationError
from starlette_admin.fields import EnumField, PasswordField, StringField

from app.api.admin.actions import act
from app.api.admin.actor_field import ActorField
from app.api.admin.acts.subjects import customer_address
from app.api.admin.context import context_of, is_admin
from app.api.admin.fields import (
    AadhaarField,
    BadgeField,
    DayField,
    InstantField,
    MoneyField,
    NumberField,
    TextField,
    WordsField,
    user_field,
)
from app.api.admin.listing_view import ListingView
from app.api.admin.short_view import ShortView
from app.domain.errors import DomainError
from app.domain.people.access import Role
from app.domain.public_ids import format_user_id
from app.services.people import staff
from app.services.people.passwords import LONGEST, SHORTEST
from app.services.unit_of_work import UnitOfWork


class UsersView(ListingView):
    """Customers, and prospects: people whom only imported files name."""

    listing, key, menu_label, display_name, icon = "customers", "users", "Customers", "Customer", "fa-solid fa-users"
    about = "Customers and prospects. Search by id (BC-USER-009), name, e-mail, phone or external id."
    fields = (
        user_field(),
        TextField("name"),
        BadgeField("state", choices=["customer", "prospect"]),
        TextField("email", label="E-mail"),
        TextField("phone"),
        AadhaarField("aadhaar_last_four", label="Aadhaar", exclude_from_list=True),
        MoneyField("annual_income_paise", label="Annual income"),
        MoneyField("approved_limit_paise", label="Approved limit", exclude_from_list=True),
        DayField("registered_on", label="Registered"),
        NumberField("age", exclude_from_list=True),
        WordsField("employment_type", label="Work", exclude_from_list=True),
        TextField("address", exclude_from_list=True),
        TextField("external_id", label="External id", exclude_from_list=True),
        InstantField("created_at", label="Created", exclude_from_list=True),
        ActorField("actor", label="Made by", exclude_from_list=True),
    )
    fields_default_sort = (("customer_id", True),)
    sortable_fields = ("customer_id", "name", "annual_income_paise", "approved_limit_paise", "registered_on")

    def heading(self, row: Any) -> str:
        return f"{format_user_id(row.customer_id)} {row.name or ''}".strip()

    def page_of(self, row: Any) -> str | None:
        return customer_address(row.customer_id)


def standing(request: Request, row: Any) -> str:
    """Whether an account is active or disabled."""
    return "active" if row.disabled_at is None else "disabled"


class StaffView(ShortView):
    """Staff accounts. No password and no hash is ever read."""

    key, menu_label, display_name = "staff", "Staff", "account"
    icon = "fa-solid fa-user-shield"
    about = (
        "Officers serve customers; admins also decide what takes two people. A disabled account is signed out "
        "everywhere at once and stays in this list."
    )
    pk_attr = "id"
    fields = (
        NumberField("id", label="Number", exclude_from_create=True),
        StringField("name", required=True, maxlength=200),
        StringField("email", label="E-mail", required=True, maxlength=254, input_type="email"),
        EnumField(
            "role", choices=[(Role.OFFICER.value, "officer"), (Role.ADMIN.value, "admin")], required=True,
            exclude_from_list=True, exclude_from_detail=True,
        ),
        TextField("role_name", label="Role", getter=lambda request, row: row.role, exclude_from_create=True),
        BadgeField("standing", choices=["active", "disabled"], getter=standing, exclude_from_create=True),
        InstantField("created_at", label="Added", exclude_from_create=True),
        InstantField("disabled_at", label="Disabled", exclude_from_create=True),
        PasswordField(
            "password", required=True, minlength=SHORTEST, maxlength=LONGEST, exclude_from_list=True,
            exclude_from_detail=True, help_text="The account holder changes it with PUT /api/v1/auth/password.",
        ),
    )  # fmt: skip
    row_actions: Sequence[str] | None = ("view", "disable", "enable")
    exporters = ()

    def is_accessible(self, request: Request) -> bool:
        return is_admin(request)

    def can_create(self, request: Request) -> bool:
        return is_admin(request)

    async def rows(self, uow: UnitOfWork) -> Sequence[Any]:
        """All staff accounts, disabled ones included."""
        return await staff.list_staff(uow)

    def heading(self, row: Any) -> str:
        return str(row.name)

    def text_of(self, row: Any) -> str:
        return f"{row.name} {row.email} {row.role}"

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        """Adds an account. Raises FormValidationError, which the form shows at the wrong field."""
        context = context_of(request)
        # Removed from the data, so that a form that is shown again does not hold the password.
        password = str(data.pop("password"))
        try:
            made = await staff.create_staff(
                context.uow_factory,
                context.actor,
                passwords=context.keyring.passwords,
                email=str(data["email"]),
                name=str(data["name"]),
                role=Role(str(data["role"])),
                password=password,
                request_id=context.request_id,
            )
        except DomainError as error:
            raise FormValidationError({error.field or "name": error.message}) from None
        return await self.find_by_pk(request, made.user_account_id)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        return name == "view" or (obj.disabled_at is None) == (name == "disable")

    @row_action(
        name="disable", text="Disable", icon_class="fa-solid fa-user-lock",
        confirmation="Disable this account and sign it out everywhere?",
    )  # fmt: skip
    async def disable(self, request: Request, pk: Any) -> None:
        """Disables the account."""
        await act(request, partial(staff.disable_staff, user_account_id=int(pk)), done="The account is disabled.")

    @row_action(name="enable", text="Enable", icon_class="fa-solid fa-user-check", confirmation="Enable this account?")
    async def enable(self, request: Request, pk: Any) -> None:
        """Enables the account."""
        await act(request, partial(staff.enable_staff, user_account_id=int(pk)), done="The account is enabled.")
