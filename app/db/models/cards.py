"""Virtual cards. They have no card number: a token identifies the card, and four digits are shown for it."""

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, of_loan, one_of
from app.db.types import BusinessDate, Instant


class Card(Base):
    """The card of a loan. `expires_on` is the last day of its last month. `blocked_by` is the actor's label."""

    __tablename__ = "cards"
    __table_args__ = (
        of_loan(),
        one_of("status", "active", "blocked"),
        CheckConstraint("last_four ~ '^[0-9]{4}$'", name="last_four_digits"),
        CheckConstraint("(status = 'blocked') = (blocked_on IS NOT NULL)", name="blocked_has_its_day"),
        Index("uq_cards_loan", "customer_id", "loan_id", unique=True),
        # Staff look a card up by its token alone. The token is so long that no two cards share one.
        Index("ix_cards_token", "token"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(Text, primary_key=True)
    loan_id: Mapped[int] = mapped_column(BigInteger)
    last_four: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[BusinessDate]
    expires_on: Mapped[BusinessDate]
    blocked_on: Mapped[BusinessDate | None]
    blocked_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)
