"""The events that other programs read, and the end of their log."""

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, LOCAL, Base
from app.db.types import BusinessDate, Document, Instant, Number


class EventRow(Base):
    """One event, or several of one type, written in the transaction of what happened.

    `number` is null until the event is numbered after its commit; then the row has the numbers from `number` to
    `number + size - 1`. Nothing else of a row ever changes. `customer_id` is 0 if the row concerns no customer, or
    several.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("size > 0 AND number > 0", name="numbered_from_one"),
        Index("ix_events_unnumbered", "id", postgresql_where=text("number IS NULL")),
        Index("ix_events_number", "number", postgresql_where=text("number IS NOT NULL")),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[Number | None]
    size: Mapped[int] = mapped_column(Integer)
    type: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger)
    loan_id: Mapped[Number | None]
    at: Mapped[Instant]
    business_date: Mapped[BusinessDate]
    data: Mapped[Document]


class EventLog(Base):
    """The number of the last event that was numbered, in a single row."""

    __tablename__ = "event_log"
    __table_args__ = (CheckConstraint("id = 1 AND last_number >= 0", name="one_row"), LOCAL)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last_number: Mapped[Number]
