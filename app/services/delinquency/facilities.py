"""What cards report of their arrears, so that a borrower's class is the worst of all facilities.

A card's account is a capability of its own, above this one. It says here which minimum dues were not paid on their due
date, and when they were: each time as a whole, for one card. Only unpaid and late-paid ones need to be named. A report
that says nothing new about day-ends that are judged asks for no work: the next day-end reads it.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from app.db.repositories.delinquency import day_ends as day_end_repository
from app.db.repositories.delinquency import reported as repository
from app.db.repositories.delinquency.reported import NewVersion, ReportedFacility
from app.domain.delinquency.facilities import Arrear, Facility, FacilityKey
from app.services.payments.reversals import ask_to_judge
from app.services.unit_of_work import UnitOfWork


async def report_facility(uow: UnitOfWork, customer_id: int, facility: Facility) -> bool:
    """Writes the arrears of a facility if they differ from what was reported before. Returns whether they do."""
    present = await repository.list_present(uow.session, [customer_id])
    return bool(await report_facilities(uow, [(customer_id, facility)], present=present))


async def report_facilities(
    uow: UnitOfWork, facilities: Sequence[tuple[int, Facility]], *, present: Mapping[int, Sequence[ReportedFacility]]
) -> int:
    """The same for facilities of many borrowers, each named once. `present` is what is reported of them now. Returns
    how many differ."""
    new, before = [], {}
    for customer_id, facility in facilities:
        known = find_present(present, customer_id, facility.key)
        if known is None or known.facility != facility:
            before[customer_id, facility.key] = known
            new.append(NewVersion(customer_id, facility, 1 if known is None else known.version + 1))
    if not new:
        return 0
    await repository.add_versions(uow.session, new, known_from=await uow.business_date())
    judged = await day_end_repository.find_judged_through(uow.session)
    if judged is not None:
        for customer_id, facility, _ in new:
            if _concerns(facility, before[customer_id, facility.key], through=judged):
                await ask_to_judge(uow, customer_id)
    return len(new)


def find_present(
    present: Mapping[int, Sequence[ReportedFacility]], customer_id: int, key: FacilityKey
) -> ReportedFacility | None:
    """What is reported of one facility now."""
    return next((known for known in present.get(customer_id, ()) if known.facility.key == key), None)


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
