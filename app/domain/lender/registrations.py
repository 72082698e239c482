"""Where the lender is registered for GST: the state from which it supplies, on a day.

The GSTIN of the profile in force names it, in its first two digits. The setting only stands in for a profile that has
no GSTIN. Both may be there, and should agree. Source: rule 10 of the CGST Rules, 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.lender.profiles import LenderVersion

#: The digits of a GSTIN that name the state.
_STATE_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The states of registration: (first day, state) of each version of the profile, None for one without a GSTIN,
    oldest first; and the state of the setting."""

    versions: Sequence[tuple[date, str | None]]
    setting: str | None

    def state_on(self, day: date) -> str | None:
        """The state on a day; None where nothing names one. Before the first profile, it is the setting's, or that of
        the first profile that names one."""
        begun = [state for from_on, state in self.versions if from_on <= day]
        in_force = begun[-1] if begun else None
        first = next((state for _, state in self.versions if state is not None), None)
        return in_force or self.setting or first

    def contradicts(self, day: date) -> bool:
        """Whether the profile of a day and the setting name two states."""
        return self.setting is not None and self.state_on(day) != self.setting


def registration_of(versions: Sequence[LenderVersion], *, setting: str | None) -> Registration:
    """The registration that the versions of a profile and the setting say."""
    oldest_first = sorted(versions, key=lambda version: version.version)
    return Registration(
        versions=[(version.effective_from, _state(version.profile.gstin)) for version in oldest_first],
        setting=setting,
    )


def _state(gstin: str | None) -> str | None:
    return None if gstin is None else gstin[:_STATE_DIGITS]
