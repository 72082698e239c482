"""Clients are generated from the contract, without a warning, and do what a customer does, with their types checked.

Python: openapi-python-client makes the package `kist_generated` from docs/reference/openapi.json. TypeScript:
openapi-typescript makes types from the document of amounts as text. The generators live in .venv/contract.
"""

import asyncio
import fcntl
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.api.openapi_schemas import with_text_money
from tests.api.browser import serving
from tests.api.documented import Documented
from tests.api.stories import Story
from tests.api.test_examples import AFTER_BILLING, FIRST, Caller
from tests.house.source import ROOT

pytestmark = pytest.mark.slow
TOOLS = ROOT / ".venv" / "contract"
HERE = Path(__file__).parent
NPM = shutil.which("npm")
NEEDS_NODE = pytest.mark.skipif(NPM is None, reason="no npm on this machine: apt-get install nodejs npm")
PACKAGE = "kist_generated"
#: The generator knows no PDF by itself (docs/integration.md).
CONFIG = f"""\
package_name_override: {PACKAGE}
post_hooks: []
content_type_overrides:
  application/pdf: application/octet-stream
"""


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def tools() -> Path:
    """The generators, installed if `make` has not done it."""
    with (ROOT / ".venv" / ".contract.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (ROOT / ".venv" / ".contract").exists():
            run("./environment.sh", "contract")
    return TOOLS


@pytest.fixture(scope="session")
def generated(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the generated Python package."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yml").write_text(CONFIG)
    said = run(
        tools / "bin" / "openapi-python-client", "generate", "--path", ROOT / "docs" / "reference" / "openapi.json",
        "--output-path", folder / PACKAGE, "--meta", "none", "--config", folder / "config.yml", "--fail-on-warning",
    )  # fmt: skip
    assert said.split() == ["Generating", str(folder / PACKAGE)], "no warning"
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest_asyncio.fixture
async def address(story: Story) -> AsyncIterator[str]:
    """The application on a port of this machine."""
    async with serving(story.app) as found:
        yield found


async def execute(*command: str | Path, **environment: str) -> None:
    """Runs a program beside the served application, which needs this event loop."""
    running = await asyncio.create_subprocess_exec(
        *map(str, command),
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    assert running.returncode == 0, said.decode()


def test_the_walk_agrees_with_the_generated_types(generated: Path) -> None:
    run(
        sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--cache-dir", generated / ".mypy_cache",
        "--follow-imports", "silent", HERE / "walk.py", cwd=generated, MYPYPATH=str(generated),
    )  # fmt: skip


async def test_a_generated_python_client_registers_applies_and_pays(generated: Path, address: str) -> None:
    await execute(sys.executable, HERE / "walk.py", address, "234123412346", PYTHONPATH=str(generated))


@NEEDS_NODE
async def test_a_generated_typescript_client_registers_applies_and_pays(
    tools: Path, app: FastAPI, address: str
) -> None:
    build = tools / f"build-{os.getpid()}"
    build.mkdir(exist_ok=True)
    try:
        (build / "openapi.json").write_text(json.dumps(with_text_money(app.openapi())))
        (build / "package.json").write_text('{"type": "module"}')
        shutil.copy(HERE / "walk.ts", build)
        programs = tools / "node_modules" / ".bin"
        run(programs / "openapi-typescript", "openapi.json", "-o", "api.d.ts", cwd=build)
        options = "--strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --target es2022 --module nodenext"
        run(programs / "tsc", *options.split(), "walk.ts", cwd=build)
        await execute("node", build / "walk.js", address, "345678901238")
    finally:
        shutil.rmtree(build)


async def test_every_answer_of_a_generated_client_is_typed_and_loses_nothing(
    generated: Path, story: Story, officer: dict[str, str], admin: dict[str, str]
) -> None:
    """Each example is sent, and each answer goes through the parser that was generated for it and back."""
    document = story.app.openapi()
    parsers = parsers_of(document)
    documented, parsed = Documented(story.app), set()

    async def parse(answer: httpx.Response) -> None:
        operation = documented.find(answer.request.method, answer.request.url.path)
        await answer.aread()
        if operation is not None and answer.content and "json" in answer.headers["content-type"]:
            name = operation["operationId"]
            found = parsers[name](client=None, response=answer)
            assert found is not None, (name, answer.status_code, answer.text)
            rows = found if isinstance(found, list) else [found]
            written = [row.to_dict() for row in rows]
            # Two spellings of UTC are one instant.
            sent = json.loads(re.sub(r'(:[0-9.]+)Z"', r'\1+00:00"', answer.text))
            assert (written if isinstance(found, list) else written[0]) == sent, name
            parsed.add(name)

    story.client.event_hooks["response"].append(parse)
    caller = Caller(story, {"nobody": {}, "officer": officer, "admin": admin}, document)
    await caller.tell(FIRST, AFTER_BILLING)
    for path, item in document["paths"].items():
        if "get" in item and not path.endswith(("}/events", "/events/stream")):
            await story.client.get(fill(path), headers=admin)
    without_json = {
        "download_rejects", "follow_events", "sign_out", "watch_run", "watch_import", "export_books", "export_cases",
        "get_receipt", "get_account_statement", "get_interest_certificate", "get_no_dues_letter",
        "get_foreclosure_letter",
    }  # fmt: skip
    with_body = {*FIRST, *AFTER_BILLING}
    reads = {item["get"]["operationId"] for item in document["paths"].values() if "get" in item}
    assert (with_body | reads) - parsed - without_json == set()


def parsers_of(document: dict[str, Any]) -> dict[str, Any]:
    """The function of the generated client that reads the answers of an operation, by the operation's name."""
    found = {}
    for item in document["paths"].values():
        for operation in item.values():
            tag = operation["tags"][0].lower().replace(" ", "_")
            module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation['operationId']}")
            found[operation["operationId"]] = module._parse_response
    return found


def fill(path: str) -> str:
    """An address of the story of the examples: every number is 1."""
    asked = {"/api/v1/credit/scores": "?user_id=1"} | dict.fromkeys(
        ("/api/v1/statements", "/api/get-statement/"), "?loan_id=1"
    )
    return re.sub(r"\{[a-z_]+\}", "1", path) + asked.get(path, "")
