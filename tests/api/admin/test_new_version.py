"""The form of a product's terms: generated from their definition, previewed with a schedule, and added once."""

import re
from collections.abc import Mapping
from html import unescape

import httpx
import pytest
from sqlalchemy import select

from app.api.admin.pages.terms_form import Input, Section, TermsFaults, document_of, form_of, texts_of
from app.db.models import Product
from app.domain.people.access import SYSTEM
from app.domain.products.documents import parse_product, product_document
from app.domain.products.products import Product as Terms
from app.domain.products.seeded import CREDIT_CARD_LOAN, REVOLVING_CARD, SEEDED_PRODUCTS
from app.services.unit_of_work import UnitOfWorkFactory
from tests.api.admin.conftest import ADMIN, OFFICER, Browse, csrf_token
from tests.api.admin.forms import words_of
from tests.services.lending_desk import LendingHelper

URL = "/admin/new-version?base=PERSONAL_LOAN.2"
VALUE = re.compile(r'<input (?:type="hidden" |class="[^"]*" )?(?:id="[^"]*" )?name="([^"]+)" value="([^"]*)"')
SELECT = re.compile(r'<select [^>]*name="([^"]+)">(.*?)</select>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected>')


def inputs_of(nodes: object) -> list[Input]:
    """All inputs of a form, in their order."""
    found = []
    for node in nodes:  # type: ignore[attr-defined]
        if isinstance(node, Section):
            found += [node.switch] if node.switch else []
            found += inputs_of(node.nodes)
        else:
            found.append(node)
    return found


@pytest.mark.parametrize("product", SEEDED_PRODUCTS, ids=lambda product: product.code)
def test_a_form_that_is_not_changed_says_the_same_terms(product: Terms) -> None:
    document = product_document(product)
    shown = inputs_of(form_of(texts_of(document)))
    assert len({each.place for each in shown}) == len(shown)
    sent = {each.place: each.text for each in shown}
    again = document_of(product.name, sent)
    assert parse_product(product.code, product.version, again) == product


def test_terms_are_typed_in_rupees_with_their_meaning_beside_them() -> None:
    texts = texts_of(product_document(CREDIT_CARD_LOAN))
    by_place = {each.place: each for each in inputs_of(form_of(texts))}
    assert by_place["repayment.tolerance_paise"].label == "Tolerance (₹)"
    assert by_place["repayment.payment_policy"].choices == ("exact", "recalculate", "allocate")
    assert by_place["offer.bound_to_limit"].choices == ("no", "yes")
    assert "Days from the billing date" in by_place["repayment.due_after_days"].help
    low, high = CREDIT_CARD_LOAN.offer.amount_paise
    assert texts["offer.amount_paise.0"] == f"{low // 100}.00"
    assert texts["offer.amount_paise.1"] == ("" if high is None else f"{high // 100}.00")
    assert "card.monthly_rate_percent" in {
        each.place for each in inputs_of(form_of(texts_of(product_document(REVOLVING_CARD))))
    }


def test_rows_are_added_and_left_out() -> None:
    texts = texts_of(product_document(CREDIT_CARD_LOAN)) | {
        "offer.rate_slabs.0.above": "700", "offer.rate_slabs.0.inclusive": "yes",
        "offer.rate_slabs.0.floor_percent": "9",
        "offer.rate_slabs.1.above": "", "offer.rate_slabs.1.inclusive": "no", "offer.rate_slabs.1.floor_percent": "",
        "offer.rate_slabs.2.above": "650", "offer.rate_slabs.2.inclusive": "no", "offer.rate_slabs.2.floor_percent": "",
    }  # fmt: skip
    assert document_of("x", texts)["offer"]["rate_slabs"] == [
        {"above": "700", "inclusive": True, "floor_percent": "9"},
        {"above": "650", "inclusive": False, "floor_percent": None},
    ]


def test_what_cannot_be_read_is_said_at_its_input() -> None:
    texts = texts_of(product_document(CREDIT_CARD_LOAN)) | {
        "offer.tenure.0": "twelve", "repayment.tolerance_paise": "1.234", "offer.amount_paise.0": "₹ 10,000",
    }  # fmt: skip
    with pytest.raises(TermsFaults) as caught:
        document_of("x", texts)
    assert set(caught.value.faults) == {"offer.tenure.0", "repayment.tolerance_paise"}


