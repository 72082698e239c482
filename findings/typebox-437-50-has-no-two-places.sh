#!/usr/bin/env bash
# @sinclair/typebox 0.34.52, typebox 1.4.3, valibot 1.5.0, zod 4.6.7 (npm).
# One would expect: a form that checks an amount with "multiple of 0.01", as generators of clients write it from the
# `multipleOf: 0.01` of an OpenAPI document, takes every amount of two places.
# What happens: typebox before 1, plain and compiled, and valibot look at the remainder of binary fractions, so they take
# little but 0.01 and its doubles (0.02, 0.04, ...): 18 of all amounts up to 1000. 437.5 and even 100 are refused. typebox
# 1 and zod take them all.
# Cure: in the form, check the number of places of the text; in a document of one's own, leave multipleOf out.
# Output seen, of the amounts 100, 437.5, 4406.04, 8884.88 the refused ones:
#   typebox 0.34: 100 437.5 4406.04 8884.88
#   typebox 0.34, compiled: 100 437.5 4406.04 8884.88
#   valibot: 100 437.5 4406.04 8884.88
#   typebox 1: none
#   zod: none
#   taken by valibot up to 1000: 18 of 100001
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @sinclair/typebox@0.34.52 typebox@1.4.3 valibot@1.5.0 zod@4.6.7 >/dev/null
for name in @sinclair/typebox typebox valibot zod; do
    echo "$name $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$name/package.json')).version")"
done
cat > check.mjs <<'JS'
import { Type as Older } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { Value as OlderValue } from "@sinclair/typebox/value";
import { Type } from "typebox";
import { Value } from "typebox/value";
import * as valibot from "valibot";
import { z } from "zod";

const older = Older.Number({ multipleOf: 0.01 });
const compiled = TypeCompiler.Compile(older);
const newer = Type.Number({ multipleOf: 0.01 });
const piped = valibot.pipe(valibot.number(), valibot.multipleOf(0.01));
const takes = {
    "typebox 0.34": (amount) => OlderValue.Check(older, amount),
    "typebox 0.34, compiled": (amount) => compiled.Check(amount),
    valibot: (amount) => valibot.safeParse(piped, amount).success,
    "typebox 1": (amount) => Value.Check(newer, amount),
    zod: (amount) => z.number().multipleOf(0.01).safeParse(amount).success,
};
for (const [name, isTaken] of Object.entries(takes))
    console.log(`${name}: ${[100, 437.5, 4406.04, 8884.88].filter((amount) => !isTaken(amount)).join(" ") || "none"}`);
const taken = Array.from({ length: 100_001 }, (_, paise) => paise / 100).filter(takes.valibot).length;
console.log(`taken by valibot up to 1000: ${taken} of 100001`);
JS
found=$(node check.mjs)
echo "$found"
if [ "$found" != "typebox 0.34: 100 437.5 4406.04 8884.88
typebox 0.34, compiled: 100 437.5 4406.04 8884.88
valibot: 100 437.5 4406.04 8884.88
typebox 1: none
zod: none
taken by valibot up to 1000: 18 of 100001" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
