"""The work list: cases, promises to pay, the diary, saved views, and which day-ends the list has followed.

An officer is the number of a staff account. There is no foreign key, because accounts of staff are not stored with a
customer.
"""

from datetime import date

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Sequence,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, LOCAL, Base, not_negative, one_of
from app.db.types import BusinessDate, Document, Instant, Number, NumberList, Paise

promise_numbers = Sequence("promise_numbers", metadata=Base.metadata)
entry_numbers = Sequence("collection_entry_numbers", metadata=Base.metadata)

_IS_OPEN = text("closed_on IS NULL")
_HAS_OFFICER = text("officer_id IS NOT NULL")


def _of_open(name: str, *columns: str) -> Index:
    """An index of open cases. It ends with the key, so that a page begins after any row."""
    return Index(
        f"ix_collection_cases_{name}", *columns, "customer_id", "kind", "facility_id", postgresql_where=_IS_OPEN
    )


class CollectionCase(Base):
    """A loan or a card that is past due (`closed_on` is null), or was. The figures are those of the latest day-end that
    changed them. `promise` and what follows are a copy of the latest promise and contact, for lists."""

    __tablename__ = "collection_cases"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        one_of("kind", "loan", "card"),
        one_of("promise", "open", "kept", "broken", "withdrawn"),
        one_of("next_action", "call", "visit", "message", "letter", "legal_notice", "field_agency", "wait"),
        not_negative("overdue_paise"),
        CheckConstraint("(next_action IS NULL) = (next_action_on IS NULL)", name="action_has_its_day"),
        _of_open("days", "oldest_due_on"),
        _of_open("amount", "overdue_paise"),
        _of_open("class_days", "asset_class", "oldest_due_on"),
        _of_open("class_amount", "asset_class", "overdue_paise"),
        _of_open("officer_days", "officer_id", "oldest_due_on"),
        _of_open("officer_amount", "officer_id", "overdue_paise"),
        _of_open("action", "next_action_on"),
        Index("ix_collection_cases_officer", "officer_id", "customer_id", postgresql_where=_HAS_OFFICER),
        _of_open("officer_action", "officer_id", "next_action_on"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    opened_on: Mapped[BusinessDate]
    closed_on: Mapped[BusinessDate | None]
    oldest_due_on: Mapped[BusinessDate]
    asset_class: Mapped[str] = mapped_column(Text)
    overdue_paise: Mapped[Paise]
    officer_id: Mapped[Number | None]
    assigned_at: Mapped[Instant | None]
    next_action: Mapped[str | None] = mapped_column(Text)
    next_action_on: Mapped[BusinessDate | None]
    promise: Mapped[str | None] = mapped_column(Text)
    promised_paise: Mapped[Paise | None]
    promised_for: Mapped[BusinessDate | None]
    contacted_at: Mapped[Instant | None]


class CollectionPromise(Base):
    """A promise to pay. The daily run writes its status, which follows from the payments."""

    __tablename__ = "collection_promises"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        one_of("kind", "loan", "card"),
        one_of("status", "open", "kept", "broken", "withdrawn"),
        CheckConstraint("amount_paise > 0", name="amount_positive"),
        CheckConstraint("paid_paise BETWEEN 0 AND amount_paise", name="paid_within_amount"),
        CheckConstraint("(status = 'kept') = (kept_on IS NOT NULL)", name="kept_has_its_day"),
        Index("ix_collection_promises_facility", "customer_id", "kind", "facility_id", "id"),
        Index("ix_collection_promises_by_day", "pay_by", "customer_id", "id"),
        Index("ix_collection_promises_status", "status", "pay_by", "customer_id", "id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    facility_id: Mapped[int] = mapped_column(BigInteger)
    amount_paise: Mapped[Paise]
    pay_by: Mapped[BusinessDate]
    made_on: Mapped[BusinessDate]
    made_at: Mapped[Instant]
    status: Mapped[str] = mapped_column(Text)
    paid_paise: Mapped[Paise]
    kept_on: Mapped[BusinessDate | None]
    status_on: Mapped[BusinessDate]
    actor: Mapped[str] = mapped_column(Text)


class CollectionEntry(Base):
    """One entry of a customer's diary: a note, an attempt to contact them, a promise and what became of it, a change of
    officer or of what is planned. It never changes. Without a facility it concerns the customer.

    `happened_at` is the time of an attempt, and otherwise `written_at`. `details` holds no personal data.
    """

    __tablename__ = "collection_entries"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        one_of(
            "entry", "note", "attempt", "promise_made", "promise_kept", "promise_broken", "promise_reopened",
            "promise_withdrawn", "assigned", "planned",
        ),
        one_of("kind", "loan", "card"),
        CheckConstraint("(kind IS NULL) = (facility_id IS NULL)", name="facility_has_its_kind"),
        Index("ix_collection_entries_facility", "customer_id", "kind", "facility_id", "id"),
        BUSINESS,
    )  # fmt: skip

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str | None] = mapped_column(Text)
    facility_id: Mapped[Number | None]
    entry: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    details: Mapped[Document]
    happened_at: Mapped[Instant]
    written_at: Mapped[Instant]
    written_on: Mapped[BusinessDate]
    actor: Mapped[str] = mapped_column(Text)


class CollectionView(Base):
    """A filter and an order of the work list, under a name of its owner."""

    __tablename__ = "collection_views"
    __table_args__ = (UniqueConstraint("owner_id", "name"), LOCAL)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    owner_id: Mapped[Number] = mapped_column(ForeignKey("user_accounts.id"))
    name: Mapped[str] = mapped_column(Text)
    is_shared: Mapped[bool] = mapped_column(Boolean)
    sort: Mapped[str] = mapped_column(Text)
    filters: Mapped[Document]
    saved_at: Mapped[Instant]


class CollectionDay(Base):
    """A day-end that the work list follows, or has followed (`finished_at`). `ran_on` is the business date on which it
    began: payments that were entered before it are known to every verdict."""

    __tablename__ = "collection_days"
    __table_args__ = (LOCAL,)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    ran_on: Mapped[BusinessDate]
    cases: Mapped[Number]
    verdicts: Mapped[Number]
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class CollectionDayRange(Base):
    """Some customers whose cases and promises are followed at a day-end; `cases` is null until they are.

    The rows go when the day-end is followed."""

    __tablename__ = "collection_day_ranges"
    __table_args__ = (LOCAL,)

    day: Mapped[date] = mapped_column(Date, ForeignKey("collection_days.day"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    customer_ids: Mapped[NumberList]
    cases: Mapped[int | None] = mapped_column(Integer)
    verdicts: Mapped[int | None] = mapped_column(Integer)
