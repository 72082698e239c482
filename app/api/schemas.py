"""The types of the wire: what a request may hold and how an answer writes it.

Money crosses the edge here and nowhere else. A request says rupees, as a JSON number or as decimal text, with at most
two decimals; it becomes whole paise without ever being a binary fraction, because `app/api/routing.py` reads JSON
numbers as decimals. An answer writes paise as a number of rupees. Unknown fields are refused, truth values are not
numbers, dates are ISO dates, and no message repeats what was sent.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError

from app.domain.errors import DomainError
from app.domain.money import rupees_to_paise
from app.domain.public_ids import (
    LoanReference,
    format_application_id,
    format_payment_id,
    format_proposal_id,
    format_score_id,
    format_user_id,
    parse_application_id,
    parse_loan_id,
    parse_payment_id,
    parse_proposal_id,
    parse_score_id,
    parse_user_id,
)

Row = TypeVar("Row")
Value = TypeVar("Value")

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RATE_DECIMALS = 8


class Body(BaseModel):
    """A request's body: unknown fields are refused, and nothing changes once it is read. A default is written, and
    read, as a client would write it (an amount in rupees): what is documented is what happens."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, validate_default=True)


class Answer(BaseModel):
    """An answer's body. `from_attributes` lets a frozen object of the domain be shown as it is."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class ProblemAnswer(Answer):
    """A refusal that says more than others do. It is sent as problem+json like every other, and documented so."""


class Page(Answer, Generic[Row]):
    """One page of a list, and the cursor that asks for the next one; null when this was the last."""

    items: list[Row]
    next_cursor: str | None = None


def refusal(error: DomainError) -> PydanticCustomError:
    """A domain's refusal of one field as pydantic carries it: same code, same sentence."""
    return PydanticCustomError(error.code, "{sentence}", {"sentence": error.message})


# --- money -----------------------------------------------------------------------------------------------------------


def _paise(value: object) -> int:
    # A float would mean that somebody parsed the body around our reader: the paise may be wrong already.
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise PydanticCustomError("not_an_amount", "an amount is a number of rupees")
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,4})?", text):
        raise PydanticCustomError("not_an_amount", "an amount is a number of rupees, such as 1234.50")
    try:
        return rupees_to_paise(text)
    except DomainError as error:
        raise refusal(error) from None


def _positive_paise(value: object) -> int:
    paise = _paise(value)
    if paise <= 0:
        raise PydanticCustomError("amount_not_positive", "an amount is more than 0")
    return paise


def _paise_or_zero(value: object) -> int:
    paise = _paise(value)
    if paise < 0:
        raise PydanticCustomError("amount_negative", "an amount is not negative")
    return paise


def _rupees(paise: int) -> float:
    # Fifteen digits survive a double: JSON writes its shortest spelling, which up to there is the two decimals we mean.
    assert abs(paise) < 10**15, "a figure of more than 1e13 rupees"
    return paise / 100


def _money_schema(minimum: str, **extra: object) -> dict[str, Any]:
    number = {"type": "number", minimum: 0, "maximum": 100_000_000_000, "multipleOf": 0.01}
    text = {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"}
    return {"anyOf": [number, text], "description": "Rupees, at most two decimals", **extra}


#: In: rupees as a number or text, more than 0, at most 1e11. The value is whole paise.
Rupees = Annotated[
    int,
    BeforeValidator(_positive_paise),
    PlainSerializer(_rupees, return_type=float),  # for the defaults of a body within a body
    WithJsonSchema(_money_schema("exclusiveMinimum", examples=[25000, "4407.43"]), mode="validation"),
]
#: In: the same, and 0 is an amount too (an income, a down payment).
RupeesOrZero = Annotated[
    int, BeforeValidator(_paise_or_zero), WithJsonSchema(_money_schema("minimum", examples=[600000]), mode="validation")
]
#: Out: whole paise, written as a number of rupees.
RupeesOut = Annotated[
    int,
    PlainSerializer(_rupees, return_type=float),
    WithJsonSchema({"type": "number", "description": "Rupees, two decimals", "examples": [4407.43]}),
]


# --- rates, counts, dates --------------------------------------------------------------------------------------------


def _rate(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise PydanticCustomError("not_a_rate", "a rate is a number of percent a year")
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,8})?", value.strip()):
        raise PydanticCustomError("not_a_rate", "a rate is a number of percent a year, such as 10.5")
    try:
        rate = Decimal(value)
    except InvalidOperation:
        raise PydanticCustomError("not_a_rate", "a rate is a number of percent a year") from None
    if not rate.is_finite() or not 0 <= rate <= 100:
        raise PydanticCustomError("rate_out_of_range", "a rate is from 0 to 100 percent a year")
    exponent = rate.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > RATE_DECIMALS:
        raise PydanticCustomError("rate_too_precise", "a rate has at most eight decimals")
    return rate


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # A query parameter is text, and JSON may write a whole number with a point.
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, Decimal) and abs(value) < 10**18 and value == value.to_integral_value():
        return int(value)
    raise PydanticCustomError("not_a_whole_number", "a whole number is needed")


