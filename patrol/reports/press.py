"""Printing a page in a process of its own: it takes seconds and much memory, and the server goes on.

Both ends are here: `print_page` starts this module, which reads a page from its standard input and
writes its print to its standard output. The only importer of weasyprint.
"""

import os
import subprocess
import sys
from typing import Any

from gis.errors import InstallationError

_MOST_S = 300
_NICENESS = 10
_HANDED_ON = ("PATH", "HOME", "PYTHONPATH", "XDG_CACHE_HOME", "FONTCONFIG_PATH")


def print_page(page: str) -> bytes:
    """A PDF of an HTML document, with the glyphs that it shows inside. Raises InstallationError."""
    environment = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    try:
        done = subprocess.run(
            # -P: nothing is imported from the folder that this was started in
            [sys.executable, "-P", "-m", "patrol.reports.press"],
            check=True,
            input=page.encode(),
            capture_output=True,
            env={**environment, "LC_ALL": "C.UTF-8"},
            timeout=_MOST_S,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise InstallationError(
            "The report cannot be printed. Are libpango-1.0-0, libpangoft2-1.0-0 and "
            "libharfbuzz-subset0 installed? `make setup` installs them. The page (html) needs no "
            "printing."
        ) from error
    return done.stdout


def main() -> None:
    from weasyprint import HTML

    os.nice(_NICENESS)
    page = sys.stdin.buffer.read().decode()
    HTML(string=page, url_fetcher=_refuse).write_pdf(sys.stdout.buffer)


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"a report loads nothing, and this one asks for {url}")


if __name__ == "__main__":
    main()
