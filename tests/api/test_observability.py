"""The log scrubber: nothing that must not be read leaves the process in a log line."""

import io
import json
import logging
import sys
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from app.observability import configure_logging, describe_error, scrub, scrub_text


@pytest.mark.parametrize(
    "text, scrubbed",
    [
        ("aadhaar 234567890124!", "aadhaar XXXX XXXX 0124!"),
        ("2345 6789 0124 and 2345-6789-0124", "XXXX XXXX 0124 and XXXX XXXX 0124"),
        ("2345678901244 and 12345678901", "2345678901244 and 12345678901"),
        ("a=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln b", "a=[hidden] b"),
        ("krt_AbC-_9 was used", "[hidden] was used"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("postgresql://kist:hunter2@db/kist", "postgresql://kist:[hidden]@db/kist"),
        ("redis://:hunter2@db", "redis://:[hidden]@db"),
        ("username=a&password=hunter2&x=1", "username=a&password=[hidden]&x=1"),
        ('{"password": "hunter2"}', '{"password": "[hidden]"}'),
        ("loan LN-2025-0456 paid 4407.43", "loan LN-2025-0456 paid 4407.43"),
    ],
)
def test_a_text_is_scrubbed(text: str, scrubbed: str) -> None:
    assert scrub_text(text) == scrubbed


def test_a_value_is_scrubbed_as_deep_as_it_goes() -> None:
    value = {
        "password": "hunter2", "new_password": None, "aadhaar": "x", "aadhar_id": 1, "nested": [{"jwt_secret": b"x"}],
        "number": 234567890124, "raw": b"234567890124", "fine": [1, 2.5, True, None, "text"],
    }  # fmt: skip
    assert scrub(value) == {
        "password": "[hidden]", "new_password": None, "aadhaar": "[hidden]", "aadhar_id": "[hidden]",
        "nested": [{"jwt_secret": "[hidden]"}], "number": "XXXX XXXX 0124", "raw": "[hidden]",
        "fine": [1, 2.5, True, None, "text"],
    }  # fmt: skip


def test_a_database_error_keeps_its_row_to_itself() -> None:
    class Refusal(Exception):
        sqlstate = "23505"

    error = IntegrityError("INSERT", {"email": "asha@kist.example"}, Refusal("Key (email)=(asha@kist.example)"))
    assert describe_error(error) == {"error": "IntegrityError", "at": [], "sqlstate": "23505"}
    assert describe_error(ValueError("plain"))["text"] == "plain"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging("INFO")
    return stream


def test_every_line_is_json_and_scrubbed_whoever_wrote_it(lines: io.StringIO) -> None:
    def fail(aadhaar: str) -> None:
        raise ValueError(f"no customer with {aadhaar}")

    structlog.get_logger("ours").info("registered", aadhaar="234567890124", note="2345 6789 0124", loans=2)
    logging.getLogger("theirs").warning("password=%s for %s", "hunter2", "234567890124")
    try:
        fail("234567890124")
    except ValueError:
        logging.getLogger("theirs").exception("it failed")
    written = lines.getvalue()
    assert "234567890124" not in written
    assert "2345 6789" not in written
    assert "hunter2" not in written
    ours, theirs, failed = (json.loads(line) for line in written.splitlines())
    assert (ours["event"], ours["aadhaar"], ours["note"], ours["loans"]) == (
        "registered",
        "[hidden]",
        "XXXX XXXX 0124",
        2,
    )
    assert theirs["event"] == "password=[hidden] for XXXX XXXX 0124"
    exception: dict[str, Any] = failed["exception"]
    assert (exception["error"], exception["text"]) == ("ValueError", "no customer with XXXX XXXX 0124")
