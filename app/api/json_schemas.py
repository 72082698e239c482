"""The JSON schemas of our field types, as the OpenAPI document shows them. `schemas.py` has the types themselves."""

from typing import Any, Final

from pydantic import WithJsonSchema

#: Where a schema of the OpenAPI document keeps its model, until `app/api/openapi_schemas.py` names it.
ORIGIN: Final = "x-origin"
#: The format of an amount of an answer, in rupees. `app/api/money_form.py` finds the amounts of an answer by it.
RUPEES_FORMAT: Final = "rupees"
#: The format of the figures of a reason: names with amounts, counts and rates.
FIGURES_FORMAT: Final = "figures"


def _amount(minimum: str, **extra: object) -> dict[str, Any]:
    # No multipleOf: validators that divide binary fractions would refuse 8884.88 before it is sent.
    number = {"type": "number", minimum: 0, "maximum": 100_000_000_000}
    text = {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"}
    return {"anyOf": [number, text], "description": "Rupees with at most two decimals", **extra}


AMOUNT: Final = WithJsonSchema(_amount("exclusiveMinimum", examples=[25000, "4407.43"]), mode="validation")
AMOUNT_OR_ZERO: Final = WithJsonSchema(_amount("minimum", examples=[600000]), mode="validation")
AMOUNT_OUT: Final = WithJsonSchema(
    {
        "type": "number",
        "format": RUPEES_FORMAT,
        "minimum": -10_000_000_000_000,
        "maximum": 10_000_000_000_000,
        "description": "Rupees with two decimals",
        "examples": [4407.43],
    }
)
FIGURES_OUT: Final = WithJsonSchema(
    {
        "type": "object",
        "format": FIGURES_FORMAT,
        "additionalProperties": True,
        "description": "The figures that the rule compared. Money is in rupees.",
    }
)
RATE: Final = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 100},
            {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,8})?$"},
        ],
        "description": "Percent a year",
        "examples": [10.5],
    },
    mode="validation",
)
RATE_OUT: Final = WithJsonSchema(
    {"type": "number", "minimum": 0, "maximum": 100, "description": "Percent a year", "examples": [10.5]}
)
APR_OUT: Final = WithJsonSchema(
    {"type": "number", "minimum": -100, "maximum": 10**12, "description": "Percent a year", "examples": [14.98]}
)
DAY: Final = WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-21"]})
