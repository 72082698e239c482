"""The vault encrypts Aadhaar numbers for storage, and computes a keyed index to find them.

A plain hash of twelve digits protects nothing: all numbers can be tried in hours. Therefore a number is encrypted
(AES-256-GCM). The ciphertext is bound to the customer's row, so a copy in another row cannot be decrypted. It is stored
with the version of its key, so that keys can be changed. A keyed index (HMAC-SHA-256, another key) finds a number and
keeps it unique. The caller passes both keys; nothing here reads the environment.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.errors import Invalid
from app.settings import Settings, decode_key, decode_older_keys

NONCE_BYTES = 12


class SealBroken(Invalid):
    """A sealed Aadhaar number does not open: its key is not here, or it was altered or belongs to another row. Name the
    older key in KIST_AADHAAR_OLDER_KEYS."""

    code = "seal_broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A number as it is stored: nonce and ciphertext, the version of the key, and the digits that may be shown."""

    ciphertext: bytes
    key_version: int
    last_four: str


class Vault:
    """Seals (encrypts), opens (decrypts) and indexes Aadhaar numbers. `older_keys` open numbers sealed under earlier
    versions."""

    def __init__(
        self, *, key: bytes, key_version: int, index_key: bytes, older_keys: Mapping[int, bytes] | None = None
    ) -> None:
        self._key_version = key_version
        self._ciphers = {version: AESGCM(old) for version, old in (older_keys or {}).items()}
        self._ciphers[key_version] = AESGCM(key)
        self._index_key = index_key

    def __repr__(self) -> str:
        return f"Vault(key_version={self._key_version})"

    @property
    def key_version(self) -> int:
        """The version under which numbers are sealed now."""
        return self._key_version

    def seal(self, aadhaar: str, *, customer_id: int) -> Sealed:
        """Encrypts a number for one customer's row."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        encrypted = self._ciphers[self._key_version].encrypt(nonce, aadhaar.encode(), _bound_to(customer_id))
        return Sealed(ciphertext=nonce + encrypted, key_version=self._key_version, last_four=aadhaar[-4:])

    def open(self, ciphertext: bytes, *, key_version: int, customer_id: int) -> str:
        """The number of a customer's row. Raises `SealBroken`."""
        cipher = self._ciphers.get(key_version)
        if cipher is None:
            raise SealBroken(f"the key of version {key_version} is missing: set KIST_AADHAAR_OLDER_KEYS")
        try:
            opened = cipher.decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], _bound_to(customer_id))
        except InvalidTag:
            raise SealBroken("the ciphertext does not belong to this row and key") from None
        return opened.decode()

    def index(self, aadhaar: str) -> bytes:
        """The keyed index of a number: equal for equal numbers. Without the key nobody can compute it."""
        return hmac.digest(self._index_key, aadhaar.encode(), "sha256")


def create_vault(settings: Settings) -> Vault:
    """The vault that the settings describe. For the entry points."""
    return Vault(
        key=decode_key(settings.aadhaar_key),
        key_version=settings.aadhaar_key_version,
        index_key=decode_key(settings.aadhaar_index_key),
        older_keys=decode_older_keys(settings.aadhaar_older_keys),
    )


def _bound_to(customer_id: int) -> bytes:
    return b"kist:aadhaar:" + customer_id.to_bytes(8, "big")
