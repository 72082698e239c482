"""The bodies of the routes of card accounts: how one is opened, and what happens on it."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from app.api.id_schemas import UserId
from app.api.schemas import Between, Body, Code, Day, Line, Rupees, Whole, example
from app.api.v1.cards.account_schemas import ReferenceField
from app.domain.cards.authorisations import SpendKind
from app.domain.cards.engine.cycles import LAST_DAY
from app.domain.cards.requests import RUPEES

CardToken = Annotated[str, StringConstraints(pattern=r"^card_[A-Za-z0-9_-]{32}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
StatementDay = Annotated[Whole, Between(1, LAST_DAY)]


class OpenCardAccountBody(Body):
    """An account that staff open without an application."""

    model_config = example(
        {
            "user_id": "BC-USER-001",
            "product": "REVOLVING_CARD",
            "limit": 100000,
            "statement_day": 15,
        }
    )

    user_id: UserId
    product: Code = Field(default="REVOLVING_CARD", examples=["REVOLVING_CARD"])
    limit: Rupees
    statement_day: StatementDay = Field(description="1 to 28, or 31 for the last day of the month", examples=[15])
    cardholder: Line | None = Field(default=None, examples=["ASHA RAO"])


class AddOnCardBody(Body):
    """Another card of the account, for somebody else."""

    model_config = example({"name": "RAVI RAO"})

    name: Line = Field(examples=["RAVI RAO"])


class Merchant(Body):
    """Who is paid."""

    model_config = example({"name": "BIG BAZAAR MUMBAI", "category_code": "5411", "country": "IN"})

    name: Line = Field(examples=["BIG BAZAAR MUMBAI"])
    category_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] = Field(examples=["5411"])
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(examples=["IN"])


class AuthorisationBody(Body):
    """What the network asks for. Its reference is the key of a repeat for ever."""

    model_config = example(
        {
            "reference": "RRN-612345678901",
            "amount": 2500,
            "kind": "purchase",
            "merchant": {"name": "BIG BAZAAR MUMBAI", "category_code": "5411", "country": "IN"},
            "card_token": "card_0123456789abcdef0123456789abcdef",
            "transacted_at": "2026-11-21T11:30:00+05:30",
        }
    )

    reference: ReferenceField
    amount: Rupees
    kind: SpendKind
    merchant: Merchant
    card_token: CardToken
    transacted_at: AwareDatetime
    online: bool = False


class CaptureBody(Body):
    """The clearing of an authorisation, or of a part of it."""

    model_config = example({"authorisation": "RRN-612345678901", "reference": "CLR-612345678901", "amount": 2500})

    authorisation: ReferenceField
    reference: ReferenceField = Field(description="The reference of this clearing")
    amount: Rupees
    final: bool = Field(default=True, description="Whether the rest of the hold is let go of")
    transacted_on: Day | None = None
    merchant: Line | None = None
    currency: Currency = Field(default=RUPEES, description="What the merchant was paid in; `amount` is in rupees")


class AuthorisationNamed(Body):
    """An authorisation, by the network's reference."""

    model_config = example({"authorisation": "RRN-612345678902"})

    authorisation: ReferenceField


class ClearingBody(Body):
    """A clearing that had no authorisation: offline, a tip, or after its expiry."""

    model_config = example({"reference": "CLR-612345678903", "amount": 12000, "merchant": "TAJ COLABA"})

    reference: ReferenceField
    amount: Rupees
    kind: SpendKind = SpendKind.PURCHASE
    transacted_on: Day | None = Field(default=None, description="The day from which it counts for interest")
    merchant: Line | None = Field(default=None, examples=["TAJ COLABA"])
    card_token: CardToken | None = None
    currency: Currency = Field(default=RUPEES, description="What the merchant was paid in; `amount` is in rupees")


class UndoBody(Body):
    """Why a payment is returned or a purchase reversed, and how much of it."""

    model_config = example({"reason": "cheque returned unpaid"})

    reason: Line = Field(examples=["cheque returned unpaid"])
    amount: Rupees | None = Field(default=None, description="A part of a purchase; a payment is returned whole")


class CardPaymentBody(Body):
    """A payment of the holder."""

    model_config = example({"amount": 1000, "reference": "UTR-612345678904"})

    amount: Rupees
    reference: ReferenceField
    value_date: Day | None = Field(default=None, description="For staff: the day from which the money counts")


class CardRefundBody(Body):
    """A refund of the merchant. Without `purchase` it lowers the oldest purchase."""

    model_config = example({"amount": 500, "reference": "CLR-612345678905"})

    amount: Rupees
    reference: ReferenceField
    purchase: Annotated[Whole, Between(1, 2**31 - 1)] | None = Field(
        default=None, description="The number of the purchase's posting"
    )
    refunded_on: Day | None = None
    merchant: Line | None = None


class PayoutBody(Body):
    """How much of the credit balance is paid out; null: all of it."""

    model_config = example({"amount": 100})

    amount: Rupees | None = None
