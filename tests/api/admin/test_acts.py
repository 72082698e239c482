"""Acts of staff: the form, the preview that changes nothing, the confirmation that does it once, and every refusal."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from app.api.admin.acts.act import About, Act
from app.api.admin.acts.doing import permission_of
from app.api.admin.acts.every import ACTS
from app.api.routing import KistRoute
from app.db.models import BillingRun, Card, Customer, KeyFacts, LoanChange, LoanCharge, Payment, Proposal, RateNotice
from app.db.repositories.products.products import add_product
from app.domain.people.access import SYSTEM, Role
from app.domain.products.charge_terms import ServiceCharge
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.cards import cards
from app.services.lending import loans
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, Browse
from tests.api.admin.forms import books_of, do, open_form, send, words_of
from tests.domain.made_loans import CHARGED_LOAN, EVERY_CHARGE
from tests.services.lending_desk import LendingHelper

PRODUCTS = {product.code: product for product in SEEDED_PRODUCTS}
STANDARD, CREDIT_CARD, PERSONAL = (PRODUCTS[code] for code in ("STANDARD_LOAN", "CREDIT_CARD", "PERSONAL_LOAN"))
LOAN = "LN-2026-0001"
PROPOSAL = re.compile(r"PR-[0-9]{6}")
BY_NAME = {act.name: act for act in ACTS}


@pytest.fixture
async def billed(lending: LendingHelper) -> LendingHelper:
    """A loan of 1,00,000 at 12 % in 12 instalments, with one bill of 8,884.88 that is due."""
    await lending.disburse(STANDARD, amount=100_000, rate="12", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    return lending


# --- money comes in ---


async def test_a_payment_at_the_counter_is_taken_once(
    browse: Browse, uow_factory: UnitOfWorkFactory, billed: LendingHelper
) -> None:
    client = await browse(OFFICER)
    form = await open_form(client, "take-payment", LOAN)
    before = await books_of(uow_factory)
    typed = {"amount": "₹ 8,884.88", "payment_method": "CASH", "reference_id": "SLIP-17", "value_date": ""}

    preview = await send(client, "take-payment", form, step="preview", **typed)
    shown = words_of(preview)
    assert "Take ₹8,884.88 (cash) on LN-2026-0001 of Asha Rao." in shown
    assert "To interest ₹1,000.00 To principal ₹7,884.88" in shown
    assert "Principal outstanding ₹1,00,000.00 ₹92,115.12" in shown
    assert await books_of(uow_factory) == before

    receipt = await send(client, "take-payment", form, step="do", **typed)
    for _ in range(2):
        receipt = await send(client, "take-payment", form, step="do", **typed)
        assert receipt.url.path == "/admin/acts/take-payment/receipt"
        assert "₹8,884.88 is taken on LN-2026-0001 of Asha Rao." in words_of(receipt)
    after = await books_of(uow_factory)
    assert (after["Payment"], after["IdempotencyKey"]) == (1, 1)
    # The same form with other figures is another payment, and is refused.
    other = await send(client, "take-payment", form, step="do", **{**typed, "amount": "1"})
    assert (other.status_code, "was used for another request" in words_of(other)) == (422, True)
    assert await books_of(uow_factory) == after
    # A receipt belongs to whoever got it.
    strange = await (await browse(ADMIN)).get(receipt.url.path, params=dict(receipt.url.params))
    assert (strange.status_code, "SLIP-17" in strange.text) == (404, False)


async def test_a_prepayment_shows_both_plans_side_by_side(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    loan = await lending.disburse(PERSONAL, amount=120_000, rate="8.8", instalments=12)
    client = await browse(OFFICER)
    typed = {"amount": "60000", "payment_method": "UPI", "reference_id": ""}
    form = await open_form(client, "prepay", LOAN)
    shown = words_of(await send(client, "prepay", form, step="preview", **typed))
    smaller, earlier = shown.split("Smaller EMI, same end", 1)[1].split("Same EMI, earlier end", 1)
    assert ("Instalments to come 12 12" in smaller, "Instalments to come 12 7" in earlier) == (True, True)
    receipt = await send(client, "prepay", form, step="do", choice="earlier-end", **typed)
    assert "₹60,000.00 is taken" in words_of(receipt)
    async with uow_factory.open(SYSTEM) as uow:
        view = await loans.view_loan(uow, loan)
        assert view.position.principal_paise == 60_000_00
        (payment,) = (await uow.session.execute(select(Payment))).scalars()
        assert (payment.treated_as, payment.reference) == ("prepay_earlier_end", None)


async def test_a_payment_is_taken_back(browse: Browse, uow_factory: UnitOfWorkFactory, billed: LendingHelper) -> None:
    client = await browse(OFFICER)
    await do(client, "take-payment", LOAN, amount="8884.88", payment_method="CHEQUE", reference_id="CHQ-1")
    async with uow_factory.open(SYSTEM) as uow:
        (payment,) = (await uow.session.execute(select(Payment))).scalars()
    name = f"PM-{payment.id:06d}"
    form = await open_form(client, "reverse-payment", name)
    shown = words_of(await send(client, "reverse-payment", form, step="preview", reason="cheque returned"))
    assert f"Take back payment {name} on LN-2026-0001 of Asha Rao: ₹8,884.88." in shown
    assert "Principal outstanding ₹92,115.12 ₹1,00,000.00" in shown
    receipt = await send(client, "reverse-payment", form, step="do", reason="cheque returned")
    assert "is taken back" in words_of(receipt)
    again = await send(
        client, "reverse-payment", await open_form(client, "reverse-payment", name), step="preview", reason="again"
    )
    assert (again.status_code, "This payment was reversed before." in words_of(again)) == (422, True)


@pytest.mark.parametrize(
    "act, typed, code, message",
    [
        ("take-payment", {"amount": "0"}, 422, "an amount must be more than 0"),
        ("take-payment", {"amount": ""}, 422, "this field is required"),
        ("take-payment", {"amount": "1.234"}, 422, "at most two decimals"),
        ("take-payment", {"amount": "1", "payment_method": "<b>"}, 422, "does not have the required form"),
        ("take-payment", {"amount": "1", "reference_id": "é"}, 422, "a reference has 1 to 100 letters"),
        ("take-payment", {"amount": "1", "value_date": "tomorrow"}, 422, "a date must be written as 2026-12-21"),
        ("take-payment", {"amount": "1", "value_date": "2027-01-01"}, 422, "The value date must not be after"),
        ("take-payment", {"amount": "1", "value_date": "2026-11-01"}, 422, "The loan was disbursed on 21 Nov 2026"),
        ("take-payment", {"amount": "200000"}, 422, "₹1,01,000.00 closes the loan on 21 Dec 2026"),
        ("propose-waiver", {"reason": "goodwill"}, 422, "A waiver must name interest, charges, or both"),
        ("propose-waiver", {"interest": "5000", "reason": "goodwill"}, 422, "Open bills demand only ₹1,000.00"),
        ("propose-waiver", {"interest": "100", "reason": ""}, 422, "this field is required"),
        ("propose-write-off", {"reason": "a\x01b"}, 422, "the text must not hold control characters"),
        ("close-small-balance", {}, 422, "which is not below the tolerance"),
        ("reset-rate", {"annual_rate": "13"}, 422, "A fixed rate can only be lowered"),
        ("reset-rate", {"annual_rate": ""}, 422, "A fixed rate can only be lowered"),
        ("reset-rate", {"annual_rate": "eleven"}, 422, "a rate is a number such as 10.5"),
        ("reset-rate", {"annual_rate": "11", "made_on": "2027-01-01"}, 422, "must not be after the business date"),
        ("move-due-day", {"due_day": ""}, 422, "this field is required"),
        ("move-due-day", {"due_day": "32"}, 422, "must be at most 31"),
        ("move-due-day", {"due_day": "21"}, 422, "Name another day of the month"),
        ("tell-of-rate", {"effective_on": "2026-12-21", "annual_rate": "11"}, 422, "The business date is 21 Dec 2026"),
        ("tell-of-rate", {"effective_on": "2027-01-21", "annual_rate": "13"}, 422, "A fixed rate can only be lowered"),
        ("propose-restructuring", {"reason": "lost the job"}, 422, "A restructuring changes something"),
        ("propose-restructuring", {"instalments": "0", "reason": "lost the job"}, 422, "must be at least 1"),
        ("propose-restructuring", {"instalments": "6", "reason": ""}, 422, "this field is required"),
        ("propose-moratorium", {"reason": "flood"}, 422, "this field is required"),
        ("propose-moratorium", {"moratorium_instalments": "11", "instalments": "11", "reason": "flood"}, 422,
         "A moratorium is one instalment or more, and leaves one"),
        ("propose-top-up", {"amount": "10000", "instalments": "2000", "reason": "roof"}, 422, "must be at most 1200"),
        ("propose-top-up", {"amount": "10000", "reason": "roof"}, 422, "A fact that the decision needs is not known"),
        ("propose-refund", {"amount": "1", "reason": "paid twice"}, 422,
         "₹0.00 is owed to the borrower. Refund at most ₹0.00."),
    ],
)  # fmt: skip
async def test_a_form_refuses_what_the_api_refuses_and_changes_nothing(
    browse: Browse,
    uow_factory: UnitOfWorkFactory,
    billed: LendingHelper,
    act: str,
    typed: Mapping[str, str],
    code: int,
    message: str,
) -> None:
    client = await browse(OFFICER)
    form = {**await open_form(client, "take-payment", LOAN), "of": LOAN}
    before = await books_of(uow_factory)
    for step in ("preview", "do"):
        answer = await send(client, act, form, step=step, **typed)
        assert (answer.status_code, message in words_of(answer)) == (code, True), words_of(answer)
        assert await books_of(uow_factory) == before


# --- two people ---


async def test_a_waiver_is_proposed_by_one_person_and_approved_by_another(
    browse: Browse, uow_factory: UnitOfWorkFactory, billed: LendingHelper
) -> None:
    officer, admin = await browse(OFFICER), await browse(ADMIN)
    form = await open_form(officer, "propose-waiver", LOAN)
    typed = {"interest": "400", "charges": "", "reason": "wrong reminder"}
    preview = words_of(await send(officer, "propose-waiver", form, step="preview", **typed))
    assert "Interest due ₹1,000.00 ₹600.00" in preview  # if it is approved
    made = words_of(await send(officer, "propose-waiver", form, step="do", **typed))
    assert "waits for another person." in made
    name = PROPOSAL.findall(made)[0]
    # The officer may withdraw it and may not decide it, as in the API.
    page = await officer.get(f"/admin/proposals/detail?pk=1001.{int(name[3:])}")
    assert name in page.text
    assert ("acts/withdraw-proposal" in page.text, "acts/approve-proposal" in page.text) == (True, False)
    assert (await officer.get(f"/admin/acts/approve-proposal?of={name}")).status_code == 403
    receipt = await do(admin, "approve-proposal", name, note="seen")
    assert f"{name} is approved and carried out." in words_of(receipt)
    assert "Interest given up ₹400.00" in words_of(receipt)
    async with uow_factory.open(SYSTEM) as uow:
        (proposal,) = (await uow.session.execute(select(Proposal))).scalars()
        assert (proposal.status, proposal.note) == ("approved", "seen")
        assert proposal.result is not None
        assert proposal.result["interest_paise"] == 400_00


async def test_nobody_decides_an_own_proposal(
    browse: Browse, uow_factory: UnitOfWorkFactory, billed: LendingHelper
) -> None:
    client = await browse(ADMIN)
    name = PROPOSAL.findall(words_of(await do(client, "propose-write-off", LOAN, reason="no estate")))[0]
    before = await books_of(uow_factory)
    for act in ("approve-proposal", "reject-proposal"):
        form = await open_form(client, act, name)
        for step in ("preview", "do"):
            answer = await send(client, act, form, step=step, note="")
            assert (answer.status_code, "cannot decide it" in words_of(answer)) == (422, True)
    assert await books_of(uow_factory) == before
    assert "withdrawn" in words_of(await do(client, "withdraw-proposal", name, note=""))


# --- a living loan changes ---


async def test_a_reset_shows_what_each_choice_gives_and_is_undone(
    browse: Browse, uow_factory: UnitOfWorkFactory, billed: LendingHelper
) -> None:
    client = await browse(OFFICER)
    form = await open_form(client, "reset-rate", LOAN)
    before = await books_of(uow_factory)
    typed = {"annual_rate": "9", "emi": "", "made_on": ""}
    two = words_of(await send(client, "reset-rate", form, step="preview", **typed))
    assert ("The EMI that is named" in two, await books_of(uow_factory) == before) == (False, True)
    emi, tenor = two.split("Another EMI, same end", 1)[1].split("Same EMI, another end", 1)
    assert "Reset LN-2026-0001 of Asha Rao to 9 %: the EMI changes." in emi
    assert "Rate 12 % 9 % EMI ₹8,884.88 ₹8,755.63 Instalments to come 11 11" in emi
    assert "Rate 12 % 9 % EMI ₹8,884.88 ₹8,884.88 Instalments to come 11 11" in tenor
    three = words_of(await send(client, "reset-rate", form, step="preview", **{**typed, "emi": "20000"}))
    assert "EMI ₹8,884.88 ₹20,000.00 Instalments to come 11 5" in three.split("The EMI that is named", 1)[1]
    receipt = words_of(await send(client, "reset-rate", form, step="do", choice="emi", **typed))
    assert "The rate is reset on LN-2026-0001 of Asha Rao. It counts from 21 Dec 2026." in receipt
    again = await send(client, "reset-rate", form, step="do", choice="emi", **typed)
    assert words_of(again) == receipt
    ((change,), _) = await changes_of(uow_factory)
    page = await client.get("/admin/loan/LN-2026-0001?tab=changes")
    assert "rate reset 21 Dec 2026 21 Dec 2026 9 %, another EMI – Undo" in words_of(page)
    undone = words_of(await do(client, "undo-change", f"{LOAN}.{change}", reason="wrong loan"))
    assert "The rate reset of 21 Dec 2026 on LN-2026-0001 of Asha Rao is undone. Rate 12 % EMI ₹8,884.88" in undone
    refused = await client.get(f"/admin/acts/undo-change?of={LOAN}.99")
    assert (refused.status_code, (await changes_of(uow_factory))[1]) == (404, [True])


async def changes_of(uow_factory: UnitOfWorkFactory) -> tuple[list[int], list[bool]]:
    """The numbers of the changes, and whether each is undone."""
    async with uow_factory.open(SYSTEM) as uow:
        rows = (await uow.session.execute(select(LoanChange).order_by(LoanChange.id))).scalars().all()
    return [row.id for row in rows], [row.undone_on is not None for row in rows]


async def test_the_due_day_moves_as_its_preview_says(browse: Browse, billed: LendingHelper) -> None:
    client = await browse(OFFICER)
    form = await open_form(client, "move-due-day", LOAN)
    typed = {"due_day": "5", "made_on": ""}
    preview = words_of(await send(client, "move-due-day", form, step="preview", **typed))
    assert "Move the due day of LN-2026-0001 of Asha Rao to day 5 of the month." in preview
    assert "Next instalment 21 Jan 2027 05 Feb 2027" in preview
    receipt = words_of(await send(client, "move-due-day", form, step="do", **typed))
    assert "Instalments fall due on day 5 of the month on LN-2026-0001 of Asha Rao." in receipt
    head = words_of(await client.get("/admin/loan/LN-2026-0001?tab=changes"))
    assert "move of the due day 21 Dec 2026 21 Dec 2026 day 5 of the month" in head


async def test_a_borrower_is_told_of_a_rate_and_chooses(
    browse: Browse, uow_factory: UnitOfWorkFactory, billed: LendingHelper
) -> None:
    client = await browse(OFFICER)
    told = words_of(await do(client, "tell-of-rate", LOAN, effective_on="2027-01-10", annual_rate="9"))
    assert "is told of the rate from 10 Jan 2027. New rate 9 % If the EMI changes ₹8,755.63, 11 to come" in told
    notice = f"{LOAN}.2027-01-10"
    assert f"acts/choose-for-rate?of={notice}" in (await client.get("/admin/loan/LN-2026-0001?tab=changes")).text
    form = await open_form(client, "choose-for-rate", notice)
    shown = words_of(await send(client, "choose-for-rate", form, step="preview", emi=""))
    assert "On 10 Jan 2027 the end changes (the new rate from 10 Jan 2027 of LN-2026-0001 of Asha Rao)." in shown
    await send(client, "choose-for-rate", form, step="do", choice="tenor", emi="")
    async with uow_factory.open(SYSTEM) as uow:
        (row,) = (await uow.session.execute(select(RateNotice))).scalars()
        assert (row.adjusts, row.chosen_on, row.emi_paise) == ("tenor", date(2026, 12, 21), None)
    named = await send(client, "choose-for-rate", form, step="do", choice="both", emi="")
    assert named.status_code == 422
    assert (await client.get(f"/admin/acts/choose-for-rate?of={LOAN}.2027-01-11")).status_code == 404


@pytest.mark.parametrize(
    "act, typed, sentence, changed",
    [
        ("propose-restructuring", {"instalments": "24", "annual_rate": "10", "capitalises_arrears": "false"},
         "Propose to restructure LN-2026-0001 of Asha Rao: 24 instalments are left, the rate is 10 %.",
         "Instalments to come 11 24"),
        ("propose-moratorium", {"moratorium_instalments": "3", "moratorium_of": "principal"},
         "Propose that no principal is due in 3 instalments of LN-2026-0001 of Asha Rao; the end moves by as many.",
         "Instalments to come 11 14"),
        ("propose-top-up", {"amount": "10000"},
         "Propose to lend ₹10,000.00 more on LN-2026-0001 of Asha Rao; the last date stays.",
         "Principal outstanding ₹1,00,000.00 ₹1,10,000.00"),
    ],
)  # fmt: skip
async def test_a_change_of_two_people_waits_for_the_other(
    browse: Browse,
    uow_factory: UnitOfWorkFactory,
    billed: LendingHelper,
    act: str,
    typed: Mapping[str, str],
    sentence: str,
    changed: str,
) -> None:
    officer, admin = await browse(OFFICER), await browse(ADMIN)
    async with uow_factory.open(SYSTEM) as uow:
        person = await uow.session.get(Customer, 1001)
        assert person is not None
        person.annual_income_paise, person.approved_limit_paise = 12_00_000_00, 5_00_000_00
    said = {**typed, "reason": "asked in writing"} | ({} if act == "propose-top-up" else {"for_difficulty": "false"})
    form = await open_form(officer, act, LOAN)
    shown = words_of(await send(officer, act, form, step="preview", **said))
    assert (sentence in shown, changed in shown) == (True, True), shown
    made = words_of(await send(officer, act, form, step="do", **said))
    assert (await changes_of(uow_factory))[0] == []
    name = PROPOSAL.findall(made)[0]
    again = words_of(await send(admin, "approve-proposal", await open_form(admin, "approve-proposal", name),
                                step="preview", note=""))  # fmt: skip
    assert changed in again
    receipt = words_of(await do(admin, "approve-proposal", name, note=""))
    assert f"{name} is approved and carried out. EMI ₹" in receipt
    assert (await changes_of(uow_factory))[1] == [False]


async def test_a_charge_is_taken_back_from_the_tab_of_charges(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    loan, number = await lending.take_and_return()
    client = await browse(OFFICER)
    of = f"LN-2026-{loan.number:04d}.{number}"
    page = await client.get(f"/admin/loan/{of.split('.', maxsplit=1)[0]}?tab=charges")
    assert f"acts/take-back-charge?of={of}" in page.text
    form = await open_form(client, "take-back-charge", of)
    typed = {"reason": "the bank withdrew the return"}
    before = await books_of(uow_factory)
    shown = words_of(await send(client, "take-back-charge", form, step="preview", **typed))
    assert "Take back the bounce charge of 21 Nov 2026 on LN-2026-0001 of Asha Rao: ₹590.00 with its tax." in shown
    assert ("Charges due ₹590.00 ₹0.00" in shown, await books_of(uow_factory) == before) == (True, True)
    for _ in range(2):
        receipt = words_of(await send(client, "take-back-charge", form, step="do", **typed))
        assert "is taken back. Taken back ₹590.00 Charges due ₹0.00" in receipt
    again = await send(client, "take-back-charge", await open_form(client, "take-back-charge", of), step="do", **typed)
    assert (again.status_code, "was taken back before" in words_of(again)) == (422, True)
    tab = words_of(await client.get(f"/admin/loan/{of.split('.', maxsplit=1)[0]}?tab=charges"))
    assert "taken back 21 Nov 2026" in tab
    assert (await client.get("/admin/acts/take-back-charge?of=LN-2026-0001")).status_code == 404


async def test_an_officer_charges_what_the_product_names(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    services = (
        ServiceCharge(code="duplicate_statement", name="Duplicate statement", amount_paise=100_00, is_taxed=False),
        ServiceCharge(code="visit", name="Visit", amount_paise=250_00, sac="997113"),
    )
    terms = replace(CHARGED_LOAN.repayment, charges=replace(EVERY_CHARGE, services=services))
    product = replace(CHARGED_LOAN, repayment=terms)
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
    await lending.disburse(product, amount=1_45_410, rate="12", instalments=4)
    await lending.disburse(STANDARD, amount=10_000, rate="12", instalments=4)
    client = await browse(OFFICER)
    # A loan whose product names no charges offers none, and the form of another loan cannot be bent to it.
    assert "acts/book-charge" not in (await client.get("/admin/loan/LN-2026-0002")).text
    assert "acts/book-charge" in (await client.get(f"/admin/loan/{LOAN}")).text
    form = await open_form(client, "book-charge", LOAN)
    bent = await send(
        client, "book-charge", {**form, "of": "LN-2026-0002"}, step="preview", charge="visit", reason="asked"
    )
    assert (bent.status_code, "The product names no such charge" in words_of(bent)) == (422, True)
    # Its tax could not be invoiced: the lender of these tests has no registration.
    taxed = await send(client, "book-charge", form, step="preview", charge="visit", reason="asked")
    assert (taxed.status_code, "no state of GST registration" in words_of(taxed)) == (422, True)
    before = await books_of(uow_factory)
    typed = {"charge": "duplicate_statement", "reason": "asked for at the branch"}
    shown = words_of(await send(client, "book-charge", form, step="preview", **typed))
    assert "Charge Duplicate statement on LN-2026-0001 of Asha Rao." in shown
    assert "Charge ₹100.00 Tax ₹0.00 Charges due ₹100.00" in shown
    assert ("Charges due ₹0.00 ₹100.00" in shown, await books_of(uow_factory) == before) == (True, True)
    for _ in range(2):
        receipt = words_of(await send(client, "book-charge", form, step="do", **typed))
        assert "Duplicate statement is charged on LN-2026-0001 of Asha Rao: ₹100.00 with its tax." in receipt
    async with uow_factory.open(SYSTEM) as uow:
        (charge,) = [row for row in (await uow.session.execute(select(LoanCharge))).scalars() if row.kind == "service"]
        assert (charge.amount_paise, charge.tax_paise, charge.name) == (100_00, 0, "Duplicate statement")
    tab = words_of(await client.get(f"/admin/loan/{LOAN}?tab=charges"))
    assert "Duplicate statement 21 Nov 2026 21 Nov 2026 ₹100.00 ₹0.00 ₹100.00" in tab


# --- cards, runs, applications ---


async def test_a_card_is_blocked_and_unblocked(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    loan = await lending.disburse(CREDIT_CARD, amount=5_000, rate="14", instalments=12)
    async with uow_factory.open(SYSTEM) as uow:
        key = await loans.find_key(uow, loan)
        position, _ = await loans.read_position(uow, key)
        card = await cards.issue_card(uow, position)
    client = await browse(OFFICER)
    of = f"{card.customer_id}.{card.token}"
    for act, status in (("block-card", "blocked"), ("unblock-card", "active")):
        page = await client.get("/admin/cards/detail", params={"pk": of})
        assert f"acts/{act}" in page.text
        receipt = await do(client, act, of)
        async with uow_factory.open(SYSTEM) as uow:
            (stored,) = (await uow.session.execute(select(Card))).scalars()
        assert (stored.status, card.token in words_of(receipt)) == (status, False)


async def test_a_run_is_started_paused_resumed_and_cancelled(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    await lending.disburse(STANDARD, amount=100_000, rate="12", instalments=12)
    await lending.set_date(date(2026, 12, 21))
    client = await browse(OFFICER)
    assert "acts/start-run" in (await client.get("/admin/billing-runs/list")).text
    assert "Loans to bill 1" in words_of(await do(client, "start-run", "today"))
    async with uow_factory.open(SYSTEM) as uow:
        number = str((await uow.session.execute(select(BillingRun.id))).scalar_one())
    for act, status in (("pause-run", "paused"), ("resume-run", "running"), ("cancel-run", "cancelled")):
        await do(client, act, number)
        async with uow_factory.open(SYSTEM) as uow:
            (run,) = (await uow.session.execute(select(BillingRun))).scalars()
        assert run.status == status
    refused = await client.get(f"/admin/acts/pause-run?of={number}")
    assert (refused.status_code, "The run is cancelled." in words_of(refused)) == (422, True)


async def test_an_application_is_decided_as_its_preview_says(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    number = await lending.add_customer()
    async with uow_factory.open(SYSTEM) as uow:
        person = await uow.session.get(Customer, number)
        assert person is not None
        person.annual_income_paise, person.approved_limit_paise = 12_00_000_00, 5_00_000_00
    client = await browse(OFFICER)
    form = await open_form(client, "apply", "BC-USER-1001")
    typed = {
        "product": "STANDARD_LOAN",
        "amount": "1,00,000",
        "tenure_months": "12",
        "annual_rate": "18",
        "purpose": "",
    }
    before = await books_of(uow_factory)
    preview = words_of(await send(client, "apply", form, step="preview", **typed))
    assert await books_of(uow_factory) == before
    receipt = words_of(await send(client, "apply", form, step="do", **typed))
    decision = "Decision approved" if "Decision approved" in preview else "Decision refused"
    assert decision in receipt, receipt


async def test_an_offer_is_accepted_at_the_counter(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    asking = replace(STANDARD, version=STANDARD.version + 1, offer=replace(STANDARD.offer, needs_acceptance=True))
    number = await lending.add_customer()
    async with uow_factory.open(SYSTEM) as uow:
        await add_product(uow.session, asking, offered_from=date(2026, 11, 1), now=uow.now, actor="system")
        person = await uow.session.get(Customer, number)
        assert person is not None
        person.annual_income_paise, person.approved_limit_paise = 18_00_000_00, 54_00_000_00
    client = await browse(OFFICER)
    typed = {"product": "STANDARD_LOAN", "amount": "60000", "tenure_months": "12", "annual_rate": "14", "purpose": ""}
    offered = words_of(await do(client, "apply", "BC-USER-1001", **typed))
    assert "is approved, and waits for the borrower to accept its key facts." in offered
    page = await client.get("/admin/customer/BC-USER-1001?tab=applications")
    assert "acts/accept-offer?of=AP-" in page.text
    name = next(word for word in offered.split() if word.startswith("AP-"))
    form = await open_form(client, "accept-offer", name)
    before = await books_of(uow_factory)
    shown = words_of(await send(client, "accept-offer", form, step="preview", language="hi"))
    assert "accepts them: ₹60,000.00 in 12 instalments is paid out at once." in shown
    assert await books_of(uow_factory) == before
    for _ in range(2):
        receipt = words_of(await send(client, "accept-offer", form, step="do", language="hi"))
        assert f"{name} is approved, and the loan is paid out. Decision approved" in receipt
    async with uow_factory.open(SYSTEM) as uow:
        (facts,) = (await uow.session.execute(select(KeyFacts))).scalars()
        assert (facts.loan_id is not None, facts.accepted_language) == (True, "hi")


# --- the API has the last word ---


def route_of(app: FastAPI, act: Act) -> KistRoute:
    (found,) = [
        context.original_route
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
        if f"{method} {context.path_format}" == act.route and isinstance(context.original_route, KistRoute)
    ]
    return found


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_an_act_is_a_route_of_the_api_with_its_body_and_its_permission(app: FastAPI, act: Act) -> None:
    route = route_of(app, act)
    assert permission_of(app, act) == route.guard.permission
    if act.body is not None:
        assert route.body_field is not None
        known = str(route.body_field.field_info.annotation)
        assert act.body.__name__ in known
        names = {field.alias or name for name, field in act.body.model_fields.items()}
        told = {each.name for each in act.inputs} | set(act.constants) | {n for c in act.choices for n in c.values}
        assert told <= names
        required = {field.alias or name for name, field in act.body.model_fields.items() if field.is_required()}
        assert required <= told
    for each in act.inputs:
        field = (
            next((f for n, f in act.body.model_fields.items() if (f.alias or n) == each.name), None)
            if act.body
            else None
        )
        assert field is not None
        assert each.is_required or not field.is_required(), f"{each.name} must be given"


@pytest.mark.parametrize("who, role", [(ADMIN, Role.ADMIN), (OFFICER, Role.OFFICER)])
async def test_whoever_the_api_refuses_gets_no_form(
    app: FastAPI, browse: Browse, billed: LendingHelper, who: str, role: Role
) -> None:
    client = await browse(who)
    form = await open_form(client, "take-payment", LOAN)
    refused = set()
    for act in ACTS:
        permission = permission_of(app, act)
        page = await client.get(f"/admin/acts/{act.name}", params={"of": "no such thing"})
        answers = [page.status_code]
        for step in ("preview", "do"):
            sent = await client.post(f"/admin/acts/{act.name}", data={**form, "of": "no such thing", "step": step})
            answers.append(sent.status_code)
        is_refused = permission.roles is not None and role not in permission.roles
        assert (act.name, {403} if is_refused else set(answers)) == (act.name, set(answers))
        assert is_refused or set(answers) <= {404, 422}
        refused |= {act.name} if is_refused else set()
    assert refused == (set() if role is Role.ADMIN else {"approve-proposal", "reject-proposal"})


async def test_a_form_that_is_broken_is_refused(browse: Browse, billed: LendingHelper) -> None:
    client = await browse(OFFICER)
    form = await open_form(client, "take-payment", LOAN)
    for changes, code in (
        ({"once": ""}, 422),
        ({"once": "short"}, 422),
        ({"step": "delete"}, 422),
        ({"csrftoken": ""}, 403),
    ):
        answer = await client.post("/admin/acts/take-payment", data={"step": "do", "amount": "1", **form, **changes})
        assert (changes, answer.status_code) == (changes, code)
    assert (await client.get("/admin/acts/no-such-act?of=1")).status_code == 404


def test_every_kind_of_act_is_about_something() -> None:
    assert {act.about for act in ACTS} == set(About)
    assert len(BY_NAME) == len(ACTS)
