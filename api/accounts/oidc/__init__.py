"""Signing in at an OpenID Connect provider: the town's own identity service."""

from api.accounts.oidc.settings import OidcSettings
from api.accounts.oidc.sign_in import OidcSignIn

__all__ = ["OidcSettings", "OidcSignIn"]
