"""Access tokens: signed statements of who is calling, valid for ten minutes.

Only this module imports python-jose, because the library is safe only when it is called in one way: exactly one
algorithm, a key of one unambiguous type, and every claim checked. The checks that the library leaves to its caller are
here: the header must be exactly ours (`typ`, `kid`, no `crit`), all claims must be present and of their types, and
times are compared with the instant that the caller passes, not with the library's clock.

A token has one purpose (`typ` at+jwt, one audience). It contains the version of the credentials it was made under, so
that a changed password ends it before it expires.
"""

import base64
import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jose import jwt
from jose.exceptions import JOSEError

from app.domain.people.access import Actor, Role, Unauthenticated
from app.settings import Settings

ALGORITHM: Final = "HS256"
TYPE: Final = "at+jwt"
ISSUER: Final = "kist"
AUDIENCE: Final = "kist-api"
KEY_BYTES: Final = 32
LONGEST_TOKEN: Final = 4096
CLAIMS: Final = frozenset({"iss", "aud", "sub", "jti", "iat", "exp", "role", "customer", "scopes", "credentials"})
#: Verified tokens that a process caches: some megabytes.
TOKENS_KEPT: Final = 4096
#: The clocks of two of our machines may differ by this much.
SKEW: Final = timedelta(seconds=5)

# The library checks signature, audience and issuer. It would compare times with its own clock, and requiring a time
# claim turns that check on. Therefore `_checked` requires and compares the times.
OPTIONS: Final[Mapping[str, bool]] = {
    "verify_signature": True, "verify_aud": True, "verify_iss": True, "verify_sub": True, "verify_jti": True,
    "verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_at_hash": True,
    "require_aud": True, "require_iss": True, "require_sub": True, "require_jti": True,
}  # fmt: skip


class TokenInvalid(Unauthenticated):
    """The token was not made here for this use, or was changed since. Sign in again."""

    code = "token_invalid"


class TokenExpired(Unauthenticated):
    """The token's time is over. Refresh it, or sign in again."""

    code = "token_expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says: the actor, and the version of the credentials (the last change, in microseconds)."""

    actor: Actor
    credentials: int
    jti: str
    expires_at: datetime


class AccessTokens:
    """Makes and reads the access tokens of one secret."""

    def __init__(self, *, secret: str, lifetime: timedelta) -> None:
        raw = secret.encode()
        if len(raw) < KEY_BYTES:
            raise ValueError("a signing key has 32 bytes or more")
        self._secret = raw
        # Passed as a JWK, because the library would parse a plain string that looks like JSON or a certificate.
        self._key = {"kty": "oct", "alg": ALGORITHM, "k": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}
        self._key_id = hmac.new(raw, b"kist key id", hashlib.sha256).hexdigest()[:16]
        self.lifetime = lifetime
        # Every request sends its token again, and a verified signature stays valid, so verified tokens are cached.
        self._proved: OrderedDict[str, tuple[datetime, Claims]] = OrderedDict()
        self._holders: OrderedDict[bytes, tuple[int, Role]] = OrderedDict()

    def make(
        self, actor: Actor, *, credentials: int, jti: str, now: datetime, lifetime: timedelta | None = None
    ) -> str:
        """A token for an actor that has a user account."""
        assert actor.user_account_id is not None, "only a user account holds a token"
        issued = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(actor.user_account_id),
            "jti": jti,
            "iat": issued,
            "exp": issued + int((lifetime or self.lifetime).total_seconds()),
            "role": actor.role.value,
            "customer": actor.customer_id,
            "scopes": sorted(actor.scopes),
            "credentials": credentials,
        }
        headers = {"typ": TYPE, "kid": self._key_id}
        return str(jwt.encode(claims, self._key, algorithm=ALGORITHM, headers=headers))

    def holder(self, token: bytes) -> tuple[int, Role] | None:
        """The account id and role in a token that we signed; it may have expired or been revoked. For counting calls: a
        full check would cost more than the count."""
        holder = self._holders.get(token)
        if holder is None and self._is_signed(token):
            try:
                claims = json.loads(base64.urlsafe_b64decode(token.split(b".")[1] + b"=="))
                holder = self._holders[token] = int(claims["sub"]), Role(claims["role"])
            except (ValueError, KeyError, TypeError):
                return None
            if len(self._holders) > TOKENS_KEPT:
                self._holders.popitem(last=False)
        return holder

    def _is_signed(self, token: bytes) -> bool:
        """Whether the signature is ours, in the one base64 spelling that we write; base64 allows several."""
        signed, _, signature = token.rpartition(b".")
        expected = base64.urlsafe_b64encode(hmac.digest(self._secret, signed, "sha256")).rstrip(b"=")
        return hmac.compare_digest(expected, signature)

    def read(self, token: str, *, now: datetime) -> Claims:
        """The claims of a token, after every check. Raises TokenInvalid, TokenExpired."""
        proved_at, claims = self._proved.get(token, (None, None))
        if claims is None or proved_at is None or now < proved_at:
            claims = self._prove(token, now=now)
            self._proved[token] = now, claims
            if len(self._proved) > TOKENS_KEPT:
                self._proved.popitem(last=False)
        if now >= claims.expires_at:
            raise _expired()
        return claims

    def _prove(self, token: str, *, now: datetime) -> Claims:
        if not token.isascii() or len(token) > LONGEST_TOKEN or not self._is_signed(token.encode()):
            raise _invalid()
        try:
            header = jwt.get_unverified_header(token)
            if header != {"alg": ALGORITHM, "typ": TYPE, "kid": self._key_id}:
                raise _invalid()
            claims = jwt.decode(
                token, self._key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=dict(OPTIONS)
            )
        # The library does not catch its own conversion errors.
        except (JOSEError, ArithmeticError, TypeError, ValueError):
            raise _invalid() from None
        return _checked(claims, now=now)


def make_access_tokens(settings: Settings) -> AccessTokens:
    """Makes the access tokens that the settings describe."""
    lifetime = timedelta(minutes=settings.access_token_minutes)
    return AccessTokens(secret=settings.jwt_secret.get_secret_value(), lifetime=lifetime)


def _checked(claims: Mapping[str, Any], *, now: datetime) -> Claims:
    """The claims as values. A signed token that we would not write is refused. Raises TokenInvalid."""
    if claims.keys() != CLAIMS or claims["aud"] != AUDIENCE:
        raise _invalid()
    if not all(_is_whole(claims[name]) for name in ("iat", "exp", "credentials")):
        raise _invalid()
    customer, scopes, role = claims["customer"], claims["scopes"], claims["role"]
    if not (customer is None or _is_whole(customer)) or not isinstance(scopes, list) or role in _NEVER_IN_A_TOKEN:
        raise _invalid()
    try:
        issued_at, expires_at = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
        actor = Actor(
            role=Role(role),
            user_account_id=int(claims["sub"]),
            customer_id=customer,
            scopes=frozenset(str(scope) for scope in scopes),
        )
    except (ValueError, OverflowError, OSError):
        raise _invalid() from None
    if (actor.role is Role.CUSTOMER) != (customer is not None) or not claims["jti"] or issued_at > now + SKEW:
        raise _invalid()
    return Claims(actor=actor, credentials=claims["credentials"], jti=claims["jti"], expires_at=expires_at)


_NEVER_IN_A_TOKEN: Final = (Role.SYSTEM.value, Role.ANONYMOUS.value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _expired() -> TokenExpired:
    return TokenExpired("the token has expired: refresh it or sign in again")


def _invalid() -> TokenInvalid:
    return TokenInvalid("the token is not valid: sign in again")
