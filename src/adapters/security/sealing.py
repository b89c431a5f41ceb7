"""AES-256-GCM (NIST SP 800-38D) under a key of its own for each purpose."""

import os
from typing import Final

from attrs import frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from faraday_core.kernel.secrets import SealBroken, Secret, Secrets

_ID: Final = 4  # bytes: which secret it was
_NONCE: Final = 12


@frozen
class AesSealer:
    """A sealed text is the secret's id, a nonce, and the ciphertext with its tag."""

    secrets: Secrets

    def seal(self, plain: bytes, purpose: str) -> bytes:
        secret, nonce = self.secrets.current, os.urandom(_NONCE)
        sealed = AESGCM(secret.key(f"seal {purpose}")).encrypt(nonce, plain, purpose.encode())
        return bytes.fromhex(secret.id) + nonce + sealed

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises SealBroken."""
        secret = self.secrets.known(sealed[:_ID].hex())
        if secret is None:
            raise SealBroken("It was sealed with a secret that is not at hand.")
        nonce, content = sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        try:
            return AESGCM(secret.key(f"seal {purpose}")).decrypt(nonce, content, purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("It was changed, or sealed for another purpose.") from error


def sealer_by(key: bytes) -> AesSealer:
    """One that seals by this key instead of by the product's secret."""
    return AesSealer(Secrets(Secret(key)))
