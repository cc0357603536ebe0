"""Headers that tell a browser to trust nothing but this server."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "media-src 'self' blob:",
        "manifest-src 'self'",
        # data: and blob: are pictures that the pages draw themselves, such as map symbols.
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

# What a page of ours asks for: where the patroller stands, and a picture of what is wrong there.
_ALLOWED = ("camera", "geolocation")
_FORBIDDEN = (
    *("accelerometer", "autoplay", "browsing-topics", "display-capture"),
    *("encrypted-media", "gamepad", "gyroscope", "hid", "idle-detection", "local-fonts"),
    *("magnetometer", "microphone", "midi", "payment", "publickey-credentials-get"),
    *("screen-wake-lock", "serial", "storage-access", "usb", "xr-spatial-tracking"),
)
_PERMISSIONS_POLICY = ", ".join(
    (*(f"{name}=(self)" for name in _ALLOWED), *(f"{name}=()" for name in _FORBIDDEN))
)

_HEADERS = [
    (b"content-security-policy", _CONTENT_SECURITY_POLICY.encode()),
    (b"permissions-policy", _PERMISSIONS_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
]
_NO_STORE = (b"cache-control", b"no-store")

# A month, and this name alone: a browser that has heard it comes by https to every port of this name
# and lets nobody click past a bad certificate, which is a lock-out when it was a mistake.
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=2592000")


class SecurityHeaders:
    """ASGI middleware. An API answer that says nothing about caching is not to be stored.

    `https_only` adds HSTS to answers over https. Not for an authority of one's own: whoever does not
    trust that one yet could not come in to fetch it. Raw headers, for this surrounds the hot paths too.
    """

    def __init__(self, app: ASGIApp, *, https_only: bool = False) -> None:
        self._app = app
        self._https_only = https_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        private = scope["path"].startswith(("/api/", "/ingest/"))
        strict = self._https_only and scope["scheme"] == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], *_HEADERS]
                if private and not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append(_NO_STORE)
                if strict:
                    headers.append(_HTTPS_ONLY)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, with_headers)
