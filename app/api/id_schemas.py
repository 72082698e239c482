"""The types of public ids. A request gives `LN-2025-0456` or the bare number; an answer gives `LN-2025-0456`."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.schemas import refusal
from app.domain.errors import DomainError
from app.domain.public_ids import (
    LoanReference,
    format_application_id,
    format_card_account_id,
    format_payment_id,
    format_promise_id,
    format_proposal_id,
    format_score_id,
    format_user_id,
    parse_application_id,
    parse_card_account_id,
    parse_event_id,
    parse_loan_id,
    parse_payment_id,
    parse_promise_id,
    parse_proposal_id,
    parse_score_id,
    parse_user_id,
)

Value = TypeVar("Value")


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
    kind = re.sub(r"[0-9]+$", r"[0-9]{3,19}", example)
    return WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^({re.sub('2025', '[0-9]{4}', kind)}|[1-9][0-9]{{0,18}})$"},
                {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
            ],
            "examples": [example],
        },
        mode="validation",
    )


def _id_text(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]}, mode="serialization")


#: In: `BC-USER-009` or 9 becomes the number 9, and the other kinds likewise. A loan's id also holds its year.
UserId = Annotated[int, BeforeValidator(_id_reader(parse_user_id)), _id_schema("BC-USER-009")]
PaymentId = Annotated[int, BeforeValidator(_id_reader(parse_payment_id)), _id_schema("PM-000012")]
ApplicationId = Annotated[int, BeforeValidator(_id_reader(parse_application_id)), _id_schema("AP-000034")]
ProposalId = Annotated[int, BeforeValidator(_id_reader(parse_proposal_id)), _id_schema("PR-000056")]
CardAccountId = Annotated[int, BeforeValidator(_id_reader(parse_card_account_id)), _id_schema("CA-000078")]
PromiseId = Annotated[int, BeforeValidator(_id_reader(parse_promise_id)), _id_schema("PTP-000012")]
ScoreId = Annotated[int, BeforeValidator(_id_reader(parse_score_id)), _id_schema("CS-000056")]
EventId = Annotated[int, BeforeValidator(_id_reader(parse_event_id)), _id_schema("EV-000123")]
if TYPE_CHECKING:
    LoanId = LoanReference
else:
    # FastAPI reads every dataclass as a body. For a path or a query the type must look like a scalar.
    LoanId = Annotated[Any, BeforeValidator(_id_reader(parse_loan_id)), _id_schema("LN-2025-0456")]

#: Out: the number is written as its public id. A loan's id needs its year: fill a `str` with `format_loan_id`.
UserIdOut = Annotated[int, PlainSerializer(format_user_id, return_type=str), _id_text("BC-USER-009")]
PaymentIdOut = Annotated[int, PlainSerializer(format_payment_id, return_type=str), _id_text("PM-000012")]
ApplicationIdOut = Annotated[int, PlainSerializer(format_application_id, return_type=str), _id_text("AP-000034")]
ProposalIdOut = Annotated[int, PlainSerializer(format_proposal_id, return_type=str), _id_text("PR-000056")]
ScoreIdOut = Annotated[int, PlainSerializer(format_score_id, return_type=str), _id_text("CS-000056")]
CardAccountIdOut = Annotated[int, PlainSerializer(format_card_account_id, return_type=str), _id_text("CA-000078")]
PromiseIdOut = Annotated[int, PlainSerializer(format_promise_id, return_type=str), _id_text("PTP-000012")]
LoanIdOut = Annotated[str, _id_text("LN-2025-0456")]
