"""Acts of staff: the form, the preview that changes nothing, the confirmation that does it once, and every refusal."""

import re
from collections.abc import Mapping
from datetime import date
from html import unescape

import httpx
from sqlalchemy import func, select

from app.db.models import IdempotencyKey, OutboxRow, Payment, Proposal, Transfer
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.lending import loans
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import OFFICER, Browse
from tests.services.lending_desk import LendingHelper

STANDARD = next(product for product in SEEDED_PRODUCTS if product.code == "STANDARD_LOAN")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
TEXT = re.compile(r"<[^>]+>")


def words_of(page: httpx.Response) -> str:
    """The text of a page as it is read."""
    return " ".join(unescape(TEXT.sub(" ", page.text.split("<body", 1)[-1])).split())


async def open_form(client: httpx.AsyncClient, act: str, of: str) -> dict[str, str]:
    """The hidden fields of a new form."""
    page = await client.get(f"/admin/acts/{act}", params={"of": of})
    assert page.status_code == 200, page.text[-2000:]
    return {name: value for name, value in HIDDEN.findall(page.text) if name in {"csrftoken", "of", "once"}}


async def send(
    client: httpx.AsyncClient, act: str, form: Mapping[str, str], *, step: str, choice: str = "", **typed: str
) -> httpx.Response:
    return await client.post(f"/admin/acts/{act}", data={**form, "step": step, "choice": choice, **typed})


async def do(client: httpx.AsyncClient, act: str, of: str, *, choice: str = "", **typed: str) -> httpx.Response:
    form = await open_form(client, act, of)
    preview = await send(client, act, form, step="preview", **typed)
    assert preview.status_code == 200, words_of(preview)
    return await send(client, act, form, step="do", choice=choice, **typed)


async def counts(uow_factory: UnitOfWorkFactory) -> dict[str, int]:
    async with uow_factory.open(SYSTEM) as uow:
        return {
            model.__name__: int((await uow.session.execute(select(func.count()).select_from(model))).scalar_one())
            for model in (Payment, Transfer, Proposal, IdempotencyKey, OutboxRow)
        }


async def test_a_payment_at_the_counter_is_taken_once(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    loan = await lending.disburse(STANDARD, amount=100_000, rate="12", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    client = await browse(OFFICER)
    form = await open_form(client, "take-payment", "LN-2026-0001")
    before = await counts(uow_factory)
    typed = {"amount": "₹ 8,884.88", "payment_method": "CASH", "reference_id": "SLIP-17", "value_date": ""}

    preview = await send(client, "take-payment", form, step="preview", **typed)
    shown = words_of(preview)
    assert "Take ₹8,884.88 (cash) on LN-2026-0001 of Asha Rao." in shown
    assert "To interest ₹1,000.00 To principal ₹7,884.88" in shown
    assert "Principal outstanding ₹1,00,000.00 ₹92,115.12" in shown
    assert await counts(uow_factory) == before

    for _ in range(3):
        receipt = await send(client, "take-payment", form, step="do", **typed)
        assert receipt.url.path == "/admin/acts/take-payment/receipt"
        assert "₹8,884.88 is taken on LN-2026-0001 of Asha Rao." in words_of(receipt)
    after = await counts(uow_factory)
    assert (after["Payment"], after["IdempotencyKey"]) == (1, 1)
    assert "SLIP-17" in (await client.get("/admin/payments/list?q=SLIP-17")).text
    # The same form with other figures is another payment, and is refused.
    other = await send(client, "take-payment", form, step="do", **{**typed, "amount": "1"})
    assert (other.status_code, "was used for another request" in words_of(other)) == (422, True)
    assert await counts(uow_factory) == after
    async with uow_factory.open(SYSTEM) as uow:
        assert (await loans.view_loan(uow, loan)).position.principal_paise == 92_115_12


async def test_smoke(browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper) -> None:
    loan = await lending.disburse(STANDARD, amount=100_000, rate="12", instalments=12)
    await lending.run_billing(on=date(2026, 12, 21))
    await lending.pay(loan, amount=5_000_00, reference="UTR-1")
    client = await browse(OFFICER)
    for tab in ("schedule", "payments", "charges", "ledger", "events", "explanation"):
        page = await client.get(f"/admin/loan/LN-2026-0001?tab={tab}")
        assert page.status_code == 200, page.text[-3000:]
    for tab in ("loans", "cards", "applications", "scores", "payments", "documents", "looks"):
        page = await client.get(f"/admin/customer/BC-USER-1001?tab={tab}")
        assert page.status_code == 200, page.text[-3000:]
    for q in ("", "asha", "ash ra", "LN-2026-0001", "UTR-1", "1001", "234567890124", "nobody", "a@b.in", "9876543210"):
        page = await client.get("/admin/find", params={"q": q})
        assert page.status_code == 200, page.text[-3000:]
        print(q, page.url)
    page = await client.get("/admin/loan/LN-2026-0001/statement.pdf")
    assert page.headers["content-type"] == "application/pdf"
    for act in ("prepay", "propose-waiver", "propose-write-off", "close-small-balance"):
        form = await client.get(f"/admin/acts/{act}?of=LN-2026-0001")
        print(act, form.status_code, words_of(form)[-300:])
