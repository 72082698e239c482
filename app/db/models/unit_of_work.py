"""The tables that all capabilities use: the business clock, idempotency keys, the outbox, the audit trail and seals."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import LOCAL, Base
from app.db.types import BusinessDate, Document, Instant, Number


class BusinessClock(Base):
    """The current business date, in a single row. `held` is true after an administrator set the date (never in
    production). The date only moves forward. The books are closed through `closed_through`."""

    __tablename__ = "business_clock"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("closed_through < business_date", name="closed_days_are_over"),
        LOCAL,
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    business_date: Mapped[BusinessDate]
    held: Mapped[bool] = mapped_column(Boolean)
    closed_through: Mapped[BusinessDate | None]


class IdempotencyKey(Base):
    """The first answer to a request with an Idempotency-Key, written in the transaction of its change."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created", "created_at"), LOCAL)

    caller: Mapped[str] = mapped_column(Text, primary_key=True)
    route: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status_code: Mapped[int | None] = mapped_column(SmallInteger)
    answer: Mapped[Document | None]
    created_at: Mapped[Instant]


class OutboxRow(Base):
    """A job to run, written in the transaction of the change that needs it. The queue holds only its number."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_undone", "due_at", postgresql_where=text("done_at IS NULL")),
        Index("ix_outbox_done", "done_at", postgresql_where=text("done_at IS NOT NULL")),
        Index("uq_outbox_key", "job", "key", unique=True, postgresql_where=text("done_at IS NULL")),
        LOCAL,
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    job: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    payload: Mapped[Document]
    created_at: Mapped[Instant]
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(Integer)
    last_error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[Instant | None]
    traceparent: Mapped[str | None] = mapped_column(Text)


class AuditEvent(Base):
    """Who did what to which object, when and from where. It is written in the transaction of the action."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_object", "object_kind", "object_id"), LOCAL)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[Number | None]
    request_id: Mapped[str | None] = mapped_column(Text)
    details: Mapped[Document]
    client_address: Mapped[str | None] = mapped_column(Text)


class AuditSeal(Base):
    """One seal in the chain over the audit trail (`app/domain/operations/audit.py`).

    Its number is the primary key, so two workers cannot write the same seal.
    """

    __tablename__ = "audit_seals"
    __table_args__ = (CheckConstraint("events > 0 AND first_id <= last_id", name="on_something"), LOCAL)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_id: Mapped[Number]
    last_id: Mapped[Number]
    events: Mapped[int] = mapped_column(Integer)
    sealed_at: Mapped[Instant]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
