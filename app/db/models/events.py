"""The events that other programs read, the end of their log, and the webhooks that bring them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import LOCAL, Base, one_of
from app.db.types import BusinessDate, Document, Instant, Number

webhook_numbers = Sequence("webhook_numbers", metadata=Base.metadata)


class EventRow(Base):
    """One event, or several of one type, written in the transaction of what happened.

    `number` is null until the event is numbered after its commit; then the row has the numbers from `number` to
    `number + size - 1`. Nothing else of a row ever changes. `customer_id` is 0 if the row concerns no customer, or
    several. `traceparent` is the trace that it belongs to, if there was one.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("size > 0 AND number > 0", name="numbered_from_one"),
        Index("ix_events_unnumbered", "id", postgresql_where=text("number IS NULL")),
        Index("ix_events_number", "number", postgresql_where=text("number IS NOT NULL")),
        LOCAL,
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
    traceparent: Mapped[str | None] = mapped_column(Text)


class EventLog(Base):
    """The number of the last event that was numbered, in a single row."""

    __tablename__ = "event_log"
    __table_args__ = (CheckConstraint("id = 1 AND last_number >= 0", name="one_row"), LOCAL)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last_number: Mapped[Number]


class WebhookEndpoint(Base):
    """An address that events are sent to. It has had the events up to `after_number`, or they wait in its deliveries.

    `types` is empty for all types. The secrets are encrypted. `failures` counts the attempts since the endpoint last
    answered; it is left alone until `resting_until`. A removed endpoint keeps its row, because deliveries name it.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        one_of("status", "active", "paused", "removed"),
        CheckConstraint("after_number >= 0 AND failures >= 0", name="not_negative"),
        LOCAL,
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(Text)
    after_number: Mapped[Number]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    key_version: Mapped[int] = mapped_column(SmallInteger)
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_key_version: Mapped[int | None] = mapped_column(SmallInteger)
    old_until: Mapped[Instant | None]
    failures: Mapped[int] = mapped_column(Integer)
    resting_until: Mapped[Instant | None]
    created_at: Mapped[Instant]
    created_by: Mapped[str] = mapped_column(Text)


class WebhookDelivery(Base):
    """One event for one endpoint. `due_since` is when it was first to be sent; deliveries of one lane are sent in
    order."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        one_of("status", "waiting", "delivered", "dead"),
        CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_its_time"),
        Index(
            "ix_webhook_deliveries_lane", "endpoint_id", "lane", "number", postgresql_where=text("status = 'waiting'")
        ),
        Index("ix_webhook_deliveries_status", "endpoint_id", "status", "number"),
        Index("ix_webhook_deliveries_done", "delivered_at", postgresql_where=text("delivered_at IS NOT NULL")),
        LOCAL,
    )

    endpoint_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhook_endpoints.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lane: Mapped[Number]
    status: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    due_since: Mapped[Instant]
    last_attempt_at: Mapped[Instant | None]
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_error: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[Instant | None]


class WebhookLane(Base):
    """A loan (or a customer) with deliveries that wait at an endpoint. One worker at a time holds a lane, under a
    lease. `revision` counts what was added, so that a lane is removed only if nothing was added meanwhile."""

    __tablename__ = "webhook_lanes"
    __table_args__ = (Index("ix_webhook_lanes_due", "endpoint_id", "due_at"), LOCAL)

    endpoint_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhook_endpoints.id"), primary_key=True)
    lane: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[Instant]
    claimed_by: Mapped[str | None] = mapped_column(Text)
    leased_until: Mapped[Instant | None]
