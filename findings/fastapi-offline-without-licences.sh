#!/usr/bin/env bash
# fastapi-offline 1.7.7.
# One would expect: a package that carries other people's scripts carries their licence texts beside them.
# What happens: it carries swagger-ui (Apache 2.0) and redoc (MIT), the read-me names both licences by link, but the only
# licence text in the package is its own. The first line of the swagger-ui script points to a file of licences that is
# not there. Whoever puts the package in an image that he hands on must add the texts himself.
# Output seen:
#   scripts: redoc.standalone.js, swagger-ui-bundle.js
#   licence files: fastapi_offline-1.7.7.dist-info/licenses/LICENSE
#   named in a script: swagger-ui-bundle.js.LICENSE.txt; in the package: False
#   its own licence text speaks of swagger: False, of redoc: False, of Apache: False
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq fastapi-offline==1.7.7 fastapi==0.165.0
venv/bin/python - <<'PY'
import sys
from importlib.metadata import files, version

listed = files("fastapi-offline")
scripts = sorted(f.name for f in listed if f.suffix == ".js")
texts = [f for f in listed if any(word in f.name.lower() for word in ("licen", "notice", "copying"))]
bundle = next(f for f in listed if f.name == "swagger-ui-bundle.js")
first = bundle.read_text(encoding="utf-8").splitlines()[0]
named = next((word for word in first.split() if word.endswith("LICENSE.txt")), None)
there = any(f.name == named for f in listed)
own = "".join(f.read_text(encoding="utf-8") for f in texts).lower()
about = {word: word.lower() in own for word in ("swagger", "redoc", "Apache")}
print("fastapi-offline", version("fastapi-offline"))
print("scripts:", ", ".join(scripts))
print("licence files:", ", ".join(map(str, texts)))
print(f"named in a script: {named}; in the package: {there}")
print("its own licence text speaks of", ", of ".join(f"{word}: {said}" for word, said in about.items()))
as_stated = (
    scripts == ["redoc.standalone.js", "swagger-ui-bundle.js"] and len(texts) == 1
    and named == "swagger-ui-bundle.js.LICENSE.txt" and not there and not any(about.values())
)
sys.exit(0 if as_stated else "the behaviour has changed")
PY
