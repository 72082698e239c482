"""The lender's profile: what every paper says about who lends, and how to pay."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field, StringConstraints

from app.api.deps import ADMINS, SIGNED_IN, KistRouter, ReadingDep, UnitOfWorkDep
from app.api.schemas import Answer, Between, Body, Day, Whole, example
from app.domain.lender.profiles import LenderVersion, read_picture
from app.services.lender import profiles

router = KistRouter(prefix="/lender", tags=["Lender"])

Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Named = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class LenderFields(Answer):
    """What papers say about the lender. A text in Hindi that is null is shown in English."""

    name: Named
    name_hindi: Named | None = None
    address: Text
    address_hindi: Text | None = None
    cin: Text | None = Field(
        default=None, description="The corporate identity number", examples=["U65999KA2019PTC123456"]
    )
    gstin: Text | None = Field(default=None, examples=["29AAGCB7383J1Z4"])
    rbi_registration: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    website: Text | None = None
    grievance_officer: Text
    grievance_phone: Text
    grievance_email: Text
    upi_address: Text | None = Field(default=None, description="Where borrowers pay by UPI", examples=["lender@bank"])
    bank_account_name: Text | None = None
    bank_account_number: Text | None = None
    bank_ifsc: Text | None = None
    recovery_clause: Text | None = None
    recovery_clause_hindi: Text | None = None
    grievance_clause: Text | None = None
    grievance_clause_hindi: Text | None = None
    transfer_terms: Text | None = None
    transfer_terms_hindi: Text | None = None
    recovery_service: Text | None = None
    recovery_service_hindi: Text | None = None
    cooling_off_days: Annotated[Whole, Between(0, 90)] | None = Field(
        default=None, description="How long a new loan can be left; null: the shortest time that the rules allow"
    )
    holiday_calendar: Text = Field(default="IN", description="The calendar by which working days are counted")


class LenderProfileBody(LenderFields, Body):
    """What papers say about the lender. Leave out what there is not."""


class LenderBody(Body):
    """A version of the profile, in force from a day on."""

    model_config = example(
        {
            "effective_from": "2030-01-01",
            "profile": {
                "name": "Saral Finance Private Limited",
                "name_hindi": "सरल फ़ाइनेंस प्राइवेट लिमिटेड",
                "address": "14 Residency Road, Bengaluru 560025",
                "cin": "U65999KA2019PTC123456",
                "gstin": "29AAGCB7383J1Z4",
                "grievance_officer": "Meera Nair",
                "grievance_phone": "+91 80 4000 1000",
                "grievance_email": "grievance@saral.example",
                "upi_address": "saral@bank",
            },
        }
    )

    effective_from: Day
    profile: LenderProfileBody
    logo: Annotated[str, StringConstraints(max_length=270_000)] | None = Field(
        default=None, description="A PNG or a JPEG of at most 200 kB, as base64"
    )


class LenderAnswer(Answer):
    """A version of the profile. The logo is shown on papers and not here."""

    version: int
    effective_from: date
    has_logo: bool
    profile: LenderFields


@router.get("", dependencies=[SIGNED_IN], summary="Read the lender's profile")
async def get_lender(
    uow: ReadingDep, on: Annotated[Day | None, Query(description="A day; the default is the business date")] = None
) -> LenderAnswer:
    """Gives the version that is in force on a day."""
    return _present(await profiles.get_profile(uow, on=on))


@router.get("/versions", dependencies=[ADMINS], summary="List the versions of the lender's profile")
async def list_lender_versions(uow: UnitOfWorkDep) -> list[LenderAnswer]:
    """Lists all versions, the newest first."""
    return [_present(version) for version in await profiles.list_versions(uow)]


@router.post("", status_code=201, dependencies=[ADMINS], summary="Add a version of the lender's profile")
async def add_lender_version(body: LenderBody, uow: UnitOfWorkDep) -> LenderAnswer:
    """Adds the next version, in force from a given day. It cannot be changed later: the next version corrects it."""
    version = await profiles.add_version(
        uow,
        document=body.profile.model_dump(),
        effective_from=body.effective_from,
        logo=None if body.logo is None else read_picture(body.logo),
    )
    return _present(version)


def _present(found: LenderVersion) -> LenderAnswer:
    return LenderAnswer(
        version=found.version,
        effective_from=found.effective_from,
        has_logo=found.logo is not None,
        profile=LenderFields(**asdict(found.profile)),
    )
