"""The lender's profile, which has versions."""

from sqlalchemy import Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import REFERENCE, Base
from app.db.types import BusinessDate, Document, Instant


class LenderProfile(Base):
    """One version of what papers say about the lender. It never changes: a paper of a past day shows the version that
    was in force."""

    __tablename__ = "lender_profiles"
    __table_args__ = (REFERENCE,)

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effective_from: Mapped[BusinessDate]
    details: Mapped[Document]
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)
