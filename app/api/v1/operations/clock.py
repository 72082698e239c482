"""The business date. It can be set where months must be lived through in a minute, and nowhere in production."""

from datetime import date

from fastapi import APIRouter

from app.api.deps import ADMINS, SIGNED_IN, KistRouter, WorkDep
from app.api.schemas import Answer, Body, Day
from app.services.work import Work

router = KistRouter(prefix="/clock", tags=["Business date"])
#: Only an app outside production has this router: there the route does not exist, in /docs either.
setting_router: APIRouter = KistRouter(prefix="/clock", tags=["Business date"])


class ClockAnswer(Answer):
    """The lender's date in Asia/Kolkata."""

    business_date: Day


class ClockBody(Body):
    """The date to move on to."""

    business_date: Day


@router.get("", dependencies=[SIGNED_IN], summary="Read the business date")
async def read_clock(work: WorkDep) -> ClockAnswer:
    """The date at which customers pay and the run bills."""
    return ClockAnswer(business_date=await work.business_date())


@setting_router.put("", dependencies=[ADMINS], summary="Set the business date")
async def set_clock(body: ClockBody, work: WorkDep) -> ClockAnswer:
    """Holds the business date at a day, not before the present one. What lies between is billed by the next run."""
    return ClockAnswer(business_date=await _moved(work, to=body.business_date))


async def _moved(work: Work, *, to: date) -> date:
    await work.set_business_date(to)
    return to
