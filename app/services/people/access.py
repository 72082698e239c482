"""Signing in, getting new tokens, and signing out.

A user account can hold tokens. Signing in gives two tokens: an access token, which every request shows
and which is not stored (ten minutes, see `tokens`), and a refresh token, which gives the next pair. A refresh token is
random, is stored only as a hash, and is valid once. All tokens that follow from one sign-in are a family. If a used
refresh token is shown again, one of two holders is a thief, and the whole family is revoked. A repeat within ten
seconds is treated as a lost answer instead.

These use cases open their own units of work: hashing a password must not hold a database connection, and the revocation
of a family must be committed although the caller is refused.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.models import UserAccount
from app.db.repositories.people import access as repository
from app.domain.errors import Conflict
from app.domain.people.access import ANONYMOUS, Actor, Role, Unauthenticated, credentials_version
from app.services.people.password_proof import Keyring, check_password, lock_proved, normalise_email
from app.services.people.tokens import Claims, TokenExpired, TokenInvalid
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

REFRESH_PREFIX = "krt_"
GRACE = timedelta(seconds=10)


class TokenReused(Unauthenticated):
    """The refresh token was used before, so every token of that sign-in is revoked. Sign in again."""

    code = "token_reused"


class TokenRevoked(Unauthenticated):
    """The credentials behind the token have changed since it was made. Sign in again."""

    code = "token_revoked"


class EmailTaken(Conflict):
    """Somebody else signs in with this e-mail address, or this customer signs in with another. Use another address."""

    code = "email_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh pair of tokens, and who holds it."""

    actor: Actor
    access_token: str
    refresh_token: str
    expires_in_seconds: int


async def create_user_account(
    uow: UnitOfWork,
    *,
    role: Role,
    name: str,
    email: str | None = None,
    password_hash: str | None = None,
    customer_id: int | None = None,
    scopes: frozenset[str] = frozenset(),
) -> Actor:
    """Writes somebody who can hold a token, and answers with the actor they are. The password comes hashed: hash it
    (`Passwords.hash`) before the first query, while no connection is held.

    Raises EmailTaken.
    """
    assert (role is Role.CUSTOMER) == (customer_id is not None), "customers, and only they, have a customer id"
    user_account = await repository.add_user_account(
        uow.session,
        role=role.value,
        email=None if email is None else normalise_email(email),
        name=name,
        password_hash=password_hash,
        scopes=sorted(scopes),
        customer_id=customer_id,
        now=uow.now,
    )
    if user_account is None:
        raise EmailTaken("this e-mail address is in use", field="email")
    if uow.actor.role is Role.ANONYMOUS:
        uow.act_as(actor_of(user_account))  # Whoever registers by themselves is who was made.
    await uow.record(
        "principal_made",
        object_kind="principal",
        object_id=str(user_account.id),
        customer_id=customer_id,
        details={"role": role.value, "scopes": sorted(scopes)},
    )
    return actor_of(user_account)


# --- tokens ----------------------------------------------------------------------------------------------------------


async def issue_tokens(uow: UnitOfWork, keyring: Keyring, *, user_account_id: int) -> SignedIn:
    """A first pair of tokens for a user account, in the caller's transaction: what registration answers with."""
    user_account = await repository.find_user_account(uow.session, user_account_id)
    assert user_account is not None, "tokens are issued to a user account that exists"
    return await _issue(uow, keyring, user_account, family=secrets.token_hex(16))


async def sign_in(
    uow_factory: UnitOfWorkFactory,
    keyring: Keyring,
    *,
    email: str,
    password: str,
    address: str | None = None,
    request_id: str | None = None,
) -> SignedIn:
    """E-mail and password for a pair of tokens. Raises InvalidCredentials, TooManySignIns, TooManyAttempts."""
    found = await check_password(
        uow_factory, keyring, email=email, password=password, address=address, request_id=request_id
    )
    # From here on it is known who acts, and the trail says so.
    async with uow_factory.open(actor_of(found), request_id=request_id) as uow:
        user_account = await lock_proved(uow, found)
        uow.is_authenticating = True
        await uow.record("signed_in", object_kind="principal", object_id=str(user_account.id))
        signed_in = await _issue(uow, keyring, user_account, family=secrets.token_hex(16))
    await keyring.attempts.succeeded(account=normalise_email(email), address=address)
    return signed_in


async def refresh(
    uow_factory: UnitOfWorkFactory,
    keyring: Keyring,
    *,
    refresh_token: str,
    address: str | None = None,
    request_id: str | None = None,
) -> SignedIn:
    """The next pair of tokens for a refresh token, which is spent by it.

    Raises TokenInvalid (unknown or revoked), TokenExpired, and TokenReused, after which the whole family is revoked;
    TooManyAttempts instead where an address keeps showing tokens that are not good.
    """
    try:
        async with uow_factory.open(ANONYMOUS, request_id=request_id) as uow:
            outcome = await _rotate(uow, keyring, refresh_token)
    except TokenInvalid:
        await keyring.attempts.count(address=address)
        raise
    # Raised only now, after the commit: what the theft revoked must stay revoked.
    if isinstance(outcome, TokenReused):
        raise outcome
    return outcome


