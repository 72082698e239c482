#!/usr/bin/env bash
# arrow 1.4.0, a library for dates and times.
# One would expect: `span_range("month", ..., exact=True)` cuts the time from the start to the end into months that
# follow each other without a gap, as it does for each start up to the 28th; that is what spans are for. So it gives the
# interest periods of a loan that runs from the 31st.
# What happens: each span begins where the start plus n months is (31 January, 28 February, 31 March), but ends a month
# after its own begin, less a moment. From 28 February that is 27 March: the 28th, 29th and 30th of March are in no
# period, and their interest is never charged. A test with a start on the 1st or the 15th sees nothing.
# Cure: make the begins with `Arrow.range`, and end each period at the next begin.
# Output seen:
#   2026-01-31..2026-02-27 2026-02-28..2026-03-27 2026-03-31..2026-04-29
#   days from 2026-01-31 to 2026-04-29: 89, in a period: 86
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq arrow==1.4.0
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import arrow

print("arrow", version("arrow"))
start, end = arrow.get(2026, 1, 31), arrow.get(2026, 4, 30)
spans = [(first.date(), last.date()) for first, last in arrow.Arrow.span_range("month", start, end, exact=True)]
text = " ".join(f"{first}..{last}" for first, last in spans)
print(text)
days = (end.date() - start.date()).days
inside = sum((last - first).days + 1 for first, last in spans)
print(f"days from {spans[0][0]} to {spans[-1][1]}: {days}, in a period: {inside}")
stated = "2026-01-31..2026-02-27 2026-02-28..2026-03-27 2026-03-31..2026-04-29"
sys.exit(0 if text == stated and (days, inside) == (89, 86) else "the behaviour has changed")
PY
