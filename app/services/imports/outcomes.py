"""What is told of an import when it ends, or pauses."""

from dataclasses import dataclass

from app.db.repositories.imports.ingestion import ImportState


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What this call made of the rows that the same file had refused before."""

    rows: int
    loaded: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of an import, in all its tries. `rows_known` were brought by earlier files. `already_loaded`: the
    file was there, and nothing was changed; `retried`: it was there, and its refused rows were tried again. `is_whole`
    is False where the time was up before the file was: the same call goes on."""

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
        """Whether no row is in the books for this call, nor was: of a retry, none of those that it tried."""
        if self.retried is not None:
            return self.retried.rows > 0 and self.retried.loaded + self.retried.known == 0
        return self.rows_loaded + self.rows_known == 0


def outcome_of(state: ImportState, *, already_loaded: bool = False) -> ImportOutcome:
    """How far an import is, in all its tries."""
    return ImportOutcome(
        import_id=state.id,
        rows_read=state.rows_read,
        rows_loaded=state.rows_loaded,
        rows_known=state.rows_known,
        rows_rejected=state.rows_rejected,
        already_loaded=already_loaded,
    )
