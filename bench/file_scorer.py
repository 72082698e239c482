"""`python -m bench.file_scorer FILE`: scores a file in a process of its own, and prints its peak memory in KB."""

import asyncio
import sys
from pathlib import Path

from app.domain.people.access import SYSTEM
from app.services.imports.file_scoring import score_file
from app.services.people.customers import make_identity_service
from app.settings import load_settings
from app.workers.context import open_context
from bench.bare_query import peak_kilobytes


async def _score(path: Path) -> None:
    settings = load_settings()
    async with open_context(settings) as context:
        await score_file(context.uow_factory, SYSTEM, path, identity=make_identity_service(settings))
    print(peak_kilobytes())


if __name__ == "__main__":
    asyncio.run(_score(Path(sys.argv[1])))
