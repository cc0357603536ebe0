"""Secrets at rest: encrypted with a key that is not in the database.

AES-256-GCM. Each purpose has its own key, derived from the installation's by HKDF-SHA256.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gis.errors import InstallationError

_NONCE_LENGTH = 12


class Seal:
    """Encrypts for one `purpose`. What it sealed opens with the same key, purpose and `owner` only."""

    def __init__(self, secret_key: bytes, purpose: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=f"wangge {purpose}".encode())
        self._cipher = AESGCM(derived.derive(secret_key))

    def seal(self, plain: bytes, *, owner: str) -> bytes:
        nonce = os.urandom(_NONCE_LENGTH)
        return nonce + self._cipher.encrypt(nonce, plain, owner.encode())

    def open(self, sealed: bytes, *, owner: str) -> bytes:
        """Raises InstallationError when it was sealed with another key, or was tampered with."""
        nonce, rest = sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:]
        try:
            return self._cipher.decrypt(nonce, rest, owner.encode())
        except (InvalidTag, ValueError) as error:
            raise InstallationError(
                f"What is stored for {owner} cannot be decrypted: secret.key in the data directory is "
                "not the one it was encrypted with. Put that one back, or have it set up anew.",
                code="cannot_decrypt",
            ) from error
