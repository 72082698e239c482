"""The vault: sealed to a row, opened by its own key alone, and found by a keyed index."""

import hashlib

import pytest

from app.services.people.vault import SealBroken, Vault

NUMBER = "234123412346"
VAULT = Vault(key=b"A" * 32, key_version=1, index_key=b"I" * 32)


def test_a_sealed_number_opens_for_its_own_row_alone() -> None:
    sealed = VAULT.seal(NUMBER, customer_id=9)
    assert VAULT.open(sealed.ciphertext, key_version=sealed.key_version, customer_id=9) == NUMBER
    assert sealed.last_four == "2346"
    assert NUMBER.encode() not in sealed.ciphertext
    with pytest.raises(SealBroken):
        VAULT.open(sealed.ciphertext, key_version=1, customer_id=10)


def test_the_same_number_is_sealed_differently_each_time() -> None:
    assert VAULT.seal(NUMBER, customer_id=9).ciphertext != VAULT.seal(NUMBER, customer_id=9).ciphertext


def test_a_changed_ciphertext_does_not_open() -> None:
    sealed = bytearray(VAULT.seal(NUMBER, customer_id=9).ciphertext)
    sealed[-1] ^= 1
    with pytest.raises(SealBroken):
        VAULT.open(bytes(sealed), key_version=1, customer_id=9)


def test_an_older_key_still_opens_what_it_sealed() -> None:
    old = VAULT.seal(NUMBER, customer_id=9)
    new = Vault(key=b"B" * 32, key_version=2, index_key=b"I" * 32, older_keys={1: b"A" * 32})
    assert new.open(old.ciphertext, key_version=1, customer_id=9) == NUMBER
    assert new.seal(NUMBER, customer_id=9).key_version == 2
    with pytest.raises(SealBroken):
        VAULT.open(new.seal(NUMBER, customer_id=9).ciphertext, key_version=2, customer_id=9)


def test_the_index_is_the_same_for_the_same_number_and_is_no_plain_hash() -> None:
    assert VAULT.index(NUMBER) == VAULT.index(NUMBER)
    assert VAULT.index(NUMBER) != VAULT.index("234123412347")
    assert VAULT.index(NUMBER) != hashlib.sha256(NUMBER.encode()).digest()
    assert Vault(key=b"A" * 32, key_version=1, index_key=b"J" * 32).index(NUMBER) != VAULT.index(NUMBER)


def test_a_vault_shows_no_key() -> None:
    assert repr(VAULT) == "Vault(key_version=1)"