def _iso_date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("not_a_date", "there is no such day") from None
        # Years in which interest can be computed without leaving the calendar.
        if 1900 <= found.year <= 2200:
            return found
        raise PydanticCustomError("date_out_of_range", "a date lies between 1900 and 2200")
    raise PydanticCustomError("not_a_date", "a date is written as 2026-12-21")


#: In: percent a year, 0 to 100, at most eight decimals; the product narrows it.
RatePercent = Annotated[
    Decimal,
    BeforeValidator(_rate),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number", "minimum": 0, "maximum": 100}, {"type": "string"}],
            "description": "Percent a year",
            "examples": [10.5],
        },
        mode="validation",
    ),
]
#: Out: percent as a number.
RateOut = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float),
    WithJsonSchema({"type": "number", "description": "Percent a year", "examples": [10.5]}),
]


@dataclass(frozen=True, slots=True)
class Between:
    """The bounds of a `Whole`, both included. They bound the integer within: `Field(ge=..., le=...)` would bound what
    our reader makes of it, and be documented as `ge` and `le`, which JSON Schema does not know."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        assert schema["type"] == "function-before", "what is bounded is a Whole"
        within = schema["schema"]
        assert within["type"] == "int", "what is bounded is a Whole"
        return {**schema, "schema": {**within, "ge": self.least, "le": self.most}}


#: In: an integer; true is none, 12.0 is 12. Bound it: `Annotated[Whole, Between(1, 360)]`.
Whole = Annotated[int, BeforeValidator(_whole)]
#: In and out: a day, as `2026-12-21` and in no other spelling.
Day = Annotated[
    date,
    BeforeValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-21"]}),
]


# --- text ------------------------------------------------------------------------------------------------------------


def _clean(value: object) -> object:
    if isinstance(value, str) and any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise PydanticCustomError("text_not_clean", "text has no control characters")
    return value


#: One line of text without control characters; `Code` is a name such as a method or a product.
Line = Annotated[str, BeforeValidator(_clean), StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


def _reference(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(REFERENCE, value):
        sentence = "a reference has up to 100 letters, digits, spaces and . _ - / : # * @, and begins with no space"
        raise PydanticCustomError("not_a_reference", sentence)
    return value


REFERENCE = r"[A-Za-z0-9._/:#*@-][A-Za-z0-9 ._/:#*@-]{0,99}"
#: What a payment is known by elsewhere: a UTR, a cheque number.
Reference = Annotated[str, BeforeValidator(_reference), StringConstraints(pattern=f"^{REFERENCE}$")]
Password = Annotated[SecretStr, Field(min_length=8, max_length=128)]
Email = Annotated[EmailStr, Field(max_length=254)]


# --- public ids ------------------------------------------------------------------------------------------------------


def _id_reader(parse: Callable[[str], Value]) -> Callable[[object], Value]:
    def read(value: object) -> Value:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise PydanticCustomError("not_an_id", "an id is text or a whole number")
        try:
            return parse(value)
        except DomainError as error:
            raise refusal(error) from None

    return read


def _id_schema(example: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}], "examples": [example]}, mode="validation"
    )


def _id_text(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]}, mode="serialization")


#: In: `BC-USER-009` or 9, as the number; the other kinds likewise. A loan's id also says its year.
UserId = Annotated[int, BeforeValidator(_id_reader(parse_user_id)), _id_schema("BC-USER-009")]
PaymentId = Annotated[int, BeforeValidator(_id_reader(parse_payment_id)), _id_schema("PM-000012")]
ApplicationId = Annotated[int, BeforeValidator(_id_reader(parse_application_id)), _id_schema("AP-000034")]
ProposalId = Annotated[int, BeforeValidator(_id_reader(parse_proposal_id)), _id_schema("PR-000056")]
ScoreId = Annotated[int, BeforeValidator(_id_reader(parse_score_id)), _id_schema("CS-000056")]
if TYPE_CHECKING:
    LoanId = LoanReference
else:
    # FastAPI takes a dataclass for a body wherever it meets one: in a path or a query this must look like a scalar.
    LoanId = Annotated[Any, BeforeValidator(_id_reader(parse_loan_id)), _id_schema("LN-2025-0456")]

#: Out: the number, written as its public id. A loan's id needs its year: fill a `str` with `format_loan_id`.
UserIdOut = Annotated[int, PlainSerializer(format_user_id, return_type=str), _id_text("BC-USER-009")]
PaymentIdOut = Annotated[int, PlainSerializer(format_payment_id, return_type=str), _id_text("PM-000012")]
ApplicationIdOut = Annotated[int, PlainSerializer(format_application_id, return_type=str), _id_text("AP-000034")]
ProposalIdOut = Annotated[int, PlainSerializer(format_proposal_id, return_type=str), _id_text("PR-000056")]
ScoreIdOut = Annotated[int, PlainSerializer(format_score_id, return_type=str), _id_text("CS-000056")]
LoanIdOut = Annotated[str, _id_text("LN-2025-0456")]
