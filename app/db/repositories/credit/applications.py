"""Applications. A decided application never changes. A pending one is locked before it is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Application, Customer, Loan, Schedule
from app.db.repositories import public_ids
from app.db.repositories.lending.loans import LoanKey
from app.db.statements import Statement
from app.domain.credit.decisions import Reason
from app.domain.errors import NotFound
from app.domain.lending.positions import Position

PENDING = "pending"
OFFERED = "offered"
EXPIRED = "expired"
#: The statuses of applications that wait, for a score or to be accepted, and may expire.
WAITING = (PENDING, OFFERED)
#: The version of the plan that a loan was made with. The answer to an application always shows this one.
FIRST_PLAN = 1


class ApplicationNotFound(NotFound):
    """There is no such application, or it is another customer's. Check the id."""

    code = "application_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredApplication:
    """An application as it was stored; `id` is its number, `agreement` the document of an agreement.

    `top_up` is set where more is asked for on a loan: its number and the year of its disbursal, the proposal, the
    instalments that were asked for, the next cycle then, and the version of the plan that it made.
    """

    customer_id: int
    id: int
    product_code: str
    product_version: int
    amount_paise: int
    instalments: int
    requested_rate_percent: Decimal | None
    annual_rate_percent: Decimal | None
    purpose: str | None
    agreement: dict[str, Any] | None
    fingerprint: bytes
    status: str
    reasons: list[Any]
    score_id: int | None
    loan_id: int | None
    account_id: int | None
    applied_on: date
    expires_on: date | None
    decided_on: date | None
    created_at: datetime
    actor: str
    top_up: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPlan:
    """The plan that a loan was made with: due dates, and what is due on each, in paise.

    The plan of a top-up begins with the instalment `first_number`.
    """

    disbursed_on: date
    emi_paise: int
    due_on: list[date]
    principal_paise: list[int]
    interest_paise: list[int]
    first_number: int = 1

    @classmethod
    def of(cls, position: Position) -> Self:
        """The plan of a loan that was just made."""
        plan = position.plan
        return cls(
            disbursed_on=position.disbursed_on, emi_paise=position.emi_paise, due_on=list(plan.due_on),
            principal_paise=list(plan.principal_paise), interest_paise=list(plan.interest_paise),
        )  # fmt: skip


_COLUMNS = [getattr(Application, known.name) for known in fields(StoredApplication)]


_NEXT_NUMBER = Statement("SELECT nextval('application_numbers') AS number")
#: Those that are JSON.
DOCUMENTS = ("reasons", "agreement", "top_up")
#: The columns of an application.
NAMES = [known.name for known in fields(StoredApplication)]
_PENDING = Statement(
    f"""
SELECT {", ".join(f"{name}::text" if name in DOCUMENTS else name for name in NAMES)} FROM applications
WHERE customer_id = :customer_id AND status = '{PENDING}'
  AND (CAST(:product_code AS text) IS NULL OR product_code = :product_code)
ORDER BY id FOR UPDATE
"""  # noqa: S608
)


async def next_application_number(session: AsyncSession) -> int:
    """A new application number, read before the insert."""
    return int((await _NEXT_NUMBER.find(session)).number)


async def get_application(session: AsyncSession, application_id: int) -> StoredApplication:
    """An application by its number. Raises ApplicationNotFound."""
    owner, row = await public_ids.find_owner(session, "application", application_id), None
    if owner is not None:
        statement = select(*_COLUMNS).where(
            Application.customer_id == owner.customer_id, Application.id == application_id
        )
        row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise ApplicationNotFound("there is no such application", field="application_id")
    return StoredApplication(**row)


