"""An event before it is written: what happened, to whose loan, and the object as it then was.

`data` is the object as a client sees it: public ids, dates as text, and amounts in paise under names that end in
`_paise`. It never holds an identity number. Many events of one type that one transaction causes are one batch: a row of
the database for each of them would cost more than what it tells of. The bills of a range are an `EventBatch`, and
changes of classes a `ClassBatch`. A batch names rows that never change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from app.domain.events.catalog import VERSIONS, EventType

#: The customer of events that concern no customer. Numbers of customers begin at 1.
NOBODY: Final = 0


class Happened(NamedTuple):
    """One event. A range of a run makes thousands, and a dataclass takes four times as long."""

    type: EventType
    data: Mapping[str, Any]
    customer_id: int = NOBODY
    loan_id: int | None = None

    @property
    def size(self) -> int:
        return 1

    @property
    def version(self) -> int:
        return VERSIONS[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """Events of one type about bills, as columns: element k of each column belongs to event k.

    `figures` holds what is not on the bill itself, such as the amount that was unpaid at that moment.
    """

    type: EventType
    customers: Sequence[int]
    loans: Sequence[int]
    cycles: Sequence[int]
    figures: Mapping[str, Sequence[int]]
    customer_id: int = NOBODY
    loan_id: int | None = None

    @property
    def size(self) -> int:
        return len(self.loans)

    @property
    def version(self) -> int:
        return VERSIONS[self.type]

    @property
    def data(self) -> Mapping[str, Any]:
        """The columns, as they are stored."""
        return {"customers": self.customers, "loans": self.loans, "cycles": self.cycles, "figures": self.figures}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassBatch:
    """Events of one type about changes of classes, as columns: the customer, the facility and the number of a change
    among those of its facility. The type says of what kind the facilities are."""

    type: EventType
    customers: Sequence[int]
    facilities: Sequence[int]
    numbers: Sequence[int]
    customer_id: int = NOBODY
    loan_id: int | None = None

    @property
    def size(self) -> int:
        return len(self.customers)

    @property
    def version(self) -> int:
        return VERSIONS[self.type]

    @property
    def data(self) -> Mapping[str, Any]:
        """The columns, as they are stored."""
        return {"customers": self.customers, "facilities": self.facilities, "numbers": self.numbers}


Event = Happened | EventBatch | ClassBatch


def instant(at: datetime) -> str:
    """An instant in UTC as text."""
    return at.isoformat().replace("+00:00", "Z")


def lane_of(*, customer_id: int, loan_id: int | None) -> int:
    """Events with one lane are delivered in their order: the number of the loan; without a loan, that of the customer,
    negative; 0 for events that concern no customer."""
    return loan_id if loan_id is not None else -customer_id
