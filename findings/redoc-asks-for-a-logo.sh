#!/usr/bin/env bash
# redoc 2.5.4 (npm), the standalone script that people copy to their own server.
# One would expect: served from one's own host, the page of the API asks no other host for anything.
# What happens: the script draws an image whose source is on its maker's CDN, for every reader of the page. On a closed
# network the image is dropped; elsewhere that host learns who reads the API's pages, and a content security policy of
# img-src 'self' reports it on every page. This script only looks at the text; it fetches nothing from there.
# Cure: a policy that refuses it, and no alarm on that one report; or another viewer.
# Output seen:
#   image sources on other hosts: https://cdn.redoc.ly/redoc/logo-mini.svg
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm pack --silent redoc@2.5.4 >/dev/null
tar xzf redoc-2.5.4.tgz
echo "redoc $(node -p 'require("./package/package.json").version')"
found=$(grep -oE 'src:"https?://[^"]+"' package/bundles/redoc.standalone.js | sed 's/^src:"//; s/"$//' | sort -u)
echo "image sources on other hosts: $found"
if [ "$found" != "https://cdn.redoc.ly/redoc/logo-mini.svg" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
