"""`python -m bench.bare_query FILE`: the peer of scoring, in a process that imports polars and nothing of Kist.

It sums the file by person without any check, and prints the peak memory of the process in KB.
"""

import re
import sys
from pathlib import Path

import polars as pl


def sum_barely(path: Path) -> pl.DataFrame:
    """The balances of a file by person, without any check."""
    signed = pl.when(pl.col("type") == "CREDIT").then("amount").otherwise(-pl.col("amount"))
    return pl.scan_csv(path).group_by("user_id").agg(signed.sum()).collect(engine="streaming")


def peak_kilobytes() -> int:
    """The peak memory of this program. `getrusage` would count the process that started it too."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None, "Linux shows the peak memory of every process"
    return int(found[1])


if __name__ == "__main__":
    sum_barely(Path(sys.argv[1]))
    print(peak_kilobytes())
