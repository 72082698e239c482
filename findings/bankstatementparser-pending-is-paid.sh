#!/usr/bin/env bash
# bankstatementparser 0.0.29, here on an intraday report of a bank account (ISO 20022 camt.052.001.02).
# One would expect: an entry that the bank marks as pending (PDNG), so that is not yet in the account, is marked or left
# out; and an entry for several collections gives a row for each, as its parser of the daily statement (camt.053) does.
# What happens: the pending entry is a row like the booked ones, no column tells them apart, and the summary adds it up.
# The booked entry of 300 for two loans (100 and 200) is one row of 300 with the reference of the first loan; the second
# loan is not in the result at all. So one borrower has paid thrice, one not at all, and one although nothing came.
# Cure: read status and details (Sts, TxDtls) from the XML oneself, or post payments only from camt.053.
# Output seen:
#   LN-1 300.00, LN-3 999.00, total 1299.00
#   columns that name a status: none
#   the same entries as camt.053: LN-1 100.00, LN-2 200.00, LN-3 999.00
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq bankstatementparser==0.0.29
venv/bin/python - <<'PY'
import logging
import sys
from importlib.metadata import version
from pathlib import Path

from bankstatementparser import Camt052Parser, CamtParser

logging.basicConfig(level="WARNING")
print("bankstatementparser", version("bankstatementparser"))


def entry(amount: str, status: str, details: str) -> str:
    return f"""<Ntry><Amt Ccy="INR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2026-04-01</Dt></BookgDt><BkTxCd><Prtry><Cd>NACH</Cd></Prtry></BkTxCd>
<NtryDtls>{details}</NtryDtls></Ntry>"""


def collection(reference: str, amount: str) -> str:
    return f"""<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>
<AmtDtls><TxAmt><Amt Ccy="INR">{amount}</Amt></TxAmt></AmtDtls></TxDtls>"""


ENTRIES = entry("300.00", "BOOK", collection("LN-1", "100.00") + collection("LN-2", "200.00"))
ENTRIES += entry("999.00", "PDNG", collection("LN-3", "999.00"))


def write(name: str, message: str, part: str) -> str:
    time = "2026-04-01T12:00:00"
    Path(name).write_text(f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name.removesuffix(".xml")}"><{message}>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>{time}</CreDtTm></GrpHdr>
<{part}><Id>R1</Id><CreDtTm>{time}</CreDtTm><Acct><Id><Othr><Id>000123</Id></Othr></Id><Ccy>INR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="INR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-04-01</Dt></Dt></Bal>{ENTRIES}</{part}></{message}></Document>""")
    return name


interim = Camt052Parser(write("camt.052.001.02.xml", "BkToCstmrAcctRpt", "Rpt"))
daily = CamtParser(write("camt.053.001.02.xml", "BkToCstmrStmt", "Stmt"))


def rows(parser: Camt052Parser | CamtParser) -> str:
    return ", ".join(f"{row['EndToEndId']} {row['Amount']}" for row in parser.parse().to_dict("records"))


lines = [
    f"{rows(interim)}, total {interim.get_summary()['total_amount']}",
    "columns that name a status: " + (", ".join(c for c in interim.parse().columns if "st" in c.lower()) or "none"),
    f"the same entries as camt.053: {rows(daily)}",
]
print("\n".join(lines))
as_stated = lines == [
    "LN-1 300.00, LN-3 999.00, total 1299.00",
    "columns that name a status: none",
    "the same entries as camt.053: LN-1 100.00, LN-2 200.00, LN-3 999.00",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
