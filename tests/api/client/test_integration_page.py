"""Every block of code of docs/integration.md is executed, in its order, against the running application."""

import asyncio
import re
from typing import Any

from tests.api.browser import serving
from tests.api.stories import Story
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "integration.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def execute(blocks: list[str], address: str) -> dict[str, Any]:
    """Runs the blocks as one program. A traceback names the line of the page."""
    names: dict[str, Any] = {"ADDRESS": address, "__name__": "integration"}
    text = PAGE.read_text()
    for block in blocks:
        lines_above = text[: text.index(block)].count("\n")
        exec(compile("\n" * lines_above + block, PAGE.name, "exec"), names)
    return names


async def test_the_program_of_the_page_runs(story: Story) -> None:
    blocks = BLOCK.findall(PAGE.read_text())
    assert len(blocks) >= 9
    async with serving(story.app) as address:
        names = await asyncio.to_thread(execute, blocks, address)
    assert names["first"].payment_id == "PM-000001"
