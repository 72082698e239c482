"""The schedule as rows: what each tick of the workers did last, and what staff asked of it."""

from sqlalchemy import Boolean, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import LOCAL, Base, one_of
from app.db.types import Instant


class ScheduledTask(Base):
    """One task of the schedule. A row appears when the task first runs, or when somebody first asks something of it.

    `requested_at` is set while a run that was asked for has not begun.
    """

    __tablename__ = "scheduled_tasks"
    __table_args__ = (one_of("last_result", "done", "failed"), LOCAL)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    paused: Mapped[bool] = mapped_column(Boolean)
    last_started_at: Mapped[Instant | None]
    last_finished_at: Mapped[Instant | None]
    last_result: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[Instant | None]
