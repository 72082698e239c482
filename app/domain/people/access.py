"""The actor of a request, and its permissions.

Every write records its actor, and every read is limited by it. A customer may read and change only their own data. An
officer acts for customers. An admin manages products and staff. A service has scopes. Workers act as `system`.

A permission lists the roles that may pass, and the scope with which a service may pass. Every other caller is refused.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.errors import Invalid, Rejected

EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
NAME_LENGTH: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Role(StrEnum):
    """The role of a caller, from its token. `anonymous` has no token; `system` is a worker and never has one."""

    ANONYMOUS = "anonymous"
    CUSTOMER = "customer"
    OFFICER = "officer"
    ADMIN = "admin"
    SERVICE = "service"
    SYSTEM = "system"


class Scope(StrEnum):
    """What a service may be allowed to do."""

    LENDING_READ = "lending:read"
    LENDING_WRITE = "lending:write"
    PAYMENTS_WRITE = "payments:write"
    BILLING_RUN = "billing:run"
    IMPORTS_WRITE = "imports:write"
    IDENTITY_REVEAL = "identity:reveal"
    EVENTS_READ = "events:read"


#: The description of each scope.
SCOPES = {
    Scope.LENDING_READ: "read customers, scores, applications, loans, cards, payments and statements",
    Scope.LENDING_WRITE: "apply for credit on behalf of customers",
    Scope.PAYMENTS_WRITE: "take payments",
    Scope.BILLING_RUN: "start, watch and control billing runs",
    Scope.IMPORTS_WRITE: "load files and see their progress",
    Scope.IDENTITY_REVEAL: "see a full Aadhaar number, with a recorded reason",
    Scope.EVENTS_READ: "read and follow the events of all customers",
}

STAFF = frozenset({Role.OFFICER, Role.ADMIN})
SEES_EVERY_CUSTOMER = STAFF | {Role.SERVICE, Role.SYSTEM}


class Unauthenticated(Rejected):
    """The request has no bearer token, or one that proves nothing. Sign in, and send the token as `Authorization:
    Bearer ...`."""

    code = "not_authenticated"


class Forbidden(Rejected):
    """The caller is signed in and may not do this. Ask somebody whose role or scope allows it."""

    code = "forbidden"


class TooManyCalls(Rejected):
    """The caller made more calls than are allowed in a minute. Wait as long as `Retry-After` says."""

    code = "too_many_calls"


class TooManyAttempts(TooManyCalls):
    """There were too many failed attempts to sign in to one account or from one address. Wait as long as `Retry-After`
    says."""

    code = "too_many_attempts"


class StaffInvalid(Invalid):
    """A field of the staff account has a wrong form; the message never repeats what was sent. Correct the field."""

    code = "staff_invalid"


class OwnAccount(Rejected):
    """An admin tried to disable their own account, which could leave no admin. Ask another admin."""

    code = "own_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The caller of a use case. `user_account_id` is the account that signed in (None for workers and anonymous calls).

    `customer_id` is set for customers, who may read and change only that customer's data.
    """

    role: Role
    user_account_id: int | None = None
    customer_id: int | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    @property
    def may_name_value_dates(self) -> bool:
        """Whether this caller may say that money came on an earlier day: staff, and the files that workers and commands
        load, which carry the days of the network or the bank."""
        return self.is_staff or self.role is Role.SYSTEM

    @property
    def label(self) -> str:
        """The actor as it is stored on rows: `admin:1`, `customer:9`, `system`."""
        return self.role.value if self.user_account_id is None else f"{self.role.value}:{self.user_account_id}"

    def may_see(self, customer_id: int) -> bool:
        """Whether this caller may read and change the data of a customer."""
        if self.role is Role.CUSTOMER:
            return self.customer_id == customer_id
        return self.role in SEES_EVERY_CUSTOMER


SYSTEM = Actor(role=Role.SYSTEM)
ANONYMOUS = Actor(role=Role.ANONYMOUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Who may pass: everybody when `roles` is None; otherwise these roles, and a service that has `scope`."""

    name: str
    roles: frozenset[Role] | None
    scope: str | None = None

    @property
    def is_open(self) -> bool:
        return self.roles is None


def credentials_version(changed_at: datetime) -> int:
    """The version of somebody's credentials: the microsecond of their last change, as stored."""
    return (changed_at - _EPOCH) // timedelta(microseconds=1)


def check_permission(actor: Actor, *, permission: Permission) -> None:
    """Checks a permission. Raises Unauthenticated for an anonymous caller, and Forbidden for any other one."""
    if permission.roles is None or actor.role in permission.roles or actor.role is Role.SYSTEM:
        return
    if actor.role is Role.ANONYMOUS:
        raise Unauthenticated("sign in first: this needs a bearer token")
    if actor.role is Role.SERVICE and permission.scope is not None and permission.scope in actor.scopes:
        return
    raise Forbidden("you have no permission for this")


def check_staff(*, name: str, email: str) -> None:
    """Checks the fields of a staff account. Raises StaffInvalid for the first wrong one."""
    if not 1 <= len(name.strip()) <= NAME_LENGTH:
        raise StaffInvalid(f"a name has 1 to {NAME_LENGTH} characters", field="name")
    if not EMAIL.fullmatch(email.strip()):
        raise StaffInvalid("an e-mail address looks like name@example.com", field="email")


def check_disabling(actor: Actor, *, user_account_id: int, admins: Set[int]) -> None:
    """Checks that the actor may disable an account.

    `admins` are the accounts of the admins that are not disabled; the caller has locked these rows. The actor is one of
    them and cannot disable their own account, so at least one admin is always left. Raises Forbidden, OwnAccount.
    """
    if actor.role is Role.SYSTEM:
        return
    if actor.role is not Role.ADMIN or actor.user_account_id not in admins:
        raise Forbidden("only an admin can disable accounts")
    if actor.user_account_id == user_account_id:
        raise OwnAccount("another admin has to disable your account")
