"""A store that speaks S3 (moto), as a process of its own on a loopback port."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from patrol.photos.settings import PhotoSettings

_PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


@contextmanager
def object_store(bucket: str = "wangge") -> Iterator[PhotoSettings]:
    """With an empty bucket."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            endpoint = f"http://127.0.0.1:{int(process.stdout.readline())}"
            httpx2.put(f"{endpoint}/{bucket}").raise_for_status()
            yield PhotoSettings(
                bucket=bucket, endpoint=endpoint, access_key="somebody", secret_key="a secret"
            )
        finally:
            process.stdin.close()  # it ends then
