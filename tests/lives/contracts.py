"""Random contracts: the four products, with random changes of every term."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.domain.calendar import DayCount, Frequency
from app.domain.errors import DomainError
from app.domain.lending.agreements import Agreement, agreed_terms
from app.domain.lending.loans import disburse
from app.domain.lending.positions import Decision
from app.domain.money import Rounding, RoundingMode
from app.domain.products.charge_terms import (
    BounceCharge,
    ChargeTerms,
    DisbursalFee,
    Fee,
    FeePaid,
    PenalRate,
    PrepaymentCharge,
    ServiceCharge,
)
from app.domain.products.charges import disbursal_fees
from app.domain.products.documents import check_product
from app.domain.products.products import Component, LateCharge, PaymentPolicy, RepaymentTerms, Replan
from app.domain.products.seeded import SEEDED_LOANS, STANDARD_LOAN
from app.domain.schedules.interest import InterestBasis
from app.domain.schedules.terms import Amortisation, OddFirstPeriod
from tests.lives.agreements import draw_agreement, draw_first_day, without_holidays

_RUPEE = 100
SAC = "997113"
SERVICE = "visit"
_ORDERS = (
    (Component.CHARGES, Component.INTEREST, Component.PRINCIPAL),
    (Component.INTEREST, Component.PRINCIPAL, Component.CHARGES),
    (Component.PRINCIPAL, Component.INTEREST, Component.CHARGES),
)
_RHYTHMS = (
    (Frequency.MONTH, 1), (Frequency.MONTH, 1), (Frequency.MONTH, 3), (Frequency.WEEK, 1), (Frequency.WEEK, 2),
    (Frequency.DAY, 30), (Frequency.DAY, 1), (Frequency.DAY, 10), (Frequency.YEAR, 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The terms of a loan. `product` is the code of the product from which the terms were made; `terms` are
    those of the product: the loan has another rhythm if one was agreed."""

    product: str
    terms: RepaymentTerms
    amount_paise: int
    annual_rate_percent: Decimal
    instalments: int
    disbursed_on: date
    agreement: Agreement | None = None

    @property
    def agreed(self) -> RepaymentTerms:
        """The terms with the rhythm of the loan."""
        return agreed_terms(self.terms, self.agreement)

    @property
    def first_due_on(self) -> date | None:
        """The first due date that the loan agreed on."""
        return None if self.agreement is None else self.agreement.first_due_on

    @property
    def fees(self) -> tuple[Fee, ...]:
        return disbursal_fees(self.terms.charges, amount_paise=self.amount_paise, on=self.disbursed_on)

    def disburse(self) -> Decision:
        return disburse(
            self.agreed,
            customer_id=1,
            loan_id=1,
            amount_paise=self.amount_paise,
            annual_rate_percent=self.annual_rate_percent,
            instalments=self.instalments,
            disbursed_on=self.disbursed_on,
            fees=self.fees,
            agreement=self.agreement,
        )


def draw_contract(rng: Random, *, on: date | None = None) -> Contract:
    """A random contract under which a loan can be made. `on` is the day; then no date is moved by a holiday."""
    while True:
        contract = _draw(rng)
        if on is not None:
            contract = _made_on(contract, on)
        with suppress(DomainError):
            contract.disburse()
            return contract


def _made_on(contract: Contract, on: date) -> Contract:
    """The contract on another day, with its first due date as many days later."""
    first, agreement = contract.first_due_on, contract.agreement
    if agreement is not None:
        first = None if first is None else on + (first - contract.disbursed_on)
        agreement = replace(agreement, first_due_on=first, holidays=())
        agreement = None if agreement == Agreement() else agreement
    return replace(contract, disbursed_on=on, terms=without_holidays(contract.terms), agreement=agreement)