# --- the page ---


async def form_of_page(client: httpx.AsyncClient, **changes: str) -> dict[str, str]:
    """What a browser would send of a new form."""
    page = await client.get(URL)
    assert page.status_code == 200, words_of(page)
    form = page.text.split('action="/admin/new-version/send"', 1)[1]
    fields = {name: unescape(value) for name, value in VALUE.findall(form)}
    for name, options in SELECT.findall(form):
        chosen = CHOSEN.search(options)
        fields[name] = unescape(chosen[1]) if chosen else ""
    return fields | changes


async def send(client: httpx.AsyncClient, form: Mapping[str, str], step: str) -> httpx.Response:
    return await client.post("/admin/new-version/send", data={**form, "step": step})


async def stored(uow_factory: UnitOfWorkFactory) -> dict[tuple[str, int], Product]:
    async with uow_factory.open(SYSTEM) as uow:
        rows = (await uow.session.execute(select(Product))).scalars()
        return {(row.code, row.version): row for row in rows}


async def test_a_version_is_previewed_and_added_once(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper
) -> None:
    client = await browse(ADMIN)
    form = await form_of_page(client, **{"offer.annual_rate_percent": "9.2", "offer.rate_bounds_percent.1": "12"})
    preview = words_of(await send(client, form, "preview"))
    assert "Add version 3 of PERSONAL_LOAN" in preview
    assert "Key facts of ₹1,00,000.00 in 12 instalments at 9.2 %" in preview
    assert preview.count("2027") >= 12
    assert len(await stored(uow_factory)) == len(SEEDED_PRODUCTS)
    for _ in range(2):
        added = await send(client, form, "do")
        assert added.url.path == "/admin/products/list"
    products = await stored(uow_factory)
    assert len(products) == len(SEEDED_PRODUCTS) + 1
    before, after = products["PERSONAL_LOAN", 2].terms, products["PERSONAL_LOAN", 3].terms
    assert after["repayment"] == before["repayment"]
    assert after["offer"] == before["offer"] | {
        "annual_rate_percent": "9.2", "rate_bounds_percent": [before["offer"]["rate_bounds_percent"][0], "12"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"code": "x y"}, "the text does not have the required form"),
        ({"code": "small"}, "A code is capital letters"),
        ({"offered_from": "2026-11-20"}, "The business date is 21 Nov 2026"),
        ({"offered_from": "tomorrow"}, "a date must be written as"),
        ({"name": ""}, "Name must be a text"),
        ({"offer.tenure.0": "0"}, "Offer.tenure: from 1 to"),
        ({"offer.tenure.0": "a"}, "write a whole number"),
        ({"offer.annual_rate_percent": "200"}, "within rate_bounds_percent"),
        ({"repayment.payment_order": "charges, interest"}, "charges, interest and principal, each once"),
        ({"repayment.tolerance_paise": "-1"}, "from 0 to"),
        ({"offer.scorecard": "no_such_card"}, "scorecard"),
        ({"sample.amount": "much"}, "The example cannot be read"),
    ],
)
async def test_an_error_is_shown_at_its_place_and_nothing_is_added(
    browse: Browse, uow_factory: UnitOfWorkFactory, lending: LendingHelper, changes: dict[str, str], message: str
) -> None:
    client = await browse(ADMIN)
    form = await form_of_page(client, **changes)
    for step in ("preview",) if "sample.amount" in changes else ("preview", "do"):
        answer = await send(client, form, step)
        assert (answer.status_code, message in words_of(answer)) == (422, True), words_of(answer)[:1500]
    assert len(await stored(uow_factory)) == len(SEEDED_PRODUCTS)


async def test_an_officer_adds_no_version(browse: Browse, lending: LendingHelper) -> None:
    client = await browse(OFFICER)
    assert (await client.get(URL)).status_code == 403
    token = csrf_token(await client.get("/admin/"))
    answer = await client.post("/admin/new-version/send", data={"csrftoken": token, "step": "do", "once": "x" * 20})
    assert answer.status_code == 403
    assert "/admin/new-version" not in (await client.get("/admin/products/list")).text
