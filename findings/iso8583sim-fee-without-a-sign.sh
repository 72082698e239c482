#!/usr/bin/env bash
# iso8583sim 1.6.0, with pyiso8583 4.0.1, libraries for the messages of card payments (ISO 8583).
# One would expect: field 28, the fee of a transaction, is a sign and eight digits in both: D00000500 is a fee of 5.00 that
# the cardholder pays, C00000500 one that is given back.
# What happens: iso8583sim takes nine digits and no sign. It refuses to build a message with a signed fee, and to read one
# that pyiso8583 wrote; without the sign it builds 000000500, which does not say who pays. So a test of surcharges and of
# their refunds cannot be written with it.
# Cure: set the field's definition oneself, or take pyiso8583, whose specification leaves the nine characters free.
# Output seen:
#   pyiso8583 writes: 0200...D00000500
#   iso8583sim reads that: ParseError
#   iso8583sim builds D00000500: BuildError
#   iso8583sim builds 00000500: 0200...000000500
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq iso8583sim==1.6.0 pyiso8583==4.0.1
venv/bin/python - <<'PY'
import logging
import sys
from importlib.metadata import version

import iso8583
from iso8583.specs import default_ascii
from iso8583sim.core.builder import ISO8583Builder
from iso8583sim.core.parser import ISO8583Parser
from iso8583sim.core.types import ISO8583Message

logging.disable()
print(*(f"{name} {version(name)}" for name in ("iso8583sim", "pyiso8583")))
written = iso8583.encode({"t": "0200", "4": "000000010050", "28": "D00000500"}, default_ascii)[0].decode()


def sim_reads():
    return ISO8583Parser().parse(written).fields[28]


def sim_builds(fee):
    fields = {0: "0200", 4: "000000010050", 28: fee}
    return shortened(ISO8583Builder().build(ISO8583Message(mti="0200", fields=fields)))


def shortened(message):
    return f"{message[:4]}...{message[-9:]}"


def attempt(act, *given):
    try:
        return act(*given)
    except Exception as error:
        return type(error).__name__


found = [
    f"pyiso8583 writes: {shortened(written)}",
    f"iso8583sim reads that: {attempt(sim_reads)}",
    f"iso8583sim builds D00000500: {attempt(sim_builds, 'D00000500')}",
    f"iso8583sim builds 00000500: {attempt(sim_builds, '00000500')}",
]
print("\n".join(found))
as_stated = found == [
    "pyiso8583 writes: 0200...D00000500",
    "iso8583sim reads that: ParseError",
    "iso8583sim builds D00000500: BuildError",
    "iso8583sim builds 00000500: 0200...000000500",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