async def sign_out(uow_factory: UnitOfWorkFactory, *, refresh_token: str, request_id: str | None = None) -> None:
    """Ends the family of a refresh token. One that is unknown or was ended is signed out already."""
    async with uow_factory.open(ANONYMOUS, request_id=request_id) as uow:
        token = await repository.lock_refresh_token(uow.session, _hashed(refresh_token))
        user_account = None if token is None else await repository.find_user_account(uow.session, token.user_account_id)
        if token is not None and user_account is not None and token.revoked_at is None:
            uow.act_as(actor_of(user_account))
            await repository.revoke_family(uow.session, token.family, now=uow.now)
            await uow.record("signed_out", object_kind="principal", object_id=str(token.user_account_id))


@asynccontextmanager
async def open_uow(
    uow_factory: UnitOfWorkFactory, claims: Claims, *, request_id: str | None = None
) -> AsyncIterator[UnitOfWork]:
    """A unit of work for the holder of a valid token. A stream opens one again and again, and ends with its token.

    Raises TokenExpired, TokenRevoked."""
    async with uow_factory.open(claims.actor, request_id=request_id) as uow:
        await confirm(uow, claims)
        yield uow


async def confirm(uow: UnitOfWork, claims: Claims) -> None:
    """Compares a token with the clock and with the present user account: it exists, is not disabled, and has the same
    role and credentials.

    Raises TokenExpired, TokenRevoked.
    """
    _admit(uow, claims, await repository.find_standing(uow.reader, _user_account_id(claims)))


def confirm_meanwhile(uow: UnitOfWork, claims: Claims) -> None:
    """The same for a unit of work that only reads, without waiting: its first row is asked for meanwhile, and is given
    to nobody whose token is refused (`BatchingReader.admission`)."""
    assert uow.batching_reader is not None, "only a unit of work that only reads begins before it is confirmed"
    answer = repository.ask_standing(uow.batching_reader, _user_account_id(claims))

    async def admit() -> None:
        _admit(uow, claims, await answer)

    uow.batching_reader.admission = admit


def _user_account_id(claims: Claims) -> int:
    assert claims.actor.user_account_id is not None, "a token names a user account"
    return claims.actor.user_account_id


def _admit(uow: UnitOfWork, claims: Claims, standing: repository.Standing | None) -> None:
    check_token(claims, standing, now=uow.now)
    assert standing is not None, "a token without a user account was refused"
    uow.set_clock(standing.clock)


def check_token(claims: Claims, standing: repository.Standing | None, *, now: datetime) -> None:
    """Holds a token against the clock and its user account's standing. Raises TokenExpired, TokenRevoked."""
    if now >= claims.expires_at:
        raise TokenExpired("the token has expired: refresh it or sign in again")
    actor = claims.actor
    if (
        standing is None
        or standing.disabled_at is not None
        or standing.credentials != claims.credentials
        or (standing.role, standing.customer_id) != (actor.role.value, actor.customer_id)
        or standing.scopes != actor.scopes
    ):
        raise TokenRevoked("the token was revoked: sign in again")


# --- within ----------------------------------------------------------------------------------------------------------


async def _rotate(uow: UnitOfWork, keyring: Keyring, refresh_token: str) -> SignedIn | TokenReused:
    """Spends a refresh token. A reuse is returned and not raised, because its revocation must be committed."""
    token = await repository.lock_refresh_token(uow.session, _hashed(refresh_token))
    if token is None or token.revoked_at is not None:
        raise TokenInvalid("the refresh token is not valid: sign in again")
    if token.used_at is not None and uow.now > token.used_at + GRACE:
        await repository.revoke_family(uow.session, token.family, now=uow.now)
        # One of two holders is a thief, and it is not known which: so the event has no actor.
        await uow.record("refresh_token_reused", object_kind="principal", object_id=str(token.user_account_id))
        return TokenReused("the refresh token was used before: sign in again")
    if uow.now >= token.expires_at:
        raise TokenExpired("the refresh token has expired: sign in again")
    user_account = await repository.find_user_account(uow.session, token.user_account_id)
    if user_account is None or user_account.disabled_at is not None:
        raise TokenInvalid("the refresh token is not valid: sign in again")
    uow.act_as(actor_of(user_account))
    if token.used_at is None:
        await repository.use_refresh_token(uow.session, token.token_hash, now=uow.now)
    return await _issue(uow, keyring, user_account, family=token.family)


async def _issue(uow: UnitOfWork, keyring: Keyring, user_account: UserAccount, *, family: str) -> SignedIn:
    refresh_token = REFRESH_PREFIX + secrets.token_urlsafe(32)
    await repository.add_refresh_token(
        uow.session,
        token_hash=_hashed(refresh_token),
        family=family,
        user_account_id=user_account.id,
        now=uow.now,
        expires_at=uow.now + keyring.refresh_lifetime,
    )
    actor = actor_of(user_account)
    access_token = keyring.tokens.make(
        actor,
        credentials=credentials_version(user_account.credentials_changed_at),
        jti=secrets.token_hex(16),
        now=uow.now,
    )
    return SignedIn(
        actor=actor,
        access_token=access_token,
        refresh_token=refresh_token,
        expires_in_seconds=int(keyring.tokens.lifetime.total_seconds()),
    )


def actor_of(user_account: UserAccount) -> Actor:
    """Who a user account is as a caller."""
    return Actor(
        role=Role(user_account.role),
        user_account_id=user_account.id,
        customer_id=user_account.customer_id,
        scopes=frozenset(user_account.scopes),
    )


def _hashed(refresh_token: str) -> bytes:
    # The token is 256 random bits: a plain hash cannot be guessed back.
    return hashlib.sha256(refresh_token.encode(errors="replace")).digest()