def _draw(rng: Random) -> Contract:
    """A random contract. Small amounts are as likely as large ones."""
    product = rng.choice(SEEDED_LOANS)
    terms = product.repayment
    if rng.random() < 0.75:
        terms = _vary(rng, terms)
    # From a rupee to a crore; each power of ten is equally likely.
    amount = int(10 ** rng.uniform(2, 9))
    if rng.random() < 0.7:
        amount = max(amount // 10_000 * 10_000, 1_000_00)
    if terms.closes_small_rest and not terms.tolerance_paise:
        terms = replace(terms, closes_small_rest=False)
    if terms.takes_overpayment and terms.payment_policy is PaymentPolicy.EXACT:
        terms = replace(terms, takes_overpayment=False)
    # Charges have random numbers of their own, so that a life without them is the life it always was.
    terms = replace(terms, charges=draw_charges(Random(f"{amount} {terms}"), terms))
    rate = Decimal(rng.choice(["0", "1", "8.8", "10.5", "12", "14", "24", "36", "48"]))
    instalments = rng.choice([1, 1, 2, 2, 3, 4, 6, 8, 12, 24])
    disbursed_on = date(2023, 12, 20) + timedelta(days=rng.randrange(500))
    # So have agreements.
    own = Random(f"{amount} {disbursed_on} {terms.frequency} {terms.every}")
    disbursed_on = draw_first_day(own, disbursed_on)
    terms, agreement = draw_agreement(own, terms, disbursed_on=disbursed_on, rate_percent=rate)
    return Contract(
        product=product.code,
        terms=terms,
        amount_paise=amount,
        annual_rate_percent=rate,
        instalments=instalments,
        disbursed_on=disbursed_on,
        agreement=agreement,
    )


def _vary(rng: Random, terms: RepaymentTerms) -> RepaymentTerms:
    """The terms with about a third of the fields changed at random."""
    frequency, every = rng.choice(_RHYTHMS)
    monthly = (frequency, every) == (Frequency.MONTH, 1)
    choices: dict[str, Sequence[Any]] = {
        "amortisation": list(Amortisation),
        "interest_basis": list(InterestBasis),
        "day_count": list(DayCount),
        "emi_rounding": [_rounding(rng), *(Rounding(mode=mode) for mode in (RoundingMode.LEVEL, RoundingMode.NONE))],
        "interest_rounding": [_rounding(rng)],
        "due_after_days": [0, 0, 3, 15, 29, 45],
        "minimum_percent": [None, Decimal(3), Decimal("0.5"), Decimal(25), Decimal(100)],
        "payment_policy": list(PaymentPolicy),
        "payment_order": _ORDERS,
        "prepayment": list(Replan),
        "prepayment_choice": [True, False],
        "late_charge": [None, _charge(500), _charge(1), _charge(7000), _charge(500, grace=3), _charge(300, grace=31)],
        "odd_first_period": [None, *OddFirstPeriod],
        "tolerance_paise": [0, 1_00, 10_00],
        "takes_overpayment": [False, True],
        "closes_small_rest": [False, True],
        "cash_unit_paise": [1, _RUPEE, 10 * _RUPEE],
        "due_day": [None, 1, 5, 29, 31] if monthly else [None],
    }
    changed = {name: rng.choice(options) for name, options in choices.items() if rng.random() < 0.35}
    if rng.random() < 0.35:
        changed |= {"frequency": frequency, "every": every}
    if changed.get("frequency", terms.frequency) not in (Frequency.MONTH, Frequency.YEAR):
        changed["due_day"] = None
    # Terms that no product may have together.
    if changed.get("payment_policy", terms.payment_policy) is PaymentPolicy.EXACT:
        changed["takes_overpayment"] = False
    if not changed.get("tolerance_paise", terms.tolerance_paise):
        changed["closes_small_rest"] = False
    return replace(terms, **changed)


def draw_charges(rng: Random, terms: RepaymentTerms) -> ChargeTerms | None:
    """Random charges that the terms may have, in half of the lives."""
    if rng.random() < 0.5:
        return None
    fee = DisbursalFee(name="fee", paid=rng.choice(list(FeePaid)), percent=Decimal(rng.choice(["0.5", "2"])), sac=SAC)
    shares = rng.choice([("2", "4"), ("0", "3"), ("1.5", "0")])
    part, foreclosure = map(Decimal, shares)
    penal = PenalRate(annual_percent=Decimal(rng.choice([12, 24])), grace_days=rng.choice([0, 0, 3, 10]))
    charges = ChargeTerms(
        disbursal=rng.choice([(), (fee,), (fee, replace(fee, name="stamp", is_taxed=False, for_third_party=True))]),
        bounce=rng.choice([None, BounceCharge(amount_paise=500_00, sac=SAC), BounceCharge(amount_paise=1, sac=SAC)]),
        prepayment=rng.choice([None, PrepaymentCharge(part_percent=part, foreclosure_percent=foreclosure, sac=SAC)]),
        penal_rate=rng.choice([None, penal]) if terms.late_charge is None else None,
        services=rng.choice([(), (ServiceCharge(code=SERVICE, name="Visit", amount_paise=333_33, sac=SAC),)]),
    )
    with suppress(DomainError):
        dearer = replace(charges, overdue_interest=rng.random() < 0.7)
        check_product(replace(STANDARD_LOAN, repayment=replace(terms, charges=dearer)))
        return dearer
    return charges


def _rounding(rng: Random) -> Rounding:
    modes = (RoundingMode.HALF_UP, RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN)
    return Rounding(mode=rng.choice(modes), unit_paise=rng.choice([1, 1, 50, _RUPEE, 10 * _RUPEE]))


def _charge(rupees: int, *, grace: int = 0) -> LateCharge:
    return LateCharge(amount_paise=rupees * _RUPEE, gst_percent=Decimal(18), grace_days=grace)
