"""The kinds of lenders, products and borrowers that a rule may be for, and the groups that rules name."""

from enum import StrEnum
from typing import Final


class LenderKind(StrEnum):
    """What kind of lender we are. The Reserve Bank gives each kind its own directions."""

    BANK = "bank"
    SMALL_FINANCE_BANK = "small_finance_bank"
    REGIONAL_RURAL_BANK = "regional_rural_bank"
    LOCAL_AREA_BANK = "local_area_bank"
    COOPERATIVE_BANK_TIER_4 = "cooperative_bank_tier_4"
    COOPERATIVE_BANK_TIER_3 = "cooperative_bank_tier_3"
    COOPERATIVE_BANK = "cooperative_bank"
    NBFC_UPPER = "nbfc_upper"
    NBFC_MIDDLE = "nbfc_middle"
    NBFC_BASE = "nbfc_base"
    ALL_INDIA_INSTITUTION = "all_india_institution"


class ProductKind(StrEnum):
    """A loan that is repaid by instalments, or a card."""

    LOAN = "loan"
    CARD = "card"


class BorrowerKind(StrEnum):
    """Who borrows, and what for."""

    INDIVIDUAL = "individual"
    INDIVIDUAL_BUSINESS = "individual_business"
    SMALL_ENTERPRISE = "small_enterprise"
    OTHER = "other"


ALL_LENDERS: Final = frozenset(LenderKind)
NBFCS: Final = frozenset({LenderKind.NBFC_UPPER, LenderKind.NBFC_MIDDLE, LenderKind.NBFC_BASE})
BANKS: Final = ALL_LENDERS - NBFCS
ALL_PRODUCTS: Final = frozenset(ProductKind)
LOANS: Final = frozenset({ProductKind.LOAN})
CARDS: Final = frozenset({ProductKind.CARD})
ALL_BORROWERS: Final = frozenset(BorrowerKind)
INDIVIDUALS: Final = frozenset({BorrowerKind.INDIVIDUAL})
SMALL_BUSINESS: Final = frozenset({BorrowerKind.INDIVIDUAL_BUSINESS, BorrowerKind.SMALL_ENTERPRISE})
