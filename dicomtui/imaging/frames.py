"""The frames of one instance as stored values, each read at the cost of one.

References
----------
DICOM PS3.5 8.1 and 8.2 (Encoding of Pixel Data), Annex A (Transfer Syntaxes).
"""

from typing import Any, NamedTuple, NoReturn

from numpy.typing import NDArray

from dicomtui.dataset.reading import Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label
from dicomtui.imaging.codecs import Codec, codec_for
from dicomtui.imaging.encapsulated import EncapsulatedFrames
from dicomtui.imaging.image_pixel import ImagePixel, image_pixel
from dicomtui.imaging.native import NativeFrames
from dicomtui.imaging.stored_values import Words, smallest_type, stored_values
from dicomtui.imaging.video import VideoFrames
from dicomtui.text import safe_line


class Frame(NamedTuple):
    """One frame of an instance."""

    values: NDArray[Any]
    """Stored values, shape (rows, columns) or (rows, columns, samples)."""
    photometric: str
    """Photometric Interpretation of these values, for instance RGB where JPEG 2000 has undone YBR_RCT."""
    notes: tuple[str, ...] = ()
    """One line for each thing in the frame that contradicts the attributes or is missing."""


class Frames:
    """The frames of one instance, each read at the cost of one.

    Frames may be asked for in any order and from several threads; none is kept. Those of a video cost one
    each only when they are played forward.

    Parameters
    ----------
    instance : Instance
        Its pixel data is located already; only the bytes of a frame that is asked for are read.

    Attributes
    ----------
    pixel : ImagePixel
        What every frame looks like.
    codec : Codec
        How the frames are encoded.
    count : int
        How many frames are there: the declared number, or fewer where the pixel data ends before.

    Raises
    ------
    DecodeError
        If there is no pixel data, or it cannot be what its description says.
    """

    def __init__(self, instance: Instance) -> None:
        self._name = safe_line(instance.source.name)
        if instance.pixel_data is None:
            raise DecodeError(f"{self._name}: there is no pixel data")
        self.pixel: ImagePixel = image_pixel(instance)
        try:
            self.codec, self._reader = _reader(instance, self.pixel)
        except DecodeError as error:
            raise DecodeError(f"{self._name}: {error}") from error
        self.count: int = self._reader.count
        self._notes = dict.fromkeys((*self.pixel.notes, *self._reader.notes))
        self._photometric: dict[int, str] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each contradiction in the instance and in the frames that were read so far."""
        return tuple(self._notes)

    def frame(self, number: int) -> Frame:
        """Read and decode one frame.

        Parameters
        ----------
        number : int
            The frame, from 1.

        Returns
        -------
        Frame
            Its values are masked to Bits Stored, sign-extended, colour by pixel, in no other colour space
            than they were, in the smallest integer type that holds them; float values as they are.

        Raises
        ------
        DecodeError
            In one line, if the frame is not there or cannot be decoded.
        """
        words = self._words(number)
        values, notes = self._values(words)
        self._notes.update(dict.fromkeys(notes))
        self._photometric[number] = words.photometric
        return Frame(values, words.photometric, notes)

    def stored(self, number: int) -> NDArray[Any]:
        """Return the stored values of frame *number*, from 1: :attr:`Frame.values`."""
        return self.frame(number).values

    def photometric(self, number: int) -> str:
        """Return what the stored values of frame *number* are; it is decoded if it was not yet."""
        if number not in self._photometric:
            self.frame(number)
        return self._photometric[number]

    def words(self, number: int) -> NDArray[Any]:
        """Return frame *number* with all bits allocated: overlays may stand above or below the values."""
        return self._words(number).words

    def _words(self, number: int) -> Words:
        if not 1 <= number <= self.pixel.frames:
            self._refuse(number, f"there are frames 1 to {self.pixel.frames:,}")
        if number > self.count:
            self._refuse(
                number,
                f"it is not there: {label('NumberOfFrames')} is {self.pixel.frames:,}, "
                f"the pixel data ends with frame {self.count:,}",
            )
        try:
            return self._reader.words(number)
        except Exception as error:  # noqa: BLE001  a codec raises anything on hostile input
            self._refuse(number, safe_line(str(error) or type(error).__name__, 400), error)

    def _values(self, words: Words) -> tuple[NDArray[Any], tuple[str, ...]]:
        pixel = self.pixel
        if pixel.kind != "integer":
            return words.words, words.notes
        stored_type = smallest_type(pixel.bits_stored, signed=pixel.signed)
        if words.bits <= pixel.bits_stored or (self.codec.lossless and words.bits <= pixel.bits_allocated):
            bits = min(words.bits, pixel.bits_stored)
            shift = pixel.high_bit + 1 - pixel.bits_stored if words.bits > pixel.high_bit else 0
            values = stored_values(words.words, bits, shift=shift, signed=pixel.signed)
            return values.astype(stored_type, copy=False), words.notes
        # A lossy codestream of more precision may overshoot, and one of more bits than are allocated shows
        # that the attributes lie: to mask either would turn white into black.
        values = stored_values(words.words, words.bits, signed=pixel.signed)
        limit = 1 << (pixel.bits_stored - pixel.signed)
        if values.max() < limit and values.min() >= (-limit if pixel.signed else 0):
            return values.astype(stored_type, copy=False), words.notes
        note = f"values beyond {label('BitsStored')} {pixel.bits_stored} are kept as they were decoded"
        return values, (*words.notes, note)

    def _refuse(self, number: int, why: str, error: Exception | None = None) -> NoReturn:
        raise DecodeError(f"{self._name}: frame {number:,} ({self.codec}): {why}") from error


def _reader(
    instance: Instance, pixel: ImagePixel
) -> tuple[Codec, NativeFrames | EncapsulatedFrames | VideoFrames]:
    element = instance.pixel_data
    assert element is not None
    if element.fragments is not None:
        if instance.encoding.declared and (codec := codec_for(instance.transfer_syntax)).is_video:
            return codec, VideoFrames(instance, pixel, element.fragments)
        encapsulated = EncapsulatedFrames(instance, pixel, element.fragments)
        return encapsulated.codec, encapsulated
    codec = codec_for(instance.transfer_syntax)
    native = NativeFrames(instance, pixel, element)
    if not codec.is_native:
        if native.count < pixel.frames or element.length * 8 < pixel.values_per_frame * pixel.bits_allocated:
            raise DecodeError(
                f"Transfer Syntax UID (0002,0010) is {codec}, but the pixel data is not encapsulated"
            )
        native.notes += (f"Transfer Syntax UID (0002,0010) is {codec}, but the pixel data is native",)
    return codec, native
