"""The provider as a process, and somebody who signs in there."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import SecretStr

from api.accounts.oidc import OidcSettings

_FOLDER = Path(__file__).parent
CLIENT, SECRET = "wangge", "p+s:word/%="


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningProvider:
    issuer: str
    process: subprocess.Popen[str]

    def settings(self) -> OidcSettings:
        return OidcSettings(issuer=self.issuer, client_id=CLIENT, client_secret=SecretStr(SECRET))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def running_provider() -> Iterator[RunningProvider]:
    """It takes any name with any password; `a@b` is the subject a@b with the preferred_username a."""
    assert (_FOLDER / "node_modules").is_dir(), "make setup-test installs the provider"
    process = subprocess.Popen(
        ["node", _FOLDER / "provider.js", CLIENT, SECRET],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("http://"):
            break
    provider = RunningProvider(issuer=line.strip(), process=process)
    yield provider
    provider.end()


def sign_in_there(url: str, name: str) -> str:
    """Follow `url` to the provider, fill in its forms as `name`, and give where it sends the browser."""
    ours = httpx.URL(url).params["redirect_uri"]
    with httpx.Client() as browser:
        answer = browser.get(url)
        for _ in range(10):
            if answer.is_redirect:
                there = urljoin(str(answer.url), answer.headers["location"])
                if there.startswith(ours):
                    return there
                answer = browser.get(there)
                continue
            assert answer.status_code == 200, answer.text
            form = _Form()
            form.feed(answer.text)
            if "login" in form.fields:
                form.fields |= {"login": name, "password": "any"}
            answer = browser.post(urljoin(str(answer.url), form.action), data=form.fields)
    raise AssertionError(f"the provider never let go, at {urlsplit(str(answer.url)).path}")


class _Form(HTMLParser):
    """The first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and not self.action:
            self.action = values.get("action") or ""
        if tag == "input" and values.get("name"):
            self.fields[str(values["name"])] = values.get("value") or ""
