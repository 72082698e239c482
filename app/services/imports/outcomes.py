"""The result of an import when it ends or pauses."""

from dataclasses import dataclass
from datetime import timedelta

from app.db.repositories.imports import ingestion as repository
from app.db.repositories.imports.ingestion import ImportProgress, ImportState
from app.domain.events.catalog import EventType
from app.domain.events.happened import Happened, instant
from app.services.events.publishing import publish
from app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """The result of trying the refused rows of a file again: how many were tried, loaded, or known already."""

    rows: int
    loaded: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """The result of an import, over all its attempts. `rows_known` were loaded by earlier files. `already_loaded`: the
    file was imported before, and nothing was changed. `retried`: it was imported before, and its refused rows were
    tried again. `is_whole` is False if the time was up before the end of the file; the same call continues."""

    import_id: int
    rows_read: int
    rows_loaded: int
    rows_known: int
    rows_rejected: int
    already_loaded: bool = False
    retried: Retried | None = None
    is_whole: bool = True
    scores_asked: int = 0

    @property
    def is_retry(self) -> bool:
        return self.retried is not None

    @property
    def has_brought_nothing(self) -> bool:
        """Whether no row of the file is in the books; for a retry, none of the rows that it tried."""
        if self.retried is not None:
            return self.retried.rows > 0 and self.retried.loaded + self.retried.known == 0
        return self.rows_loaded + self.rows_known == 0


def outcome_of(state: ImportState, *, already_loaded: bool = False) -> ImportOutcome:
    """The result of an import so far, over all its attempts."""
    return ImportOutcome(
        import_id=state.id,
        rows_read=state.rows_read,
        rows_loaded=state.rows_loaded,
        rows_known=state.rows_known,
        rows_rejected=state.rows_rejected,
        already_loaded=already_loaded,
    )


async def announce_end(
    uow: UnitOfWork, state: ImportState | ImportProgress, *, outcome: str, reason: str | None = None
) -> None:
    """Logs how an import ended, and how long after its file arrived; and tells other programs."""
    uow.log_after_commit(
        "import ended",
        import_id=state.id,
        outcome=outcome,
        reason=reason,
        milliseconds=(uow.now - state.started_at) // timedelta(milliseconds=1),
        rows_read=state.rows_read,
        rows_loaded=state.rows_loaded,
        rows_known=state.rows_known,
        rows_rejected=state.rows_rejected,
    )
    await publish(uow, _ended(await repository.get_import(uow.session, state.id), outcome=outcome))


def _ended(found: ImportProgress, *, outcome: str) -> Happened:
    data = {
        "import_id": found.id,
        "kind": found.kind,
        "file_name": found.file_name,
        "status": found.status,
        "rows_read": found.rows_read,
        "rows_loaded": found.rows_loaded,
        "rows_known": found.rows_known,
        "rows_rejected": found.rows_rejected,
        "failure": found.failure,
        "started_at": instant(found.started_at),
        "finished_at": found.finished_at and instant(found.finished_at),
    }
    return Happened(type=EventType(f"import.{outcome}"), data=data)
