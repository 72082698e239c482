"""The secrets of webhooks, as they are stored: encrypted and bound to their endpoint.

The key is derived from the key of the Aadhaar numbers, under the same versions, so there is no further key to keep, and
`kist rotate-aadhaar-key` seals these secrets again too. What is sealed here cannot be opened by the other key.
"""

import hmac
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.events.signatures import SECRET_BYTES
from app.services.people.vault import NONCE_BYTES, SealBroken
from app.settings import Settings, decode_key, decode_older_keys


class SealedSecret(NamedTuple):
    """A secret as it is stored."""

    ciphertext: bytes
    key_version: int


class SecretBox:
    """Makes, seals and opens the secrets of webhooks."""

    def __init__(self, *, keys: Mapping[int, bytes], version: int) -> None:
        self._ciphers = {each: AESGCM(hmac.digest(key, b"kist:webhook", "sha256")) for each, key in keys.items()}
        self.version = version

    def __repr__(self) -> str:
        return f"SecretBox(version={self.version})"

    @staticmethod
    def make() -> bytes:
        """A new secret."""
        return secrets.token_bytes(SECRET_BYTES)

    def seal(self, secret: bytes, *, endpoint_id: int) -> SealedSecret:
        """A secret for the row of an endpoint."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        encrypted = self._ciphers[self.version].encrypt(nonce, secret, _bound_to(endpoint_id))
        return SealedSecret(nonce + encrypted, self.version)

    def open(self, ciphertext: bytes, *, key_version: int, endpoint_id: int) -> bytes:
        """The secret of an endpoint. Raises SealBroken."""
        cipher = self._ciphers.get(key_version)
        if cipher is None:
            raise SealBroken(f"the key of version {key_version} is missing: set KIST_AADHAAR_OLDER_KEYS")
        try:
            return cipher.decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], _bound_to(endpoint_id))
        except InvalidTag:
            raise SealBroken("the ciphertext does not belong to this endpoint and key") from None


def create_secret_box(settings: Settings) -> SecretBox:
    """The box that the settings describe. For the entry points."""
    keys = decode_older_keys(settings.aadhaar_older_keys) | {
        settings.aadhaar_key_version: decode_key(settings.aadhaar_key)
    }
    return SecretBox(keys=keys, version=settings.aadhaar_key_version)


def _bound_to(endpoint_id: int) -> bytes:
    return b"kist:webhook:" + endpoint_id.to_bytes(8, "big")
