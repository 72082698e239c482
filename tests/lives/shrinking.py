"""Making a failure small: fewer deeds, rounder figures, plainer terms, as long as the same part stays broken."""

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal

from app.domain.payments.payments import TreatAs
from app.domain.products.seeded import SEEDED_PRODUCTS
from tests.lives.contracts import Contract
from tests.lives.life import Deed
from tests.lives.trials import Failure, relived_fault


def shrink(failure: Failure) -> Failure:
    """The smallest failure that is found in a few passes."""
    part = failure.breach.part
    if relived_fault(failure.contract, failure.deeds, part=part) is None:
        return failure
    while (smaller := _smaller(failure)) is not None:
        failure = smaller
    return failure


def _smaller(failure: Failure) -> Failure | None:
    for contract, deeds in _candidates(failure.contract, failure.deeds):
        breach = relived_fault(contract, deeds, part=failure.breach.part)
        if breach is not None:
            return Failure(contract, deeds, breach)
    return None


def _candidates(contract: Contract, deeds: list[Deed]) -> Iterator[tuple[Contract, list[Deed]]]:
    for index in range(len(deeds)):
        yield contract, [*deeds[:index], *deeds[index + 1 :]]
    yield from ((plainer, deeds) for plainer in _plainer(contract))
    for index, deed in enumerate(deeds):
        for simpler in _simpler(deed):
            yield contract, [*deeds[:index], simpler, *deeds[index + 1 :]]


def _plainer(contract: Contract) -> Iterator[Contract]:
    seeded = {product.code: product.repayment for product in SEEDED_PRODUCTS}[contract.product]
    for one in fields(seeded):
        if one.init and getattr(seeded, one.name) != getattr(contract.terms, one.name):
            yield replace(contract, terms=replace(contract.terms, **{one.name: getattr(seeded, one.name)}))
    yield from _rounder(contract)


def _rounder(contract: Contract) -> Iterator[Contract]:
    """The same contract with a rounder amount, fewer instalments, a usual rate, or from the first day of a year."""
    for amount in (1_000_00, 10_000_00, 1_00_000_00):
        if contract.amount_paise != amount and (contract.amount_paise > amount or contract.amount_paise % 1_000_00):
            yield replace(contract, amount_paise=amount)
    for fewer in (1, 2, 3, contract.instalments - 1):
        if 1 <= fewer < contract.instalments:
            yield replace(contract, instalments=fewer)
    for rate in (Decimal(0), Decimal(12)):
        if contract.annual_rate_percent not in (rate, Decimal(0)):
            yield replace(contract, annual_rate_percent=rate)
    for day in ("2024-01-01", "2025-01-01"):
        plain = type(contract.disbursed_on).fromisoformat(day)
        if contract.disbursed_on.day != 1 or contract.disbursed_on.month != 1:
            yield replace(contract, disbursed_on=plain)


def _simpler(deed: Deed) -> Iterator[Deed]:
    if deed.treat_as is not TreatAs.INSTALMENT:
        yield deed._replace(treat_as=TreatAs.INSTALMENT)
    for unit in (1_000_00, 100_00, 1_00):
        rounder = deed.first // unit * unit
        if deed.what == "pay" and 0 < rounder < deed.first:
            yield deed._replace(first=rounder)
    if deed.what == "pay" and deed.first > 1:
        yield deed._replace(first=1)
