"""The interest of a statement: which days of which item bear it, and one rounding.

A day of a purchase or of a billed instalment bears interest by the statement that billed it. Not paid in full: every
day. Paid in full, or not judged yet: the days on which the account was revolving. A day of a cash advance always bears.
A statement charges the bearing days before its end that no statement charged before. Days of a purchase that do not
bear yet are held; they are charged when its statement turns out not to be paid in full, and forgotten when it was. A
purchase of which no day bears yet is left as it is, and its days are counted when its statement is judged: so what a
transactor has bought costs a statement nothing. Source: docs/cards.md, interest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from app.domain.cards.engine.accounts import State, TermsFrom
from app.domain.cards.engine.items import Item, Span
from app.domain.money import RoundingMode, percent_ratio, round_ratio
from app.domain.products.card_terms import CardBucket, InterestRounded

#: The buckets that are rounded apart. Instalments are rounded with the purchases, and so is interest where it bears.
GROUPS: Final = (CardBucket.PURCHASES, CardBucket.CASH)
YEAR_DAYS: Final = 365
#: Their days go by the statement that billed them.
BEARING: Final = (CardBucket.PURCHASES, CardBucket.INSTALMENTS)


class InterestLine(NamedTuple):
    """One line of an explanation: a posting, days `[from_on, to_on)`, a balance and an annual rate."""

    number: int
    bucket: CardBucket
    from_on: date
    to_on: date
    balance_paise: int
    annual_rate_percent: Decimal

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days

    @property
    def exact_paise(self) -> Fraction:
        """The interest of the line before rounding, in paise."""
        numerator, denominator = percent_ratio(self.annual_rate_percent)
        return Fraction(self.balance_paise * self.days * numerator, denominator * YEAR_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInterest:
    """The interest of a group (purchases, or cash) in one statement."""

    group: CardBucket
    paise: int
    lines: tuple[InterestLine, ...]


def charge_interest(state: State, *, until: date) -> list[GroupInterest]:
    """Charges the bearing days before `until` that were not charged, and remembers that they were."""
    items = _items_with_days(state, until=until)
    if not items:
        return []
    purchases: list[InterestLine] = []
    cash: list[InterestLine] = []
    with_interest = state.terms_now.interest_bears_interest
    for item in items:
        if item.bucket is CardBucket.CASH:
            cash += _lines(state.terms, item, _charge_item(state, item, until=until), is_cash=True)
        elif (item.bucket in BEARING or (with_interest and item.bucket is CardBucket.INTEREST)) and not (
            item.billed_by is None and not item.held and _none_bears(state, item.accounted_until, until)
        ):
            purchases += _lines(state.terms, item, _charge_item(state, item, until=until), is_cash=False)
    how = state.terms_on(until - timedelta(days=state.shift)).interest_rounded
    return [
        GroupInterest(group=group, paise=interest_paise(found, rounded=how), lines=tuple(found))
        for group, found in zip(GROUPS, (purchases, cash), strict=True)
        if found
    ]


def _items_with_days(state: State, *, until: date) -> list[Item]:
    """The items of which a day may be charged: purchases that are kept as rows only where one of their days bears."""
    for one in state.bought:
        if one.billed_by is not None or not _none_bears(state, one.from_on, until):
            return state.items
    return state.live


def _none_bears(state: State, from_on: date, until: date) -> bool:
    """Whether no day of these bears before its statement is judged: the account was not revolving on any of them."""
    revolving = state.revolving
    return not revolving or all(begin >= until or (end is not None and end <= from_on) for begin, end in revolving)


def forget_days(state: State, item: Item, *, until: date) -> None:
    """Forgets the days before `until` that were not charged: the statement that billed the item was paid in full.

    What was posted by the statement itself was not there when it charged the days on which the account was revolving:
    of interest that bears interest, and where days are inclusive, that day is charged by the next statement.
    """
    item.held = []
    if item.accounted_until < until and bears(state, item):
        first = item.accounted_until
        began = [max(begin, first) for begin, end in state.revolving if (end or until) > first]
        item.accounted_until = min([*began, until])
        item.steps = [step for step in item.steps if step.from_on >= item.accounted_until]


def uncharged(item: Item, *, until: date) -> list[Span]:
    """The days before `until` of which it is not decided, or not yet counted, whether they bear."""
    return joined(item.held + spans_of(item, until=until))


def bears(state: State, item: Item) -> bool:
    """Whether items of its kind may bear interest."""
    if item.bucket is CardBucket.INTEREST:
        return state.terms_now.interest_bears_interest
    return item.bucket is CardBucket.CASH or item.bucket in BEARING


def interest_paise(lines: Sequence[InterestLine], *, rounded: InterestRounded) -> int:
    """The interest of lines, rounded half up, once or line by line."""
    if rounded is InterestRounded.PER_LINE:
        return sum(_half_up(line.exact_paise) for line in lines)
    by_rate: dict[Decimal, int] = {}
    for line in lines:
        rate = line.annual_rate_percent
        by_rate[rate] = by_rate.get(rate, 0) + line.balance_paise * line.days
    exact = Fraction(0)
    for rate, paise_days in by_rate.items():
        numerator, denominator = percent_ratio(rate)
        exact += Fraction(paise_days * numerator, denominator * YEAR_DAYS)
    return _half_up(exact)


def _half_up(exact: Fraction) -> int:
    return round_ratio(exact.numerator, exact.denominator, mode=RoundingMode.HALF_UP)


def _charge_item(state: State, item: Item, *, until: date) -> list[Span]:
    """The spans of an item that bear and were not charged. What does not bear yet is held."""
    spans = spans_of(item, until=until)
    item.steps = [step for step in item.steps if step.from_on >= until]
    item.accounted_until = max(item.accounted_until, until)
    if item.bucket is CardBucket.CASH:
        return spans
    if item.bears_all:
        charged, item.held = joined(item.held + spans), []
        return charged
    charged, is_free = [], _is_free(state, item)
    for span in spans:
        inside, outside = split(span, state.revolving)
        charged += inside
        # What came after the judgement that the statement was paid in full will never bear.
        item.held += [] if is_free else outside
    return joined(charged)


def _is_free(state: State, item: Item) -> bool:
    """Whether the statement that billed the item is judged, and was paid in full."""
    if item.billed_by is None or not state.statements or item.billed_by > state.statements[-1].number:
        return False
    return all(one.number != item.billed_by or one.paid_in_full is not None for one in state.statements)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order of their days, with those joined that follow each other with one balance."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1].to_on == span.from_on and found[-1].balance_paise == span.balance_paise:
            found[-1] = Span(found[-1].from_on, span.to_on, span.balance_paise)
        else:
            found.append(span)
    return found


def spans_of(item: Item, *, until: date) -> list[Span]:
    """What was outstanding of an item, day by day, from `accounted_until` to before `until`."""
    begin = item.accounted_until
    if begin >= until:
        return []
    balance = item.left_paise + sum(step.paise for step in item.steps)
    spans = []
    for step in sorted(item.steps):
        if step.from_on >= until:
            break
        if step.from_on > begin:
            if balance:
                spans.append(Span(begin, step.from_on, balance))
            begin = step.from_on
        balance -= step.paise
    if balance:
        spans.append(Span(begin, until, balance))
    return spans


def split(span: Span, periods: Iterable[tuple[date, date | None]]) -> tuple[list[Span], list[Span]]:
    """The parts of a span inside and outside of periods, which do not overlap and are in order."""
    inside, outside, begin = [], [], span.from_on
    for period_from, period_to in periods:
        first = max(begin, period_from)
        last = span.to_on if period_to is None else min(span.to_on, period_to)
        if first >= last:
            continue
        if begin < first:
            outside.append(Span(begin, first, span.balance_paise))
        inside.append(Span(first, last, span.balance_paise))
        begin = last
    if begin < span.to_on:
        outside.append(Span(begin, span.to_on, span.balance_paise))
    return inside, outside


def _lines(terms: Sequence[TermsFrom], item: Item, spans: Sequence[Span], *, is_cash: bool) -> Iterator[InterestLine]:
    """The spans as lines, cut where the rate changes."""
    number, bucket = item.number, item.bucket
    for span in spans:
        for from_on, to_on, rate in _by_rate(terms, span, is_cash=is_cash):
            yield InterestLine(number, bucket, from_on, to_on, span.balance_paise, rate)


def _by_rate(terms: Sequence[TermsFrom], span: Span, *, is_cash: bool) -> Iterator[tuple[date, date, Decimal]]:
    for place, (known_from, known, _) in enumerate(terms):
        begin = span.from_on if place == 0 else max(span.from_on, known_from)
        end = min(span.to_on, terms[place + 1].from_on) if place + 1 < len(terms) else span.to_on
        if begin < end:
            yield begin, end, known.cash_annual_rate_percent if is_cash else known.annual_rate_percent


def open_revolving(state: State, *, from_on: date) -> None:
    """The account revolves from a day on, until a later statement, paid in full, is cleared."""
    if not state.revolving or (state.revolving[-1][1] is not None and state.revolving[-1][1] < from_on):
        state.revolving.append((from_on, None))
        return
    state.revolving[-1] = (min(state.revolving[-1][0], from_on), None)


def end_revolving(state: State, *, cleared_on: date) -> None:
    """The account stops revolving on the day on which a statement, paid in full, was cleared."""
    if state.is_revolving:
        begun = state.revolving[-1][0]
        ends_on = cleared_on + timedelta(days=state.shift)
        state.revolving[-1] = (begun, max(ends_on, begun))
        del state.revolving[:-2]
