"""`kist rules` and `kist rules check`: what they print, and the exit code."""

from dataclasses import replace
from datetime import date

from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import STANDARD_LOAN
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.domain.products.test_lawfulness import charging
from tests.services.conftest import START
from tests.services.imports.test_command import kist


async def test_the_rules_of_a_day_and_what_changes_next(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    code, lines, error_output = await kist(settings, "rules", "--on", "2026-06-30")
    assert (code, error_output) == (0, "")
    assert any("npa_after_days" in line and "90 days" in line for line in lines)
    assert "2026-07-01: bureau_as_on_days: 15, 31 days of month -> 9, 16, 23, 31 days of month" in lines


async def test_an_offer_that_breaks_a_rule_is_named(uow_factory: UnitOfWorkFactory, settings: Settings) -> None:
    code, lines, _ = await kist(settings, "rules", "check", "--on", "2026-06-30")
    fine = "✓ no offer and no open loan breaks a rule of 2026-06-30 (0 product versions, 0 loans)"
    assert (code, lines) == (0, [fine])
    taxed = replace(charging(STANDARD_LOAN, 18), code="TAXED", version=1)
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, taxed, offered_from=date(2000, 1, 1), now=START, actor="system")
    code, lines, _ = await kist(settings, "rules", "check", "--on", "2026-06-30")
    broken = (
        "TAXED.1 (on offer) breaks penal_charge_gst_percent: repayment.late_charge.gst_percent is 18 and must be 0"
        " (CBIC circular 245/02/2025)"
    )
    assert (code, lines) == (1, [broken])
