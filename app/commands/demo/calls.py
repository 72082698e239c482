"""Real calls to the API, on behalf of the customer or of the administrator."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from app.commands.administrator import Login
from app.commands.demo.narration import StoryFailed

SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Caller:
    """Somebody who calls, with their token; nobody in particular without one."""

    http: httpx.Client
    token: str | None = None

    def get(self, path: str, *, params: dict[str, str] | None = None, status: int = 200) -> Any:
        return self._call("GET", path, status=status, params=params)

    def post(self, path: str, body: dict[str, Any], *, status: int = 201) -> Any:
        return self._call("POST", path, status=status, json=body)

    def put(self, path: str, body: dict[str, Any], *, status: int = 200) -> Any:
        return self._call("PUT", path, status=status, json=body)

    def _call(self, method: str, path: str, *, status: int, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            response = self.http.request(method, f"/api/v1{path}", headers=headers, **content)
        except httpx.HTTPError as error:
            raise StoryFailed(f"{method} {path}: no answer ({type(error).__name__})") from None
        if response.status_code != status:
            raise StoryFailed(
                f"{method} {path}: expected {status}, found {response.status_code}: {response.text[:300]}"
            )
        # Amounts are compared to the paisa: they must not become binary fractions on the way.
        return json.loads(response.text, parse_float=Decimal)


def open_http(url: str) -> httpx.Client:
    """A connection to a Kist; no proxy of the environment stands between."""
    return httpx.Client(base_url=url, timeout=SECONDS, trust_env=False)


def sign_in(http: httpx.Client, admin: Login) -> Caller:
    """The administrator, signed in. Raises StoryFailed."""
    form = {"username": admin.email, "password": admin.password}
    response = http.post("/api/v1/auth/token", data=form)
    if response.status_code != 200:
        raise StoryFailed(
            f"the administrator {admin.email} cannot sign in ({response.status_code}):"
            " set KIST_ADMIN_EMAIL and KIST_ADMIN_PASSWORD to the present ones"
        )
    return Caller(http=http, token=response.json()["access_token"])
