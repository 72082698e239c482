"""A typed client for Kist: `Client`, and `AsyncClient` with the same methods.

    with Client("https://kist.example") as client:
        client.log_in("officer@example.com", "a password")
        loan = client.get_loan(loan_id="LN-2026-0001")
        client.take_payment(loan_id=loan.loan_id, amount=loan.next_due.amount)

A method is named after its operation in the OpenAPI document, and every answer has a class. Amounts are `Decimal`,
exact to the paisa: the client asks for them as text. A request that fails on the way is sent again if that can do no
harm; one that moves money always carries an Idempotency-Key, which its repeats keep. A refusal is a `KistError` with a
stable code and with what to do.

- `client`: `Client` and `AsyncClient`, tokens, and the renewal of tokens
- `errors`: what is raised
- `webhooks`: checks that a webhook comes from Kist
- `exchange`: what is sent again, and when
- `values`: Python values as JSON, and back
- `models`, `operations`, `codes`: written by `kist reference` from the OpenAPI document
"""

from kist.client.client import AsyncClient, Client
from kist.client.codes import Code
from kist.client.errors import (
    ConnectionLost,
    KistError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    TooManyCalls,
    Unavailable,
    UnreadableAnswer,
)
from kist.client.values import UNSET, Unset

__all__ = [
    "UNSET", "AsyncClient", "Client", "Code", "ConnectionLost", "KistError", "NotAllowed", "NotFound", "NotSignedIn",
    "Refused", "TooManyCalls", "Unavailable", "UnreadableAnswer", "Unset",
]  # fmt: skip
