"""Acts about billing runs: start today's, pause and resume one, cancel it, and bill again what could not be billed."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.api.admin.acts.act import About, Act, Figure, Receipt, Subject
from app.api.admin.context import ADMIN_PATH
from app.services.billing import runs
from app.services.unit_of_work import UnitOfWork


def _on_run(action: Callable[..., Awaitable[Any]], done: str) -> Callable[..., Awaitable[Receipt]]:
    async def act(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
        run = await action(uow, subject.row.run_id)
        return Receipt(
            sentence=f"{done} Run {run.run_id} is {run.status}.",
            figures=(
                Figure(label="Business date", text=f"{run.business_date:%d %b %Y}"),
                Figure(label="Loans to bill", text=str(run.loans_due)),
            ),
            links=((f"Run {run.run_id}", f"{ADMIN_PATH}/billing-runs/detail?pk={run.run_id}"),),
        )

    return act


def _in(*statuses: str) -> Callable[[Subject], bool]:
    return lambda subject: subject.row.status in statuses


async def _start(uow: UnitOfWork, subject: Subject, body: Any) -> Receipt:
    run = await runs.get_run(uow, await runs.start_run(uow))
    return Receipt(
        sentence=f"Run {run.run_id} for {run.business_date:%d %b %Y} is {run.status}. The workers bill it.",
        figures=(Figure(label="Loans to bill", text=str(run.loans_due)),),
        links=((f"Run {run.run_id}", f"{ADMIN_PATH}/billing-runs/detail?pk={run.run_id}"),),
    )


START: Final = Act(
    name="start-run",
    title="Start today's run",
    about=About.DAY,
    route="POST /api/v1/billing/runs",
    explains="Bills every cycle that has ended by the business date. No cycle is billed twice.",
    do=_start,
    sentence=lambda subject, body: f"Bill every cycle that has ended by {subject.name}.",
    button="Start the run",
    icon="fa-solid fa-play",
)
PAUSE: Final = Act(
    name="pause-run",
    title="Pause the run",
    about=About.RUN,
    route="POST /api/v1/billing/runs/{run_id}/pause",
    explains="The parts that workers are billing now are finished first.",
    do=_on_run(runs.pause_run, "It pauses."),
    sentence=lambda subject, body: f"Pause {subject.name}.",
    button="Pause the run",
    icon="fa-solid fa-pause",
    is_offered=_in("running"),
)
RESUME: Final = Act(
    name="resume-run",
    title="Resume the run",
    about=About.RUN,
    route="POST /api/v1/billing/runs/{run_id}/resume",
    do=_on_run(runs.resume_run, "It goes on."),
    sentence=lambda subject, body: f"Resume {subject.name}.",
    button="Resume the run",
    icon="fa-solid fa-play",
    is_offered=_in("paused"),
)
CANCEL: Final = Act(
    name="cancel-run",
    title="Cancel the run",
    about=About.RUN,
    route="POST /api/v1/billing/runs/{run_id}/cancel",
    explains="The bills that it issued stay. The next run bills the other loans.",
    do=_on_run(runs.cancel_run, "It is over."),
    sentence=lambda subject, body: f"Cancel {subject.name}.",
    button="Cancel the run",
    icon="fa-solid fa-stop",
    is_grave=True,
    is_offered=_in("running", "paused"),
)
RETRY: Final = Act(
    name="retry-run",
    title="Bill the rest again",
    about=About.RUN,
    route="POST /api/v1/billing/runs/{run_id}/retry",
    explains="Opens another run for the same date: loans that could not be billed are still due.",
    do=_on_run(runs.retry_parked, "What is still due is billed."),
    sentence=lambda subject, body: f"Bill again what {subject.name} could not bill.",
    button="Bill the rest",
    icon="fa-solid fa-rotate",
    is_offered=lambda subject: bool(subject.row.parked) and subject.row.status == "finished",
)
ACTS: Final = (START, PAUSE, RESUME, CANCEL, RETRY)
