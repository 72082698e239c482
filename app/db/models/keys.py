"""Check values of the keys under which the books are written: no key stands here, and none can be found from it."""

from sqlalchemy import LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import LOCAL, Base, one_of
from app.db.types import Instant


class KeyCheck(Base):
    """One key, told by a check value. `retired_at` is set when nothing is sealed under it any longer."""

    __tablename__ = "key_checks"
    __table_args__ = (one_of("key", "aadhaar_key", "aadhaar_index_key", "audit_key"), LOCAL)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    noted_at: Mapped[Instant]
    retired_at: Mapped[Instant | None]
