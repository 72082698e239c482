"""Checks that a webhook comes from Kist: Standard Webhooks, HMAC-SHA256.

    event = verify(body, headers, secrets=["whsec_..."])

Give the body as it arrived, before any JSON is read. While a secret is being exchanged, give both: a webhook passes if
one of its signatures is made with one of them. One that is older than five minutes is refused, because somebody may
have recorded it. The same event may come more than once: its id is in `webhook-id`.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

TOLERANCE_SECONDS: Final = 300
PREFIX: Final = "whsec_"
VERSION: Final = "v1"


class WebhookRefused(Exception):
    """The webhook is not from Kist, or is too old. Answer 400, and do nothing else with it."""


def verify(body: bytes | str, headers: Mapping[str, str], *, secrets: Sequence[str], now: float | None = None) -> Any:
    """The content of a genuine webhook. Raises WebhookRefused."""
    raw = body.encode() if isinstance(body, str) else body
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message, sent_at = given["webhook-id"], given["webhook-timestamp"]
        signatures = given["webhook-signature"].split()
        age = abs((time.time() if now is None else now) - int(sent_at))
    except (KeyError, ValueError):
        raise WebhookRefused("a header of Standard Webhooks is missing or cannot be read") from None
    if age > TOLERANCE_SECONDS:
        raise WebhookRefused("the webhook is older than five minutes, or the clocks differ")
    signed = b".".join([message.encode(), sent_at.encode(), raw])
    wanted = [f"{VERSION},{signature(signed, secret=secret)}" for secret in secrets]
    if not any(hmac.compare_digest(one, each) for one in wanted for each in signatures):
        raise WebhookRefused("no signature is made with a known secret")
    return json.loads(raw)


def signature(signed: bytes, *, secret: str) -> str:
    """The signature of a text under a secret, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
