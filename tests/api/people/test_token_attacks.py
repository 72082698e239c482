"""Attacks on tokens over HTTP: only a token that we made, for this purpose and within its time, opens a route.

`tests/services/people/test_tokens.py` tests the reader alone. Here the attacks come in the headers of a request.
"""

import base64
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI

from app.db.repositories.people.access import set_disabled
from app.domain.people.access import SYSTEM, Role
from app.services.people import staff
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.api.conftest import HeadersOf, Time

EMAIL, PASSWORD = "asha@kist.example", "correct horse"
DOOR = "/api/v1/billing/runs"


@pytest_asyncio.fixture
async def token(headers_of: HeadersOf) -> AsyncIterator[str]:
    """A valid token of an officer."""
    yield (await headers_of(Role.OFFICER))["Authorization"].removeprefix("Bearer ")


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def parts(token: str) -> list[dict[str, Any]]:
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def signed(header: dict[str, Any], claims: dict[str, Any], *, key: bytes, digest: str = "sha256") -> str:
    text = f"{encoded(header)}.{encoded(claims)}"
    signature = hmac.new(key, text.encode(), digest).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


async def status_of(client: httpx.AsyncClient, token: str, *, path: str = DOOR) -> tuple[int, str]:
    answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert len(token) < 9 or token not in answer.text
    return answer.status_code, answer.json().get("code", "")


@pytest.fixture
def key(settings: Settings) -> bytes:
    return settings.jwt_secret.get_secret_value().encode()


