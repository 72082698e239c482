"""Imports of files and the rows they refused, and the bank transactions of customers and prospects: the facts behind
a balance score.
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
    """One file, known by its content. The same file again changes nothing, or tries the rows again that it refused."""

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
    # Rows that earlier files had brought.
    rows_known: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    # From the second attempt on, an import is about the rows that it refused before.
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))
    # By which rules its rows were read.
    rules: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    # How far through the file the rows are; null for imports from before this was kept.
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    bytes_read: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    actor: Mapped[str] = mapped_column(Text)


class ImportChunk(Base):
    """A piece of an uploaded file, for as long as it waits to be loaded.

    In the database, because the database is all that an API and a worker on two machines have in common.
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
    """Whose turn it is to write rows of a kind: one block at a time, so that each sees what the others wrote."""

    __tablename__ = "import_turns"
    __table_args__ = (LOCAL,)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    turns: Mapped[int] = mapped_column(BigInteger)


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
