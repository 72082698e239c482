#!/usr/bin/env bash
# jsonschema 4.26.0, openapi-schema-validator 0.9.0 over it, msgspec 0.22.0, and jsonschema-rs 0.60.3.
# One would expect: `multipleOf: 0.01`, said of an amount in a JSON schema, takes every amount of two places.
# What happens: jsonschema, and openapi-schema-validator over it, divide binary fractions and refuse about one amount in
# nine, such as 0.07 and 8884.88. msgspec refuses nearly all, 100 and 437.5 among them. jsonschema-rs takes them all.
# So a client that checks its request against a lender's OpenAPI document cannot send some amounts, and which ones
# depends on the library.
# Cure: send amounts as text where the document takes that; in a document of one's own, leave multipleOf out.
# Output seen, of the amounts 0.07, 100, 437.5, 8884.88 the refused ones:
#   jsonschema 4.26.0: 0.07 8884.88
#   openapi-schema-validator 0.9.0: 0.07 8884.88
#   msgspec 0.22.0: 0.07 100 437.5 8884.88
#   jsonschema-rs 0.60.3: none
#   jsonschema, of 0.01 to 1000.00: 11426 of 100000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq jsonschema==4.26.0 openapi-schema-validator==0.9.0 msgspec==0.22.0 jsonschema-rs==0.60.3
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version
from typing import Annotated

import jsonschema
import jsonschema_rs
import msgspec
from openapi_schema_validator import OAS31Validator

SCHEMA = {"type": "number", "multipleOf": 0.01}


def msgspec_takes(amount):
    try:
        msgspec.convert(amount, Annotated[float, msgspec.Meta(multiple_of=0.01)])
    except msgspec.ValidationError:
        return False
    return True


takes = {
    "jsonschema": jsonschema.Draft202012Validator(SCHEMA).is_valid,
    "openapi-schema-validator": OAS31Validator(SCHEMA).is_valid,
    "msgspec": msgspec_takes,
    "jsonschema-rs": jsonschema_rs.validator_for(SCHEMA).is_valid,
}
found = []
for name, is_taken in takes.items():
    refused = [str(amount) for amount in (0.07, 100, 437.5, 8884.88) if not is_taken(amount)]
    found.append(f"{name} {version(name)}: {' '.join(refused) or 'none'}")
refused = sum(not takes["jsonschema"](paise / 100) for paise in range(1, 100_001))
found.append(f"jsonschema, of 0.01 to 1000.00: {refused} of 100000")
print("\n".join(found))
as_stated = found == [
    "jsonschema 4.26.0: 0.07 8884.88",
    "openapi-schema-validator 0.9.0: 0.07 8884.88",
    "msgspec 0.22.0: 0.07 100 437.5 8884.88",
    "jsonschema-rs 0.60.3: none",
    "jsonschema, of 0.01 to 1000.00: 11426 of 100000",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
