"""Applications for credit, and what was decided of them."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, LargeBinary, Sequence, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, one_of
from app.db.types import BusinessDate, Documents, Instant, Number, Paise, Rate

application_numbers = Sequence("application_numbers", metadata=Base.metadata)


class Application(Base):
    """One application. Every refusal keeps all its reasons, each with its code and the figures compared."""

    __tablename__ = "applications"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        ForeignKeyConstraint(["product_code", "product_version"], ["products.code", "products.version"]),
        one_of("status", "pending", "approved", "refused", "expired"),
        Index(
            "uq_applications_pending",
            "customer_id",
            "product_code",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        Index("ix_applications_fingerprint", "customer_id", "fingerprint", "created_at"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    product_code: Mapped[str] = mapped_column(Text)
    product_version: Mapped[int] = mapped_column(Integer)
    amount_paise: Mapped[Paise]
    instalments: Mapped[int] = mapped_column(SmallInteger)
    requested_rate_percent: Mapped[Rate | None]
    annual_rate_percent: Mapped[Rate | None]
    purpose: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(Text)
    reasons: Mapped[Documents]
    score_id: Mapped[Number | None]
    loan_id: Mapped[Number | None]
    applied_on: Mapped[BusinessDate]
    expires_on: Mapped[BusinessDate | None]
    decided_on: Mapped[BusinessDate | None]
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)
