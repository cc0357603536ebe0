"""Opaque tokens: 256 random bits for the bearer, their SHA-256 for the database.

A token is as random as its hash, so a plain hash is enough: there is nothing to guess, and nothing in
the database signs anybody in.
"""

import hashlib
import secrets


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
