"""A change of a loan as the document that its row keeps, and back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.payments.changes import Adjusts, ChangeKind, LoanChange
from app.domain.schedules.terms import Moratorium, MoratoriumInterest, MoratoriumOf


def change_document(change: LoanChange) -> dict[str, Any]:
    """A change as its row keeps it, apart from its number, kind and day."""
    rate, moratorium = change.annual_rate_percent, change.moratorium
    return {
        "annual_rate_percent": None if rate is None else format(rate, "f"),
        "adjusts": change.adjusts.value,
        "emi_paise": change.emi_paise,
        "instalments": change.instalments,
        "moratorium": None
        if moratorium is None
        else [moratorium.instalments, moratorium.of.value, moratorium.interest.value],
        "capitalises_arrears": change.capitalises_arrears,
        "for_difficulty": change.for_difficulty,
        "due_day": change.due_day,
        "amount_paise": change.amount_paise,
        "most_instalments": change.most_instalments,
        "returnable_until": None if change.returnable_until is None else change.returnable_until.isoformat(),
    }


def change_of(
    document: Mapping[str, Any], *, number: int, kind: ChangeKind, made_on: date, booked_on: date
) -> LoanChange:
    """The change of a row."""
    rate, moratorium = document["annual_rate_percent"], document["moratorium"]
    returnable = document.get("returnable_until")
    return LoanChange(
        **{
            **document,
            "annual_rate_percent": None if rate is None else Decimal(rate),
            "adjusts": Adjusts(document["adjusts"]),
            "moratorium": None
            if moratorium is None
            else Moratorium(
                instalments=moratorium[0],
                of=MoratoriumOf(moratorium[1]),
                interest=MoratoriumInterest(moratorium[2]),
            ),
            "returnable_until": None if returnable is None else date.fromisoformat(returnable),
        },
        number=number,
        kind=kind,
        made_on=made_on,
        booked_on=booked_on,
    )
