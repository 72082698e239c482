#!/usr/bin/env bash
# python-stdnum 2.2.
# One would expect: its check of a GSTIN knows every code with which one can begin. Ladakh has had 38 since it became a
# union territory of its own in 2019, and 97 is "other territory" (offshore places).
# What happens: the list ends with 37. A well-formed number of a business in Leh is refused as InvalidComponent, as if
# it were mistyped; the same PAN is fine with any of the codes 01 to 37.
# Cure: check form and check character of one's own list of codes (01 to 38 and 97).
# Output seen:
#   37 Andhra Pradesh: valid
#   38 Ladakh: InvalidComponent
#   97 other territory: InvalidComponent
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq python-stdnum==2.2
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.in_ import gstin

print("python-stdnum", version("python-stdnum"))
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
found = []
for code, name in (("37", "Andhra Pradesh"), ("38", "Ladakh"), ("97", "other territory")):
    number = code + "AAPFU0939F1Z"
    number += luhn.calc_check_digit(number, ALPHABET)
    try:
        gstin.validate(number)
        found.append("valid")
    except ValidationError as error:
        found.append(type(error).__name__)
    print(f"{code} {name}: {found[-1]}")
sys.exit(0 if found == ["valid", "InvalidComponent", "InvalidComponent"] else "the behaviour has changed")
PY
