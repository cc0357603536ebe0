"""TLS: a certificate authority of the installation's own, or certificates from elsewhere."""

from api.tls.authority import Authority, fingerprint_of
from api.tls.files import Tls, given_certificate, own_certificate
from api.tls.names import HostNames, names_of_this_machine

__all__ = [
    "Authority",
    "HostNames",
    "Tls",
    "fingerprint_of",
    "given_certificate",
    "names_of_this_machine",
    "own_certificate",
]
