"""The charges of a loan as its ledger has them: what for, when, how much, with which tax, and whether taken back.

A charge is one transfer to income (or to a third party), followed by the transfer of its tax if it has one. The fees of
the disbursal have their names beside the ledger, in the same order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from app.domain.lending.ledger import Account, Kind, Transfer

#: The kinds of transfers that are charges.
CHARGES: Final = (
    Kind.FEE, Kind.CHARGE, Kind.PENAL_CHARGE, Kind.BOUNCE_CHARGE, Kind.SERVICE_CHARGE, Kind.PREPAYMENT_CHARGE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedLine:
    """A charge of a loan, in paise. `number` is that of its first transfer. `caused_by` is the payment or the charge
    for an event that it belongs to; `cycle` the bill of a late or penal charge."""

    number: int
    kind: Kind
    name: str | None
    on: date
    booked_on: date
    amount_paise: int
    tax_paise: int
    cycle: int | None
    caused_by: int | None
    taken_back_on: date | None

    @property
    def charge_id(self) -> int | None:
        """The number by which it can be taken back; only a charge for an event has one."""
        return self.caused_by if self.kind in (Kind.BOUNCE_CHARGE, Kind.SERVICE_CHARGE) else None

    @property
    def total_paise(self) -> int:
        """The charge and its tax."""
        return self.amount_paise + self.tax_paise


def charged_lines(
    transfers: Sequence[Transfer], *, fee_names: Sequence[str] = (), names: Mapping[int, str | None] | None = None
) -> list[ChargedLine]:
    """The charges in the order in which they were posted. `fee_names` are those of the disbursal's fees, `names` those
    of booked charges by their numbers."""
    undone = {transfer.reverses: transfer.booked_on for transfer in transfers if transfer.reverses is not None}
    of_fees, lines = iter(fee_names), list[ChargedLine]()
    for transfer in transfers:
        if transfer.kind not in CHARGES:
            continue
        if transfer.credit is Account.GST_PAYABLE:
            lines[-1] = replace(lines[-1], tax_paise=lines[-1].tax_paise + transfer.amount_paise)
            continue
        lines.append(
            ChargedLine(
                number=transfer.number,
                kind=transfer.kind,
                name=next(of_fees, None) if transfer.kind is Kind.FEE else (names or {}).get(transfer.payment_id or 0),
                on=transfer.value_date,
                booked_on=transfer.booked_on,
                amount_paise=transfer.amount_paise,
                tax_paise=0,
                cycle=transfer.cycle,
                caused_by=transfer.payment_id,
                taken_back_on=undone.get(transfer.number),
            )
        )
    return lines
