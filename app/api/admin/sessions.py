"""Sessions of the admin pages: staff sign in with their e-mail address and password.

A session is a signed cookie; the server stores nothing. It names the account and the version of its credentials. Every
request compares that version with the database, so a changed password or a disabled account ends the session at once. A
session also ends after 30 minutes without a request, and after eight hours in any case. Its key is derived from the
signing secret of the tokens for this purpose only, so that a token cannot be used as a session or the reverse.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.auth import AdminUser, AuthProvider
from starlette_admin.exceptions import LoginFailed
from starlette_admin.helpers import index_url, safe_redirect_url

from app.api.admin.context import ADMIN_PATH, context_of
from app.api.limits import address_of
from app.domain.people.access import STAFF, Actor, Role, TooManyAttempts
from app.services.people import access, staff
from app.services.people.access import TokenRevoked
from app.services.people.password_proof import InvalidCredentials, normalise_email
from app.services.people.passwords import TooManySignIns
from app.services.people.tokens import Claims, TokenExpired

COOKIE: Final = "kist_admin"
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=8)
RENEW_AFTER: Final = timedelta(minutes=2)
#: The clocks of two of our machines may differ by this much.
SKEW: Final = timedelta(seconds=5)
SALT: Final = "kist admin session"
WRONG: Final = "The e-mail address or the password is wrong, or this is not a staff account."


def derive_key(secret: str, *, purpose: str) -> str:
    """A key for one purpose from the signing secret (HKDF, RFC 5869)."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return derived.hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The account that signed in, the version of its credentials, and the times of the sign-in and of the last request
    (Unix time in seconds)."""

    user_account_id: int
    role: Role
    email: str
    credentials: int
    began_at: int
    seen_at: int

    @property
    def actor(self) -> Actor:
        return Actor(role=self.role, user_account_id=self.user_account_id)

    @property
    def claims(self) -> Claims:
        """The session as the claims of a token, for the check against the database."""
        ends_at = datetime.fromtimestamp(self.seen_at, UTC) + IDLE
        return Claims(actor=self.actor, credentials=self.credentials, jti="admin", expires_at=ends_at)


class SessionCookies:
    """Writes and reads session cookies, signed with a key from one secret."""

    def __init__(self, *, secret: str, secure: bool) -> None:
        self._signer = URLSafeSerializer(derive_key(secret, purpose=SALT), salt=SALT)
        self.secure = secure

    def write(self, session: Session) -> str:
        fields = [
            session.user_account_id, session.role.value, session.email, session.credentials, session.began_at,
            session.seen_at, secrets.token_hex(4),
        ]  # fmt: skip
        return str(self._signer.dumps(fields))

    def read(self, cookie: str | None, *, now: datetime) -> Session | None:
        """The session of a cookie; None if the cookie is not ours or the session has ended."""
        try:
            fields: list[Any] = self._signer.loads(cookie or "")
            user_account_id, role, email, credentials, began_at, seen_at, _ = fields
            session = Session(
                user_account_id=user_account_id,
                role=Role(role),
                email=email,
                credentials=credentials,
                began_at=began_at,
                seen_at=seen_at,
            )
        except (BadData, ValueError, TypeError):
            return None
        began, seen = (datetime.fromtimestamp(at, UTC) for at in (session.began_at, session.seen_at))
        is_current = seen - SKEW <= now < seen + IDLE and now < began + LONGEST
        return session if is_current and session.role in STAFF else None

    def put(self, response: Response, session: Session) -> None:
        response.set_cookie(
            COOKIE,
            self.write(session),
            max_age=int(IDLE.total_seconds()),
            path=ADMIN_PATH,
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path=ADMIN_PATH, secure=self.secure, httponly=True, samesite="lax")


class StaffOnly(AuthProvider):
    """Sign-in to the admin pages. Only staff get a session; a request without one is sent to the sign-in form."""

    def __init__(self, cookies: SessionCookies) -> None:
        super().__init__()
        self._cookies = cookies

    async def login(self, username: str, password: str, remember_me: bool, request: Request) -> Response:
        """Signs a staff account in. Raises LoginFailed, which never says whether the address or the password is
        wrong."""
        context = context_of(request)
        try:
            opened = await staff.open_session(
                context.uow_factory,
                context.keyring,
                email=username,
                password=password,
                address=address_of(request.scope),
                request_id=context.request_id,
            )
        except InvalidCredentials:
            raise LoginFailed(WRONG) from None
        except (TooManySignIns, TooManyAttempts) as error:
            raise LoginFailed(error.message) from None
        assert opened.actor.user_account_id is not None, "a signed-in actor has a user account id"
        now = context.uow_factory.clock()
        session = Session(
            user_account_id=opened.actor.user_account_id,
            role=opened.actor.role,
            email=normalise_email(username),
            credentials=opened.credentials,
            began_at=int(now.timestamp()),
            seen_at=int(now.timestamp()),
        )
        home = index_url(request)
        response = RedirectResponse(safe_redirect_url(request.query_params.get("next") or home, request, home), 303)
        self._cookies.put(response, session)
        return response

    async def logout(self, request: Request) -> Response:
        """Ends the session. The library calls this only with a session."""
        context = context_of(request)
        await staff.end_session(context.uow_factory, context.actor, request_id=context.request_id)
        response = RedirectResponse(str(request.url_for("admin:login")), status_code=303)
        self._cookies.clear(response)
        return response

    async def authenticate(self, request: Request) -> AdminUser | None:
        """The account of the session, checked against the database; None without a valid session.

        Leaves a renewed cookie in `request.state` for `AdminResponses` to send.
        """
        context = context_of(request)
        now = context.uow_factory.clock()
        session = self._cookies.read(request.cookies.get(COOKIE), now=now)
        # Static files are the same for every caller and need no session, so the database is not read for them.
        if session is None or request.url.path.startswith(f"{ADMIN_PATH}/static/"):
            return None
        try:
            async with context.uow_factory.open(session.actor, request_id=context.request_id) as uow:
                await access.confirm(uow, session.claims)
        except (TokenExpired, TokenRevoked):
            return None
        request.state.actor = session.actor
        if int(now.timestamp()) - session.seen_at >= RENEW_AFTER.total_seconds():
            renewed = Session(
                user_account_id=session.user_account_id,
                role=session.role,
                email=session.email,
                credentials=session.credentials,
                began_at=session.began_at,
                seen_at=int(now.timestamp()),
            )
            carrier = Response()
            self._cookies.put(carrier, renewed)
            request.state.renewed_cookie = carrier.headers["set-cookie"]
        return AdminUser(username=f"{session.email} ({session.role.value})")
