"""Promises to pay: make, withdraw, read and list them."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Response

from app.api.deps import OFFICERS, KistRouter, OnceDep, ReadingDep, UnitOfWorkDep
from app.api.id_schemas import PromiseId, UserId
from app.api.schemas import CursorText, Day, Page, PageLimit, Rupees, example
from app.api.v1.collections.case_schemas import OfficerId, OfLoanOrCard, PromiseAnswer, present_promise
from app.api.v1.collections.contacts import Note
from app.db.repositories.collections.promises import PromiseFilter, PromiseLine
from app.domain.collections.promises import PromiseStatus
from app.domain.cursors import read_cursor, write_cursor
from app.services.collections import promises

router = KistRouter(prefix="/collections/promises", tags=["Collections"])

PromisePath = Annotated[PromiseId, Path(description="`PTP-000012`, or its number")]


class PromiseBody(OfLoanOrCard):
    """A promise to pay an amount by a day, from today to 90 days ahead."""

    model_config = example({"loan_id": "LN-2026-0001", "amount": 5000, "pay_by": "2026-12-28", "note": "after salary"})

    amount: Rupees
    pay_by: Day
    note: Note | None = None


class ListedPromise(PromiseAnswer):
    """A promise in a list, with its user and the officer in charge of the case."""

    name: str | None
    phone: str | None
    officer_id: int | None


def _present(line: PromiseLine) -> ListedPromise:
    promise = present_promise(line.stored)
    return ListedPromise(
        **{name: getattr(promise, name) for name in PromiseAnswer.model_fields},
        name=line.customer_name,
        phone=line.phone,
        officer_id=line.officer_id,
    )


@router.post(
    "", status_code=201, response_model=PromiseAnswer, dependencies=[OFFICERS], summary="Note a promise to pay"
)
async def make_promise(body: PromiseBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Notes that the borrower promised to pay. It is kept if that much comes by the day: payments count by their value
    date, and those that were known already do not. The daily run says whether it is kept."""
    if first := await once.first_answer():
        return first
    made = await promises.make_promise(uow, amount_paise=body.amount, pay_by=body.pay_by, note=body.note, **body.named)
    return await once.keep(present_promise(made))


@router.get("", dependencies=[OFFICERS], summary="List promises to pay")
async def list_promises(
    uow: ReadingDep,
    user_id: Annotated[UserId | None, Query(description="Only promises of this user")] = None,
    status: Annotated[PromiseStatus | None, Query(description="Only promises that stand so")] = None,
    officer_id: Annotated[OfficerId | None, Query(description="Only cases in the charge of this officer")] = None,
    pay_from: Annotated[Day | None, Query(description="Promised for this day or later")] = None,
    pay_to: Annotated[Day | None, Query(description="Promised for this day or earlier")] = None,
    cursor: CursorText = None,
    limit: PageLimit = 50,
) -> Page[ListedPromise]:
    """Lists promises by the promised day, the earliest first. All filters apply together. Send `next_cursor` as
    `cursor` to get the next page."""
    wanted = PromiseFilter(customer_id=user_id, status=status, officer_id=officer_id, pay_from=pay_from, pay_to=pay_to)
    found = await promises.list_promises(uow, wanted, after=read_cursor(cursor, date, int, int), limit=limit)
    last = _cursor(found[-1]) if len(found) == limit else None
    return Page(items=[_present(line) for line in found], next_cursor=last)


def _cursor(line: PromiseLine) -> str:
    promise = line.stored.promise
    return write_cursor(promise.pay_by, line.stored.customer_id, promise.id)


@router.get("/{promise_id}", dependencies=[OFFICERS], summary="Read a promise to pay")
async def get_promise(promise_id: PromisePath, uow: ReadingDep) -> PromiseAnswer:
    """Gives the promise and how it stands since the latest daily run."""
    return present_promise(await promises.view_promise(uow, promise_id))


@router.post(
    "/{promise_id}/withdraw", response_model=PromiseAnswer, dependencies=[OFFICERS], summary="Withdraw a promise to pay"
)
async def withdraw_promise(promise_id: PromisePath, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Withdraws an open promise, which was noted by mistake or agreed otherwise. It is neither kept nor broken."""
    if first := await once.first_answer():
        return first
    return await once.keep(present_promise(await promises.withdraw_promise(uow, promise_id)))
