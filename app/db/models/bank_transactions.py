"""Bank transactions of customers and prospects: the facts behind a balance score."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, one_of
from app.db.types import BusinessDate, Paise


class BankTransaction(Base):
    """One row of one imported file. Two equal rows of a file may both be genuine; one row is loaded once."""

    __tablename__ = "bank_transactions"
    __table_args__ = (
        one_of("direction", "CREDIT", "DEBIT"),
        CheckConstraint("amount_paise > 0", name="amount_positive"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    row_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    transacted_on: Mapped[BusinessDate]
    direction: Mapped[str] = mapped_column(Text)
    amount_paise: Mapped[Paise]
    description: Mapped[str | None] = mapped_column(Text)
