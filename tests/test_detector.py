"""The detector of secrets finds each kind of secret."""

import pytest

from tests.detector import find_secrets


@pytest.mark.parametrize(
    "text, found",
    [
        ("aadhaar 234123412346.", ["an identity number (... 2346)"]),
        ("2341 2341 2346 and 2341-2341-2346", ["an identity number (... 2346)"] * 2),
        ('{"n": 234123412346}', ["an identity number (... 2346)"]),
        ("a12341234123462", []),
        ("234123412345 has no check digit", []),
        ("XXXX XXXX 2346", []),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0aaa.c2lnbmF0dXJl", ["an access token (eyJhbG...)"]),
        ("krt_abcdefghijklmnopqrstuvwxyz", ["a refresh token (krt_ab...)"]),
        ("$argon2id$v=19$m=65536", ["a password's hash ($argon...)"]),
        ("my horse battery", ["a known secret (ho...)"]),
    ],
)
def test_what_the_detector_finds(text: str, found: list[str]) -> None:
    assert find_secrets(text, known=["horse battery"]) == found
