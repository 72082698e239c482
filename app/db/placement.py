"""Where the rows of a customer are: on the one server, or in one of the shards of a cluster (decision 0029).

A statement about customers of one shard is executed by one server. So what is collected for many customers (a group
of payments, the look-ups of many requests) is collected by shard. Each process asks the catalog once, and then
computes the shard of a customer. Moving a shard to another server changes nothing here. After a split a process may
collect customers of two shards: their look-ups are slower, and their locks are refused. So the processes are restarted
then (docs/operations.md).
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.db.session import KeptForDatabase, Reader
from app.db.statements import Statement

#: A business table. All of them are sharded alike.
ANCHOR: Final = "loans"
_MASK: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Placement:
    """The shards of a cluster, by the lowest hash of each, in order; none on one server."""

    shards: tuple[int, ...] = ()

    @property
    def is_cluster(self) -> bool:
        return bool(self.shards)

    def place_of(self, customer_id: int) -> int:
        """The place of a customer's rows: a number that is the same for customers of one shard."""
        if not self.shards:
            return 0
        return max(bisect_right(self.shards, hash_of(customer_id)) - 1, 0)


ONE_SERVER: Final = Placement()
_kept: Final = KeptForDatabase[list[Placement]](list)

_HAS_SHARDS = Statement("SELECT to_regclass('pg_catalog.pg_dist_shard') IS NOT NULL AS found")
_SHARDS = Statement(
    """
SELECT CAST(shardminvalue AS bigint) AS first FROM pg_catalog.pg_dist_shard
WHERE logicalrelid = to_regclass(:table) AND shardminvalue IS NOT NULL ORDER BY 1
"""
)


async def find_placement(reader: AsyncSession | Reader) -> Placement:
    """The placement of this database. It is read once."""
    kept = _kept.of(reader)
    if not kept:
        found = await _HAS_SHARDS.find(reader)
        shards = [row.first for row in await _SHARDS.list(reader, table=ANCHOR)] if found.found else []
        kept.append(Placement(tuple(shards)))
    return kept[0]


def known_placement(engine: AsyncEngine) -> Placement | None:
    """The placement of an engine's database, if this process has read it."""
    kept = _kept.of(Reader(engine))
    return kept[0] if kept else None


def keep_placement(reader: AsyncSession | Reader, placement: Placement) -> None:
    """Lets this process take a database for one with this placement, instead of asking. Tests use it."""
    _kept.of(reader)[:] = [placement]


def hash_of(number: int) -> int:
    """PostgreSQL's hash of a bigint (`hashint8`), from -2^31 to 2^31 - 1. The cluster shards by it."""
    low, high = number & _MASK, (number >> 32) & _MASK
    k = low ^ (high if number >= 0 else high ^ _MASK)
    a = b = c = (0x9E3779B9 + 4 + 3923095) & _MASK
    a = (a + k) & _MASK
    c = ((c ^ b) - _rotated(b, 14)) & _MASK
    a = ((a ^ c) - _rotated(c, 11)) & _MASK
    b = ((b ^ a) - _rotated(a, 25)) & _MASK
    c = ((c ^ b) - _rotated(b, 16)) & _MASK
    a = ((a ^ c) - _rotated(c, 4)) & _MASK
    b = ((b ^ a) - _rotated(a, 14)) & _MASK
    c = ((c ^ b) - _rotated(b, 24)) & _MASK
    return c - (1 << 32) if c & 0x80000000 else c


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK
