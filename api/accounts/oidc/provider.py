"""The provider: what OpenID Connect asks of it and of what it answers.

The protocol's parts are Authlib's and joserfc's; httpx carries them.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key

from api.accounts.oidc.attempt import Attempt
from api.accounts.oidc.settings import OidcSettings
from gis.errors import InstallationError, NotSignedIn

_log = structlog.get_logger(__name__)

_SCOPE = "openid profile email"
_ALGORITHMS = ("RS256", "PS256", "ES256")  # by the provider's own key: nobody else can sign
_CLOCKS_DIFFER_S = 60
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Whoever signed in there. `username` is what the configured claim says, None when it is missing."""

    issuer: str
    subject: str
    username: str | None


class Provider:
    """Safe to share between threads. What it says of itself is fetched when first needed and kept.

    Everything raises InstallationError when the provider does not answer, or not as it must.
    """

    def __init__(self, settings: OidcSettings, http: httpx.Client) -> None:
        self._settings = settings
        self._http = http
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def authorization_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where the browser goes to sign in."""
        url: str = prepare_grant_uri(
            self._described()["authorization_endpoint"],
            client_id=self._settings.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=_SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return url

    def person(self, code: str, attempt: Attempt, redirect_uri: str) -> Person:
        """Whoever the provider gave `code` for. Raises NotSignedIn when that is not to be believed."""
        answer = self._exchange(code, attempt, redirect_uri)
        claims = self._verified(answer, attempt.nonce)
        username = claims.get(self._settings.claim)
        if username is None:
            username = self._user_info(answer, claims["sub"]).get(self._settings.claim)
        return Person(
            issuer=claims["iss"],
            subject=claims["sub"],
            username=username if isinstance(username, str) else None,
        )

    def _exchange(self, code: str, attempt: Attempt, redirect_uri: str) -> Mapping[str, Any]:
        described = self._described()
        client_id = self._settings.client_id
        secret = self._settings.client_secret.get_secret_value()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        auth: httpx.BasicAuth | None = None
        if "client_secret_basic" in described.get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        ):
            auth = httpx.BasicAuth(quote_plus(client_id), quote_plus(secret))  # RFC 6749, 2.3.1
        else:
            form |= {"client_id": client_id, "client_secret": secret}
        return self._ask("POST", described["token_endpoint"], data=form, auth=auth)

    def _verified(self, answer: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """The claims of the ID token, which is for us, for now and for this attempt."""
        try:
            token = self._decoded(str(answer.get("id_token")))
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._settings.client_id,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(leeway=_CLOCKS_DIFFER_S)
        except (JoseError, ValueError) as error:
            _log.warning("an ID token is not to be believed", why=str(error))
            raise _refused("its token is not to be believed") from error
        found: Mapping[str, Any] = claims
        return found

    def _decoded(self, id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._key_set(), algorithms=_ALGORITHMS)
        except InvalidKeyIdError:
            self._keys = None  # it has changed its keys since
            return jwt.decode(id_token, self._key_set(), algorithms=_ALGORITHMS)

    def _user_info(self, answer: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        """Most providers put the claims of a scope here, not into the token."""
        endpoint = self._described().get("userinfo_endpoint")
        if endpoint is None:
            return {}
        bearer = {"Authorization": f"Bearer {answer.get('access_token')}"}
        found = self._ask("GET", endpoint, headers=bearer)
        if found.get("sub") != subject:
            raise _refused("it speaks of somebody else")
        return found

    def _described(self) -> Mapping[str, Any]:
        if self._metadata is None:
            issuer = self._settings.issuer
            found = self._ask("GET", get_well_known_url(issuer, external=True))
            if found.get("issuer") != issuer:
                raise InstallationError(
                    f"The provider calls itself {found.get('issuer')!r}; set WANGGE_OIDC_ISSUER to "
                    "just that.",
                    code="provider_misconfigured",
                )
            if not all(isinstance(found.get(name), str) for name in _ENDPOINTS):
                raise self._away("its description is incomplete")
            self._metadata = found
        return self._metadata

    def _key_set(self) -> KeySet:
        if self._keys is None:
            found = self._ask("GET", self._described()["jwks_uri"]).get("keys")
            keys = []
            for key in found if isinstance(found, list) else ():
                with suppress(JoseError, ValueError, TypeError):  # of a kind we do not use
                    keys.append(import_key(key))
            self._keys = KeySet(keys)
        return self._keys

    def _ask(self, method: str, url: str, **options: Any) -> Mapping[str, Any]:
        try:
            response = self._http.request(method, url, **options)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            self._metadata = None  # perhaps it has moved
            raise self._away(type(error).__name__) from error
        if not isinstance(answer, dict) or response.status_code >= 500:
            raise self._away(f"status {response.status_code}")
        if response.is_success:
            return answer
        if answer.get("error") == "invalid_client":
            raise InstallationError(
                "The provider does not know this client or its secret; check WANGGE_OIDC_CLIENT_ID and "
                "WANGGE_OIDC_CLIENT_SECRET.",
                code="provider_misconfigured",
            )
        raise _refused(f"it answers {answer.get('error')}")

    def _away(self, why: str) -> InstallationError:
        _log.warning("the OpenID Connect provider does not answer", why=why)
        return InstallationError(
            f"{self._settings.name} does not answer just now; try again in a while, or sign in with a "
            "password.",
            code="provider_unavailable",
        )


def _refused(why: str) -> NotSignedIn:
    return NotSignedIn(
        f"The provider's answer cannot be used: {why}. Begin again.", code="oidc_refused"
    )
