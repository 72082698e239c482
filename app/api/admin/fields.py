"""The fields of the admin pages: money in rupees with Indian grouping, times in India's time zone, ids as links.

A page shows a value for people. An export writes it for programs: rupees with two decimals and ISO 8601 dates. The
getter of a field reads a column of a listing and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from starlette.requests import Request
from starlette_admin.fields import BaseField, EnumField
from starlette_admin.types import RequestAction

from app.api.admin.context import ADMIN_PATH
from app.api.admin.drawing.formats import words
from app.domain import public_ids
from app.domain.money import format_inr, paise_to_rupees
from app.domain.people.aadhaar import mask_aadhaar
from app.services.unit_of_work import INDIA


def _is_export(request: Request) -> bool:
    return bool(request.state.action == RequestAction.EXPORT)


@dataclass
class TextField(BaseField):
    """A text, unchanged."""

    async def serialize_value(self, request: Request, value: Any) -> Any:
        return str(value)


@dataclass
class NumberField(BaseField):
    """A whole number."""

    list_template: str = "kist/number.html"


@dataclass
class MoneyField(BaseField):
    """Paise as rupees: `₹1,00,000.00` on a page, `100000.00` in an export."""

    list_template: str = "kist/number.html"

    async def serialize_value(self, request: Request, value: Any) -> Any:
        return paise_to_rupees(int(value)) if _is_export(request) else format_inr(int(value))


@dataclass
class RateField(BaseField):
    """Percent a year, without trailing zeros."""

    list_template: str = "kist/number.html"

    async def serialize_value(self, request: Request, value: Any) -> Any:
        plain = format(Decimal(value).normalize(), "f")
        return plain if _is_export(request) else f"{plain} %"


@dataclass
class DecimalField(BaseField):
    """A decimal number, such as a score, without trailing zeros."""

    list_template: str = "kist/number.html"

    async def serialize_value(self, request: Request, value: Any) -> Any:
        return format(Decimal(value).normalize(), "f")


@dataclass
class DayField(BaseField):
    """A business date."""

    async def serialize_value(self, request: Request, value: Any) -> Any:
        assert isinstance(value, date), "the column is a date"
        return value.isoformat() if _is_export(request) else f"{value:%d %b %Y}"


@dataclass
class InstantField(BaseField):
    """A point in time, in India's time zone."""

    async def serialize_value(self, request: Request, value: Any) -> Any:
        assert isinstance(value, datetime), "the column is a date with a time"
        local = value.astimezone(INDIA)
        return local.isoformat() if _is_export(request) else f"{local:%d %b %Y, %H:%M:%S}"


@dataclass
class YesNoField(BaseField):
    """True or false, as `yes` or `no`."""

    async def serialize_value(self, request: Request, value: Any) -> Any:
        return "yes" if value else "no"


@dataclass
class BadgeField(EnumField):
    """One of a few words, in a colour that shows its meaning."""

    list_template: str = "kist/badge.html"
    detail_template: str = "kist/badge.html"
    colours: ClassVar[dict[str, str]] = {
        "active": "green", "approved": "green", "finished": "green", "paid": "green", "done": "green",
        "customer": "green", "CREDIT": "green", "running": "blue", "pending": "blue", "billed": "blue",
        "claimed": "blue", "queued": "blue", "proposed": "blue", "refused": "red", "failed": "red", "blocked": "red",
        "written_off": "red", "paused": "orange", "expired": "orange", "prospect": "orange", "DEBIT": "orange",
        "overdue": "red", "rejected": "red", "disabled": "red", "closed": "green", "upcoming": "secondary",
        "due": "blue", "partially_paid": "orange", "sub_standard": "red", "doubtful_1": "red", "doubtful_2": "red",
        "doubtful_3": "red", "loss": "red", "sma_0": "orange", "sma_1": "orange", "sma_2": "orange",
        "open": "blue", "kept": "green", "broken": "red", "promise_kept": "green", "promise_broken": "red",
        "bounced": "red",
    }  # fmt: skip

    @classmethod
    def colour_of(cls, value: Any) -> str:
        """The colour of a word."""
        return cls.colours.get(str(getattr(value, "value", value)), "secondary")

    def colour(self, value: str) -> str:
        return self.colour_of(value)


@dataclass
class AadhaarField(BaseField):
    """The masked Aadhaar number. The listing holds only its last four digits."""

    async def serialize_value(self, request: Request, value: Any) -> Any:
        return mask_aadhaar(str(value))


