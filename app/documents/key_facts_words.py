"""The texts of the key facts statement: the lines of the Reserve Bank's form, and the values that a quote can give."""

from app.documents.words import day, rupees
from app.domain.products.charge_terms import FeePaid
from app.domain.schedules.terms import Amortisation, ScheduleTerms

NOT_STATED = "None stated in this quote"
IN_AGREEMENT = "To be stated in the loan agreement"

FOOT = "Form: RBI/2024-25/18, Annex A to C  ·  a quote for information, not a sanction; nothing of it is stored"

QUALIFICATION = (
    "EPI: equated periodic instalment. The annual percentage rate is nominal and is computed from the instalment "
    "before rounding, on what the borrower receives after fees deducted or paid upfront. The total to be paid is all "
    "instalments and the fees paid upfront. The last instalment settles what rounding has left."
)

INSTALMENT_KINDS = {
    Amortisation.EQUAL_INSTALMENT: "Equated, per {frequency}",
    Amortisation.EQUAL_PRINCIPAL: "Equal principal, per {frequency}",
    Amortisation.FLAT: "Equated at a flat rate, per {frequency}",
    Amortisation.INTEREST_ONLY: "Interest only, principal at the end, per {frequency}",
}

CONTINGENT = (
    "(i) Penal charges in case of delayed payment",
    "(ii) Other penal charges",
    "(iii) Foreclosure charges",
    "(iv) Charges for switching between floating and fixed rate",
    "(v) Any other charges",
)

PART_TWO = (
    ("Clause of the loan agreement on engagement of recovery agents", IN_AGREEMENT),
    ("Clause of the loan agreement on grievance redressal", IN_AGREEMENT),
    ("Telephone and e-mail of the nodal grievance redressal officer", IN_AGREEMENT),
    ("Whether the loan may be transferred or securitised", IN_AGREEMENT),
    ("Collaborative lending: originating and partner entities, blended rate", IN_AGREEMENT),
    ("Digital loan: cooling-off period; service provider for recovery", IN_AGREEMENT),
)

_PAID = {
    FeePaid.DEDUCTED: "Deducted from the disbursal",
    FeePaid.UPFRONT: "Paid upfront",
    FeePaid.FINANCED: "Added to the loan",
}


def fee_words(paid: FeePaid) -> str:
    """How a fee is paid."""
    return _PAID[paid]


def disbursal_words(terms: ScheduleTerms) -> str:
    """When the loan is disbursed: at once, or each stage with its day."""
    if not terms.disbursals:
        return f"100 % upfront, on {day(terms.disbursed_on)}"
    return "\n".join(f"{rupees(part.amount_paise)} on {day(part.on)}" for part in terms.disbursals)
