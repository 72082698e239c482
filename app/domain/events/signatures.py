"""The signature over what a webhook sends, as the Standard Webhooks specification defines it.

The receiver computes the same HMAC over the id, the time and the body as they arrived. While a secret is replaced, what
is sent carries two signatures: with the new secret and with the old one.
"""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
#: The specification asks for 24 to 64 bytes.
SECRET_BYTES: Final = 32
ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"


def write_secret(secret: bytes) -> str:
    """A secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(secret).decode()


def sign(secrets: Sequence[bytes], *, event_id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers of a webhook that is sent at an instant, with a signature for each secret, the newest first."""
    assert at.tzinfo is not None, "an instant has its timezone"
    timestamp = str(int(at.timestamp()))
    signed = f"{event_id}.{timestamp}.{body}".encode()
    signatures = [f"v1,{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}" for secret in secrets]
    return {ID: event_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}
