"""The rows about conduct: what an offer must say, when interest begins, charges, prepayments, partners, data."""

from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.rulebook.kinds import INDIVIDUALS, LOANS, NBFCS, SMALL_BUSINESS, LenderKind
from app.domain.rulebook.rules import Counted, Rule, RuleRow, Source, Sureness, Unit

_RBC = "Responsible Business Conduct Directions, 2025, of the kind of lender"
_KEY_FACTS = Source("RBI/2024-25/18", _RBC)
_DIGITAL = Source("Digital Lending Directions, 2025", "Digital Lending Directions, 2025")
_INTEREST = Source("RBI/2024-25/30", _RBC)
_PENAL = Source("RBI/2023-24/53", _RBC)
_PENAL_TAX = Source("CBIC circular 245/02/2025", "CBIC circular 245/02/2025")
_FEE_TAX = Source(
    "Notification 11/2017-Central Tax (Rate), entry 15", "Notification 11/2017-Central Tax (Rate)", Sureness.MEDIUM
)
_PREPAYMENT = Source("RBI/2025-26/64", _RBC)
_BEFORE_BANKS = Source("DBOD.Dir.BC.No.110/13.03.00/2013-14", "replaced on 2026-01-01 by RBI/2025-26/64")
_BEFORE_ALL_BANKS = Source("RBI/2019-20/29", "replaced on 2026-01-01 by RBI/2025-26/64")
_BEFORE_URBAN = Source("UBD.CO.BPD.PCB.Cir.No.64/12.05.001/2013-14", "replaced on 2026-01-01 by RBI/2025-26/64")
_BEFORE_RURAL = Source("RBI/2013-14/612", "replaced on 2026-01-01 by RBI/2025-26/64")
_BEFORE_NBFC = Source("RBI/2014-15/121, clarified by RBI/2019-20/30", "replaced on 2026-01-01 by RBI/2025-26/64")
_RESET = Source("RBI/2023-24/55", _RBC)
_RESET_AMENDED = Source("RBI/2025-26/83", _RBC)
_CO_LENDING = Source("RBI Co-Lending Arrangements Directions, 2025", "Co-Lending Arrangements Directions, 2025")
_CONTACT = Source("RBI draft of 2026-05-20 on recovery", "not final", Sureness.MEDIUM)
_DATA = Source("G.S.R. 846(E)", "Digital Personal Data Protection Rules, 2025")

_SANCTION = Counted.SANCTION
_LAKH_PAISE = 100_000 * 100
#: Who may not charge a business for a prepayment at all, and who may not up to an amount. The base layer is not bound.
_NEVER = frozenset(
    {
        LenderKind.BANK,
        LenderKind.COOPERATIVE_BANK_TIER_4,
        LenderKind.NBFC_UPPER,
        LenderKind.ALL_INDIA_INSTITUTION,
    }
)
_UP_TO = frozenset(
    {
        LenderKind.SMALL_FINANCE_BANK,
        LenderKind.REGIONAL_RURAL_BANK,
        LenderKind.COOPERATIVE_BANK_TIER_3,
        LenderKind.COOPERATIVE_BANK,
        LenderKind.NBFC_MIDDLE,
    }
)

_OFFERS: Final = (
    RuleRow(
        Rule.KEY_FACTS_VALID_WORKING_DAYS, 3, Unit.WORKING_DAYS, "a key facts statement is valid at least so long",
        _KEY_FACTS, date(2024, 10, 1), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.KEY_FACTS_VALID_WORKING_DAYS_SHORT, 1, Unit.WORKING_DAYS, "the same for a loan of a short tenor",
        _KEY_FACTS, date(2024, 10, 1), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.KEY_FACTS_SHORT_BELOW_DAYS, 7, Unit.DAYS, "a tenor below this is short",
        _KEY_FACTS, date(2024, 10, 1), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.KEY_FACTS_NAME_EVERY_CHARGE, 1, Unit.DUTY,
        "a charge that the key facts statement does not name must not be charged",
        _KEY_FACTS, date(2024, 10, 1), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.DIGITAL_COOLING_OFF_DAYS, 1, Unit.DAYS,
        "a digital loan can be left at least so long, for the principal and the proportionate annual cost",
        _DIGITAL, date(2025, 5, 8), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.LIMIT_INCREASE_ON_REQUEST, 1, Unit.DUTY, "a limit rises only on the customer's explicit, recorded request",
        _DIGITAL, date(2025, 5, 8),
    ),
)  # fmt: skip

