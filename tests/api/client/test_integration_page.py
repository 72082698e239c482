"""Every block of code of docs/integration.md is executed, in its order, against the running application."""

import asyncio
import re
from typing import Any

from app.domain.people.access import Role, Scope
from app.domain.products.seeded import STANDARD_LOAN
from app.services.events import log
from tests.api.browser import serving
from tests.api.conftest import HeadersOf
from tests.api.stories import Story
from tests.house.source import ROOT
from tests.services.lending_desk import LendingHelper

PAGE = ROOT / "docs" / "integration.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def execute(blocks: list[str], address: str, token: str) -> dict[str, Any]:
    """Runs the blocks as one program. A traceback names the line of the page."""
    names: dict[str, Any] = {"ADDRESS": address, "EVENTS_TOKEN": token, "__name__": "integration"}
    text = PAGE.read_text()
    for block in blocks:
        lines_above = text[: text.index(block)].count("\n")
        exec(compile("\n" * lines_above + block, PAGE.name, "exec"), names)
    return names


async def number_for_ever(story: Story) -> None:
    """Numbers events as they are committed, as the worker does."""
    while True:
        await log.number_events(story.uow_factory)
        await asyncio.sleep(0.02)


async def test_the_program_of_the_page_runs(story: Story, headers_of: HeadersOf) -> None:
    # The books hold another person's payment already: a page that only runs on new books would not run for a reader.
    lending = LendingHelper(story.uow_factory)
    await lending.pay(await lending.disburse(STANDARD_LOAN, amount=60_000, rate="14", instalments=12), amount=100_00)
    signed_in = await headers_of(Role.SERVICE, scopes=frozenset({Scope.EVENTS_READ.value}))
    token = signed_in["Authorization"].removeprefix("Bearer ")
    blocks = BLOCK.findall(PAGE.read_text())
    assert len(blocks) >= 9
    numbering = asyncio.create_task(number_for_ever(story))
    async with serving(story.app) as address:
        names = await asyncio.to_thread(execute, blocks, address, token)
    numbering.cancel()
    assert names["first"].payment_id == "PM-000002"
