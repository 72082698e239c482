"""The tax of a charge that is waived: what the lender may take off the tax that it owes, by a credit note.

A waiver forgives an amount of charges. Which charges those are follows from the ledger: what was paid, or waived
without naming a charge, settles the oldest charge first. Of each taxed charge that is forgiven, the tax of that part is
given back by a credit note, which is possible until the 30th of November after the financial year of the supply; of an
older charge the tax stays payable. A write-off gives no tax back: a bad debt is no reason for a credit note.
Source: section 34(1) and (2) of the CGST Act.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.errors import Rejected
from app.domain.lending.ledger import Account, Kind, Transfer
from app.domain.money import RoundingMode, format_inr, round_ratio

#: A charge by the group of its transfers: ("payment", its number), or ("charge", the bill of a late charge).
ChargeKey = tuple[str, int]

#: The month and the day until which a charge of the last financial year can have a credit note.
_LAST_DAY = (11, 30)
_FIRST_MONTH = 4


class ChargeNotOwed(Rejected):
    """The charge that the waiver names is not owed, or less of it is. Ask for at most `figures.owed`."""

    code = "charge_not_owed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaivedTax:
    """A part of a waiver: how much of a taxed charge it forgives, and the tax in that, in paise."""

    charge: ChargeKey
    waived_paise: int
    tax_paise: int


@dataclass(slots=True)
class _Owed:
    """A charge with what may still be waived of it, in paise. `paid_paise` of its rest was paid."""

    key: ChargeKey
    on: date
    total_paise: int = 0
    tax_paise: int = 0
    paid_paise: int = 0

    @property
    def left_paise(self) -> int:
        return self.total_paise - self.paid_paise

    def tax_of(self, paise: int) -> int:
        """The tax in a part that comes after what was paid: two equal halves, as the tax itself."""
        upto = self._tax_up_to(self.paid_paise + paise)
        return upto - self._tax_up_to(self.paid_paise)

    def _tax_up_to(self, paise: int) -> int:
        if paise >= self.total_paise:
            return self.tax_paise
        return 2 * round_ratio((self.tax_paise // 2) * paise, self.total_paise, mode=RoundingMode.HALF_UP)


def last_day_of_credit_note(supplied_on: date) -> date:
    """The last day on which a supply of a day can have a credit note."""
    year = supplied_on.year if supplied_on.month >= _FIRST_MONTH else supplied_on.year - 1
    return date(year + 1, *_LAST_DAY)


def waived_taxes(
    groups: Mapping[ChargeKey, Sequence[Transfer]],
    *,
    before: Iterable[WaivedTax],
    charges_paise: int,
    on: date,
    charge: ChargeKey | None = None,
) -> tuple[WaivedTax, ...]:
    """The tax that a waiver of charges gives back, by charge, the oldest first.

    `groups` are the transfers of the loan that stand, by group. `before` are the parts of earlier waivers. With
    `charge` the waiver is of that charge alone. Raises ChargeNotOwed.
    """
    owed = _owed(groups, before=before)
    if charge is not None:
        owed = [one for one in owed if one.key == charge]
        left = sum(one.left_paise for one in owed)
        if charges_paise > left:
            raise ChargeNotOwed(
                f"{format_inr(left)} of this charge is owed", field="charge_id", owed_paise=left,
                asked_paise=charges_paise,
            )  # fmt: skip
    found, left = [], charges_paise
    for one in owed:
        part = min(left, one.left_paise)
        left -= part
        tax = one.tax_of(part)
        if part and (charge is not None or tax):
            in_time = on <= last_day_of_credit_note(one.on)
            found.append(WaivedTax(charge=one.key, waived_paise=part, tax_paise=tax if in_time else 0))
    return tuple(found)


def standing_parts(parts: Sequence[WaivedTax], groups: Mapping[ChargeKey, Sequence[Transfer]]) -> tuple[WaivedTax, ...]:
    """The parts whose charges stand. What was taken back needs no waiver, and its whole tax is given back."""
    return tuple(part for part in parts if any(_is_charged(one) for one in groups.get(part.charge, ())))


def taxes_given_back(parts: Sequence[WaivedTax], *, granted_paise: int, given_paise: int) -> list[WaivedTax]:
    """The parts that are given back when `given_paise` of the granted charges are given up: a replay may find less
    owed. What had no tax is given up first."""
    left = max(given_paise - (granted_paise - sum(part.waived_paise for part in parts)), 0)
    found = []
    for part in parts:
        waived = min(left, part.waived_paise)
        left -= waived
        tax = round_ratio(part.tax_paise * waived, part.waived_paise, mode=RoundingMode.HALF_UP)
        if tax:
            found.append(WaivedTax(charge=part.charge, waived_paise=waived, tax_paise=tax))
    return found


def _is_charged(transfer: Transfer) -> bool:
    return transfer.debit is Account.CHARGES and transfer.credit in (Account.CHARGE_INCOME, Account.GST_PAYABLE)


def _owed(groups: Mapping[ChargeKey, Sequence[Transfer]], *, before: Iterable[WaivedTax]) -> list[_Owed]:
    """The charges of a loan in the order in which they were posted, each with what was paid of it."""
    found: dict[ChargeKey, _Owed] = {}
    settled = 0
    for transfer in sorted((one for group in groups.values() for one in group), key=_order):
        if _is_charged(transfer):
            key = _key_of(transfer)
            charge = found.setdefault(key, _Owed(key, transfer.value_date))
            charge.total_paise += transfer.amount_paise
            charge.tax_paise += transfer.amount_paise if transfer.credit is Account.GST_PAYABLE else 0
        elif transfer.credit is Account.CHARGES:
            settled += transfer.amount_paise
        elif transfer.kind is Kind.CREDIT_NOTE and (charged := found.get(_key_of(transfer))) is not None:
            charged.tax_paise -= transfer.amount_paise
    for part in before:
        if (waived := found.get(part.charge)) is not None:
            waived.total_paise -= part.waived_paise
            settled -= part.waived_paise
    for charge in found.values():
        charge.paid_paise = min(max(settled, 0), charge.total_paise)
        settled -= charge.paid_paise
    return [charge for charge in found.values() if charge.left_paise > 0]


def _order(transfer: Transfer) -> tuple[date, int]:
    return transfer.value_date, transfer.number


def _key_of(transfer: Transfer) -> ChargeKey:
    """The group of a charge, or the charge that a credit note is for."""
    if transfer.payment_id is not None:
        return "payment", transfer.payment_id
    assert transfer.cycle is not None, "a charge is of a payment, an event or a bill"
    return "charge", transfer.cycle