HEADERS: list[dict[str, Any]] = [
    {"alg": "none"}, {"alg": "None"}, {"alg": "nOnE"}, {"alg": "HS384"}, {"alg": "HS512"}, {"alg": "RS256"},
    {"alg": "ES256"}, {"alg": None}, {"alg": ""}, {"typ": "JWT"}, {"typ": "rt+jwt"}, {"typ": None}, {"kid": "other"},
    {"kid": "../../dev/null"}, {"kid": "' OR 1=1 --"}, {"kid": None}, {"crit": ["exp"]}, {"crit": []}, {"b64": False},
    {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/c"}, {"jwk": {"kty": "oct", "k": "AAAA"}},
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=str)
async def test_a_header_of_another_kind(
    client: httpx.AsyncClient, token: str, key: bytes, header: dict[str, Any]
) -> None:
    ours, claims = parts(token)
    assert await status_of(client, signed(ours, claims, key=key)) == (200, "")
    assert await status_of(client, signed(ours | header, claims, key=key)) == (401, "token_invalid")


@pytest.mark.parametrize(
    "claim", ["iss", "aud", "sub", "jti", "iat", "exp", "role", "customer", "scopes", "credentials"]
)
async def test_a_claim_that_is_missing(client: httpx.AsyncClient, token: str, key: bytes, claim: str) -> None:
    header, claims = parts(token)
    del claims[claim]
    assert await status_of(client, signed(header, claims, key=key)) == (401, "token_invalid")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"}, {"aud": ["kist-api"]}, {"iss": "other"}, {"sub": 1}, {"sub": "0x1"}, {"jti": ""},
        {"role": "system"}, {"role": "owner"}, {"customer": 1}, {"exp": 10**30}, {"exp": None}, {"exp": "never"},
        {"iat": 1e400}, {"nbf": 0}, {"scopes": "all"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_claim_of_another_kind(
    client: httpx.AsyncClient, token: str, key: bytes, claims: dict[str, Any]
) -> None:
    header, ours = parts(token)
    assert await status_of(client, signed(header, ours | claims, key=key)) == (401, "token_invalid")


async def test_time(client: httpx.AsyncClient, token: str, key: bytes, time: Time) -> None:
    header, claims = parts(token)
    future = claims | {"iat": claims["iat"] + 60, "exp": claims["exp"] + 60}
    assert await status_of(client, signed(header, future, key=key)) == (401, "token_invalid")
    time.advance(minutes=10)
    assert await status_of(client, token) == (401, "token_expired")


async def test_other_keys(client: httpx.AsyncClient, token: str, key: bytes) -> None:
    """A public key used as a secret, an empty key, and keys that are almost ours."""
    header, claims = parts(token)
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    keys = [
        public.public_bytes(encoding, form) for encoding in (serialization.Encoding.DER, serialization.Encoding.PEM)
    ]
    for other in (*keys, b"", b"secret", key[:-1], key + b"x", key * 2):
        for algorithm, digest in (("HS256", "sha256"), ("HS512", "sha512")):
            forged = signed(header | {"alg": algorithm}, claims, key=other, digest=digest)
            assert await status_of(client, forged) == (401, "token_invalid")


async def test_no_signature(client: httpx.AsyncClient, token: str) -> None:
    head, claims, signature = token.split(".")
    unsigned = encoded({"alg": "none", "typ": "at+jwt"})
    for forged in (
        f"{head}.{claims}.", f"{head}.{claims}", f"{unsigned}.{claims}.", f"{unsigned}.{claims}.{signature}",
        f"{token}.{signature}", f"{token}=", token[:-1], "", ".", "..",
    ):  # fmt: skip
        assert await status_of(client, forged) == (401, "token_invalid")


async def test_wrong_claims_under_a_good_signature(
    client: httpx.AsyncClient, headers_of: HeadersOf, key: bytes
) -> None:
    """Even with our key, a token's claims are compared with its account in the database."""
    customer = (await headers_of(Role.CUSTOMER, customer_id=9))["Authorization"].removeprefix("Bearer ")
    header, claims = parts(customer)
    for change in ({"customer": 10}, {"role": "admin", "customer": None}, {"sub": "999"}, {"credentials": 1},
                   {"scopes": ["lending:read"]}):  # fmt: skip
        forged = signed(header, claims | change, key=key)
        assert await status_of(client, forged, path="/api/v1/products") == (401, "token_revoked")


async def test_what_is_not_an_access_token(
    app: FastAPI, client: httpx.AsyncClient, uow_factory: UnitOfWorkFactory
) -> None:
    actor = await staff.create_staff(
        uow_factory, SYSTEM, passwords=app.state.keyring.passwords, email=EMAIL, name="Asha", role=Role.OFFICER,
        password=PASSWORD,
    )  # fmt: skip
    tokens = (await client.post("/api/v1/auth/token", data={"username": EMAIL, "password": PASSWORD})).json()
    assert await status_of(client, tokens["refresh_token"]) == (401, "token_invalid")
    as_refresh = await client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["access_token"][:200]})
    assert (as_refresh.status_code, as_refresh.json()["code"]) == (401, "token_invalid")
    assert await status_of(client, tokens["access_token"]) == (200, "")
    async with uow_factory.open(SYSTEM) as uow:
        assert actor.user_account_id is not None
        await set_disabled(uow.session, actor.user_account_id, disabled_at=uow.now, changed_at=uow.now)
    assert await status_of(client, tokens["access_token"]) == (401, "token_revoked")
    for path, body in (("refresh", {"refresh_token": tokens["refresh_token"]}),):
        answer = await client.post(f"/api/v1/auth/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    answer = await client.post("/api/v1/auth/token", data={"username": EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


async def test_forms_of_the_authorization_header(client: httpx.AsyncClient, token: str) -> None:
    async def shown(*headers: tuple[str, str], path: str = DOOR) -> int:
        return (await client.get(path, headers=list(headers))).status_code

    good = ("Authorization", f"Bearer {token}")
    # RFC 9110: the name of a scheme may be in upper or lower case.
    assert await shown(("authorization", f"bearer {token}")) == 200
    assert await shown(("AUTHORIZATION", f"BEARER {token}")) == 200
    assert await shown(("Authorization", token)) == 401
    assert await shown(("Authorization", f"Token {token}")) == 401
    assert await shown(("Authorization", f"Bearer {token}, Bearer {token}")) == 401
    assert await shown(("Authorization", f"Bearer {'A' * 5000}")) == 401
    # Two headers: a proxy and this service might each use a different one, so both are refused.
    assert await shown(good, ("Authorization", "Bearer other")) == 401
    assert await shown(("Authorization", "Bearer other"), good) == 401
    assert await shown(good, good) == 401
    # A token in an address would be in every log between client and server.
    for name in ("access_token", "token", "authorization"):
        assert await shown(path=f"{DOOR}?{name}={token}") == 401
        assert await shown(("Cookie", f"{name}={token}")) == 401
