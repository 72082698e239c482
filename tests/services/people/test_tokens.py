"""An access token is accepted if we made it for this purpose, it is unchanged and it has not expired."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.domain.people.access import SYSTEM, Actor, Role
from app.services.people.tokens import AccessTokens, TokenExpired, TokenInvalid

SECRET = "a secret of more than thirty-two bytes for tests"
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
TOKENS = AccessTokens(secret=SECRET, lifetime=timedelta(minutes=10))
CUSTOMER = Actor(role=Role.CUSTOMER, user_account_id=7, customer_id=9)
SERVICE = Actor(role=Role.SERVICE, user_account_id=8, scopes=frozenset({"imports:write", "billing:run"}))


def make(actor: Actor = CUSTOMER) -> str:
    return TOKENS.make(actor, credentials=1234, jti="one", now=NOW)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def parts(token: str) -> list[dict[str, Any]]:
    """The header and the claims of a token."""
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def forge(
    *, header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, without: str = "",
    key: bytes = SECRET.encode(), digest: str = "sha256",
) -> str:  # fmt: skip
    """A token with our signature and changed claims or headers."""
    our_header, our_claims = parts(make())
    changed = {name: value for name, value in (our_claims | (claims or {})).items() if name != without}
    signed = f"{encoded(our_header | (header or {}))}.{encoded(changed)}"
    signature = hmac.new(key, signed.encode(), digest).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("actor", [CUSTOMER, SERVICE, Actor(role=Role.ADMIN, user_account_id=1)])
def test_a_token_says_who_is_calling(actor: Actor) -> None:
    claims = TOKENS.read(make(actor), now=NOW)
    assert claims.actor == actor
    assert claims.credentials == 1234
    assert claims.jti == "one"
    assert claims.expires_at == NOW + timedelta(minutes=10)


def test_a_token_with_our_signature_is_read() -> None:
    assert TOKENS.read(forge(), now=NOW).actor == CUSTOMER


def test_a_token_is_good_for_ten_minutes() -> None:
    assert TOKENS.read(make(), now=NOW + timedelta(minutes=10, microseconds=-1)).actor == CUSTOMER
    with pytest.raises(TokenExpired) as refused:
        TOKENS.read(make(), now=NOW + timedelta(minutes=10))
    assert refused.value.code == "token_expired"


def test_time_is_the_one_passed_in_and_not_the_librarys() -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    token = TOKENS.make(CUSTOMER, credentials=1, jti="old", now=long_ago)
    assert TOKENS.read(token, now=long_ago + timedelta(minutes=9)).actor == CUSTOMER


def test_a_token_from_the_future_is_refused_beyond_a_small_skew() -> None:
    assert TOKENS.read(make(), now=NOW - timedelta(seconds=5)).actor == CUSTOMER
    with pytest.raises(TokenInvalid):
        TOKENS.read(make(), now=NOW - timedelta(seconds=6))


@pytest.mark.parametrize(
    "claim", ["iss", "aud", "sub", "jti", "iat", "exp", "role", "customer", "scopes", "credentials"]
)
def test_every_claim_is_required(claim: str) -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.read(forge(without=claim), now=NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "other"}, {"iss": None}, {"aud": "other"}, {"aud": ["kist-api"]}, {"aud": ["kist-api", "other"]},
        {"aud": None}, {"sub": 7}, {"sub": "seven"}, {"sub": ""}, {"jti": 1}, {"jti": ""}, {"iat": "now"},
        {"iat": True}, {"iat": 1e400}, {"exp": "9999999999"}, {"exp": None}, {"exp": 10**30}, {"exp": [1]},
        {"role": "system"}, {"role": "anonymous"}, {"role": "owner"}, {"role": None}, {"role": ["admin"]},
        {"role": "admin"}, {"customer": None}, {"customer": "9"}, {"customer": True}, {"scopes": "all"},
        {"scopes": None}, {"credentials": None}, {"credentials": 1.5}, {"nbf": 1}, {"extra": 1}, {"at_hash": "x"},
    ],
)  # fmt: skip
def test_a_claim_that_we_would_not_write_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid) as refused:
        TOKENS.read(forge(claims=claims), now=NOW)
    assert refused.value.code == "token_invalid"


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"}, {"typ": None}, {"typ": "AT+JWT"}, {"kid": "other"}, {"kid": None}, {"crit": ["exp"]},
        {"crit": []},
        {"alg": "none"}, {"alg": "None"}, {"alg": "HS512"}, {"alg": "RS256"}, {"alg": None}, {"jku": "https://evil.example"},
        {"jwk": {"kty": "oct", "k": "AAAA"}}, {"zip": "DEF"}, {"x5c": ["AAAA"]},
    ],
)  # fmt: skip
def test_a_header_that_we_would_not_write_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.read(forge(header=header), now=NOW)


def test_another_algorithm_with_our_key_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.read(forge(header={"alg": "HS512"}, digest="sha512"), now=NOW)


def test_a_token_without_a_signature_is_refused() -> None:
    header, claims = make().split(".")[:2]
    unsigned = encoded({"alg": "none", "typ": "at+jwt"})
    for token in (f"{header}.{claims}.", f"{header}.{claims}", f"{unsigned}.{claims}."):
        with pytest.raises(TokenInvalid):
            TOKENS.read(token, now=NOW)


def test_a_public_key_is_not_a_secret() -> None:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TokenInvalid):
        TOKENS.read(forge(key=der), now=NOW)


def test_every_changed_character_is_noticed() -> None:
    token = make()
    for place in range(0, len(token), 7):
        if token[place] != ".":
            changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            with pytest.raises(TokenInvalid):
                TOKENS.read(changed, now=NOW)


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b.c", "é.b.c", "x" * 5000, "\x00", "{}", "Bearer x"])
def test_text_that_is_not_a_token_is_refused(token: str) -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.read(token, now=NOW)


def test_a_deeply_nested_header_is_refused() -> None:
    header = base64.urlsafe_b64encode(b'{"a":' + b"[" * 2900).decode().rstrip("=")
    with pytest.raises(TokenInvalid):
        TOKENS.read(f"{header}.e30.AAAA", now=NOW)


def test_a_token_of_another_secret_is_refused() -> None:
    other = AccessTokens(secret="another secret of more than thirty-two bytes", lifetime=timedelta(minutes=10))
    with pytest.raises(TokenInvalid):
        other.read(make(), now=NOW)


def test_a_key_has_32_bytes_or_more() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AccessTokens(secret="x" * 31, lifetime=timedelta(minutes=10))


@pytest.mark.parametrize(
    "secret", ["1" * 40, '{"keys": ["a secret that looks like a set of keys"]}', "[" + "1," * 30 + "1]"]
)
def test_a_secret_that_looks_like_something_else_is_a_secret(secret: str) -> None:
    tokens = AccessTokens(secret=secret, lifetime=timedelta(minutes=10))
    token = tokens.make(CUSTOMER, credentials=1, jti="one", now=NOW)
    signed, _, signature = token.rpartition(".")
    expected = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "==") == expected
    assert tokens.read(token, now=NOW).actor == CUSTOMER


def test_the_system_holds_no_token() -> None:
    with pytest.raises(AssertionError):
        TOKENS.make(SYSTEM, credentials=1, jti="one", now=NOW)
