"""What staff do on the page of a card account: each act is previewed, done once, and told by a receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from app.db.models import Card, CardAccount
from app.db.repositories.products.products import add_product
from app.domain.cards.authorisations import Ask, SpendKind
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.cards import authorisations, cards, movements, opening, views
from app.services.cards.movements import MoneyRequest
from app.services.cards.reconciliation import reconcile_all
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, Browse
from tests.api.admin.forms import books_of, do, open_form, send, words_of
from tests.services.lending_desk import LendingHelper

REVOLVING = next(product for product in SEEDED_PRODUCTS if product.code == "REVOLVING_CARD")
CLERK = Actor(role=Role.OFFICER, user_account_id=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """An account of Asha Rao: limit 50,000, statement day 15, purchases 1 and 2 of 2,000 and 6,000, payment 3 of 500,
    and an authorisation of 700 that holds."""

    number: int
    customer_id: int
    token: str

    @property
    def id(self) -> str:
        return f"CA-{self.number:06d}"

    @property
    def card(self) -> str:
        return f"{self.customer_id}.{self.token}"


@pytest_asyncio.fixture
async def spent(uow_factory: UnitOfWorkFactory, lending: LendingHelper) -> Spent:
    customer_id = await lending.add_customer()
    async with uow_factory.open(CLERK) as uow:
        key = await opening.open_with_card(
            uow, customer_id=customer_id, product=REVOLVING, limit_paise=50_000_00, statement_day=15
        )
        (card,) = await cards.list_account_cards(uow, key)
        for reference, paise, merchant in (("P1", 2_000_00, "BIG BAZAAR"), ("P2", 6_000_00, "CROMA")):
            request = MoneyRequest(paise=paise, reference=reference, merchant=merchant)
            await movements.clear(uow, key.account_id, request, is_cash=False)
        await movements.take_payment(uow, key.account_id, MoneyRequest(paise=500_00, reference="U1"))
        ask = Ask(
            reference="RRN.17", amount_paise=700_00, kind=SpendKind.PURCHASE, merchant_name="TAJ", category_code="7011",
            country="IN", transacted_at=datetime(2026, 11, 21, 6, 30, tzinfo=UTC),
        )  # fmt: skip
        await authorisations.authorise(uow, key.account_id, ask, token=card.card.token)
    return Spent(number=key.account_id, customer_id=customer_id, token=card.card.token)


async def reconciled(uow_factory: UnitOfWorkFactory) -> None:
    async for page in reconcile_all(uow_factory):
        assert page.differences == ()


#: An act, what it is about, what is typed, the sentence of the preview, and what changes.
ACCOUNT = "card account CA-000001 of Asha Rao"
DONE = [
    ("dispute-card-posting", "CA-000001.1", {"amount": "", "reason": "never came"},
     f"Open a dispute of all of the purchase of 21 Nov 2026 at BIG BAZAAR on {ACCOUNT}.",
     ["Owed ₹7,500.00 ₹6,000.00", "Set aside by disputes ₹0.00 ₹1,500.00", "Available ₹41,800.00 ₹41,800.00"]),
    ("dispute-card-posting", "CA-000001.2", {"amount": "1,000", "reason": "broken"},
     f"Open a dispute of ₹1,000.00 of the purchase of 21 Nov 2026 at CROMA on {ACCOUNT}.",
     ["Owed ₹7,500.00 ₹6,500.00", "Set aside by disputes ₹0.00 ₹1,000.00"]),
    ("convert-card-purchase", "CA-000001.2", {"instalments": "3", "annual_rate": "12"},
     f"Let the purchase of 21 Nov 2026 at CROMA on {ACCOUNT} be paid in 3 instalments.",
     ["Converted ₹6,000.00", "Rate 12 %", "In instalment plans ₹0.00 ₹6,000.00"]),
    ("reverse-card-purchase", "CA-000001.2", {"amount": "1000", "reason": "charged twice"},
     f"Reverse ₹1,000.00 of the purchase of 21 Nov 2026 at CROMA on {ACCOUNT}.", ["Owed ₹7,500.00 ₹6,500.00"]),
    ("refund-card-purchase", "CA-000001.2",
     {"amount": "2,500", "reference": "CLR-9", "refunded_on": "", "merchant": "CROMA"},
     f"Refund ₹2,500.00 of the purchase of 21 Nov 2026 at CROMA on {ACCOUNT}.", ["Owed ₹7,500.00 ₹5,000.00"]),
    ("return-card-payment", "CA-000001.3", {"reason": "cheque returned unpaid"},
     f"Take back the payment of 21 Nov 2026 on {ACCOUNT}: ₹500.00.", ["Owed ₹7,500.00 ₹8,"]),
    ("release-authorisation", "CA-000001.RRN.17", {},
     f"Let go of the authorisation RRN.17 of 21 Nov 2026 at TAJ on {ACCOUNT}.",
     ["Held ₹700.00 ₹0.00", "Available ₹41,800.00 ₹42,500.00"]),
    ("move-statement-day", "CA-000001", {"statement_day": "20"},
     f"Move the statement day of {ACCOUNT} to 20.",
     ["The open cycle began 21 Nov 2026 It would have ended 15 Dec 2026 It ends 20 Dec 2026",
      "Longest interest-free time 49 days", "Next statement 15 Dec 2026 20 Dec 2026"]),
    ("over-limit-consent", "CA-000001", {"consents": "true"},
     f"Record that the holder of {ACCOUNT} consents to go over the limit.", []),
    ("always-statement", "CA-000001", {"always": "true"}, f"Send {ACCOUNT} a statement every month.", []),
    ("add-on-card", "CA-000001", {"name": "RAVI RAO"}, f"Issue a card for RAVI RAO on {ACCOUNT}.", []),
]  # fmt: skip


@pytest.mark.parametrize("act, of, typed, sentence, changed", DONE, ids=[f"{each[0]} {each[1]}" for each in DONE])
async def test_an_act_is_done_once_as_its_preview_says(
    browse: Browse,
    uow_factory: UnitOfWorkFactory,
    spent: Spent,
    act: str,
    of: str,
    typed: Mapping[str, str],
    sentence: str,
    changed: list[str],
) -> None:
    client = await browse(OFFICER)
    form = await open_form(client, act, of)
    before = await books_of(uow_factory)
    preview = words_of(await send(client, act, form, step="preview", **typed))
    assert [each for each in (sentence, *changed) if each not in preview] == [], preview
    assert await books_of(uow_factory) == before
    receipts = [words_of(await send(client, act, form, step="do", **typed)) for _ in range(2)]
    assert receipts[0] == receipts[1]
    after = await books_of(uow_factory)
    assert after["IdempotencyKey"] == before["IdempotencyKey"] + 1
    await reconciled(uow_factory)


REFUSED = [
    ("dispute-card-posting", "CA-000001.3", {"reason": "x"}, 422, "This posting cannot be disputed"),
    ("dispute-card-posting", "CA-000001.1", {"amount": "3000", "reason": "x"}, 422, "This posting cannot be disputed"),
    ("dispute-card-posting", "CA-000001.1", {"reason": ""}, 422, "this field is required"),
    ("convert-card-purchase", "CA-000001.2", {"instalments": "61"}, 422, "must be at most 60"),
    ("convert-card-purchase", "CA-000001.3", {"instalments": "3"}, 422, "₹0.00 is unpaid of it"),
    ("reverse-card-purchase", "CA-000001.2", {"amount": "7000", "reason": "x"}, 422, "₹6,000.00"),
    ("refund-card-purchase", "CA-000001.2", {"amount": "1", "reference": ""}, 422, "this field is required"),
    ("move-statement-day", "CA-000001", {"statement_day": "29"}, 422, "1 to 28"),
    ("tell-card-terms", "CA-000001", {"version": "99"}, 404, ""),
    ("add-on-card", "CA-000001", {"name": ""}, 422, "this field is required"),
    ("control-card", "card", {"per_day": "-1"}, 422, "an amount must be more than 0"),
    ("control-card", "card", {"countries": "India"}, 422, "does not have the required form"),
]  # fmt: skip


@pytest.mark.parametrize("act, of, typed, code, message", REFUSED)
async def test_a_form_refuses_what_the_api_refuses_and_changes_nothing(
    browse: Browse,
    uow_factory: UnitOfWorkFactory,
    spent: Spent,
    act: str,
    of: str,
    typed: Mapping[str, str],
    code: int,
    message: str,
) -> None:
    client = await browse(OFFICER)
    form = {**await open_form(client, "add-on-card", spent.id), "of": spent.card if of == "card" else of}
    before = await books_of(uow_factory)
    for step in ("preview", "do"):
        answer = await send(client, act, form, step=step, **typed)
        assert message in words_of(answer), words_of(answer)
        assert answer.status_code in {code, 422}
        assert await books_of(uow_factory) == before


async def test_a_dispute_is_decided_and_a_plan_is_foreclosed(
    browse: Browse, uow_factory: UnitOfWorkFactory, spent: Spent
) -> None:
    client = await browse(OFFICER)
    await do(client, "dispute-card-posting", f"{spent.id}.1", amount="", reason="never came")
    await do(client, "convert-card-purchase", f"{spent.id}.2", instalments="3", annual_rate="12")
    async with uow_factory.open(SYSTEM) as uow:
        state = (await views.view_account(uow, spent.number)).working.state
    (dispute,), (plan,) = state.disputes, state.plans
    tab = await client.get(f"/admin/card-account/{spent.id}?tab=disputes")
    assert f"acts/decide-card-dispute?of={spent.id}.{dispute.number}" in tab.text
    form = await open_form(client, "decide-card-dispute", f"{spent.id}.{dispute.number}")
    typed = {"winner": "merchant", "reason": "delivery proved"}
    shown = words_of(await send(client, "decide-card-dispute", form, step="preview", **typed))
    assert f"Decide dispute {dispute.number} of posting 1 on {ACCOUNT} for the merchant." in shown
    assert "Owed ₹70.80 ₹1,570.80" in shown
    for _ in range(2):
        receipt = await send(client, "decide-card-dispute", form, step="do", **typed)
        assert "is decided for the merchant. Owed ₹1,570.80" in words_of(receipt)
    tab = await client.get(f"/admin/card-account/{spent.id}?tab=plans")
    assert f"acts/foreclose-card-plan?of={spent.id}.{plan.number}" in tab.text
    plan_form = await open_form(client, "foreclose-card-plan", f"{spent.id}.{plan.number}")
    assert "In instalment plans ₹6,000.00 ₹0.00" in words_of(
        await send(client, "foreclose-card-plan", plan_form, step="preview")
    )
    await do(client, "foreclose-card-plan", f"{spent.id}.{plan.number}")
    events = words_of(await client.get(f"/admin/card-account/{spent.id}?tab=events"))
    assert "A dispute is decided for the merchant dispute" in events
    assert "A posting is disputed posting 1: never came Ravi Menon" in events
    decided = await open_form(client, "decide-card-dispute", f"{spent.id}.{dispute.number}")
    refused = await send(client, "decide-card-dispute", decided, step="do", winner="holder", reason="x")
    assert (refused.status_code, "There is no such open dispute" in words_of(refused)) == (422, True)
    over = await client.get(f"/admin/acts/foreclose-card-plan?of={spent.id}.{plan.number}")
    assert (over.status_code, "There is no such plan" in words_of(over)) == (422, True), words_of(over)
    for act in ("decide-card-dispute", "foreclose-card-plan"):
        none = await client.get(f"/admin/acts/{act}?of={spent.id}.1")
        assert none.status_code == 404
    await reconciled(uow_factory)


async def test_a_card_is_controlled_and_replaced(browse: Browse, uow_factory: UnitOfWorkFactory, spent: Spent) -> None:
    client = await browse(OFFICER)
    typed = {
        "per_transaction": "₹ 5,000", "per_day": "", "purchases": "true", "cash": "false", "online": "true",
        "blocked_categories": "7995, 5933", "countries": "IN;NP",
    }  # fmt: skip
    await do(client, "control-card", spent.card, **typed)
    tab = words_of(await client.get(f"/admin/card-account/{spent.id}?tab=cards"))
    assert "at most ₹5,000.00 each time; no cash; not at 7995, 5933; only in IN, NP" in tab
    # The form shows what holds now, so sending it unchanged changes nothing.
    form = await client.get("/admin/acts/control-card", params={"of": spent.card})
    for value in ('value="5000', 'value="7995, 5933"', 'value="IN, NP"', '<option value="false" selected>'):
        assert value in form.text, value
    receipt = words_of(await do(client, "replace-card", spent.card))
    assert "never works again. Another card is issued on the same account." in receipt
    async with uow_factory.open(SYSTEM) as uow:
        found = (await uow.session.execute(select(Card).order_by(Card.created_at, Card.status.desc()))).scalars().all()
    assert sorted(card.status for card in found) == ["active", "replaced"]
    assert all(card.controls == found[0].controls for card in found)
    again = await client.get("/admin/acts/replace-card", params={"of": spent.card})
    assert (again.status_code, "The card was replaced before." in words_of(again)) == (422, True)


async def test_an_account_is_opened_and_told_of_new_terms(
    browse: Browse, uow_factory: UnitOfWorkFactory, spent: Spent
) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        newer = replace(REVOLVING, version=REVOLVING.version + 1)
        await add_product(uow.session, newer, offered_from=date(2026, 11, 1), now=uow.now, actor="system")
    client = await browse(OFFICER)
    told = words_of(await do(client, "tell-card-terms", spent.id, version=str(newer.version)))
    assert f"The holder of {ACCOUNT} is told of the terms of version {newer.version}." in told
    typed = {"product": "REVOLVING_CARD", "limit": "25,000", "statement_day": "31", "cardholder": "ASHA RAO"}
    opened = words_of(await do(client, "open-card-account", f"BC-USER-{spent.customer_id}", **typed))
    assert "A card account with a limit of ₹25,000.00 is opened for Asha Rao" in opened
    async with uow_factory.open(SYSTEM) as uow:
        last = (await uow.session.execute(select(func.max(CardAccount.id)))).scalar_one()
    page = words_of(await client.get("/admin/find", params={"text": f"CA-{last:06d}"}))
    assert "Limit ₹25,000.00 Available ₹25,000.00 Outstanding ₹0.00 Total due nothing" in page
    assert "Statement day the last day of the month" in page


async def test_a_refund_of_a_paid_purchase_is_kept_as_credit(
    browse: Browse, uow_factory: UnitOfWorkFactory, spent: Spent
) -> None:
    client = await browse(OFFICER)
    await do(client, "take-card-payment", spent.id, amount="7500", reference="U2", value_date="")
    assert "keep-card-credit" not in (await client.get(f"/admin/card-account/{spent.id}")).text
    refund = {"amount": "6000", "reference": "CLR-1", "refunded_on": "", "merchant": ""}
    await do(client, "refund-card-purchase", f"{spent.id}.2", **refund)
    page = await client.get(f"/admin/card-account/{spent.id}")
    assert "does the holder keep it as credit?" in words_of(page)
    assert "acts/keep-card-credit" in page.text
    assert f"The refund stays on {ACCOUNT}." in words_of(await do(client, "keep-card-credit", spent.id))
    async with uow_factory.open(SYSTEM) as uow:
        state = (await views.view_account(uow, spent.number)).working.state
    assert (state.questions, state.credit_paise) == ([], 6_000_00)
    await reconciled(uow_factory)


async def test_a_card_account_is_blocked_and_its_credit_is_refunded_once(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    number = await lending.add_customer()
    async with uow_factory.open(Actor(role=Role.OFFICER, user_account_id=1)) as uow:
        key = await opening.open_with_card(
            uow, customer_id=number, product=REVOLVING, limit_paise=50_000_00, statement_day=15
        )
        spent = MoneyRequest(paise=2_000_00, reference="P1")
        await movements.clear(uow, key.account_id, spent, is_cash=False)
        await movements.take_payment(uow, key.account_id, MoneyRequest(paise=2_500_00, reference="U1"))
    of = f"CA-{key.account_id:06d}"
    client = await browse(OFFICER)
    page = await client.get(f"/admin/card-accounts/detail?pk={number}.{key.account_id}")
    assert ("acts/pay-out-credit" in page.text, "acts/unblock-card-account" in page.text) == (True, False)
    form = await open_form(client, "pay-out-credit", of)
    too_much = await send(client, "pay-out-credit", form, step="preview", amount="501")
    assert too_much.status_code == 422
    assert "of card account" in words_of(await send(client, "pay-out-credit", form, step="preview", amount=""))
    for _ in range(2):
        receipt = words_of(await send(client, "pay-out-credit", form, step="do", amount=""))
        assert f"₹500.00 of card account {of} of Asha Rao is paid to the holder's bank account." in receipt
    await do(client, "unblock-card-account", of)
    form = await open_form(client, "take-card-payment", of)
    typed = {"amount": "300", "reference": "SLIP-9", "value_date": ""}
    shown = words_of(await send(client, "take-card-payment", form, step="preview", **typed))
    assert (f"Take ₹300.00 on card account {of} of Asha Rao." in shown, "Credit balance ₹0.00 ₹300.00" in shown) == (
        True,
        True,
    )
    for _ in range(2):
        taken = words_of(await send(client, "take-card-payment", form, step="do", **typed))
        assert f"₹300.00 is taken on card account {of} of Asha Rao." in taken
    made = words_of(await do(client, "propose-card-credit", of, amount="50", reason="goodwill"))
    assert "PR-000002 waits for another person." in made
    approver = await browse(ADMIN)
    given = words_of(await do(approver, "approve-proposal", "PR-000002", note=""))
    assert "PR-000002 is approved and carried out." in given
    assert "Amount ₹50.00" in given
    form_of_payout = await open_form(client, "pay-out-credit", of)
    raised = await open_form(client, "change-card-limit", of)
    refused = await send(client, "change-card-limit", raised, step="preview", limit="60000", requested="false")
    assert refused.status_code == 422
    lowered = words_of(await do(client, "change-card-limit", of, limit="40000", requested="false"))
    assert f"The limit of card account {of} of Asha Rao is ₹40,000.00." in lowered
    assert "Credit balance ₹350.00 ₹300.00" in words_of(await client.get(f"/admin/acts/close-card-account?of={of}"))
    # The officer took the 300 alone, so another person pays them out.
    refused = await send(client, "pay-out-credit", form_of_payout, step="preview", amount="50.01")
    assert (refused.status_code, "₹50.00 of it can be paid out" in words_of(refused)) == (422, True)
    await do(approver, "pay-out-credit", of, amount="350")
    for act, is_blocked in (("block-card-account", True), ("unblock-card-account", False)):
        await do(client, act, of)
        async with uow_factory.open(SYSTEM) as uow:
            working = (await views.view_account(uow, key.account_id)).working
        assert (working.row.blocked_on is not None, working.state.credit_paise) == (is_blocked, 0)
