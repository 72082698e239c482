"""A payment as it is asked for, and what becomes of it."""

from dataclasses import dataclass
from datetime import date

from app.domain.errors import Conflict, DomainError, Rejected
from app.domain.payments.payments import PaymentOrder, TreatAs, is_cash
from app.domain.public_ids import LoanReference
from app.services.calls import Call, PutOff, Taken
from app.services.payments.receipts import Receipt


class PaymentRepeated(Conflict):
    """The same amount was paid on this loan for the same day, and nothing says that this is another payment. Send an
    Idempotency-Key if it is one."""

    code = "payment_repeated"


class ValueDateForStaff(Rejected):
    """A customer named a value date other than the business date, which only staff may do. Leave `value_date` out."""

    code = "value_date_for_staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """A payment as the caller asks for it. With `refuse_same_day_repeat` a payment of the same amount with the same
    value date as one that stands is taken for the same payment: for callers who send neither key nor reference."""

    loan: LoanReference
    amount_paise: int
    method: str | None = None
    reference: str | None = None
    value_date: date | None = None
    instalment: int | None = None
    treat_as: TreatAs = TreatAs.INSTALMENT
    refuse_same_day_repeat: bool = False

    def order(self, *, payment_id: int, value_date: date, today: date) -> PaymentOrder:
        """The payment with its number and its days, to be decided."""
        return PaymentOrder(
            payment_id=payment_id,
            amount_paise=self.amount_paise,
            value_date=value_date,
            booked_on=today,
            treat_as=self.treat_as,
            instalment=self.instalment,
            reference=self.reference,
            is_cash=is_cash(self.method),
        )


#: A payment request with its sender.
PaymentCall = Call[PaymentRequest, Receipt]
Outcome = Taken | DomainError | PutOff
