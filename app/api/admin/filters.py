"""The filters of the list pages: each parses the typed text and becomes a condition that the repository knows.

Money is typed in rupees and compared in paise. A text that cannot be parsed is refused with a sentence. It is never
ignored, because a missing filter shows the wrong rows.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

from starlette_admin.fields import BaseField
from starlette_admin.filters import FilterApplyContext, FilterGroup, FilterRegistry, FilterRule
from starlette_admin.filters.base import BaseFilter, FilterDataType, FilterValidationError
from starlette_admin.filters.date import DateBetweenFilter, DateEqualFilter
from starlette_admin.filters.enum import InFilter, NotInFilter
from starlette_admin.filters.generic import EqualFilter as TextEqualFilter
from starlette_admin.filters.generic import IsNotNullFilter, IsNullFilter, NotEqualFilter
from starlette_admin.filters.numeric import BetweenFilter, EqualFilter, GreaterThanOrEqualFilter, LessThanOrEqualFilter
from starlette_admin.filters.string import ContainsFilter, StartsWithFilter

from app.api.admin import fields
from app.domain.errors import DomainError
from app.domain.money import rupees_to_paise
from app.domain.public_ids import (
    parse_application_id,
    parse_loan_id,
    parse_payment_id,
    parse_proposal_id,
    parse_score_id,
    parse_user_id,
)
from app.services.operations.browsing import AllOrAny, Condition, can_be_empty


class ConditionFilter(BaseFilter):
    """A filter that becomes a condition. Its name is the condition's operator."""

    def apply(self, ctx: FilterApplyContext) -> Any:
        return Condition(column=ctx.field_name, operator=self.name, value=ctx.value, value2=ctx.value2)


class TextEquals(ConditionFilter, TextEqualFilter): ...


class TextDiffers(ConditionFilter, NotEqualFilter): ...


class Contains(ConditionFilter, ContainsFilter): ...


class StartsWith(ConditionFilter, StartsWithFilter): ...


class OneOf(ConditionFilter, InFilter): ...


class NoneOf(ConditionFilter, NotInFilter): ...


class IsEmpty(ConditionFilter, IsNullFilter):
    label = "Is empty"


class IsNotEmpty(ConditionFilter, IsNotNullFilter):
    label = "Is not empty"


class NumberEquals(ConditionFilter, EqualFilter): ...


class AtLeast(ConditionFilter, GreaterThanOrEqualFilter):
    label = "At least"


class AtMost(ConditionFilter, LessThanOrEqualFilter):
    label = "At most"


class NumberBetween(ConditionFilter, BetweenFilter): ...


class IsOn(ConditionFilter, DateEqualFilter): ...


class DayBetween(ConditionFilter, DateBetweenFilter): ...


class Rupees(ConditionFilter):
    """Parses rupees, with or without commas, as paise."""

    data_type = FilterDataType.STRING

    def parse_value(self, raw: str) -> int:
        try:
            return rupees_to_paise(str(raw).replace(",", "").replace("₹", "").strip())
        except DomainError as error:
            raise FilterValidationError(error.message) from None


class RupeesEqual(Rupees):
    name, label = "eq", "Equals (rupees)"


class RupeesAtLeast(Rupees):
    name, label = "gte", "At least (rupees)"


class RupeesAtMost(Rupees):
    name, label = "lte", "At most (rupees)"


class RupeesBetween(Rupees):
    name, label, has_value2 = "between", "Between (rupees)", True


class IsId(ConditionFilter):
    """Parses a public id or the bare number."""

    name, label, data_type = "eq", "Is", FilterDataType.STRING

    def parse_value(self, raw: str) -> int:
        text = str(raw).strip().upper()
        for parse in (parse_user_id, parse_payment_id, parse_application_id, parse_proposal_id, parse_score_id):
            try:
                return parse(text)
            except DomainError:
                continue
        try:
            return parse_loan_id(text).number
        except DomainError as error:
            raise FilterValidationError(error.message) from None


TEXT: Final = (Contains, StartsWith, TextEquals, TextDiffers, IsEmpty, IsNotEmpty)
NUMBER: Final = (NumberEquals, AtLeast, AtMost, NumberBetween)
MONEY: Final = (RupeesEqual, RupeesAtLeast, RupeesAtMost, RupeesBetween)
DAY: Final = (IsOn, DayBetween, IsEmpty, IsNotEmpty)

REGISTRY: Final = FilterRegistry(
    {
        fields.TextField: TEXT,
        fields.WordsField: TEXT,
        fields.NumberField: NUMBER,
        fields.RateField: NUMBER,
        fields.DecimalField: NUMBER,
        fields.MoneyField: MONEY,
        fields.DayField: DAY,
        fields.InstantField: (IsEmpty, IsNotEmpty),
        fields.BadgeField: (OneOf, NoneOf),
        fields.IdField: (IsId, IsEmpty),
        fields.TextIdField: TEXT,
    }
)


class ListingFilters(FilterRegistry):
    """The filters of one listing: "is empty" is offered only for a column that can be."""

    def __init__(self, listing: str) -> None:
        super().__init__()
        self._listing = listing

    def filters_for(self, field: BaseField) -> list[type[BaseFilter]]:
        found = REGISTRY.filters_for(field)
        if can_be_empty(self._listing, field.name):
            return found
        return [each for each in found if each not in (IsEmpty, IsNotEmpty)]


def conditions_of(group: FilterGroup | None, *, fields_by_name: dict[str, BaseField]) -> AllOrAny | None:
    """A tree of parsed filters as conditions; None if it is empty."""
    if group is None or group.is_empty():
        return None
    logic: Literal["and", "or"] = "or" if group.logic == "or" else "and"
    return AllOrAny(logic=logic, parts=tuple(_parts(group.rules, fields_by_name)))


def _parts(
    rules: Sequence[FilterGroup | FilterRule], fields_by_name: dict[str, BaseField]
) -> Sequence[AllOrAny | Condition]:
    parts: list[AllOrAny | Condition] = []
    for rule in rules:
        if isinstance(rule, FilterGroup):
            inner = conditions_of(rule, fields_by_name=fields_by_name)
            parts += [] if inner is None else [inner]
            continue
        kind = REGISTRY.get_filter(fields_by_name[rule.field], rule.filter)
        assert kind is not None, "the library refuses a filter that a field does not have"
        condition = kind().apply(
            FilterApplyContext(query=None, field_name=rule.field, value=rule.value, value2=rule.value2)
        )
        parts.append(condition)
    return parts
