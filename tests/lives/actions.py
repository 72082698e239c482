"""An action on a simulated loan, with its figures."""

from typing import NamedTuple

from app.domain.payments.payments import TreatAs


class Action(NamedTuple):
    """An action on a day of the loan (0 is the disbursal): its kind, and its figures (paise, days or a number).

    A change counts from `back` days before. A payment may name an instalment (0: it names none).
    """

    day: int
    kind: str
    first: int = 0
    second: int = 0
    treat_as: TreatAs = TreatAs.INSTALMENT
    back: int = 0
    instalment: int = 0