async def find_recent_application(
    session: AsyncSession, customer_id: int, *, fingerprint: bytes, since: datetime
) -> StoredApplication | None:
    """The latest application of a customer with this fingerprint, made at `since` or later."""
    statement = (
        select(*_COLUMNS)
        .where(
            Application.customer_id == customer_id,
            Application.fingerprint == fingerprint,
            Application.created_at >= since,
        )
        .order_by(Application.created_at.desc(), Application.id.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else StoredApplication(**row)


async def lock_customer_at_once(session: AsyncSession, customer_id: int) -> None:
    """Locks a customer's row like `customers.lock_customer`, but fails at once if another transaction has locked it.

    Jobs use this: a running application may have locked the row and enqueue the same job, and both would wait for each
    other.
    """
    statement = select(Customer.customer_id).where(Customer.customer_id == customer_id)
    await session.execute(statement.with_for_update(key_share=True, nowait=True))


async def lock_pending_applications(
    session: AsyncSession, customer_id: int, *, product_code: str | None = None
) -> list[StoredApplication]:
    """The pending applications of a customer, oldest first, locked until the transaction ends."""
    rows = await _PENDING.list(session, customer_id=customer_id, product_code=product_code)
    found = [dict(zip(NAMES, row, strict=True)) for row in rows]
    for values in found:
        values |= {name: orjson.loads(values[name]) for name in DOCUMENTS if values[name] is not None}
    return [StoredApplication(**values) for values in found]


async def find_offered(session: AsyncSession, customer_id: int, *, product_code: str) -> StoredApplication | None:
    """The application of a customer whose offer for a product waits to be accepted, or None."""
    statement = select(*_COLUMNS).where(
        Application.customer_id == customer_id,
        Application.product_code == product_code,
        Application.status == OFFERED,
    )
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else StoredApplication(**row)


async def list_top_ups(session: AsyncSession, customer_id: int, *, loan_id: int) -> dict[int | None, int]:
    """The applications by which more was lent on a loan, by the number of the proposal."""
    statement = select(Application.id, Application.top_up).where(
        Application.customer_id == customer_id, Application.loan_id == loan_id, Application.top_up.is_not(None)
    )
    return {top_up["proposal_id"]: number for number, top_up in await session.execute(statement) if top_up}


async def update_waiting(session: AsyncSession, application: StoredApplication, values: Mapping[str, Any]) -> None:
    """Writes the decision on an application that waits: for a score, or to be accepted. The customer is locked."""
    await session.execute(
        update(Application)
        .where(
            Application.customer_id == application.customer_id,
            Application.id == application.id,
            Application.status.in_(WAITING),
        )
        .values(**values)
    )


async def expire_applications(session: AsyncSession, *, on: date) -> list[StoredApplication]:
    """Expires every waiting application whose time is over on a day, and returns them."""
    statement = (
        update(Application)
        .where(Application.status.in_(WAITING), Application.expires_on <= on)
        .values(status=EXPIRED, decided_on=on)
        .returning(*_COLUMNS)
    )
    return [StoredApplication(**row) for row in (await session.execute(statement)).mappings()]


async def get_first_plan(session: AsyncSession, key: LoanKey, *, top_up: Mapping[str, Any] | None = None) -> FirstPlan:
    """The plan that a loan was made with, or that a top-up of it made, from its first instalment on."""
    version, first = (FIRST_PLAN, 1) if top_up is None else (top_up["schedule_version"], top_up["next_cycle"])
    statement = (
        select(
            Loan.disbursed_on, Schedule.emi_paise, Schedule.due_on, Schedule.principal_paise, Schedule.interest_paise
        )
        .join(Schedule, (Schedule.customer_id == key.customer_id) & (Schedule.loan_id == Loan.id))
        .where(Loan.customer_id == key.customer_id, Loan.id == key.loan_id, Schedule.version == version)
    )
    row = (await session.execute(statement)).one()
    due_on, principal, interest = (
        column[first - 1 :] for column in (row.due_on, row.principal_paise, row.interest_paise)
    )
    return FirstPlan(
        disbursed_on=row.disbursed_on, emi_paise=row.emi_paise, due_on=due_on, principal_paise=principal,
        interest_paise=interest, first_number=first,
    )  # fmt: skip


def reason_documents(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as JSON objects, stored and shown in this form. Scores and percentages are numbers; names of amounts in
    paise end in `_paise`."""
    return [
        {
            "code": reason.code,
            "message": reason.message,
            "figures": {
                name: float(value) if isinstance(value, Decimal) else value for name, value in reason.figures.items()
            },
        }
        for reason in reasons
    ]
