"""Makes a failure small: fewer actions, rounder figures and simpler terms that still give the same violation."""

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal

from app.domain.payments.payments import TreatAs
from app.domain.products.seeded import SEEDED_PRODUCTS
from tests.lives.actions import Action
from tests.lives.contracts import Contract
from tests.lives.domain_simulation import Failure, repeated_violation


def shrink(failure: Failure) -> Failure:
    """The smallest failure found when no single simplification keeps the violation any more."""
    part = failure.violation.part
    if repeated_violation(failure.contract, failure.actions, part=part) is None:
        return failure
    while (smaller := _smaller(failure)) is not None:
        failure = smaller
    return failure


def _smaller(failure: Failure) -> Failure | None:
    for contract, actions in _candidates(failure.contract, failure.actions):
        violation = repeated_violation(contract, actions, part=failure.violation.part)
        if violation is not None:
            return Failure(contract, actions, violation)
    return None


def _candidates(contract: Contract, actions: list[Action]) -> Iterator[tuple[Contract, list[Action]]]:
    for index in range(len(actions)):
        yield contract, [*actions[:index], *actions[index + 1 :]]
    yield from ((plainer, actions) for plainer in _plainer(contract))
    for index, action in enumerate(actions):
        for simpler in _simpler(action):
            yield contract, [*actions[:index], simpler, *actions[index + 1 :]]


def _plainer(contract: Contract) -> Iterator[Contract]:
    seeded = {product.code: product.repayment for product in SEEDED_PRODUCTS}[contract.product]
    for one in fields(seeded):
        if one.init and getattr(seeded, one.name) != getattr(contract.terms, one.name):
            yield replace(contract, terms=replace(contract.terms, **{one.name: getattr(seeded, one.name)}))
    if contract.agreement is not None:
        yield replace(contract, agreement=None)
        yield replace(contract, agreement=replace(contract.agreement, holidays=()))
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


def _simpler(action: Action) -> Iterator[Action]:
    if action.treat_as is not TreatAs.INSTALMENT:
        yield action._replace(treat_as=TreatAs.INSTALMENT)
    for unit in (1_000_00, 100_00, 1_00):
        rounder = action.first // unit * unit
        if action.kind == "pay" and 0 < rounder < action.first:
            yield action._replace(first=rounder)
    if action.kind == "pay" and action.first > 1:
        yield action._replace(first=1)
