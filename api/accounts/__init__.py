"""Accounts: who may sign in, with which password or token, and which part of the grid tree is theirs."""

from api.accounts.checking import CredentialCheck
from api.accounts.identities import Identities
from api.accounts.own import OwnAccount
from api.accounts.roles import Permission, Role, permissions_of
from api.accounts.service import Accounts, Identity, SignedIn

__all__ = [
    "Accounts",
    "CredentialCheck",
    "Identities",
    "Identity",
    "OwnAccount",
    "Permission",
    "Role",
    "SignedIn",
    "permissions_of",
]
