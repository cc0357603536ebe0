"""Files from browsers: received into a private folder, under names of our own, and gone afterwards."""

import errno
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from anyio import to_thread
from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from gis.errors import InstallationError, InvalidInput

MOST_FILES = 64
_MOST_FIELDS = 80
_MOST_FIELD_BYTES = 4096
_UNPRINTABLE = re.compile(r"[^\w .()\[\]+,@=~%-]")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedFile:
    """`path` has nothing of the sender's but the suffix, in lower case and one of those allowed;
    `label` is what they call it, for messages to them."""

    path: Path
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A multipart body: the files of `files` in their order, and every other field's values."""

    files: tuple[ReceivedFile, ...]
    fields: Mapping[str, tuple[str, ...]]

    def field(self, name: str) -> str | None:
        """The only value of a field, None when it is missing or empty. Raises InvalidInput."""
        values = self.fields.get(name, ())
        if len(values) > 1:
            raise InvalidInput(f"Send {name} once.", field=name)
        return (values[0].strip() or None) if values else None


def form_body(
    properties: Mapping[str, Any], *, required: Sequence[str] = ("files",)
) -> dict[str, Any]:
    """The OpenAPI entry of a multipart body that a route reads by itself."""
    schema = {"type": "object", "required": [*required], "properties": properties}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


@asynccontextmanager
async def received_files(
    request: Request, *, suffixes: Collection[str] | None, most_files: int = MOST_FILES
) -> AsyncIterator[Received]:
    """The files and fields of a multipart/form-data body, until the end of the block.

    Files that share a stem share one here too (the parts of a shapefile). Without `suffixes` any name
    will do, and says nothing: a picture that a page has made is called "blob". How large the body may be
    is the business of `api.limits`. The caller's permission must be checked before: a route asks for
    the request and not for the form, which FastAPI would read first. Raises InvalidInput when there
    is no file, or one of another kind.
    """
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise InvalidInput("Send the files as multipart/form-data.", field="files")
    with private_folder() as folder:
        async with request.form(
            max_files=most_files, max_fields=_MOST_FIELDS, max_part_size=_MOST_FIELD_BYTES
        ) as form:
            received = await _receive(form, folder, suffixes)
        yield received


@contextmanager
def private_folder() -> Iterator[Path]:
    """Where files are put as they arrive, for the server's user alone, until the end of the block.
    Raises InstallationError when the disk is full."""
    try:
        # TemporaryDirectory makes it for its owner only.
        with tempfile.TemporaryDirectory(prefix="wangge-upload-") as folder:
            yield Path(folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InstallationError(
                "The server's disk has no room for these files; tell whoever runs it."
            ) from error
        raise


async def _receive(form: FormData, folder: Path, suffixes: Collection[str] | None) -> Received:
    files: list[ReceivedFile] = []
    fields: dict[str, tuple[str, ...]] = {}
    stems: dict[str, str] = {}
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            fields[name] = (*fields.get(name, ()), value)
            continue
        if name != "files":
            raise InvalidInput(f"A file came as {name[:40]!r}; send it as 'files'.", field="files")
        label = label_of(value.filename or "")
        suffix = "" if suffixes is None else PurePosixPath(label).suffix.lower()
        if suffixes is not None and suffix not in suffixes:
            raise InvalidInput(
                f"{label or 'A file without a name'} is not of a kind that is read here; send "
                f"{', '.join(sorted(suffixes))}.",
                field="files",
            )
        stem = stems.setdefault(PurePosixPath(label).stem, f"file-{len(stems) + 1}")
        path = folder / f"{stem}{suffix}"
        if path.exists():
            raise InvalidInput(f"Two files are called {label}; name each its own.", field="files")
        await save(value, path)
        files.append(ReceivedFile(path=path, label=label))
    if not files:
        raise InvalidInput("There is no file in the request; send some as 'files'.", field="files")
    return Received(files=tuple(files), fields=fields)


def label_of(filename: str) -> str:
    """The last part of a name, whatever the sender's path is written like, without what could disturb
    a terminal or a page."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    shown = _UNPRINTABLE.sub("_", last).strip(" .")
    stem, dot, suffix = shown.rpartition(".")
    return f"{stem[:80]}{dot}{suffix[:10]}" if dot else shown[:80]


async def save(file: UploadFile, path: Path) -> None:
    """Keep the file that came at `path`, where there is none yet."""
    await to_thread.run_sync(_copy, file, path)


def _copy(source: UploadFile, path: Path) -> None:
    with path.open("xb") as target:
        shutil.copyfileobj(source.file, target, 1024 * 1024)
