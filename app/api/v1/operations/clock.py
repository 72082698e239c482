"""The business date. Outside production it can be set, so that a test or a demo can go through months in a minute."""

from datetime import date

from fastapi import APIRouter

from app.api.deps import ADMINS, SIGNED_IN, KistRouter, UnitOfWorkDep
from app.api.schemas import (
    Answer,
    Body,
    Day,
    example,
)
from app.services.unit_of_work import UnitOfWork

router = KistRouter(prefix="/clock", tags=["Business date"])
#: Only an app outside production has this router. In production the route does not exist, also not in /docs.
setting_router: APIRouter = KistRouter(prefix="/clock", tags=["Business date"])


class ClockAnswer(Answer):
    """The lender's date in Asia/Kolkata."""

    business_date: Day


class ClockBody(Body):
    """The new business date."""

    model_config = example({"business_date": "2026-12-21"})

    business_date: Day


@router.get("", dependencies=[SIGNED_IN], summary="Read the business date")
async def get_clock(uow: UnitOfWorkDep) -> ClockAnswer:
    """Gives the lender's date: customers pay on this date, and billing runs bill up to it."""
    return ClockAnswer(business_date=await uow.business_date())


@setting_router.put("", dependencies=[ADMINS], summary="Set the business date")
async def set_clock(body: ClockBody, uow: UnitOfWorkDep) -> ClockAnswer:
    """Sets the business date to a day that is not before the present one. The date then stays there. The next billing
    run bills the days between. This route does not exist in production."""
    return ClockAnswer(business_date=await _moved(uow, to=body.business_date))


async def _moved(uow: UnitOfWork, *, to: date) -> date:
    await uow.set_business_date(to)
    return to