_CHARGES: Final = (
    RuleRow(
        Rule.INTEREST_FROM_DISBURSAL, 1, Unit.DUTY,
        "interest begins on the day on which money leaves, and never counts days before it",
        _INTEREST, date(2024, 4, 29), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.PENAL_CHARGE_BEARS_NO_INTEREST, 1, Unit.DUTY,
        "a penalty is a charge and not a rate, is never capitalised, and bears no interest (new loans)",
        _PENAL, date(2024, 4, 1), date(2024, 6, 30), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.PENAL_CHARGE_BEARS_NO_INTEREST, 1, Unit.DUTY,
        "a penalty is a charge and not a rate, is never capitalised, and bears no interest (all loans)",
        _PENAL, date(2024, 6, 30), products=LOANS,
    ),
    RuleRow(
        Rule.PENAL_CHARGE_GST_PERCENT, Decimal(0), Unit.PERCENT, "tax on a penal charge of a loan",
        _PENAL_TAX, date(2025, 1, 28), products=LOANS,
    ),
    RuleRow(
        Rule.LOAN_FEE_GST_PERCENT, Decimal(18), Unit.PERCENT,
        "tax on a fee for the service of lending: half central and half state tax, or the whole as integrated tax",
        _FEE_TAX, date(2017, 7, 1), products=LOANS,
    ),
)  # fmt: skip

#: Since when each kind of lender could not charge an individual for prepaying a floating term loan, before one text was
#: made for all. The texts of 2014 say "individual borrowers"; two of 2019 clarify: not for business. So a loan of an
#: individual in business is not judged by them. Home loans were free two years earlier, and are not told apart here.
_EARLIER: Final = (
    (_BEFORE_BANKS, date(2014, 5, 7), frozenset({LenderKind.BANK})),
    (_BEFORE_ALL_BANKS, date(2019, 8, 2), frozenset({LenderKind.SMALL_FINANCE_BANK, LenderKind.LOCAL_AREA_BANK})),
    (
        _BEFORE_URBAN, date(2014, 5, 26),
        frozenset({LenderKind.COOPERATIVE_BANK_TIER_3, LenderKind.COOPERATIVE_BANK_TIER_4}),
    ),
    # State and central co-operative banks are of this kind too, and their text is a day later.
    (
        _BEFORE_RURAL, date(2014, 5, 27),
        frozenset({LenderKind.COOPERATIVE_BANK, LenderKind.REGIONAL_RURAL_BANK}),
    ),
    (_BEFORE_NBFC, date(2014, 7, 14), NBFCS),
)  # fmt: skip

