"""Describes a failure: the terms, the actions with their dates, and the violation."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

from app.domain.products.seeded import SEEDED_PRODUCTS
from tests.lives.contracts import Contract
from tests.lives.domain_simulation import Failure


def describe_failure(failure: Failure, *, seed: int) -> str:
    """The text of a failure, with the command that repeats it."""
    contract = failure.contract
    days = [
        f"    {contract.disbursed_on + timedelta(days=action.day)} (day {action.day}): "
        f"{action.kind} {action.first} {action.second} {action.treat_as.value} {action.back} {action.instalment}"
        for action in failure.actions
    ]
    lent = f"{contract.product}, {contract.amount_paise} paise at {contract.annual_rate_percent} %"
    return "\n".join(
        [
            f"{failure.violation.part}: {failure.violation.detail}",
            f"  {lent}, {contract.instalments} from {contract.disbursed_on}",
            *_differing(contract),
            *days,
            f"  repeat: .venv/bin/python -m tests.lives --loan {seed}",
        ]
    )


def _differing(contract: Contract) -> Iterator[str]:
    """The terms that differ from those of the product."""
    seeded = {product.code: product.repayment for product in SEEDED_PRODUCTS}[contract.product]
    for one in fields(seeded):
        if one.init and getattr(seeded, one.name) != getattr(contract.terms, one.name):
            yield f"    {one.name} = {getattr(contract.terms, one.name)}"
    if contract.agreement is not None:
        yield f"    {contract.agreement}"
