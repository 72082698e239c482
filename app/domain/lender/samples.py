"""A sample lender, so that the papers of a development installation are whole. It is no company, and says so."""

from dataclasses import replace
from datetime import date
from typing import Final

from app.domain.lender.profiles import LenderProfile, LenderVersion

_GRIEVANCES: Final = "grievances@sample.example"

#: Its numbers have the right form and belong to nobody.
SAMPLE_LENDER: Final = LenderProfile(
    name="SAMPLE Lender (no real company)",
    name_hindi="नमूना ऋणदाता (वास्तविक कंपनी नहीं)",
    address="1 Sample Road\nBengaluru 560001",
    address_hindi="1 नमूना मार्ग\nबेंगलुरु 560001",
    cin="U65999KA2000PLC000000",
    gstin="29AAAAA0000A1ZY",
    rbi_registration="SAMPLE-00000",
    phone="+91 80 0000 0000",
    email="hello@sample.example",
    website="sample.example",
    grievance_officer="A. Sample, nodal officer",
    grievance_phone="+91 80 0000 0001",
    grievance_email=_GRIEVANCES,
    upi_address="sample@sample",
    bank_account_name="SAMPLE Lender",
    bank_account_number="00000000000",
    bank_ifsc="SAMP0000000",
    recovery_clause="Clause 12 of the sample agreement",
    recovery_clause_hindi="नमूना अनुबंध का खंड 12",
    grievance_clause="Clause 15 of the sample agreement",
    grievance_clause_hindi="नमूना अनुबंध का खंड 15",
    transfer_terms="The loan is not transferred",
    transfer_terms_hindi="ऋण हस्तांतरित नहीं किया जाता",
)


def sample_version(effective_from: date, *, with_gstin: bool) -> LenderVersion:
    """The sample as the first version of a profile."""
    profile = SAMPLE_LENDER if with_gstin else replace(SAMPLE_LENDER, gstin=None)
    return LenderVersion(version=1, effective_from=effective_from, profile=profile)


def is_sample(profile: LenderProfile) -> bool:
    """Whether a profile is still the sample."""
    return profile.name == SAMPLE_LENDER.name
