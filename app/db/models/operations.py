"""Proposals, which one member of staff makes and another one decides; and the scheduled tasks: how each ended last, and
whether staff paused it or requested a run.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKeyConstraint, Index, Sequence, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, LOCAL, Base, of_loan, one_of
from app.db.types import BusinessDate, Document, Instant, Number

proposal_numbers = Sequence("proposal_numbers", metadata=Base.metadata)


class Proposal(Base):
    """An action that needs two people. The proposed action never changes; the decision is written once."""

    __tablename__ = "proposals"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        of_loan(),
        ForeignKeyConstraint(["customer_id", "account_id"], ["card_accounts.customer_id", "card_accounts.id"]),
        one_of(
            "kind",
            "write_off",
            "waiver",
            "limit_override",
            "card_limit",
            "card_charge_off",
            "card_credit",
            "card_refund",
            "refund",
            "restructure",
            "top_up",
        ),
        one_of("status", "proposed", "approved", "rejected", "withdrawn"),
        CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided_has_its_time"),
        CheckConstraint("status NOT IN ('approved', 'rejected') OR checker_id <> maker_id", name="two_people"),
        # For lists across customers.
        Index("ix_proposals_number", "id"),
        Index("ix_proposals_status", "status", "id"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int | None] = mapped_column(BigInteger)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[Document]
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    maker_id: Mapped[Number]
    maker: Mapped[str] = mapped_column(Text)
    made_at: Mapped[Instant]
    made_on: Mapped[BusinessDate]
    expires_on: Mapped[BusinessDate]
    checker_id: Mapped[Number | None]
    checker: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[Instant | None]
    decided_on: Mapped[BusinessDate | None]
    note: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ScheduledTask(Base):
    """One scheduled task. Its row is made when the task first runs, or when staff first pause or request it.

    `requested_at` is set from the request until the requested run begins.
    """

    __tablename__ = "scheduled_tasks"
    __table_args__ = (one_of("last_result", "done", "failed"), LOCAL)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    paused: Mapped[bool] = mapped_column(Boolean)
    last_started_at: Mapped[Instant | None]
    last_finished_at: Mapped[Instant | None]
    last_result: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[Instant | None]
