"""The form of a new version of a product: its terms, a preview with a schedule and its key facts, and the adding.

It is the route `POST /api/v1/products` with a form. The preview adds the version in a transaction that is rolled back,
so it has every refusal that the adding would have.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.routing import route

from app.api.admin.acts import doing
from app.api.admin.acts.act import Figure, Receipt
from app.api.admin.context import ADMIN_PATH, open_uow
from app.api.admin.drawing.page import Page
from app.api.admin.pages.terms_form import TermsFaults, Texts, document_of, form_of, texts_of
from app.api.field_faults import fault_of
from app.api.v1.products.products import VersionBody
from app.domain.errors import DomainError, Invalid
from app.domain.lending.due_rules import schedule_terms
from app.domain.money import rupees_to_paise
from app.domain.offers.quotes import Quote, quote
from app.domain.products.documents import parse_product, product_document
from app.domain.products.products import Product
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.services.lending.calculations import calculate
from app.services.operations import browsing
from app.services.products import versions
from app.services.unit_of_work import UnitOfWork

ROUTE: Final = "POST /api/v1/products"
NAME: Final = "add-version"
KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
#: The example of a preview, where nothing else is typed.
EXAMPLE_PAISE: Final = 1_00_000_00
EXAMPLE_INSTALMENTS: Final = 12
#: Letters of one input, and inputs of a form.
LONGEST, MOST_INPUTS = 400, 1_000


class VersionFormBroken(Invalid):
    """The form came back without its key or its step. Open it again from the list of products."""


class ExampleInvalid(Invalid):
    """The example of the preview cannot be read, or the product does not offer it. Correct it, or leave it empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The preview: the version, and an example of a loan under its terms. A card account has none."""

    product: Product
    quoted: Quote | None
    amount_paise: int = 0
    instalments: int = 0
    rate_percent: Decimal = Decimal(0)


class ProductPage(Page):
    """The form of a new version."""

    def __init__(self) -> None:
        super().__init__(menu_label="New version", path="/new-version", route_name="new-version", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        """The form, filled with the terms of an earlier version."""
        doing.check_route(request, ROUTE)
        async with open_uow(request) as uow:
            found = await browsing.get(uow, "products", [request.query_params.get("base", "")])
            today = await uow.business_date()
        row = found[0] if found else None
        product = SEEDED_PRODUCTS[0] if row is None else parse_product(row.code, row.version, row.terms)
        texts = {
            "code": "" if row is None else product.code,
            "offered_from": today.isoformat(),
            "name": product.name,
            **texts_of(product_document(product)),
        }
        return self._form(request, texts, key=secrets.token_urlsafe(18))

    @route("/send", methods=["POST"], name="new-version-sent")
    async def sent(self, request: Request) -> Response:
        """Previews, changes or adds."""
        doing.check_route(request, ROUTE)
        form = await request.form(max_fields=MOST_INPUTS)
        step, key = str(form.get("step", "")), str(form.get("once", ""))
        if not KEY.fullmatch(key) or step not in {"preview", "do", "change"}:
            raise VersionFormBroken("the form came back incomplete")
        texts = {
            name: str(value).strip()[:LONGEST]
            for name, value in form.items()
            if name not in {"step", "once", "csrftoken"}
        }
        if step == "change":
            return self._form(request, texts, key=key)
        try:
            body = read_body(texts)
            if step == "do":
                await doing.once(request, name=NAME, key=key, said=texts, action=lambda uow: _add(uow, body))
                return RedirectResponse(f"{ADMIN_PATH}/products/list", 303)
            sample = await doing.rolled_back(request, lambda uow: _try(uow, body, texts))
        except TermsFaults as error:
            return self._form(request, texts, key=key, faults=error.faults)
        except DomainError as error:
            return self._form(request, texts, key=key, faults=_places(error, texts), refusal=error)
        return self.show(
            request, "kist/pages/version_preview.html", title="New version", sample=sample, texts=texts, key=key
        )

    def _form(
        self,
        request: Request,
        texts: Texts,
        *,
        key: str,
        faults: Mapping[str, str] | None = None,
        refusal: DomainError | None = None,
    ) -> Response:
        return self.show(
            request, "kist/pages/version.html", title="New version", sections=form_of(texts), texts=texts, key=key,
            faults=faults or {}, refusal=refusal, status_code=422 if faults or refusal else 200,
        )  # fmt: skip


def read_body(texts: Texts) -> VersionBody:
    """The form as the body of the API's route. Raises TermsFaults."""
    document = document_of(texts.get("name", ""), texts)
    try:
        return VersionBody.model_validate(
            {"code": texts.get("code", ""), "offered_from": texts.get("offered_from", ""), "terms": document}
        )
    except ValidationError as error:
        faults = [fault_of({**entry, "loc": ("body", *entry["loc"])}) for entry in error.errors(include_url=False)]
        raise TermsFaults({fault.field: fault.message for fault in faults}) from None


def _places(error: DomainError, texts: Texts) -> dict[str, str]:
    """The inputs that a refusal is about: its field, or the ends of it."""
    place = error.field or ""
    return {name: error.message for name in texts if place and (name == place or name.startswith(f"{place}."))}


async def _add(uow: UnitOfWork, body: VersionBody) -> Receipt:
    product = await versions.add_version(
        uow, product_code=body.code, document=body.terms, offered_from=body.offered_from
    )
    return Receipt(
        sentence=f"{product.code} {product.version} is on offer from {body.offered_from:%d %b %Y} on.",
        figures=(Figure(label="Name", text=product.name),),
    )


async def _try(uow: UnitOfWork, body: VersionBody, texts: Texts) -> Sample:
    product = await versions.add_version(
        uow, product_code=body.code, document=body.terms, offered_from=body.offered_from
    )
    if product.card is not None:
        return Sample(product=product, quoted=None)
    amount, instalments, rate = _example(product, texts)
    terms = schedule_terms(
        product.repayment,
        amount_paise=amount,
        annual_rate_percent=rate,
        instalments=instalments,
        disbursed_on=body.offered_from,
    )
    quoted = await calculate(lambda: quote(terms), rows=4 * instalments)
    return Sample(product=product, quoted=quoted, amount_paise=amount, instalments=instalments, rate_percent=rate)


def _example(product: Product, texts: Texts) -> tuple[int, int, Decimal]:
    """The example loan: what was typed, else something in the middle of what may be applied for."""
    offer = product.offer
    least, most = offer.amount_paise
    amount = max(least, min(EXAMPLE_PAISE, EXAMPLE_PAISE if most is None else most))
    instalments = max(offer.tenure[0], min(EXAMPLE_INSTALMENTS, offer.tenure[1]))
    rate = offer.annual_rate_percent if offer.annual_rate_percent is not None else offer.rate_bounds_percent[0]
    try:
        if typed := texts.get("sample.amount", ""):
            amount = rupees_to_paise(typed.replace(",", ""))
        if typed := texts.get("sample.instalments", ""):
            instalments = int(typed)
        if typed := texts.get("sample.rate", ""):
            rate = Decimal(typed)
    except (DomainError, ValueError, InvalidOperation):
        raise ExampleInvalid("the example cannot be read", field="sample") from None
    if amount <= 0 or not 1 <= instalments <= offer.tenure[1] or not rate.is_finite() or not 0 <= rate <= 100:
        raise ExampleInvalid("the example is outside of what the product offers", field="sample")
    return amount, instalments, rate
