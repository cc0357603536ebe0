"""A certificate authority that vouches for one installation and nothing else.

Its certificate is limited to private addresses, names that only exist in an intranet and the
machine's own (RFC 5280, 4.2.1.10): whoever steals its key cannot pretend to be a bank to a phone that
trusts it. The price: a name of another kind that is added later needs a new authority.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from api.tls.names import Address, HostNames
from gis.errors import InstallationError

AUTHORITY_LASTS = timedelta(days=3650)
CERTIFICATE_LASTS = timedelta(days=397)  # Apple's and the CA/Browser Forum's limit is 398
CLOCKS_DIFFER = timedelta(days=1)  # a phone's clock may be behind

_PRIVATE = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8"),
        *("fc00::/7", "::1/128"),
    )
)
_INTRANET = ("localhost", "internal", "local", "lan", "home.arpa")

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    certificate: x509.Certificate
    key: Key

    @classmethod
    def create(cls, names: HostNames, now: datetime) -> "Authority":
        """A new one, which may vouch for `names` and for whatever is inside an intranet."""
        key = ec.generate_private_key(ec.SECP256R1())
        # Two installations on one phone must be told apart, so each has a number in its name.
        serial = x509.random_serial_number()
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Wangge"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Wangge authority {serial % 2**32:08x}"),
            ]
        )
        public = key.public_key()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(public)
            .serial_number(serial)
            .not_valid_before(now - CLOCKS_DIFFER)
            .not_valid_after(now + AUTHORITY_LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate=certificate, key=key)

    def permitted(self, names: HostNames) -> HostNames:
        """Those of `names` that this authority may vouch for."""
        constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints)
        subtrees = constraints.value.permitted_subtrees or []
        domains = [each.value for each in subtrees if isinstance(each, x509.DNSName)]
        networks = [
            each.value
            for each in subtrees
            if isinstance(each, x509.IPAddress)
            and isinstance(each.value, IPv4Network | IPv6Network)
        ]
        return HostNames(
            dns=frozenset(
                name
                for name in names.dns
                if any(name == domain or name.endswith(f".{domain}") for domain in domains)
            ),
            addresses=frozenset(
                address
                for address in names.addresses
                if any(address in network for network in networks)
            ),
        )

    def issue(self, names: HostNames, now: datetime) -> tuple[x509.Certificate, Key]:
        """A server's certificate and its new key. Raises InstallationError when the authority itself
        has come to its end."""
        ends = self.certificate.not_valid_after_utc
        if ends <= now:
            raise InstallationError(
                f"The certificate authority ended on {ends.date()}. Remove its folder (tls) to make a "
                "new one; every phone and browser has to trust that one anew."
            )
        key = ec.generate_private_key(ec.SECP256R1())
        begins = now - CLOCKS_DIFFER
        common_name = min(names.dns | {"wangge"}, key=len)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(min(begins + CERTIFICATE_LASTS, ends))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_alternative_names(names), critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        return certificate, key


def names_in(certificate: x509.Certificate) -> HostNames:
    """The names that a certificate is for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return HostNames(
        dns=frozenset(found.get_values_for_type(x509.DNSName)),
        addresses=frozenset(
            address
            for address in found.get_values_for_type(x509.IPAddress)
            if isinstance(address, Address)
        ),
    )


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 as phones and browsers show it: AB:CD:…"""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _permitted(names: HostNames) -> list[x509.GeneralName]:
    outside = [
        ip_network(address)
        for address in sorted(names.addresses, key=str)
        if not any(address in network for network in _PRIVATE)
    ]
    domains = dict.fromkeys([*_INTRANET, *sorted(names.dns)])
    return [
        *(x509.DNSName(domain) for domain in domains),
        *(x509.IPAddress(network) for network in (*_PRIVATE, *outside)),
    ]


def _alternative_names(names: HostNames) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in sorted(names.dns)),
            *(x509.IPAddress(address) for address in sorted(names.addresses, key=str)),
        ]
    )


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
