"""Products, scorecards and calendars. Products and scorecards have versions."""

from sqlalchemy import Date, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import REFERENCE, Base
from app.db.types import BusinessDate, Document, Instant, Rate


class Product(Base):
    """One version of a product's terms. It never changes, because loans refer to the version they were made with."""

    __tablename__ = "products"
    __table_args__ = (REFERENCE,)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    terms: Mapped[Document]
    offered_from: Mapped[BusinessDate]
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class Scorecard(Base):
    """One version of a scorecard, with its parameters. Scores of different scorecards are never compared."""

    __tablename__ = "scorecards"
    __table_args__ = (REFERENCE,)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    parameters: Mapped[Document]
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)


class Holiday(Base):
    """A day on which no payment falls due, in a named calendar."""

    __tablename__ = "holidays"
    __table_args__ = (REFERENCE,)

    calendar: Mapped[str] = mapped_column(Text, primary_key=True)
    on: Mapped[BusinessDate] = mapped_column(Date, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Benchmark(Base):
    """The rate of a benchmark from a day on, in percent a year. It never changes: a later day has another row."""

    __tablename__ = "benchmarks"
    __table_args__ = (REFERENCE,)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    from_on: Mapped[BusinessDate] = mapped_column(Date, primary_key=True, autoincrement=False)
    rate_percent: Mapped[Rate]
    created_at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(Text)
