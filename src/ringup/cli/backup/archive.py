"""The archive: a gzipped tar of a manifest and the members that it names. Nothing else is read."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ringup.cli.backup.files import CHUNK, appearing
from ringup.cli.backup.manifest import Manifest, Member
from ringup.core.sentences import Refusal

MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A file that becomes a member."""

    member: Member
    path: Path


def write(target: Path, manifest: Manifest, sources: list[Source]) -> None:
    """Make the archive at ``target``, which must not exist."""
    with appearing(target) as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
        text = manifest.as_bytes()
        tar.addfile(_entry(MANIFEST, len(text), manifest), io.BytesIO(text))
        for source in sources:
            with source.path.open("rb") as content:
                tar.addfile(_entry(source.member.name, source.member.bytes, manifest), content)


def _entry(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(manifest.made.timestamp())
    return entry


def read(archive: Path, place: Path) -> tuple[Manifest, dict[str, Path]]:
    """The manifest, and each member that it names as a file in ``place``, all checksums compared.

    Refuses what is broken, cut short, not ours, or holds what its manifest does not name.
    """
    with _readable(archive), tarfile.open(archive, mode="r:gz") as tar:
        manifest = Manifest.from_bytes(_content(tar, tar.next(), MANIFEST).read(_LARGEST_MANIFEST))
        wanted = {member.name: member for member in manifest.members}
        found: dict[str, Path] = {}
        while (entry := tar.next()) is not None:
            member = wanted.get(entry.name)
            if member is None or entry.name in found:
                raise Refusal(f"{archive} holds {entry.name!r}, which its manifest does not name.")
            found[entry.name] = _unpack(_content(tar, entry, entry.name), member, place)
        while tar.fileobj is not None and tar.fileobj.read(CHUNK):
            pass  # to the end, where gzip's own checksum stands
        if missing := sorted(set(wanted) - set(found)):
            raise Refusal(f"{archive} lacks {', '.join(missing)}. Nothing was changed.")
    return manifest, found


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Refusal(f"There is no file {archive}. Nothing was changed.") from error
    except (EOFError, zlib.error, tarfile.TarError) as error:
        raise Refusal(
            f"{archive} is no archive of Ringup, or it is cut short or damaged ({error}). Nothing was "
            "changed. Take another backup."
        ) from error
    except OSError as error:
        raise Refusal(f"{archive} cannot be read: {error.strerror or error}.") from error


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo | None, name: str) -> IO[bytes]:
    content = None
    if entry is not None and entry.name == name and entry.isreg():
        content = tar.extractfile(entry)
    if content is None:
        raise tarfile.ReadError(f"{name} is not where it should be")
    return content


def _unpack(content: IO[bytes], member: Member, place: Path) -> Path:
    """Write one member under a name of our own choice, never under the archive's."""
    path = place / f"member-{member.sha256[:16]}"
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while size <= member.bytes and (chunk := content.read(CHUNK)):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    if size != member.bytes or digest.hexdigest() != member.sha256:
        raise Refusal(
            f"{member.name} in the archive is not what its manifest says (checksum). The archive is "
            "damaged or was changed. Nothing was changed here. Take another backup."
        )
    return path
