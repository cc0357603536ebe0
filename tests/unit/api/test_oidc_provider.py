"""Which ID tokens are believed, against a provider that can be told to lie."""

import base64
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from pydantic import SecretStr

from api.accounts.oidc.attempt import Attempt
from api.accounts.oidc.provider import Provider
from api.accounts.oidc.settings import OidcSettings
from gis.errors import InstallationError, NotSignedIn

ISSUER, CLIENT, SECRET = "https://id.example.cn", "wangge", "a-secret-of-more-than-14-bytes"
ATTEMPT = Attempt.new(datetime.now(UTC))
SETTINGS = OidcSettings(issuer=ISSUER, client_id=CLIENT, client_secret=SecretStr(SECRET))


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


@dataclass
class Fake:
    """A provider without a network. `claims` replaces what its tokens say."""

    key: ECKey = field(default_factory=new_key)
    claims: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=lambda: {"sub": "1"})
    id_token: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    keys_asked: int = 0
    asked_with: httpx.Request | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self._metadata())
            case "/jwks":
                self.keys_asked += 1
                keys = KeySet([self.key]).as_dict(private=False)["keys"]
                return httpx.Response(200, json={"keys": [{"kty": "of tomorrow"}, *keys]})
            case "/token":
                self.asked_with = request
                answer = {"access_token": "x", "id_token": self.id_token or self.signed()}
                return httpx.Response(200, json=answer)
            case "/me":
                return httpx.Response(200, json=self.user_info)
        return httpx.Response(404, json={})

    def signed(self, key: ECKey | OctKey | None = None, algorithm: str = "ES256") -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "1",
            "aud": CLIENT,
            "exp": now + 60,
            "iat": now,
            "nonce": ATTEMPT.nonce,
            "preferred_username": "zhang",
            **self.claims,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        key = key or self.key
        header = {"alg": algorithm, "kid": self.key.kid}
        return jwt.encode(header, present, key, algorithms=[algorithm])

    def _metadata(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
        urls = {name: f"{ISSUER}/{path}" for name, path in ends.items()}
        return {"issuer": ISSUER, "userinfo_endpoint": f"{ISSUER}/me", **urls, **self.metadata}

    def provider(self, settings: OidcSettings = SETTINGS) -> Provider:
        return Provider(settings, httpx.Client(transport=httpx.MockTransport(self)))


def username(fake: Fake) -> str | None:
    return fake.provider().person("code", ATTEMPT, "http://here").username


def test_a_good_token_says_who_it_is():
    person = Fake().provider().person("code", ATTEMPT, "http://here")
    assert (person.issuer, person.subject, person.username) == (ISSUER, "1", "zhang")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": 2**40},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"at_hash": "AAAA"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_is_not_believed(claims):
    with pytest.raises(NotSignedIn):
        username(Fake(claims=claims))


def test_a_token_that_somebody_else_signed_is_not_believed():
    fake = Fake()
    fake.id_token = fake.signed(new_key())
    with pytest.raises(NotSignedIn):
        username(fake)


def test_a_token_signed_with_the_shared_secret_is_not_believed():
    fake = Fake()
    fake.id_token = fake.signed(OctKey.import_key(SECRET), "HS256")
    with pytest.raises(NotSignedIn):
        username(fake)


def test_a_token_that_nobody_signed_is_not_believed():
    fake = Fake()
    body = fake.signed().split(".")[1]
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    for fake.id_token in (f"{head}.{body}.", "not a token", "."):
        with pytest.raises(NotSignedIn):
            username(fake)


def test_keys_are_asked_for_again_when_they_changed():
    fake = Fake()
    provider = fake.provider()
    provider.person("code", ATTEMPT, "http://here")
    provider.person("code", ATTEMPT, "http://here")
    assert fake.keys_asked == 1
    fake.key = new_key()
    provider.person("code", ATTEMPT, "http://here")
    assert fake.keys_asked == 2


def test_a_name_that_is_not_in_the_token_is_asked_for():
    info = {"sub": "1", "preferred_username": "li"}
    assert username(Fake(claims={"preferred_username": None}, user_info=info)) == "li"
    assert username(Fake(claims={"preferred_username": None})) is None


def test_what_is_said_of_somebody_else_is_not_taken():
    info = {"sub": "2", "preferred_username": "li"}
    with pytest.raises(NotSignedIn):
        username(Fake(claims={"preferred_username": None}, user_info=info))


def test_the_secret_goes_as_the_provider_takes_it():
    fake = Fake()
    username(fake)
    assert fake.asked_with is not None
    assert fake.asked_with.headers["authorization"].startswith("Basic ")
    fake.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    username(fake)
    assert "authorization" not in fake.asked_with.headers
    assert f"client_secret={SECRET}" in fake.asked_with.content.decode()
    assert f"code_verifier={ATTEMPT.verifier}" in fake.asked_with.content.decode()


def test_an_incomplete_description_is_no_provider():
    with pytest.raises(InstallationError):
        username(Fake(metadata={"token_endpoint": None}))


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"WANGGE_OIDC_ISSUER": ISSUER}, "CLIENT_ID and WANGGE_OIDC_CLIENT_SECRET"),
        ({"WANGGE_OIDC_CLIENT_ID": "x"}, "ISSUER and WANGGE_OIDC_CLIENT_SECRET"),
        (
            {
                "WANGGE_OIDC_ISSUER": "id.example.cn",
                "WANGGE_OIDC_CLIENT_ID": "x",
                "WANGGE_OIDC_CLIENT_SECRET": "x",
            },
            "the provider's address",
        ),
    ],
)
def test_settings_that_are_half_made_stop_the_server(monkeypatch, environment, says):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InstallationError, match=says):
        OidcSettings.from_environment()


def test_without_settings_there_is_no_provider():
    assert OidcSettings.from_environment() is None
