"""Sign in and out: get tokens for a password, renew them with a refresh token, and change the password."""

from typing import Annotated, Literal

from fastapi import Depends
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import Field, SecretStr

from app.api.deps import OPEN, PEOPLE, ClientAddress, KeyringDep, KistRouter, RequestId, UnitOfWorkFactoryDep
from app.api.permissions import ClaimsDep
from app.api.schemas import (
    Answer,
    Body,
    Password,
    example,
)
from app.services.people import access, credentials

router = KistRouter(prefix="/auth", tags=["Access"])


class TokenAnswer(Answer):
    """A pair of tokens. Send the access token with every request. Keep the refresh token: it works once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind of token
    expires_in: int = Field(description="Seconds until the access token expires", examples=[600])


class RefreshBody(Body):
    """A refresh token."""

    model_config = example({"refresh_token": "the refresh_token of the answer before"})

    refresh_token: SecretStr = Field(min_length=1, max_length=200)


class PasswordBody(Body):
    """A new password, and the present one if the account has one."""

    model_config = example({"current_password": "a quiet river in June", "new_password": "a loud river in July"})

    current_password: SecretStr | None = Field(default=None, max_length=128)
    new_password: Password


#: A form has no class of its own that could hold its example.
SIGN_IN = {"username": "asha.rao@example.com", "password": "a quiet river in June"}
FORM = {"requestBody": {"content": {"application/x-www-form-urlencoded": {"example": SIGN_IN}}}}


@router.post("/token", dependencies=[OPEN], summary="Sign in", openapi_extra=FORM)
async def sign_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    uow_factory: UnitOfWorkFactoryDep,
    keyring: KeyringDep,
    address: ClientAddress,
    request_id: RequestId,
) -> TokenAnswer:
    """Gives a pair of tokens for an e-mail address and a password, for customers and for staff. The body is an OAuth2
    password form: put the e-mail address in `username`."""
    signed_in = await access.sign_in(
        uow_factory, keyring, email=form.username, password=form.password, address=address, request_id=request_id
    )
    return _present(signed_in)


@router.post("/refresh", dependencies=[OPEN], summary="Renew the tokens")
async def refresh_tokens(
    body: RefreshBody,
    uow_factory: UnitOfWorkFactoryDep,
    keyring: KeyringDep,
    address: ClientAddress,
    request_id: RequestId,
) -> TokenAnswer:
    """Gives a new pair of tokens for a refresh token, which works once. If it is sent again more than ten seconds
    later, every token of that sign-in is revoked: sign in again."""
    signed_in = await access.refresh(
        uow_factory,
        keyring,
        refresh_token=body.refresh_token.get_secret_value(),
        address=address,
        request_id=request_id,
    )
    return _present(signed_in)


@router.put("/password", dependencies=[PEOPLE], summary="Set or change the password")
async def change_password(
    body: PasswordBody, claims: ClaimsDep, uow_factory: UnitOfWorkFactoryDep, keyring: KeyringDep, request_id: RequestId
) -> TokenAnswer:
    """Sets the new password and revokes every earlier token of the caller. The answer holds a new pair."""
    assert claims is not None, "the permission requires a token"
    current = body.current_password
    signed_in = await credentials.change_password(
        uow_factory,
        keyring,
        claims,
        current_password=None if current is None else current.get_secret_value(),
        new_password=body.new_password.get_secret_value(),
        request_id=request_id,
    )
    return _present(signed_in)


@router.post("/logout", status_code=204, dependencies=[OPEN], summary="Sign out")
async def sign_out(body: RefreshBody, uow_factory: UnitOfWorkFactoryDep, request_id: RequestId) -> None:
    """Revokes every refresh token of that sign-in. The access token stays valid until it expires."""
    await access.sign_out(uow_factory, refresh_token=body.refresh_token.get_secret_value(), request_id=request_id)


@router.post("/logout-everywhere", status_code=204, dependencies=[PEOPLE], summary="Sign out everywhere")
async def sign_out_everywhere(claims: ClaimsDep, uow_factory: UnitOfWorkFactoryDep, request_id: RequestId) -> None:
    """Revokes every token of the caller at once, on every device."""
    assert claims is not None, "the permission requires a token"
    await credentials.sign_out_everywhere(uow_factory, claims, request_id=request_id)


def _present(signed_in: access.SignedIn) -> TokenAnswer:
    return TokenAnswer(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_in=signed_in.expires_in_seconds,
    )
