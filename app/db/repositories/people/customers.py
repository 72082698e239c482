"""Customers, prospects, and the values that belong to only one of them.

A value is claimed by an insert that does nothing if the value is taken. It waits for another transaction that claims
the same value. A prospect is a row with that state. When the person registers, the same row becomes a customer, so
rows that refer to it stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import BigInteger, LargeBinary, bindparam, cast, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Customer, Identity
from app.db.models.people import customer_numbers
from app.db.statements import Statement
from app.domain.people.customers import CustomerNotFound

IdentityKind = Literal["aadhaar", "external", "card"]
CUSTOMER = "customer"
PROSPECT = "prospect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is shown of a customer. Of the Aadhaar number it has only the last four digits."""

    customer_id: int
    name: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    address: str | None
    age: int | None
    employment_type: str | None
    gst_state: str | None
    annual_income_paise: int | None
    approved_limit_paise: int | None
    external_id: str | None
    aadhaar_last_four: str | None
    registered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedCustomer:
    """A customer's row, locked until the transaction ends."""

    customer_id: int
    state: str
    aadhaar_last_four: str | None
    external_id: str | None


async def next_customer_number(session: AsyncSession) -> int:
    """A new customer number, read before the insert. No number is given twice."""
    return int((await session.execute(select(customer_numbers.next_value()))).scalar_one())


async def list_next_customer_numbers(session: AsyncSession, count: int) -> list[int]:
    """`count` new customer numbers, in order."""
    numbers = select(customer_numbers.next_value()).select_from(func.generate_series(1, count))
    return sorted((await session.execute(numbers)).scalars())


async def find_identity(session: AsyncSession, *, kind: IdentityKind, value: bytes) -> int | None:
    """The customer who has this value, or None."""
    owner = select(Identity.customer_id).where(Identity.kind == kind, Identity.value == value)
    return (await session.execute(owner)).scalar_one_or_none()


async def find_email_by_identity(session: AsyncSession, *, kind: IdentityKind, value: bytes) -> str | None:
    """The email address of the customer who has this value. None if there is no such customer or no address."""
    owner = await find_identity(session, kind=kind, value=value)
    if owner is None:
        return None
    return (await session.execute(select(Customer.email).where(Customer.customer_id == owner))).scalar_one_or_none()


async def list_identities(session: AsyncSession, *, kind: IdentityKind, values: Sequence[bytes]) -> dict[bytes, int]:
    """The customer of each of these values that is taken."""
    wanted = cast(bindparam("values", list(values)), ARRAY(LargeBinary))
    owners = select(Identity.value, Identity.customer_id).where(
        Identity.kind == kind, Identity.value == func.any(wanted)
    )
    return {row.value: row.customer_id for row in await session.execute(owners)}


async def add_identity(session: AsyncSession, *, kind: IdentityKind, value: bytes, customer_id: int) -> bool:
    """Claims a value for a customer. Returns False if it is taken."""
    claim = insert_or_skip(Identity).values(kind=kind, value=value, customer_id=customer_id)
    claimed = await session.execute(claim.on_conflict_do_nothing().returning(Identity.customer_id))
    return claimed.scalar_one_or_none() is not None


_ADD_IDENTITIES = text(
    """
INSERT INTO identities (kind, value, customer_id)
SELECT :kind, n.value, n.customer_id FROM unnest(:values, :numbers) AS n(value, customer_id)
ON CONFLICT DO NOTHING
RETURNING customer_id
"""
).bindparams(bindparam("values", type_=ARRAY(LargeBinary)), bindparam("numbers", type_=ARRAY(BigInteger)))


async def add_identities(session: AsyncSession, *, kind: IdentityKind, owners: Mapping[bytes, int]) -> set[int]:
    """Claims many values, each for its customer. Returns the customers whose value was not taken.

    Values are claimed in order, so that two imports of the same people do not deadlock.
    """
    values = sorted(owners)
    found = await session.execute(
        _ADD_IDENTITIES, {"kind": kind, "values": values, "numbers": [owners[value] for value in values]}
    )
    return set(found.scalars())


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedNumber:
    """An Aadhaar number as it is stored, encrypted."""

    customer_id: int
    ciphertext: bytes
    key_version: int


_SEALED = select(
    Customer.customer_id,
    Customer.aadhaar_ciphertext.label("ciphertext"),
    Customer.aadhaar_key_version.label("key_version"),
).where(Customer.aadhaar_ciphertext.is_not(None))


async def find_sealed_number(session: AsyncSession, customer_id: int) -> SealedNumber | None:
    """A customer's encrypted number. None if there is no such customer or no number."""
    row = (await session.execute(_SEALED.where(Customer.customer_id == customer_id))).mappings().one_or_none()
    return None if row is None else SealedNumber(**row)


async def list_indexed_numbers(session: AsyncSession) -> list[tuple[bytes, SealedNumber]]:
    """Two encrypted numbers, each with its keyed hash: those of the first and the last hash. Both are found quickly
    even among millions."""
    values = select(Identity.value, Identity.customer_id).where(Identity.kind == "aadhaar").limit(1)
    ends = [values.order_by(Identity.value), values.order_by(Identity.value.desc())]
    found = [row for end in ends for row in await session.execute(end)]
    numbers = [(row.value, await find_sealed_number(session, row.customer_id)) for row in found]
    return [(value, number) for value, number in numbers if number is not None]


async def count_sealed_otherwise(session: AsyncSession, *, than_version: int) -> int:
    """How many numbers are encrypted with another version of the key."""
    otherwise = _SEALED.where(Customer.aadhaar_key_version != than_version).subquery()
    return int((await session.execute(select(func.count()).select_from(otherwise))).scalar_one())


