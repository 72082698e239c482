"""What finance staff keep: versions of the chart of accounts, and periods with the balances at their ends.

These tables are sums over all customers, so they belong to no customer. The ledgers decide; the balances are kept so
that a report of a later day begins with them, and `kist reconcile` compares them with the ledgers.
"""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import LOCAL, Base, not_negative, one_of
from app.db.types import BusinessDate, Documents, Instant, Number, Paise


class ChartVersion(Base):
    """The lender's codes and names from a moment on: the accounts whose entries differ from those that Kist brings."""

    __tablename__ = "chart_versions"
    __table_args__ = (LOCAL,)

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entries: Mapped[Documents]
    made_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class BookPeriod(Base):
    """A period that one person proposed to close, and the decision of another one."""

    __tablename__ = "book_periods"
    __table_args__ = (
        one_of("status", "proposed", "closed", "rejected", "withdrawn"),
        CheckConstraint("begins_on <= ends_on", name="days_in_order"),
        CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided_has_its_time"),
        CheckConstraint("status NOT IN ('closed', 'rejected') OR checker_id <> maker_id", name="two_people"),
        Index("uq_book_periods_proposed", "status", unique=True, postgresql_where=text("status = 'proposed'")),
        Index("uq_book_periods_ends_on", "ends_on", unique=True, postgresql_where=text("status = 'closed'")),
        LOCAL,
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    begins_on: Mapped[BusinessDate]
    ends_on: Mapped[BusinessDate]
    status: Mapped[str] = mapped_column(Text)
    maker_id: Mapped[Number]
    maker: Mapped[str] = mapped_column(Text)
    made_at: Mapped[Instant]
    checker_id: Mapped[Number | None]
    checker: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[Instant | None]
    note: Mapped[str | None] = mapped_column(Text)


class BookBalance(Base):
    """What an account was debited and credited with for a product, from the first day through the end of a closed
    period. It never changes."""

    __tablename__ = "book_balances"
    __table_args__ = (
        ForeignKeyConstraint(["period"], ["book_periods.number"]),
        one_of("book", "loans", "cards"),
        not_negative("debit_paise", "credit_paise", "transfers"),
        LOCAL,
    )

    period: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    book: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    debit_paise: Mapped[Paise]
    credit_paise: Mapped[Paise]
    transfers: Mapped[int] = mapped_column(BigInteger)
