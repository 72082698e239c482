#!/usr/bin/env bash
# react-number-format 5.4.5 (npm) with react 19.3.1: shows amounts of money, by a component and by a function.
# One would expect: `NumericFormat` as text and `numericFormatter` show the same for the same value and the same
# options, and both round to the places asked for.
# What happens: the component rounds, the function cuts. 437.497 is 437.50 on the page and 437.49 in a text that the
# function writes (a message, a file, a label), 9.999 is 10.00 and 9.99: a paisa less, and two amounts for one
# instalment.
# Cure: round the value to its places before either sees it.
# Output seen:
#   437.497: component 437.50, function 437.49
#   9.999: component 10.00, function 9.99
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund react-number-format@5.4.5 react@19.3.1 react-dom@19.3.1 >/dev/null
found=$(node -e '
const { createElement } = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const { NumericFormat, numericFormatter } = require("react-number-format");
const options = { decimalScale: 2, fixedDecimalScale: true };
for (const value of ["437.497", "9.999"]) {
    const properties = { ...options, value, valueIsNumericString: true, displayType: "text" };
    const shown = renderToStaticMarkup(createElement(NumericFormat, properties)).replace(/<[^>]*>/g, "");
    console.log(`${value}: component ${shown}, function ${numericFormatter(value, options)}`);
}
')
echo "$found"
if [ "$found" != "437.497: component 437.50, function 437.49
9.999: component 10.00, function 9.99" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
