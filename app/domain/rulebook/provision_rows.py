"""The rows about provisions: what a lender sets aside for an asset of each class, in percent.

The rates of 2011 are for commercial banks without regional rural banks, so co-operative banks and regional rural banks
keep the older ones. NBFCs have rates of their own: on standard assets the smaller ones, now the base layer, keep
0.25 %.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.rulebook.kinds import BANKS, NBFCS, LenderKind
from app.domain.rulebook.rules import Counted, Rule, RuleRow, Source, Sureness, Unit

_IRACP = "Income Recognition, Asset Classification and Provisioning Directions, 2025, of the kind of lender"
_BANKS_SURE = Source("RBI/2010-11/529", _IRACP)
_BANKS_LESS = Source("RBI/2010-11/529", _IRACP, Sureness.MEDIUM)
_OLDER = Source("the rates before RBI/2010-11/529", _IRACP, Sureness.LOW)
_STANDARD = Source("RBI norms on standard assets of 2009-11-05", _IRACP, Sureness.MEDIUM)
_COOPERATIVE = Source("RBI/2005-06/219 and RBI/2023-24/18", _IRACP)
_NBFC_SURE = Source("NBFC Prudential Norms Directions of 2007", _IRACP)
_NBFC = Source("NBFC Prudential Norms Directions of 2007", _IRACP, Sureness.MEDIUM)
_NBFC_STANDARD = Source("DNBS.PD.CC.No.207/03.02.002/2010-11", _IRACP)
_NBFC_LARGER = Source("RBI revised framework for NBFCs of 2014-11-10", _IRACP)
_ECL = Source("RBI directions on expected credit loss of 2026-04-27", "Expected Credit Loss Directions, 2026")

_RATES, _NBFC_FROM = date(2011, 5, 18), date(2011, 1, 17)
_ECL_BEGINS = date(2027, 4, 1)
_COMMERCIAL = frozenset({LenderKind.BANK})
_COOPERATIVES = frozenset(
    {LenderKind.COOPERATIVE_BANK, LenderKind.COOPERATIVE_BANK_TIER_3, LenderKind.COOPERATIVE_BANK_TIER_4}
)
_RURAL = frozenset({LenderKind.REGIONAL_RURAL_BANK})
_OTHER_BANKS = BANKS - _COMMERCIAL - _COOPERATIVES - _RURAL
_BASE = frozenset({LenderKind.NBFC_BASE})
#: The systemically important and the deposit-taking NBFCs: today the middle and the upper layer.
_LARGER = NBFCS - _BASE


def _row(
    rule: Rule,
    percent: str,
    words: str,
    source: Source,
    lenders: frozenset[LenderKind],
    *,
    from_on: date,
    until: date | None = None,
) -> RuleRow:
    return RuleRow(rule, Decimal(percent), Unit.PERCENT, words, source, from_on, until, Counted.DAY_END, lenders)


_ON_SUB_STANDARD: Final = (
    (Rule.PROVISION_SUB_STANDARD_PERCENT, "provision on a secured sub-standard asset"),
    (Rule.PROVISION_SUB_STANDARD_UNSECURED_PERCENT, "provision on an unsecured sub-standard asset"),
    (Rule.PROVISION_LOSS_PERCENT, "provision on a loss asset"),
)
_ON_DOUBTFUL: Final = (
    (Rule.PROVISION_DOUBTFUL_1_PERCENT, "provision on the secured part, doubtful up to a year"),
    (Rule.PROVISION_DOUBTFUL_2_PERCENT, "provision on the secured part, doubtful one to three years"),
    (Rule.PROVISION_DOUBTFUL_3_PERCENT, "provision on the secured part, doubtful over three years"),
    (Rule.PROVISION_DOUBTFUL_UNSECURED_PERCENT, "provision on the unsecured part of a doubtful asset"),
)


def _failed(
    lenders: frozenset[LenderKind],
    *,
    sub: tuple[str, str],
    doubtful: tuple[str, str, str],
    sources: tuple[Source, Source],
    until: date | None = None,
) -> tuple[RuleRow, ...]:
    """The rates of non-performing assets: sub-standard secured and unsecured, doubtful by time; the rest is all of it.

    `sources` are those of sub-standard and of doubtful assets.
    """
    rates = [
        (*row, percent, source)
        for rows, percents, source in zip(
            (_ON_SUB_STANDARD, _ON_DOUBTFUL), ((*sub, "100"), (*doubtful, "100")), sources, strict=True
        )
        for row, percent in zip(rows, percents, strict=True)
    ]
    return tuple(
        _row(rule, percent, words, source, lenders, from_on=_RATES, until=until)
        for rule, words, percent, source in rates
    )


def _standard(
    percent: str, source: Source, lenders: frozenset[LenderKind], from_on: date, until: date | None = None
) -> RuleRow:
    words = "provision on a standard retail asset"
    return _row(Rule.PROVISION_STANDARD_PERCENT, percent, words, source, lenders, from_on=from_on, until=until)


_STEPS: Final = (date(2016, 3, 31), date(2017, 3, 31), date(2018, 3, 31))

ROWS: Final = (
    _standard("0.40", _STANDARD, _COMMERCIAL, _RATES, _ECL_BEGINS),
    _standard("0.40", _STANDARD, _OTHER_BANKS | _RURAL, _RATES),
    # Small ones in one district had 0.25 % until 2025-03-31.
    _standard("0.40", _COOPERATIVE, _COOPERATIVES, _RATES),
    _standard("0.25", _NBFC_STANDARD, _BASE, _NBFC_FROM),
    _standard("0.25", _NBFC_STANDARD, _LARGER, _NBFC_FROM, _STEPS[0]),
    _standard("0.30", _NBFC_LARGER, _LARGER, _STEPS[0], _STEPS[1]),
    _standard("0.35", _NBFC_LARGER, _LARGER, _STEPS[1], _STEPS[2]),
    _standard("0.40", _NBFC_LARGER, _LARGER, _STEPS[2]),
    *_failed(
        _COMMERCIAL, sub=("15", "25"), doubtful=("25", "40", "100"), sources=(_BANKS_SURE, _BANKS_SURE),
        until=_ECL_BEGINS,
    ),
    *_failed(
        _OTHER_BANKS, sub=("15", "25"), doubtful=("25", "40", "100"), sources=(_BANKS_LESS, _BANKS_LESS),
    ),
    *_failed(
        _COOPERATIVES | _RURAL, sub=("10", "10"), doubtful=("20", "30", "100"), sources=(_OLDER, _OLDER),
    ),
    *_failed(
        NBFCS, sub=("10", "10"), doubtful=("20", "30", "50"), sources=(_NBFC_SURE, _NBFC),
    ),
    RuleRow(
        Rule.EXPECTED_CREDIT_LOSS, 1, Unit.DUTY,
        "a commercial bank provides for expected credit loss, and not by these rates",
        _ECL, _ECL_BEGINS, None, Counted.DAY_END, _COMMERCIAL,
    ),
)  # fmt: skip
