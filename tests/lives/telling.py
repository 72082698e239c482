"""A failure in words: the terms, the deeds with their dates, and what did not hold."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

from app.domain.products.seeded import SEEDED_PRODUCTS
from tests.lives.contracts import Contract
from tests.lives.trials import Failure


def tell(failure: Failure, *, seed: int) -> str:
    """A failure as it is printed, with the words that live it again."""
    contract = failure.contract
    days = [
        f"    {contract.disbursed_on + timedelta(days=deed.day)} (day {deed.day}): "
        f"{deed.what} {deed.first} {deed.second} {deed.treat_as.value}"
        for deed in failure.deeds
    ]
    lent = f"{contract.product}, {contract.amount_paise} paise at {contract.annual_rate_percent} %"
    return "\n".join(
        [
            f"{failure.breach.part}: {failure.breach.told}",
            f"  {lent}, {contract.instalments} from {contract.disbursed_on}",
            *_differing(contract),
            *days,
            f"  again: .venv/bin/python -m tests.lives --life {seed}",
        ]
    )


def _differing(contract: Contract) -> Iterator[str]:
    """Where the terms are not those of the product."""
    seeded = {product.code: product.repayment for product in SEEDED_PRODUCTS}[contract.product]
    for one in fields(seeded):
        if one.init and getattr(seeded, one.name) != getattr(contract.terms, one.name):
            yield f"    {one.name} = {getattr(contract.terms, one.name)}"
