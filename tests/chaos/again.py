"""Everything is done again when all is quiet: the day, its jobs, the scheduled tasks, files, requests with their keys.

Nothing may change by that. So what all tables hold, and what the reports say, is compared before and after.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Any

from app.db.models import Base
from app.services.operations.scheduled_tasks import SCHEDULE
from tests.chaos.hooks import WAITING
from tests.chaos.scene import Scene
from tests.patience import PATIENCE_SECONDS

#: These say what was asked for and how the service did it, also where nothing is changed by it.
ADMINISTRATION = frozenset(
    {
        "audit_events",
        "audit_seals",
        "billing_ranges",
        "billing_runs",
        "event_log",
        "import_turns",
        "outbox",
        "refresh_tokens",
        "scheduled_tasks",
        "user_accounts",
        "webhook_deliveries",
        "webhook_endpoints",
        "webhook_lanes",
    }
)
#: The end of a run is told again.
PARTS = {"events": "WHERE type NOT LIKE 'run.%'"}
SUM = "SELECT count(*) || ' rows, ' || md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {} AS t {}"
REQUESTS_AGAIN = 100

OPEN_JOBS = "SELECT count(*) FROM outbox WHERE done_at IS NULL"
#: The latest of each job, unless it waits to run again already. A score is that of the facts of its day: another one
#: may follow from what came since.
REOPEN = """
UPDATE outbox SET done_at = NULL, attempts = 0, due_at = now() WHERE id IN (
    SELECT max(id) FROM outbox WHERE job NOT LIKE 'score%' GROUP BY job, key HAVING bool_and(done_at IS NOT NULL)
) RETURNING id
"""
ASK_FOR_TASKS = """
INSERT INTO scheduled_tasks (name, paused, requested_at) SELECT unnest($1::text[]), false, now()
ON CONFLICT (name) DO UPDATE SET requested_at = now()
"""
TASKS_WAITING = """
SELECT count(*) FROM scheduled_tasks
WHERE requested_at IS NOT NULL OR last_finished_at IS NULL OR last_finished_at < $1
"""


async def until_quiet(scene: Scene) -> None:
    """Waits until today's run has billed everything, its day-end is judged, and all jobs and webhooks are done."""
    today = await scene.books.today()
    await _bill(scene, today)

    async def is_quiet() -> bool:
        judged = await scene.target.value("SELECT max(day) FROM day_ends WHERE finished_at IS NOT NULL")
        followed = await scene.target.value("SELECT max(day) FROM collection_days WHERE finished_at IS NOT NULL")
        if judged != followed or judged != today - timedelta(days=1):
            return False
        return bool(0 == await scene.target.value(OPEN_JOBS) == await scene.target.value(WAITING))

    await _wait(is_quiet, "quiet")


async def _bill(scene: Scene, today: date) -> None:
    """Runs today's billing once more, until it has billed every loan and card account."""
    call, target = scene.caller.call, scene.target
    while True:
        run = await call("POST", "/api/v1/billing/runs", business_date=today.isoformat())

        async def is_over(run_id: int = run["run_id"]) -> bool:
            return bool((await call("GET", f"/api/v1/billing/runs/{run_id}"))["status"] == "finished")

        await _wait(is_over, "billed")
        parked = "SELECT (SELECT count(*) FROM parked_loans) + (SELECT count(*) FROM parked_card_accounts)"
        # A run of an earlier date may have been open.
        if run["business_date"] == today.isoformat() and not await target.value(parked):
            return


async def do_everything_again(scene: Scene) -> list[str]:
    """Returns one line that says what was done again. Raises AssertionError if that changed something."""
    await _do_tasks(scene)
    await until_quiet(scene)
    before = await _everything(scene)
    jobs = len(await scene.target.rows(REOPEN))
    await _do_tasks(scene)
    requests = await _send_again(scene)
    await until_quiet(scene)
    after = await _everything(scene)
    changed = [f"{what}: {before[what]} became {after[what]}" for what in before if before[what] != after[what]]
    assert changed == [], "\n".join(changed)
    return [f"{jobs:,} jobs, {len(SCHEDULE)} tasks, the day and {requests:,} requests done again: nothing changed"]


async def _send_again(scene: Scene) -> int:
    """Sends payments again with their keys, and every file. Returns how many requests that were."""
    payments = [*scene.load.acknowledged]
    payments = scene.random.sample(payments, k=min(REQUESTS_AGAIN, len(payments)))
    async with scene.caller.client() as http:
        for payment in payments:
            await scene.load.send(http, payment)
        for number in scene.uploading.contents:
            await scene.uploading.repeat(http, number)
    return len(payments) + len(scene.uploading.contents)


async def _do_tasks(scene: Scene) -> None:
    """Runs every scheduled task once."""
    names: Sequence[str] = [task.name for task in SCHEDULE]
    since = await scene.target.value("SELECT now()")
    await scene.target.rows(ASK_FOR_TASKS, names)

    async def are_done() -> bool:
        return bool(await scene.target.value(TASKS_WAITING, since) == 0)

    await _wait(are_done, "done, all the scheduled tasks")


async def _everything(scene: Scene) -> dict[str, Any]:
    """What each table holds, and what each report says."""
    found: dict[str, Any] = {}
    for name in sorted(Base.metadata.tables.keys() - ADMINISTRATION):
        found[name] = await scene.target.value(SUM.format(name, PARTS.get(name, "")))
    return found | await scene.books.read_reports(await scene.books.today() - timedelta(days=1))


async def _wait(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_SECONDS
    while not await condition():
        assert loop.time() < until, f"it is not {what}"
        await asyncio.sleep(0.2)
