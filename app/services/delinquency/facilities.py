"""What cards report of their arrears, so that a borrower's class is the worst of all facilities.

A card's account is a capability of its own, above this one. It says here which minimum dues were not paid on their due
date, and when they were: each time as a whole, for one card. Only unpaid and late-paid ones need to be named.
"""

from app.db.repositories.delinquency import reported as repository
from app.domain.delinquency.facilities import Facility
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
    await ask_to_judge(uow, customer_id)
    return True
