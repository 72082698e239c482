"""Which addresses may be called, when a delivery is tried again, and what a signature is made of."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.events.addresses import is_public
from app.domain.events.catalog import EventType, EventTypeUnknown, event_types
from app.domain.events.signatures import sign, write_secret
from app.domain.events.subscriptions import after_failure, check_url, pause_after

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "address, expected",
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("127.8.9.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("172.31.255.255", False),
        ("172.32.0.1", True),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd12:3456::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
        ("no address", False),
    ],
)
def test_an_address_is_public_or_not(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize(
    "attempts, seconds", [(1, 5), (2, 15), (3, 45), (4, 135), (5, 405), (6, 1215), (7, 3645), (8, 10935), (9, 14400)]
)
def test_each_pause_is_longer_than_the_one_before(attempts: int, seconds: int) -> None:
    assert pause_after(attempts) == timedelta(seconds=seconds)


def test_the_last_attempt_is_made_when_three_days_are_over() -> None:
    late = NOW + timedelta(days=3) - timedelta(minutes=1)
    assert after_failure(due_since=NOW, attempts=20, now=late).next_at == NOW + timedelta(days=3)
    assert after_failure(due_since=NOW, attempts=21, now=NOW + timedelta(days=3)).next_at is None
    assert after_failure(due_since=NOW, attempts=1, now=NOW).next_at == NOW + timedelta(seconds=5)


def test_a_signature_as_in_the_specification() -> None:
    """The example of the Standard Webhooks specification."""
    secret = b"1\xf2\x90\xf6\xbf\x06)\x8a\xab\xc5\x3e\x30\x8f\xcd\x8f\xfd\xb3\xc0\x1c\xf0"
    headers = sign([secret, b"old" * 10], event_id="EV-000001", at=NOW, body='{"test": 2432232314}')
    assert headers["webhook-id"] == "EV-000001"
    assert headers["webhook-timestamp"] == "1795240800"
    first, second = headers["webhook-signature"].split()
    assert first.startswith("v1,")
    assert second.startswith("v1,")
    assert first != second
    assert write_secret(b"a" * 24) == "whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"


def test_an_address_stays_as_it_was_written() -> None:
    assert check_url("https://example.com/a?b=c", http_allowed=False) == "https://example.com/a?b=c"
    assert check_url("http://example.com:8080/", http_allowed=True) == "http://example.com:8080/"


def test_types_are_in_the_order_of_the_catalog() -> None:
    assert event_types(["payment.received", "loan.closed", "payment.received"]) == (
        EventType.LOAN_CLOSED,
        EventType.PAYMENT_RECEIVED,
    )
    with pytest.raises(EventTypeUnknown) as refused:
        event_types(["loan.exploded"])
    assert "exploded" not in refused.value.message
