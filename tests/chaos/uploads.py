"""Files of bank transactions under faults: each is uploaded until it is acknowledged, some again and again.

Every file repeats rows of the one before, and has a few that are refused. At the end each row of an acknowledged file
is in the books exactly once, however many files it is in, and the counts of each import are those of its file.
"""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.domain.public_ids import format_user_id
from app.embedded import EmbeddedError
from tests.chaos.caller import Caller
from tests.chaos.people import People
from tests.chaos.target import LOST, Target

PEOPLE = 1
PAUSE_SECONDS = 0.8
URL = "/api/v1/imports"
HEADER = "user_id,transaction_date,amount,type,description"
REPEATED, FAULTY = 20, 3
MOST_WAITING = 4
ROWS = range(50, 400)
#: A large file is loaded in several blocks, each a transaction.
LARGE_SHARE, LARGE_ROWS, LONG_TEXT = 0.08, 12_000, "x" * 800

IMPORTS = """
SELECT id, status, failure, rows_read, rows_loaded, rows_known, rows_rejected,
       (SELECT count(*) FROM import_rejects AS r WHERE r.import_id = i.id) AS rejects,
       (SELECT count(*) FROM import_chunks AS c WHERE c.import_id = i.id) AS chunks
FROM imports AS i
"""
LOADED = """
SELECT split_part(description, ' ', 1) AS name, count(*) AS times, max(amount_paise) AS paise FROM bank_transactions
GROUP BY 1
"""
ENDS = "SELECT (data ->> 'import_id')::bigint AS id, type FROM events WHERE type LIKE 'import.%'"
UNFINISHED = "SELECT count(*) FROM imports WHERE finished_at IS NULL"
UNSCORED = """
SELECT count(*) FROM applications AS a WHERE a.status = 'pending'
AND EXISTS (SELECT FROM bank_transactions AS t WHERE t.customer_id = a.customer_id)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction: its name in the description, whose it is, and the amount in rupees. A faulty one has no amount."""

    name: str
    person: str
    rupees: int | None

    def text(self, more: str) -> str:
        amount = "" if self.rupees is None else str(self.rupees)
        return f"{self.person},2026-10-01,{amount},CREDIT,{self.name}{more}"


@dataclass(slots=True, kw_only=True)
class Uploading:
    """The clerk, the files that were acknowledged by the number of their import, and their rows."""

    caller: Caller
    people: People
    random: random.Random
    acknowledged: dict[int, list[Row]] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    _count: int = 0
    _last: list[Row] = field(default_factory=list)

    async def upload_once(self, http: httpx.AsyncClient) -> None:
        """Uploads a new file; sometimes an old one again too, which is the import that it was.

        Files are loaded one after the other, so on a slow machine they must not pile up until the end.
        """
        if await self._waiting() >= MOST_WAITING:
            return
        is_large = self.random.random() < LARGE_SHARE
        more, count = (f" {LONG_TEXT}", LARGE_ROWS) if is_large else ("", self.random.choice(ROWS))
        # Rows of a large file have longer descriptions, so they are never those of another file.
        repeated = [] if is_large else self.random.sample(self._last, k=min(REPEATED, len(self._last)))
        rows = [*repeated, *(self._draw_row(is_faulty=number < FAULTY) for number in range(count))]
        content = "\n".join([HEADER, *(row.text(more) for row in rows), ""]).encode()
        number = await self.send(http, content)
        assert number not in self.acknowledged, f"two files are import {number}"
        self.acknowledged[number], self.contents[number] = rows, content
        self._last = [] if is_large else [row for row in rows if row.rupees is not None]
        if self.random.random() < 0.2:
            await self.repeat(http, self.random.choice([*self.contents]))

    async def _waiting(self) -> int:
        """How many imports are to be loaded. It cannot be seen while the database is away."""
        with suppress(OSError, ValueError, EmbeddedError, *LOST):
            return int(await self.caller.target.value(UNFINISHED))
        return 0

    async def repeat(self, http: httpx.AsyncClient, number: int) -> None:
        """Uploads a file again."""
        found = await self.send(http, self.contents[number])
        assert found == number, f"the file of import {number} became import {found}"

    async def send(self, http: httpx.AsyncClient, content: bytes) -> int:
        form = {"data": {"kind": "transactions"}, "files": {"file": ("bank.csv", content)}}
        request = http.build_request("POST", URL, **form)  # type: ignore[arg-type]
        answer: dict[str, Any] = await self.caller.send(http, request, same=lambda answer: answer["import_id"])
        return int(answer["import_id"])

    def _draw_row(self, *, is_faulty: bool) -> Row:
        self._count += 1
        name = f"row-{self._count}"
        if is_faulty:
            return Row(name, "P-1", None)
        if self.random.random() < 0.02:
            return Row(name, format_user_id(self.random.choice(self.people.newcomers)), 10_00_000)
        return Row(name, f"P-{self.random.randrange(200)}", self.random.randrange(1, 100_000))


async def verify_uploads(target: Target, uploading: Uploading) -> list[str]:
    """Returns one line for each fact that was verified. Raises AssertionError if one does not hold."""
    imports = {row["id"]: row for row in await target.rows(IMPORTS)}
    assert imports.keys() == uploading.acknowledged.keys(), imports.keys() ^ uploading.acknowledged.keys()
    wanted: dict[str, int] = {}
    for number, rows in sorted(uploading.acknowledged.items()):
        found = imports[number]
        good = {row.name: row.rupees * 100 for row in rows if row.rupees is not None}
        what = f"import {dict(found)} of {len(rows)} rows, {len(good)} of them good"
        assert (found["status"], found["failure"], found["chunks"]) == ("finished", None, 0), what
        assert (found["rows_read"], found["rows_loaded"] + found["rows_known"]) == (len(rows), len(good)), what
        assert found["rows_rejected"] == found["rejects"] == len(rows) - len(good), what
        wanted |= good
    loaded = await target.rows(LOADED)
    twice = [dict(row) for row in loaded if row["times"] != 1]
    assert twice == [], f"loaded more than once: {twice[:5]}"
    assert {row["name"]: row["paise"] for row in loaded} == wanted
    ends = sorted((row["id"], row["type"]) for row in await target.rows(ENDS))
    assert ends == [(number, "import.finished") for number in sorted(imports)], "each end is told once"
    known = sum(row["rows_known"] for row in imports.values())
    assert sum(row["rows_loaded"] for row in imports.values()) == len(wanted)
    assert await target.value(UNSCORED) == 0, "an application waits for a score whose transactions are loaded"
    return [f"{len(imports):,} uploaded files, {len(wanted):,} rows once each, {known:,} that an earlier file had"]