_PREPAYMENTS: Final = (
    *(
        RuleRow(
            Rule.FLOATING_PREPAYMENT_CHARGE_PERCENT, Decimal(0), Unit.PERCENT,
            "the charge for prepaying a floating loan that is not for business",
            source, from_on, date(2026, 1, 1), _SANCTION, lenders, LOANS, INDIVIDUALS,
        )
        for source, from_on, lenders in _EARLIER
    ),
    RuleRow(
        Rule.FLOATING_PREPAYMENT_CHARGE_PERCENT, Decimal(0), Unit.PERCENT,
        "the charge for prepaying a floating loan that is not for business",
        _PREPAYMENT, date(2026, 1, 1), counted=_SANCTION, products=LOANS, borrowers=INDIVIDUALS,
    ),
    RuleRow(
        Rule.FLOATING_PREPAYMENT_CHARGE_PERCENT, Decimal(0), Unit.PERCENT,
        "the charge for prepaying a floating loan for business",
        _PREPAYMENT, date(2026, 1, 1), counted=_SANCTION, lenders=_NEVER, products=LOANS, borrowers=SMALL_BUSINESS,
    ),
    RuleRow(
        Rule.FLOATING_PREPAYMENT_FREE_UP_TO_PAISE, 50 * _LAKH_PAISE, Unit.PAISE,
        "a floating loan for business up to this amount is prepaid without a charge",
        _PREPAYMENT, date(2026, 1, 1), counted=_SANCTION, lenders=_UP_TO, products=LOANS, borrowers=SMALL_BUSINESS,
    ),
    RuleRow(
        Rule.PREPAYMENT_LOCK_IN_DAYS, 0, Unit.DAYS,
        "how long a loan that is prepaid without a charge may be kept from being prepaid",
        _PREPAYMENT, date(2026, 1, 1), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.FLOATING_STATEMENT_EVERY_MONTHS, 3, Unit.MONTHS, "how often the borrower of a floating loan gets one",
        _RESET, date(2023, 8, 18), products=LOANS, borrowers=INDIVIDUALS,
    ),
    RuleRow(
        Rule.FLOATING_SWITCH_TO_FIXED, 1, Unit.DUTY, "at a reset a borrower may switch to a fixed rate",
        _RESET, date(2023, 8, 18), date(2025, 10, 1), products=LOANS, borrowers=INDIVIDUALS,
    ),
    RuleRow(
        Rule.FLOATING_SWITCH_TO_FIXED, 0, Unit.DUTY, "a lender need not offer a switch to a fixed rate",
        _RESET_AMENDED, date(2025, 10, 1), products=LOANS, borrowers=INDIVIDUALS,
    ),
    RuleRow(
        Rule.NEGATIVE_AMORTISATION_FORBIDDEN, 1, Unit.DUTY, "an instalment covers at least the interest",
        _RESET, date(2023, 8, 18), products=LOANS, borrowers=INDIVIDUALS,
    ),
)  # fmt: skip

_PARTNERS_AND_DATA: Final = (
    RuleRow(
        Rule.CO_LENDING_KEPT_PERCENT, Decimal(10), Unit.PERCENT, "the share of every loan that each partner keeps",
        _CO_LENDING, date(2026, 1, 1), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.CO_LENDING_SETTLED_WITHIN_DAYS, 15, Unit.DAYS,
        "the partner's share is on its books within so many calendar days",
        _CO_LENDING, date(2026, 1, 1), products=LOANS,
    ),
    RuleRow(
        Rule.CO_LENDING_ONE_RATE, 1, Unit.DUTY,
        "the borrower pays one rate, blended of the partners' rates by their shares",
        _CO_LENDING, date(2026, 1, 1), counted=_SANCTION, products=LOANS,
    ),
    RuleRow(
        Rule.CO_LENDING_ONE_CLASS, 1, Unit.DUTY,
        "both partners' shares have one asset class: what one of them finds, the other takes over",
        _CO_LENDING, date(2026, 1, 1), counted=Counted.DAY_END, products=LOANS,
    ),
    RuleRow(
        Rule.LOSS_GUARANTEE_PERCENT, Decimal(5), Unit.PERCENT, "the part of a portfolio that a guarantee may cover",
        _DIGITAL, date(2025, 5, 8),
    ),
    RuleRow(
        Rule.RECOVERY_CONTACT_HOURS, (8, 19), Unit.HOURS_OF_DAY, "the hours at which borrowers are contacted",
        _CONTACT, date(2026, 10, 1),
    ),
    RuleRow(
        Rule.CONSENT_MANAGERS, 1, Unit.DUTY, "consent may come through a registered consent manager",
        _DATA, date(2026, 11, 13),
    ),
    RuleRow(
        Rule.DATA_BREACH_DETAILS_WITHIN_HOURS, 72, Unit.HOURS, "when the details of a breach of data are reported",
        _DATA, date(2027, 5, 13),
    ),
    RuleRow(
        Rule.DATA_LOGS_KEPT_MONTHS, 12, Unit.MONTHS, "how long logs about personal data are kept",
        _DATA, date(2027, 5, 13),
    ),
)  # fmt: skip

ROWS: Final = (*_OFFERS, *_CHARGES, *_PREPAYMENTS, *_PARTNERS_AND_DATA)
