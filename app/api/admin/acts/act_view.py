"""The pages of an act: its form, the preview with the confirmation, and the receipt.

GET  /admin/acts/take-payment?of=LN-2026-0001     the form
POST /admin/acts/take-payment  step=preview       what it would do, to be confirmed
POST /admin/acts/take-payment  step=do            does it once, and shows the receipt
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.routing import route

from app.api.admin.acts import doing
from app.api.admin.acts.act import Act, Choice, Receipt, Subject
from app.api.admin.acts.every import find_act, followers
from app.api.admin.acts.reading import Typed, read_form, typed_of, ways
from app.api.admin.context import ADMIN_PATH
from app.api.admin.drawing.page import Page
from app.domain.errors import DomainError, Invalid

KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


class FormBroken(Invalid):
    """The form came back without its own key or without a known step. Open it again from its page."""


class ActView(Page):
    """The forms of all acts."""

    def __init__(self) -> None:
        super().__init__(menu_label="Acts", path="/acts", route_name="acts", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        """There is no page of all acts: an act begins on the page of what it is about."""
        return RedirectResponse(f"{ADMIN_PATH}/", status_code=303)

    @route("/{name}", name="act")
    async def form(self, request: Request) -> Response:
        """An empty form, or one that is filled from its address."""
        act, text = find_act(request.path_params["name"]), request.query_params.get("of", "")
        subject = await doing.open_subject(request, act, text)
        starts = {each.name: request.query_params.get(each.name) or each.start(subject) for each in act.inputs}
        if not act.inputs:
            # There is nothing to type: the preview is the form.
            return await self._preview(request, act, subject, Typed(texts={}), key=secrets.token_urlsafe(18))
        return self._form(request, act, subject, Typed(texts=starts), key=secrets.token_urlsafe(18))

    @route("/{name}", methods=["POST"], name="act-sent")
    async def sent(self, request: Request) -> Response:
        """Previews, or does it."""
        form = await request.form()
        act, text, key = find_act(request.path_params["name"]), str(form.get("of", "")), str(form.get("once", ""))
        step = str(form.get("step", ""))
        choice = next((each for each in act.choices if each.name == str(form.get("choice", ""))), act.choices[0])
        if not KEY.fullmatch(key) or step not in {"preview", "do", "change"}:
            raise FormBroken("the form came back incomplete")
        subject = await doing.open_subject(request, act, text)
        typed = typed_of(act, form)
        faults = read_form(act, subject, typed, choice).faults
        if faults or step == "change":
            return self._form(request, act, subject, typed, key=key, faults=faults)
        if step == "preview":
            return await self._preview(request, act, subject, typed, key=key)
        try:
            await doing.do_once(request, act, text, typed, choice, key=key)
        except DomainError as refusal:
            return await self._preview(request, act, subject, typed, key=key, refusal=refusal)
        return RedirectResponse(f"{ADMIN_PATH}/acts/{act.name}/receipt?{urlencode({'of': text, 'once': key})}", 303)

    @route("/{name}/receipt", name="act-receipt")
    async def receipt(self, request: Request) -> Response:
        """What was done. The page can be opened again."""
        act, text = find_act(request.path_params["name"]), request.query_params.get("of", "")
        subject = await doing.open_subject(request, act, text)
        found: Receipt = await doing.find_receipt(request, act, key=request.query_params.get("once", ""))
        following = [each for each in followers(act) if doing.may_do(request, each) and each.is_offered(subject)]
        return self.show(
            request, "kist/pages/receipt.html", title=act.title, act=act, subject=subject, receipt=found,
            following=following,
        )  # fmt: skip

    def _form(
        self,
        request: Request,
        act: Act,
        subject: Subject,
        typed: Typed,
        *,
        key: str,
        faults: Mapping[str, str] | None = None,
    ) -> Response:
        return self.show(
            request, "kist/pages/act.html", title=act.title, act=act, subject=subject, typed=typed.texts, key=key,
            faults=faults or {}, status_code=422 if faults else 200,
        )  # fmt: skip

    async def _preview(
        self,
        request: Request,
        act: Act,
        subject: Subject,
        typed: Typed,
        *,
        key: str,
        refusal: DomainError | None = None,
    ) -> Response:
        choices = [] if refusal else ways(act, typed)
        previews = [await self._foresee(request, act, subject, typed, each) for each in choices]
        refusals = [refusal] if refusal else [each.refusal for each in previews if each.refusal]
        is_refused = len(refusals) > 0 and all(each.receipt is None for each in previews)
        context: dict[str, Any] = {"previews": previews, "refusals": refusals, "is_refused": is_refused}
        return self.show(
            request, "kist/pages/preview.html", title=act.title, act=act, subject=subject, typed=typed.texts, key=key,
            status_code=422 if is_refused else 200, **context,
        )  # fmt: skip

    async def _foresee(
        self, request: Request, act: Act, subject: Subject, typed: Typed, choice: Choice
    ) -> doing.Preview:
        return await doing.foresee(request, act, subject.id, typed, choice)
