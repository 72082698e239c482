"""Loans of other lenders, as files told us of them: facts about a customer, never books of ours."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, not_negative
from app.db.types import BusinessDate, Number, Paise, Rate


class ExternalLoan(Base):
    """One imported loan, as it was told. It has no ledger and is never billed.

    Its number is from the same sequence as ours, so that a number is one loan whoever made it. The id that the file
    gives is unique within a customer only: real files give the same id to loans of two people.
    """

    __tablename__ = "external_loans"
    __table_args__ = (
        not_negative("annual_rate_percent", "paid_on_time"),
        CheckConstraint("amount_paise > 0 AND instalment_paise > 0 AND tenure > 0", name="figures_positive"),
        CheckConstraint("ends_on >= approved_on", name="ends_after_approval"),
        Index("uq_external_loans_external_id", "customer_id", "external_id", unique=True),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    external_id: Mapped[str] = mapped_column(Text)
    amount_paise: Mapped[Paise]
    tenure: Mapped[int] = mapped_column(SmallInteger)
    annual_rate_percent: Mapped[Rate]
    instalment_paise: Mapped[Paise]
    paid_on_time: Mapped[int] = mapped_column(SmallInteger)
    approved_on: Mapped[BusinessDate]
    ends_on: Mapped[BusinessDate]
    import_id: Mapped[Number]
    row_number: Mapped[int] = mapped_column(Integer)