@dataclass
class WordsField(TextField):
    """A name of the program, as people say it on a page, and unchanged in an export."""

    async def serialize_value(self, request: Request, value: Any) -> Any:
        return str(value) if _is_export(request) else words(value)


@dataclass
class ProgressField(BaseField):
    """A progress in percent. A script updates it while the run goes on."""

    list_template: str = "kist/progress.html"
    detail_template: str = "kist/progress.html"


@dataclass
class IdField(BaseField):
    """A public id as a link. `view` is the key of the linked view; `read` gives a row's id and `key` a row's key. With
    `address` the link goes to a page of our own, by the id."""

    view: str = ""
    read: Callable[[Any], str | None] = default(default=lambda row: None, compare=False)
    key: Callable[[Any], str] = default(default=lambda row: "", compare=False)
    #: The address of a page of our own, instead of the view's.
    address: Callable[[str], str] | None = default(default=None, compare=False)
    #: The address of a file, by the id and the key.
    file: Callable[[str, str], str] | None = default(default=None, compare=False)
    list_template: str = "kist/link.html"
    detail_template: str = "kist/link.html"

    async def parse_obj(self, request: Request, obj: Any) -> Any:
        public_id = self.read(obj)
        return None if public_id is None else (public_id, self.key(obj))

    async def serialize_value(self, request: Request, value: Any) -> Any:
        public_id, key = value
        if _is_export(request):
            return public_id
        if self.address is not None:
            return {"text": public_id, "url": self.address(public_id)}
        if self.file is not None:
            return {"text": public_id, "url": self.file(public_id, key)}
        url = request.url_for("admin:detail", key=self.view).include_query_params(pk=key)
        return {"text": public_id, "url": url.path + "?" + url.query}


def user_field(name: str = "customer_id", *, label: str = "Customer") -> IdField:
    """The customer of a row: `BC-USER-009`."""

    def read(row: Any) -> str | None:
        number = getattr(row, name)
        return None if number is None else public_ids.format_user_id(number)

    return IdField(name, label=label, read=read, address=lambda public_id: f"{ADMIN_PATH}/customer/{public_id}")


def loan_field(name: str = "loan_id", *, label: str = "Loan") -> IdField:
    """The loan of a row: `LN-2025-0456`. The row's column `loan_year` is the year of its disbursal."""

    def read(row: Any) -> str | None:
        number, year = getattr(row, name), row.loan_year
        return None if number is None or year is None else public_ids.format_loan_id(year=year, number=number)

    return IdField(name, label=label, read=read, address=lambda public_id: f"{ADMIN_PATH}/loan/{public_id}")


def card_account_field(name: str = "account_id", *, label: str = "Account") -> IdField:
    """The card account of a row: `CA-000078`."""

    def read(row: Any) -> str | None:
        number = getattr(row, name)
        return None if number is None else public_ids.format_card_account_id(number)

    return IdField(name, label=label, read=read, address=lambda public_id: f"{ADMIN_PATH}/card-account/{public_id}")


def payment_field(name: str, *, label: str = "Payment") -> IdField:
    """The payment of a row: `PM-000012`."""

    def read(row: Any) -> str | None:
        number = getattr(row, name)
        return None if number is None else public_ids.format_payment_id(number)

    return IdField(
        name, label=label, view="payments", read=read, key=lambda row: f"{row.customer_id}.{getattr(row, name)}"
    )


@dataclass
class TextIdField(IdField):
    """A link whose column is text: a product's code, a document's number. The filters search for that text."""


def application_field(name: str, *, label: str = "Application") -> IdField:
    """The application of a row: `AP-000034`."""

    def read(row: Any) -> str | None:
        number = getattr(row, name)
        return None if number is None else public_ids.format_application_id(number)

    return IdField(
        name, label=label, view="applications", read=read, key=lambda row: f"{row.customer_id}.{getattr(row, name)}"
    )


def numbered_field(name: str, *, label: str, view: str) -> IdField:
    """The run or the import of a row, by its number."""

    def read(row: Any) -> str | None:
        number = getattr(row, name)
        return None if number is None else str(number)

    return IdField(name, label=label, view=view, read=read, key=lambda row: str(getattr(row, name)))


def product_field() -> TextIdField:
    """The version of the product of a row: `CREDIT_CARD 2`."""
    return TextIdField(
        "product_code",
        label="Product",
        view="products",
        read=lambda row: f"{row.product_code} {row.product_version}",
        key=lambda row: f"{row.product_code}.{row.product_version}",
    )
