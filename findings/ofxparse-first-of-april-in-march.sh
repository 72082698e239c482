#!/usr/bin/env bash
# ofxparse 0.21, a reader of bank statements in the format OFX.
# One would expect: a time that the file gives with its offset, 1 April 2026 00:00 [+5.5:IST], is a time with that
# offset, or is at least still on 1 April.
# What happens: the offset is taken off and then forgotten, so the time is 31 March 18:30 without a zone. The payment
# falls into the day before, here into the month and the financial year before. A line of the same file without an
# offset stays as it is, and the two cannot be told apart. A file from UTC or from west of it does not show it: there
# midnight stays on its day.
# Cure: read DTPOSTED oneself from the text (its first eight digits are the bank's day), or add the offset again.
# Output seen:
#   20260401000000[+5.5:IST] becomes 2026-03-31 18:30:00, zone None
#   20260401 becomes 2026-04-01 00:00:00, zone None
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq ofxparse==0.21 beautifulsoup4==4.15.0 lxml==6.1.3
venv/bin/python -W ignore - <<'PY'
import io
import sys
from importlib.metadata import version

from ofxparse import OfxParser

print("ofxparse", version("ofxparse"))
DAYS = ("20260401000000[+5.5:IST]", "20260401")
rows = "".join(
    f"<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>{day}<TRNAMT>9999.05<FITID>{number}<NAME>EMI</STMTTRN>"
    for number, day in enumerate(DAYS)
)
TEXT = f"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260501000000[+5.5:IST]
<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>
<CURDEF>INR<BANKACCTFROM><BANKID>1<ACCTID>123<ACCTTYPE>SAVINGS</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260401<DTEND>20260430{rows}</BANKTRANLIST>
<LEDGERBAL><BALAMT>19998.10<DTASOF>20260430</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
lines = OfxParser.parse(io.BytesIO(TEXT.encode())).account.statement.transactions
found = [(str(line.date), line.date.tzinfo) for line in lines]
for day, (time, zone) in zip(DAYS, found, strict=True):
    print(f"{day} becomes {time}, zone {zone}")
sys.exit(0 if found == [("2026-03-31 18:30:00", None), ("2026-04-01 00:00:00", None)] else "the behaviour has changed")
PY
