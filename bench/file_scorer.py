"""`python -m bench.file_scorer FILE`: scores a file in a process of its own, and prints its peak memory in KB.

`python -m bench.file_scorer FILE bare` runs the peer instead: a query that only sums the file by person.
"""

import asyncio
import sys
from pathlib import Path

import polars as pl

from app.domain.people.access import SYSTEM
from app.services.imports.file_scoring import score_file
from app.services.people.customers import make_identity_service
from app.settings import load_settings
from app.workers.context import open_context
from bench.billing_worker import peak_kilobytes


async def _score(path: Path) -> None:
    settings = load_settings()
    async with open_context(settings) as context:
        await score_file(context.uow_factory, SYSTEM, path, identity=make_identity_service(settings))
    print(peak_kilobytes())


def sum_barely(path: Path) -> pl.DataFrame:
    """The balances of a file by person, without any check."""
    signed = pl.when(pl.col("type") == "CREDIT").then("amount").otherwise(-pl.col("amount"))
    return pl.scan_csv(path).group_by("user_id").agg(signed.sum()).collect(engine="streaming")


if __name__ == "__main__":
    file = Path(sys.argv[1])
    if "bare" in sys.argv[2:]:
        sum_barely(file)
        print(peak_kilobytes())
    else:
        asyncio.run(_score(file))
