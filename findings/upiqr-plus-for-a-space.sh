#!/usr/bin/env bash
# upiqr 1.3.22 (npm), makes the link and the QR code of a UPI payment.
# One would expect: a space in the payee's name or the note is %20, as in a link of any other scheme; percent-decoding
# then gives the name back.
# What happens: the link is written as a web form is, with + for a space. A reader that decodes percent signs only, as
# links want, gets "Kist+Lender" and "EMI+3+of+12".
# Cure: write the link with encodeURIComponent for each value.
# Output seen:
#   upi://pay?pa=lender%40bank&pn=Kist+Lender&am=4406.04&tn=EMI+3+of+12
#   decoded: Kist+Lender
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund upiqr@1.3.22 >/dev/null
echo "upiqr $(node -p 'require("./node_modules/upiqr/package.json").version')"
cat > link.mjs <<'JS'
import upiqr from "upiqr";

const made = await upiqr({
    payeeVPA: "lender@bank", payeeName: "Kist Lender", amount: "4406.04", transactionNote: "EMI 3 of 12",
});
console.log(made.intent);
console.log("decoded: " + decodeURIComponent(/pn=([^&]*)/.exec(made.intent)[1]));
JS
found=$(node link.mjs)
echo "$found"
if [ "$found" != "upi://pay?pa=lender%40bank&pn=Kist+Lender&am=4406.04&tn=EMI+3+of+12
decoded: Kist+Lender" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
