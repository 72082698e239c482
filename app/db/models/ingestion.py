"""Imports of files, and the rows they refused."""

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import LOCAL, Base, one_of
from app.db.types import Instant


class Import(Base):
    """One file, known by its content: the same file again changes nothing."""

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
