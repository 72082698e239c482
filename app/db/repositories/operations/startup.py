"""The rights of the database role with which we connect, for the start-up checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

#: Rows of these tables are never changed.
WRITTEN_ONCE: Final = (
    "transfers", "schedules", "credit_scores", "products", "scorecards", "bank_transactions", "external_loans",
    "audit_events", "audit_seals", "concessions", "gst_documents", "card_gst_documents", "refunds",
    "known_transactions",
)  # fmt: skip
#: Of these tables only some columns change: the cache of what is unpaid of a bill, the reversal of a payment, and the
#: time when a key was retired.
CHANGING_COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "bills": frozenset(
        {
            "unpaid_charges_paise", "unpaid_interest_paise", "unpaid_principal_paise", "returned_paise", "closed_on",
            "settled_on",
        }
    ),
    "events": frozenset({"number"}),
    "payments": frozenset({"reversed_on", "reversal_reason"}),
    "loan_charges": frozenset({"taken_back_on", "taken_back_reason"}),
    "key_checks": frozenset({"retired_at"}),
}  # fmt: skip

ROLE = text("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
OWNED = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    " AND pg_has_role(current_user, relowner, 'MEMBER') ORDER BY relname"
)
DELETING = text(
    "SELECT relname || ': ' || right_name FROM pg_class, unnest(ARRAY['DELETE', 'TRUNCATE']) AS right_name"
    " WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables) AND has_table_privilege(oid, right_name)"
    " ORDER BY 1"
)
UPDATING = text(
    "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
    " WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables) AND attnum > 0 AND NOT attisdropped"
    " AND has_column_privilege(pg_class.oid, attnum, 'UPDATE') ORDER BY relname, attnum"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """Our database role, and the rights that it has but must not have."""

    name: str
    is_superuser: bool
    owned_tables: tuple[str, ...]
    needless_rights: tuple[str, ...]


async def get_role_facts(session: AsyncSession) -> RoleFacts:
    name, is_superuser = (await session.execute(ROLE)).one()
    tables = [*WRITTEN_ONCE, *CHANGING_COLUMNS]
    deleting = (await session.execute(DELETING, {"tables": tables})).scalars().all()
    updating = (await session.execute(UPDATING, {"tables": tables})).all()
    return RoleFacts(
        name=name,
        is_superuser=is_superuser,
        owned_tables=tuple((await session.execute(OWNED)).scalars()),
        needless_rights=(
            *deleting,
            *(f"{table}: UPDATE of {column}" for table, column in updating if not _changes(table, column)),
        ),
    )


def _changes(table: str, column: str) -> bool:
    return column in CHANGING_COLUMNS.get(table, frozenset())
