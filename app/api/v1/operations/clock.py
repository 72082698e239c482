"""The business date. It can be set where months must be lived through in a minute, and nowhere in production."""

from datetime import date

from fastapi import APIRouter

from app.api.deps import ADMINS, SIGNED_IN, KistRouter, UnitOfWorkDep
from app.api.schemas import Answer, Body, Day
from app.services.unit_of_work import UnitOfWork

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
async def read_clock(uow: UnitOfWorkDep) -> ClockAnswer:
    """The date at which customers pay and the run bills."""
    return ClockAnswer(business_date=await uow.business_date())


@setting_router.put("", dependencies=[ADMINS], summary="Set the business date")
async def set_clock(body: ClockBody, uow: UnitOfWorkDep) -> ClockAnswer:
    """Holds the business date at a day, not before the present one. What lies between is billed by the next run."""
    return ClockAnswer(business_date=await _moved(uow, to=body.business_date))


async def _moved(uow: UnitOfWork, *, to: date) -> date:
    await uow.set_business_date(to)
    return to
