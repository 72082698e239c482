"""The result of an import when it ends or pauses."""

from dataclasses import dataclass

from app.db.repositories.imports.ingestion import ImportState


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
