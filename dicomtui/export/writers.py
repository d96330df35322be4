"""Writes the file of a piece, in each of the formats."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from dicomtui.archive.opening import open_instance
from dicomtui.dataset.elements import elements_of
from dicomtui.export.arrays import FrameArrays, write_npy, write_npz
from dicomtui.export.attributes import csv_lines, flat_json_line, json_text, metadata_of, text_lines
from dicomtui.export.copies import write_copy
from dicomtui.export.dcm2niix import SUFFIXES, converted
from dicomtui.export.enclosed import enclosed
from dicomtui.export.formats import FORMATS
from dicomtui.export.movies import write_movie
from dicomtui.export.nifti import write_nifti
from dicomtui.export.pictures import Picture, write_pictures
from dicomtui.export.sheets import SIDE, contact_sheets
from dicomtui.export.shown import Shown
from dicomtui.imaging.geometry import plane_of
from dicomtui.imaging.volume import volume_of
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.dataset.reading import Instance
    from dicomtui.export.options import ExportOptions
    from dicomtui.export.planning import Piece

Notes = tuple[str, ...]


class Part(NamedTuple):
    """One of the files of a piece: most have one, contact sheets a file for each sheet."""

    suffix: str
    """What follows the path that was planned."""
    write: Callable[[BinaryIO], Notes]
    """Writes it into an empty file; returns what is odd about it."""


class Writer:
    """Writes pieces with the same options; frames of one instance in a row open it once."""

    def __init__(self, options: "ExportOptions") -> None:
        self._options = options
        self._format = FORMATS[options.format]
        self._suffix = "" if options.dicomdir else options.suffix or self._format.suffix
        self._shown: tuple[tuple[str, ...], Shown] | None = None

    def parts(self, piece: "Piece", stack: ExitStack) -> Iterator[Part]:
        """Yield the files of *piece*; each has to be written before the next is asked for.

        Parameters
        ----------
        piece : Piece
            What belongs into them.
        stack : ExitStack
            Is closed when they are written.

        Raises
        ------
        DicomTuiError
            If a source cannot be read, decoded, or written in this format.
        """
        name = self._format.name
        if name == "sheet":
            yield from self._sheets(piece)
        elif name == "nifti" and self._options.engine == "dcm2niix":
            yield from self._converted(piece, stack)
        elif name == "enclosed":
            found = enclosed(open_instance(piece.sources[0]))
            yield Part(found.suffix, partial(_without_notes, found.write))
        else:
            write = {"picture": self._pictures, "movie": self._movie, "attributes": self._attributes}.get(
                self._format.kind
            ) or getattr(self, f"_{name}")
            yield Part(self._suffix, partial(write, piece))

    def _shown_of(self, piece: "Piece") -> Shown:
        if self._shown is None or self._shown[0] != piece.sources:
            self._shown = piece.sources, Shown(piece.sources, (), self._options)
        return self._shown[1]

    def _pictures(self, piece: "Piece", stream: BinaryIO) -> Notes:
        shown = self._shown_of(piece)
        notes: dict[str, None] = {}

        def pictures() -> Iterator[Picture]:
            for number in piece.frames or shown.numbers:
                picture = shown.picture(number)
                notes.update(dict.fromkeys(picture.notes))
                yield picture

        more = write_pictures(stream, pictures(), self._format.name, self._metadata(piece))
        return (*more, *notes)

    def _movie(self, piece: "Piece", stream: BinaryIO) -> Notes:
        shown = Shown(piece.sources, piece.frames, self._options)
        seconds, sweeps = shown.timing()
        comment = "\n".join(f"{name}: {value}" for name, value in (self._metadata(piece) or {}).items())
        written = write_movie(
            stream,
            lambda index: shown.picture(shown.numbers[index]).values,
            seconds,
            self._format.name,
            sweeps=sweeps,
            comment=comment,
        )
        left_out = len(seconds) - written
        return (
            (f"{count_text(left_out, 'frame is', 'frames are')} left out to keep the time",)
            if left_out > 0
            else ()
        )

    def _sheets(self, piece: "Piece") -> Iterator[Part]:
        shown = Shown(piece.sources, piece.frames, self._options)
        across, down = self._options.sheet
        cells = ((shown.picture(number).values, shown.caption(number)) for number in shown.numbers)
        count = -(-len(shown.numbers) // (across * down))
        sheets = contact_sheets(cells, across, down, self._options.size or SIDE)
        for number, sheet in enumerate(sheets, 1):
            page = f"-{number:0{len(str(count))}}" if count > 1 else ""
            yield Part(
                page + self._format.suffix, partial(_write_sheet, Picture(sheet), self._metadata(piece))
            )

    def _converted(self, piece: "Piece", stack: ExitStack) -> Iterator[Part]:
        made = stack.enter_context(converted(piece.sources, sidecar=self._options.with_metadata))
        for path in made:
            ending = path.rsplit("volume", 1)[-1]  # "_1.nii.gz" where there are several
            if ending.endswith(SUFFIXES):
                yield Part(ending, partial(_copy_file, path))

    def _frames(self, instance: "Instance") -> FrameArrays:
        options = self._options
        return FrameArrays(instance, options.stage, options.window, options.process)

    def _npy(self, piece: "Piece", stream: BinaryIO) -> Notes:
        arrays = self._frames(open_instance(piece.sources[0]))
        numbers = piece.frames or range(1, arrays.count + 1)
        write_npy(stream, (arrays.array(number).values for number in numbers), len(numbers))
        return ()

    def _npz(self, piece: "Piece", stream: BinaryIO) -> Notes:
        values: list[NDArray[Any]] = []
        planes: list[NDArray[np.float64]] = []
        for source in piece.sources:
            instance = open_instance(source)
            arrays = self._frames(instance)
            alone = len(piece.sources) == 1
            for number in (piece.frames or range(1, arrays.count + 1)) if alone else (1,):
                values.append(arrays.array(number).values)
                plane = plane_of(instance.dataset, number)
                planes.append(np.full((3, 3), np.nan) if plane is None else np.array(plane))
        where = np.stack(planes)
        write_npz(stream, values, position=where[:, 0], across=where[:, 1], down=where[:, 2])
        return ()

    def _nifti(self, piece: "Piece", stream: BinaryIO) -> Notes:
        volume = volume_of([open_instance(source) for source in piece.sources])
        write_nifti(stream, volume, compressed=self._suffix.endswith(".gz"))
        return volume.notes

    def _dicom(self, piece: "Piece", stream: BinaryIO) -> Notes:
        return write_copy(stream, piece.sources[0], self._options.transfer_syntax)

    def _attributes(self, piece: "Piece", stream: BinaryIO) -> Notes:
        source = piece.sources[0]
        instance = open_instance(source)
        if self._format.name == "csv":
            lines = csv_lines(instance)
        elif self._format.name == "text":
            lines = (f"{line}\n" for line in text_lines(elements_of(instance), full=True))
        else:
            lines = iter(
                [json_text(instance) if self._format.name == "json" else flat_json_line(source, instance)]
            )
        stream.writelines(line.encode("utf-8", "backslashreplace") for line in lines)
        return instance.warnings

    def _metadata(self, piece: "Piece") -> dict[str, str] | None:
        return metadata_of(open_instance(piece.sources[0])) if self._options.with_metadata else None


def _write_sheet(picture: Picture, metadata: dict[str, str] | None, stream: BinaryIO) -> Notes:
    return write_pictures(stream, [picture], "png", metadata)


def _copy_file(path: str, stream: BinaryIO) -> Notes:
    with open(path, "rb") as made:
        shutil.copyfileobj(made, stream)
    return ()


def _without_notes(write: Callable[[BinaryIO], None], stream: BinaryIO) -> Notes:
    write(stream)
    return ()
