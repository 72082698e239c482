"""Signing in and out: tokens for a password, the next tokens for a refresh token, a new password."""

from typing import Annotated, Literal

from fastapi import Depends
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import Field, SecretStr

from app.api.deps import OPEN, PEOPLE, ClientAddress, KeyringDep, KistRouter, RequestId, UnitOfWorkFactoryDep
from app.api.permissions import ClaimsDep
from app.api.schemas import Answer, Body, Password
from app.services.people import access, credentials

router = KistRouter(prefix="/auth", tags=["Access"])


class TokenAnswer(Answer):
    """A pair of tokens. Show the access token with every request; keep the refresh token, it is good once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a kind of token
    expires_in: int = Field(description="Seconds for which the access token is good", examples=[600])


class RefreshBody(Body):
    """A refresh token, for the next pair or to be ended."""

    refresh_token: SecretStr = Field(min_length=1, max_length=200)


class PasswordBody(Body):
    """A new password, and the present one where there is one."""

    current_password: SecretStr | None = Field(default=None, max_length=128)
    new_password: Password


@router.post("/token", dependencies=[OPEN], summary="Sign in")
async def sign_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    uow_factory: UnitOfWorkFactoryDep,
    keyring: KeyringDep,
    address: ClientAddress,
    request_id: RequestId,
) -> TokenAnswer:
    """OAuth2 password form: `username` is the e-mail address, of customers and of staff."""
    signed_in = await access.sign_in(
        uow_factory, keyring, email=form.username, password=form.password, address=address, request_id=request_id
    )
    return _present(signed_in)


@router.post("/refresh", dependencies=[OPEN], summary="Get the next tokens")
async def refresh(
    body: RefreshBody,
    uow_factory: UnitOfWorkFactoryDep,
    keyring: KeyringDep,
    address: ClientAddress,
    request_id: RequestId,
) -> TokenAnswer:
    """Spends a refresh token. Shown again later than ten seconds after, it ends every token of that sign-in."""
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
    """Every token made before is revoked; the answer holds new ones."""
    assert claims is not None, "the permission lets nobody in without a token"
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
    """Ends every refresh token of that sign-in. The access token runs out by itself."""
    await access.sign_out(uow_factory, refresh_token=body.refresh_token.get_secret_value(), request_id=request_id)


@router.post("/logout-everywhere", status_code=204, dependencies=[PEOPLE], summary="Sign out everywhere")
async def sign_out_everywhere(claims: ClaimsDep, uow_factory: UnitOfWorkFactoryDep, request_id: RequestId) -> None:
    """Ends every token of the caller, on every device, at once."""
    assert claims is not None, "the permission lets nobody in without a token"
    await credentials.sign_out_everywhere(uow_factory, claims, request_id=request_id)


def _present(signed_in: access.SignedIn) -> TokenAnswer:
    return TokenAnswer(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_in=signed_in.expires_in_seconds,
    )
