#!/usr/bin/env bash
# iso20022.js 0.0.15 (npm), a reader of bank statements in the format camt.053.
# One would expect: an entry whose reversal indicator is true (a returned instalment) says reversal: true.
# What happens: it says false. The XML reader below it has already made true of the text "true", and the package compares
# with the text. So an entry that takes back an earlier one looks like an ordinary debit, for every statement.
# Cure: read RvslInd oneself, or match a debit with the credit of the same reference.
# Output seen:
#   EMI-1 credit 440604 reversal false
#   EMI-1-RETURN debit 440604 reversal false
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund iso20022.js@0.0.15 >/dev/null
echo "iso20022.js $(node -p 'require("./node_modules/iso20022.js/package.json").version')"
cat > read.mjs <<'JS'
import { CashManagementEndOfDayReport } from "iso20022.js";

const balance = (code, day) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="INR">1000.00</Amt>
  <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`;
const entry = (reference, side, reversal, day) => `<Ntry><NtryRef>${reference}</NtryRef><Amt Ccy="INR">4406.04</Amt>
  <CdtDbtInd>${side}</CdtDbtInd>${reversal}<Sts>BOOK</Sts><BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt>
  <BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>
  <NtryDtls><TxDtls><Refs><EndToEndId>EMI-1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`;
const report = CashManagementEndOfDayReport.fromXML(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
  <GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-01-05T10:00:00</CreDtTm></GrpHdr>
  <Stmt><Id>S1</Id><CreDtTm>2026-01-05T10:00:00</CreDtTm>
    <Acct><Id><Othr><Id>000123456789</Id></Othr></Id><Ccy>INR</Ccy>
      <Svcr><FinInstnId><BIC>ABCDINBB</BIC></FinInstnId></Svcr></Acct>
    ${balance("OPBD", "2026-01-01")}${balance("CLBD", "2026-01-05")}
    ${entry("EMI-1", "CRDT", "", "2026-01-02")}${entry("EMI-1-RETURN", "DBIT", "<RvslInd>true</RvslInd>", "2026-01-04")}
  </Stmt></BkToCstmrStmt></Document>`);
for (const line of report.statements[0].entries)
    console.log(`${line.referenceId} ${line.creditDebitIndicator} ${line.amount} reversal ${line.reversal}`);
JS
found=$(node read.mjs)
echo "$found"
if [ "$found" != "EMI-1 credit 440604 reversal false
EMI-1-RETURN debit 440604 reversal false" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
