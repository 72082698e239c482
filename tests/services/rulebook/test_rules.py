"""`kist rules check`: every product version and every open loan against the rules of a day."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.db.models import Product as ProductRow
from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM
from app.domain.products.documents import product_document
from app.domain.products.lawfulness import ProductBreaksRule
from app.domain.products.seeded import PERSONAL_LOAN_1, SEEDED_PRODUCTS, STANDARD_LOAN
from app.services.products import versions
from app.services.rulebook import rules
from tests.domain.products.test_lawfulness import charging
from tests.services.conftest import START
from tests.services.lending_desk import LendingHelper


async def test_an_open_loan_is_found_that_breaks_a_rule(lending: LendingHelper) -> None:
    async with lending.uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, PERSONAL_LOAN_1, offered_from=date(2000, 1, 1), now=START, actor="system")
    loan = await lending.disburse(PERSONAL_LOAN_1, amount=50_000, rate="8.8", instalments=12)
    await lending.disburse(STANDARD_LOAN, amount=50_000, rate="12", instalments=12)

    async with lending.uow_factory.open(SYSTEM) as uow:
        found = await rules.check_rules(uow)

    assert (found.on, found.versions, found.loans) == (START.date(), len(SEEDED_PRODUCTS) + 1, 2)
    assert [
        (one.product, one.version, one.breach.row.rule.value, one.is_offered, one.loans, one.first_loan)
        for one in found.broken
    ] == [
        # Version 1 was replaced on the day on which it was first offered, and one open loan was made under it.
        ("PERSONAL_LOAN", 1, "interest_from_disbursal", False, 0, None),
        ("PERSONAL_LOAN", 1, "interest_from_disbursal", False, 1, loan.number),
    ]


async def test_a_version_that_is_offered_later_is_judged_by_its_first_day(lending: LendingHelper) -> None:
    taxed = charging(STANDARD_LOAN, 18)
    async with lending.uow_factory.open(SYSTEM) as uow:
        for offered_from, version in ((date(2024, 12, 1), 7), (date(2027, 1, 1), 8)):
            product = type(taxed)(
                code="TAXED", version=version, name="Taxed", offer=taxed.offer, repayment=taxed.repayment
            )
            await add_product(uow.session, product, offered_from=offered_from, now=START, actor="system")
        early = await rules.check_rules(uow, on=date(2025, 1, 27))
        today = await rules.check_rules(uow)
    assert [(one.version, one.is_offered) for one in early.broken] == [(8, True)]
    assert [(one.version, one.is_offered) for one in today.broken] == [(7, True), (8, True)]


async def test_a_version_that_breaks_a_rule_is_not_added(lending: LendingHelper) -> None:
    count = select(func.count()).select_from(ProductRow)
    async with lending.uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=START, actor="system")
        before = await uow.session.scalar(count)
    with pytest.raises(ProductBreaksRule, match="penal_charge_gst_percent") as refused:
        async with lending.uow_factory.open(SYSTEM) as uow:
            await versions.add_version(
                uow,
                product_code="TAXED",
                document=product_document(charging(STANDARD_LOAN, 18)),
                offered_from=date(2026, 12, 1),
            )
    assert refused.value.details["reference"] == "CBIC circular 245/02/2025"
    async with lending.uow_factory.open(SYSTEM) as uow:
        assert await uow.session.scalar(count) == before
        added = await versions.add_version(
            uow,
            product_code="UNTAXED",
            document=product_document(charging(STANDARD_LOAN, 0)),
            offered_from=date(2026, 12, 1),
        )
    assert added.repayment.late_charge is not None
    assert added.repayment.late_charge.gst_percent == Decimal(0)
