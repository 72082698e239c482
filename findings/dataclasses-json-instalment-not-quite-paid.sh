#!/usr/bin/env bash
# dataclasses-json 0.6.7 and mashumaro 3.23, make dataclasses of JSON; here a payment with an amount as Decimal.
# One would expect: a field declared as Decimal holds the number that stands in the JSON text, 8884.88, as with
# pydantic; that is why one declares a Decimal.
# What happens: the number becomes a float first, and the Decimal is that float to its last binary digit. A payment of
# 8884.88 is less than the instalment of 8884.88, so the instalment stays open and the borrower is in arrears by less
# than any coin; 437.10 is more than it should be, so something is left over. Printed with two places both look right.
# Cure: send amounts as JSON strings, or read with `parse_float=Decimal` (dataclasses-json hands it on to the json
# module).
# Output seen:
#   dataclasses-json: 8884.88 < due, 437.10 > due
#   mashumaro: 8884.88 < due, 437.10 > due
#   pydantic: 8884.88 = due, 437.10 = due
#   dataclasses-json with parse_float: 8884.88 = due, 437.10 = due
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq dataclasses-json==0.6.7 mashumaro==3.23 pydantic==2.14.4
venv/bin/python - <<'PY'
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version

from dataclasses_json import DataClassJsonMixin
from mashumaro.mixins.json import DataClassJSONMixin
from pydantic import BaseModel

print("dataclasses-json", version("dataclasses-json"), "mashumaro", version("mashumaro"))


@dataclass
class First(DataClassJsonMixin):
    amount: Decimal


@dataclass
class Second(DataClassJSONMixin):
    amount: Decimal


class Third(BaseModel):
    amount: Decimal


def compare(read: Callable[[str], Decimal], due: str) -> str:
    paid = read(f'{{"amount": {due}}}')
    return "=" if paid == Decimal(due) else "<" if paid < Decimal(due) else ">"


readers: dict[str, Callable[[str], Decimal]] = {
    "dataclasses-json": lambda text: First.from_json(text).amount,
    "mashumaro": lambda text: Second.from_json(text).amount,
    "pydantic": lambda text: Third.model_validate_json(text).amount,
    "dataclasses-json with parse_float": lambda text: First.from_json(text, parse_float=Decimal).amount,
}
found = {}
for name, read in readers.items():
    found[name] = [compare(read, due) for due in ("8884.88", "437.10")]
    print(f"{name}: 8884.88 {found[name][0]} due, 437.10 {found[name][1]} due")
sys.exit(0 if list(found.values()) == [["<", ">"]] * 2 + [["=", "="]] * 2 else "the behaviour has changed")
PY
