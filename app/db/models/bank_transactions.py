"""Bank transactions of customers and prospects: the facts behind a balance score."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, Base, one_of
from app.db.types import BusinessDate, Paise


class BankTransaction(Base):
    """One row of one imported file. Two equal rows of one file may both be genuine; a row that an earlier file brought
    is not loaded again (`KnownTransaction`). A description is null where its file had no column for one."""

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


class BankStatement(Base):
    """What one import brought of one person: rows between these days, which may be further apart than the rows are.

    It says whose rows an import brought, and where equal rows of other imports have to be looked for.
    """

    __tablename__ = "bank_statements"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="days_in_order"), BUSINESS)

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.customer_id"), primary_key=True, autoincrement=False
    )
    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_on: Mapped[BusinessDate]
    last_on: Mapped[BusinessDate]


class KnownTransaction(Base):
    """A row of an imported file that an earlier import had brought: which row that was. A file meets it only once.

    `description` is what the row of the file said, where the earlier row had none and nobody had described it before:
    from then on the earlier row counts as having it.
    """

    __tablename__ = "known_transactions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "of_import_id", "of_row_number"],
            ["bank_transactions.customer_id", "bank_transactions.import_id", "bank_transactions.row_number"],
        ),
        Index(
            "ix_known_transactions_described",
            "customer_id",
            "of_import_id",
            "of_row_number",
            unique=True,
            postgresql_where=text("description IS NOT NULL"),
        ),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    of_import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    of_row_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    row_number: Mapped[int] = mapped_column(Integer)
    description: Mapped[str | None] = mapped_column(Text)
