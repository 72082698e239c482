#!/usr/bin/env bash
# pydantic-xml 2.22.0 with pydantic 2.14.4, models that are written as XML, such as a payment file of ISO 20022.
# One would expect: a Decimal is written in XML's form of a decimal, which is digits, a point and a sign; XML knows a
# form with an exponent only for floats.
# What happens: the Decimal's own text is written. Amounts that have lost their trailing zeros (`normalize()`, or a JSON
# text of 1E2) have an exponent when they are round: 100 rupees are 1E+2, a remainder of nothing is 0E-8. The file is
# well formed and read back by the same model without objection, but it breaks the schema, so the bank refuses the whole
# file. All amounts with paise pass, so it is the first round amount in production that shows it.
# Cure: a serializer of the field with `format(amount, "f")`, or quantize to two places first.
# Output seen:
#   437.50 becomes 437.5, 100.00 becomes 1E+2, 0E-8 becomes 0E-8
#   schema: 437.5 valid, 1E+2 refused, 0E-8 refused
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq pydantic-xml==2.22.0 pydantic==2.14.4 xmlschema==4.3.2
venv/bin/python - <<'PY'
import re
import sys
from decimal import Decimal
from importlib.metadata import version

import xmlschema
from pydantic_xml import BaseXmlModel, element

print("pydantic-xml", version("pydantic-xml"))
SCHEMA = xmlschema.XMLSchema("""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="Tx"><xs:complexType><xs:sequence><xs:element name="InstdAmt" type="xs:decimal"/></xs:sequence>
</xs:complexType></xs:element></xs:schema>""")


class Payment(BaseXmlModel, tag="Tx"):
    amount: Decimal = element(tag="InstdAmt")


amounts = {"437.50": Decimal("437.50").normalize(), "100.00": Decimal("100.00").normalize(), "0E-8": Decimal("0E-8")}
files = {text: Payment(amount=amount).to_xml().decode() for text, amount in amounts.items()}
written = {text: re.sub("<[^>]*>", "", xml) for text, xml in files.items()}
first = ", ".join(f"{text} becomes {found}" for text, found in written.items())
second = ", ".join(
    f"{written[text]} {'valid' if SCHEMA.is_valid(xml) else 'refused'}" for text, xml in files.items()
)
print(first)
print("schema:", second)
as_stated = first == "437.50 becomes 437.5, 100.00 becomes 1E+2, 0E-8 becomes 0E-8"
as_stated = as_stated and second == "437.5 valid, 1E+2 refused, 0E-8 refused"
as_stated = as_stated and Payment.from_xml(files["100.00"]).amount == 100
sys.exit(0 if as_stated else "the behaviour has changed")
PY
