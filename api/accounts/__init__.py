"""Accounts: who may sign in, with which password or token, and which part of the grid tree is theirs."""

from api.accounts.identities import Identities
from api.accounts.roles import Permission, Role, permissions_of
from api.accounts.service import Accounts, Identity, SignedIn

__all__ = ["Accounts", "Identities", "Identity", "Permission", "Role", "SignedIn", "permissions_of"]
