"""Where the lender is registered for GST, as use cases: by its profile, or by the setting where that has no GSTIN."""

from datetime import date

from app.db.repositories.lender import profiles as repository
from app.domain.lender.registrations import Registration, registration_of
from app.services.unit_of_work import UnitOfWork


async def read_registration(uow: UnitOfWork) -> Registration:
    """The states of registration of all days."""
    return registration_of(await repository.list_versions(uow.session), setting=uow.gst_state)


async def find_gst_state(uow: UnitOfWork, *, on: date | None = None) -> str | None:
    """The state of a day, by default the business date; None where the lender is registered in no state."""
    return (await read_registration(uow)).state_on(on or await uow.business_date())
