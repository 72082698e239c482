"""Imports of files, the rows that they refused, and the bank transactions of customers and prospects, from which the
balance score is computed.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, LOCAL, Base, one_of
from app.db.types import BusinessDate, Instant, Paise


class Import(Base):
    """One file, identified by its content. The same file again changes nothing, or retries its refused rows."""

    __tablename__ = "imports"
    __table_args__ = (
        one_of("kind", "customers", "loans", "transactions"),
        one_of("status", "queued", "running", "finished", "failed"),
        Index("uq_imports_content", "kind", "content_hash", unique=True),
        LOCAL,
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    file_name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    rows_read: Mapped[int] = mapped_column(BigInteger)
    rows_loaded: Mapped[int] = mapped_column(BigInteger)
    rows_rejected: Mapped[int] = mapped_column(BigInteger)
    # Rows that earlier files already contained.
    rows_known: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    # From the second attempt on, an import only retries the rows that it refused before.
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))
    # The version of the rules by which its rows were read.
    rules: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    # The file's size and how much of it was read; null for old imports, which did not store this.
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    bytes_read: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    actor: Mapped[str] = mapped_column(Text)


class ImportChunk(Base):
    """A piece of an uploaded file, kept until the file is loaded.

    It is in the database, because an API and a worker on two machines share nothing else.
    """

    __tablename__ = "import_chunks"
    __table_args__ = (LOCAL,)

    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("imports.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportReject(Base):
    """A row that was not loaded: its number in the file, a code, and a reason without the row's values."""

    __tablename__ = "import_rejects"
    __table_args__ = (LOCAL,)

    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("imports.id"), primary_key=True, autoincrement=False)
    row_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class ImportTurn(Base):
    """A lock for each kind: imports write one block at a time, so that each sees what the others wrote."""

    __tablename__ = "import_turns"
    __table_args__ = (LOCAL,)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    turns: Mapped[int] = mapped_column(BigInteger)


class BankTransaction(Base):
    """One row of one imported file. Two equal rows of one file may both be genuine. A row that an earlier file has is
    not loaded again (`KnownTransaction`). `description` is null if the file has no such column."""

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
    """States that one import has rows of one customer between these days. The days may be wider than the rows' own.

    It shows whose rows an import contains, and in which imports equal rows must be searched for.
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
    """A row of an imported file that equals a row of an earlier import, with a reference to that row. Of one file only
    one row can refer to it.

    `description` is set if the earlier row had none and no other file had described it. From then on the earlier row
    counts as having this description.
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
