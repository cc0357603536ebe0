"""Every error Wangge raises on purpose.

    WanggeError
    ├── InvalidInput        the caller sent something that cannot be used      (also a ValueError)
    │   └── UnreadableFile  a file that cannot be read as what it claims to be
    ├── NotFound            what was named does not exist                      (also a LookupError)
    ├── Conflict            the state has changed or forbids it
    ├── NotSignedIn         no valid session or token
    ├── NotPermitted        signed in, but outside one's role or grids
    ├── Overloaded          try again after `retry_after_s`
    ├── UpstreamFailed      another server that was asked answers with what cannot be used
    │   └── UpstreamAway    it cannot be reached or does not answer in time
    └── InstallationError   the machine or the installation is not as it must be

The message says what is wrong *and* what to do. `code` is a stable word for programs, `field` names
the offending input. One table in `api.problems` turns these classes into HTTP statuses, and the
command line prints them as one line.
"""


class WanggeError(Exception):
    """Base of all. `message` is a sentence for a person; `code` is a word for a program."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field


class InvalidInput(WanggeError, ValueError):
    code = "invalid_input"


class UnreadableFile(InvalidInput):
    code = "unreadable_file"


class NotFound(WanggeError, LookupError):
    code = "not_found"


class Conflict(WanggeError):
    code = "conflict"


class NotSignedIn(WanggeError):
    code = "not_signed_in"


class NotPermitted(WanggeError):
    code = "not_permitted"


class Overloaded(WanggeError):
    code = "overloaded"

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UpstreamFailed(WanggeError):
    code = "upstream_failed"


class UpstreamAway(UpstreamFailed):
    code = "upstream_away"


class InstallationError(WanggeError):
    code = "installation"
