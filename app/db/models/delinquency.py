"""Classes of facilities: the history of changes, the present states, what other facilities report, closed day-ends.

A facility is a loan or a card of a customer: its kind and its number.
"""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, Text, false, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, LOCAL, Base, not_negative, of_loan, one_of
from app.db.types import BusinessDate, Dates, Instant, Number, NumberList, Paise


class DelinquencyChange(Base):
    """One change of a facility's class or of its oldest unpaid instalment, at a day-end.

    It is never changed, except that a correction ends it: it was believed from `known_from` until the day before
    `known_until`. `class_after` is null when the facility leaves the books.
    """

    __tablename__ = "delinquency_changes"
    __table_args__ = (
        CheckConstraint("known_until >= known_from", name="known_in_order"),
        Index("ix_delinquency_changes_changed_on", "changed_on", "customer_id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    changed_on: Mapped[BusinessDate]
    class_before: Mapped[str | None] = mapped_column(Text)
    class_after: Mapped[str | None] = mapped_column(Text)
    oldest_due_on: Mapped[BusinessDate | None]
    oldest_cycle: Mapped[int | None] = mapped_column(SmallInteger)
    non_performing_since: Mapped[BusinessDate | None]
    by_kind: Mapped[str | None] = mapped_column(Text)
    by_facility_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    cycle: Mapped[int | None] = mapped_column(SmallInteger)
    known_from: Mapped[BusinessDate]
    known_until: Mapped[BusinessDate | None]


class Delinquency(Base):
    """The present state of a facility that is not standard: a copy of its latest change, which a day-end starts from.

    `suspended_paise` is the interest that is in suspense.
    """

    __tablename__ = "delinquencies"
    __table_args__ = (not_negative("suspended_paise"), BUSINESS)

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    asset_class: Mapped[str] = mapped_column(Text)
    oldest_due_on: Mapped[BusinessDate | None]
    oldest_cycle: Mapped[int | None] = mapped_column(SmallInteger)
    non_performing_since: Mapped[BusinessDate | None]
    by_kind: Mapped[str | None] = mapped_column(Text)
    by_facility_id: Mapped[int | None] = mapped_column(BigInteger)
    suspended_paise: Mapped[Paise] = mapped_column(server_default=text("0"))


class ReportedFacility(Base):
    """The arrears of a facility that is not a loan, as its own books report them: one row a version.

    Element k of each array is one unpaid or late-paid demand. A new version ends the one before it.
    """

    __tablename__ = "reported_facilities"
    __table_args__ = (
        CheckConstraint(
            "cardinality(cycles) = cardinality(due_on) AND cardinality(cycles) = cardinality(cleared_on)",
            name="same_length",
        ),
        Index(
            "uq_reported_facilities_present",
            "customer_id",
            "kind",
            "facility_id",
            unique=True,
            postgresql_where=text("known_until IS NULL"),
        ),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    opened_on: Mapped[BusinessDate]
    closed_on: Mapped[BusinessDate | None]
    lost_on: Mapped[BusinessDate | None]
    cycles: Mapped[NumberList]
    due_on: Mapped[Dates]
    cleared_on: Mapped[list[date | None]] = mapped_column(ARRAY(Date))
    known_from: Mapped[BusinessDate]
    known_until: Mapped[BusinessDate | None]


class DayEnd(Base):
    """A day-end that is judged, or is being judged while `finished_at` is null. `after` is the one before it.

    When all borrowers are judged, interest goes into suspense or out of it (`posts_suspense`).
    """

    __tablename__ = "day_ends"
    __table_args__ = (LOCAL,)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    after: Mapped[BusinessDate | None]
    facilities: Mapped[Number]
    changes: Mapped[Number]
    posts_suspense: Mapped[bool] = mapped_column(server_default=false())
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class DayEndRange(Base):
    """Some customers whose facilities are still to be judged at a day-end. The row goes when they are.

    With `loan_ids`, one for each customer, interest of these loans is to be moved into suspense or out of it.
    """

    __tablename__ = "day_end_ranges"
    __table_args__ = (LOCAL,)

    day: Mapped[date] = mapped_column(Date, ForeignKey("day_ends.day"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    customer_ids: Mapped[NumberList]
    loan_ids: Mapped[NumberList | None]


class BureauFile(Base):
    """What credit bureaus were told as on a day: everything, or what changed since the file before (`since`).

    Customers up to `after_customer_id` are in the file; the others are still to come while `finished_at` is null.
    """

    __tablename__ = "bureau_files"
    __table_args__ = (one_of("kind", "full", "incremental"), LOCAL)

    as_on: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    since: Mapped[BusinessDate | None]
    known_on: Mapped[BusinessDate]
    records: Mapped[Number]
    after_customer_id: Mapped[Number]
    made_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    actor: Mapped[str] = mapped_column(Text)


class BureauRecord(Base):
    """One line of a file to credit bureaus, as it was given. It never changes."""

    __tablename__ = "bureau_records"
    __table_args__ = (of_loan(), Index("ix_bureau_records_as_on", "as_on", "customer_id", "loan_id"), BUSINESS)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    as_on: Mapped[date] = mapped_column(Date, primary_key=True)
    line: Mapped[str] = mapped_column(Text)