async def list_sealed_otherwise(session: AsyncSession, *, than_version: int, limit: int) -> list[SealedNumber]:
    """Some numbers that are encrypted with another version of the key, in the order of their customers."""
    statement = _SEALED.where(Customer.aadhaar_key_version != than_version).order_by(Customer.customer_id)
    return [SealedNumber(**row) for row in (await session.execute(statement.limit(limit))).mappings()]


_RESEAL = text(
    """
UPDATE customers AS c SET aadhaar_ciphertext = n.after, aadhaar_key_version = :version
FROM unnest(:customers, :before, :after) AS n(customer_id, before, after)
WHERE c.customer_id = n.customer_id AND c.aadhaar_ciphertext = n.before
RETURNING c.customer_id
"""
).bindparams(
    bindparam("customers", type_=ARRAY(BigInteger)),
    bindparam("before", type_=ARRAY(LargeBinary)),
    bindparam("after", type_=ARRAY(LargeBinary)),
)


async def replace_sealed_numbers(
    session: AsyncSession, pairs: Sequence[tuple[SealedNumber, bytes]], *, version: int
) -> int:
    """Writes numbers that were encrypted again, each with its new ciphertext, except those that were changed since they
    were read. Returns how many were written."""
    written = await session.execute(
        _RESEAL,
        {
            "customers": [number.customer_id for number, _ in pairs],
            "before": [number.ciphertext for number, _ in pairs],
            "after": [ciphertext for _, ciphertext in pairs],
            "version": version,
        },
    )
    return len(written.all())


async def lock_customer(session: AsyncSession, customer_id: int) -> LockedCustomer:
    """Locks a customer's row until the transaction ends. Rows that refer to it can still be added.

    Raises CustomerNotFound.
    """
    columns = (Customer.customer_id, Customer.state, Customer.aadhaar_last_four, Customer.external_id)
    statement = select(*columns).where(Customer.customer_id == customer_id).with_for_update(key_share=True)
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise CustomerNotFound("there is no such customer", field="user_id")
    return LockedCustomer(**row)


async def add_prospects(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes prospects: people who have transactions and have not registered."""
    if rows:
        await session.execute(insert(Customer), [{"state": PROSPECT, **row} for row in rows])


async def add_customer(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Writes a customer who was never a prospect."""
    await session.execute(insert(Customer).values(state=CUSTOMER, **values))


async def add_customers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes customers who were never prospects."""
    if rows:
        await session.execute(insert(Customer), [{"state": CUSTOMER, **row} for row in rows])


async def claim_prospects(session: AsyncSession, numbers: Sequence[int]) -> set[int]:
    """Makes those of the rows that are prospects customers, and returns their numbers. The caller writes their other
    columns in the same transaction."""
    wanted = cast(bindparam("numbers", list(numbers)), ARRAY(BigInteger))
    statement = (
        update(Customer)
        .where(Customer.customer_id == func.any(wanted), Customer.state == PROSPECT)
        .values(state=CUSTOMER)
        .returning(Customer.customer_id)
    )
    return set((await session.execute(statement)).scalars())


async def update_customers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes columns of many rows. Each mapping has the row's `customer_id`."""
    if rows:
        await session.execute(update(Customer), [dict(row) for row in rows])


async def update_customer(session: AsyncSession, customer_id: int, values: Mapping[str, Any]) -> None:
    """Writes columns of one row. A registration uses it to make a prospect a customer."""
    await session.execute(update(Customer).where(Customer.customer_id == customer_id).values(**values))


_LOCK_PROFILE = Statement(
    f"""
SELECT {", ".join(Profile.__dataclass_fields__)} FROM customers
WHERE customer_id = :customer_id AND state = '{CUSTOMER}' FOR NO KEY UPDATE
"""  # noqa: S608 - only names of our own columns are put in
)


_LOCK_PROFILES = Statement(
    f"""
SELECT {", ".join(Profile.__dataclass_fields__)} FROM customers
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND state = '{CUSTOMER}' FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608
)


async def lock_profiles(session: AsyncSession, customer_ids: Sequence[int]) -> dict[int, Profile]:
    """Locks registered customers, and reads what is shown of them. One whom somebody else has locked is left out."""
    rows = await _LOCK_PROFILES.list(session, customer_ids=list(customer_ids))
    found = (Profile(**dict(zip(Profile.__dataclass_fields__, row, strict=True))) for row in rows)
    return {profile.customer_id: profile for profile in found}


async def lock_profile(session: AsyncSession, customer_id: int) -> Profile:
    """Locks a registered customer like `lock_customer`, and reads what is shown of them. Raises CustomerNotFound."""
    row = await _LOCK_PROFILE.find(session, customer_id=customer_id)
    if row is None:
        raise CustomerNotFound("there is no such customer", field="user_id")
    return Profile(**dict(zip(Profile.__dataclass_fields__, row, strict=True)))


async def get_profile(session: AsyncSession, customer_id: int) -> Profile:
    """A registered customer. Raises `CustomerNotFound`, also for a prospect."""
    columns = [getattr(Customer, name) for name in Profile.__dataclass_fields__]
    statement = select(*columns).where(Customer.customer_id == customer_id, Customer.state == CUSTOMER)
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        raise CustomerNotFound("there is no such customer", field="user_id")
    return Profile(**row)


async def list_registered(session: AsyncSession, numbers: Sequence[int]) -> set[int]:
    """Which of the numbers belong to registered customers."""
    wanted = cast(bindparam("numbers", list(numbers)), ARRAY(BigInteger))
    statement = select(Customer.customer_id).where(Customer.customer_id == func.any(wanted), Customer.state == CUSTOMER)
    return set((await session.execute(statement)).scalars())
