"""Who may call: principals (customers, staff, services), their credentials, and the refresh tokens they hold."""

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import LOCAL, Base, one_of
from app.db.types import Instant, Number


class Principal(Base):
    """Somebody who can hold a token. Kept apart from customers, so that signing in needs no customer."""

    __tablename__ = "principals"
    __table_args__ = (one_of("role", "customer", "officer", "admin", "service"), LOCAL)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    customer_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    credentials_changed_at: Mapped[Instant]
    disabled_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]


class RefreshToken(Base):
    """One single-use refresh token, stored hashed; a family falls as a whole when one of it is used twice."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_family", "family"),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
        LOCAL,
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[Number] = mapped_column(ForeignKey("principals.id"), index=True)
    issued_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]
