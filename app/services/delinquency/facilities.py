"""What cards report of their arrears, so that a borrower's class is the worst of all facilities.

A card's account is a capability of its own, above this one. It says here which minimum dues were not paid on their due
date, and when they were: each time as a whole, for one card. Only unpaid and late-paid ones need to be named. A report
that says nothing new about day-ends that are judged asks for no work: the next day-end reads it.
"""

from datetime import date

from app.db.repositories.delinquency import day_ends as day_end_repository
from app.db.repositories.delinquency import reported as repository
from app.db.repositories.delinquency.reported import ReportedFacility
from app.domain.delinquency.facilities import Arrear, Facility
from app.services.payments.reversals import ask_to_judge
from app.services.unit_of_work import UnitOfWork


async def report_facility(uow: UnitOfWork, customer_id: int, facility: Facility) -> bool:
    """Writes the arrears of a facility if they differ from what was reported before. Returns whether they do."""
    today = await uow.business_date()
    versions = [each for each in await repository.list_versions(uow.session, customer_id)
                if each.facility.key == facility.key]  # fmt: skip
    present = next((each for each in versions if each.known_until is None), None)
    if present is not None and present.facility == facility:
        return False
    await repository.add_version(uow.session, customer_id, facility, version=len(versions) + 1, known_from=today)
    judged = await day_end_repository.find_judged_through(uow.session)
    if judged is not None and _concerns(facility, present, through=judged):
        await ask_to_judge(uow, customer_id)
    return True


def _concerns(facility: Facility, present: ReportedFacility | None, *, through: date) -> bool:
    """Whether a report says something else about day-ends that are judged. What falls due later waits for its day."""

    def seen(known: Facility) -> list[Arrear]:
        return [
            arrear if arrear.cleared_on is None or arrear.cleared_on <= through else arrear._replace(cleared_on=None)
            for arrear in known.arrears
            if arrear.due_on <= through
        ]

    if present is None:
        # From its first report on it shares the classes of the borrower's other facilities, since it was opened.
        return True
    ended = [(known.closed_on, known.lost_on) for known in (facility, present.facility)]
    return seen(facility) != seen(present.facility) or ended[0] != ended[1]
