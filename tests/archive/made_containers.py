"""Zips and tars that tests make."""

import io
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

Files = Iterable[tuple[str, bytes]]


def zip_of(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    write_zip(stream, files, method)
    return stream.getvalue()


def write_zip(stream: BinaryIO, files: Files, method: int) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", method) as archive:
        warnings.simplefilter("ignore")  # names that stand twice
        for name, content in files:
            archive.writestr(name, content)


def streamed_zip_of(files: Files) -> bytes:
    """Return a zip as it is written to a pipe: sizes stand behind the members, in data descriptors."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

        def seek(self, *_: int) -> int:
            raise OSError

    stream = Pipe()
    write_zip(stream, files, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def tar_of(files: Files, mode: str = "w", format: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode, format=format) as archive:  # type: ignore[call-overload]
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def tgz_of(files: Files) -> bytes:
    return tar_of(files, "w:gz")


MAKERS: dict[str, tuple[str, Callable[[Files], bytes]]] = {
    "deflated zip": (".zip", zip_of),
    "stored zip": (".zip", lambda files: zip_of(files, zipfile.ZIP_STORED)),
    "streamed zip": (".zip", streamed_zip_of),
    "pax tar": (".tar", tar_of),
    "GNU tar": (".tar", lambda files: tar_of(files, format=tarfile.GNU_FORMAT)),
    "compressed tar": (".tgz", tgz_of),
}


def write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def a_container(folder: Path, kind: str, files: Files) -> str:
    suffix, make = MAKERS[kind]
    return write(folder, f"made{suffix}", make(files))
