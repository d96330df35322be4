"""The frames of an instance in another Transfer Syntax, or changed in their own; one is held at a time.

References
----------
DICOM PS3.5 8.1 and 8.2, Annex A; PS3.3 C.7.6.3 (the attributes that have to follow).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement

from dicomtui.dataset.file_writing import NewPixels
from dicomtui.dataset.reading import Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label, value
from dicomtui.imaging.codecs import codec_for
from dicomtui.imaging.encoders import ENCODABLE, EncodeError, encoder_for
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.native import frame_bits
from dicomtui.imaging.overlays import overlay_groups
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from dicomtui.imaging.image_pixel import ImagePixel

Edit = Callable[[NDArray[Any], int], None]
"""Changes the values of a frame in place; its number, from 1."""

_NATIVE_LIMIT = 0xFFFFFFFE
"""Bytes that an element of known length can have (PS3.5 7.1)."""
_OVERLAY_POSITION, _OVERLAY_DATA = 0x0102, 0x3000


class Transcoding:
    """The frames of one instance on their way into a Transfer Syntax, always without loss.

    Attributes
    ----------
    frames : Frames
        Where they come from.
    whole_words : bool
        Whether words are taken with all bits allocated, so that what stands in unused ones stays: where both
        syntaxes store words. Otherwise stored values are taken.
    encoder : Encoder
        What writes them.

    Raises
    ------
    DecodeError
        If there is no pixel data, if it is a video, or cut.
    EncodeError
        If the Transfer Syntax cannot hold it without loss.
    """

    def __init__(self, instance: Instance, transfer_syntax: str) -> None:
        self._instance = instance
        self._name = safe_line(instance.source.name)
        self._refuse_video()
        self.frames = Frames(instance)
        self._refuse_cut()
        pixel = replace(self.frames.pixel, photometric=self.frames.photometric(1))
        self.pixel: ImagePixel = pixel
        """What the decoded frames are."""
        target = ENCODABLE.get(transfer_syntax)
        self.whole_words: bool = self._has_words() and target is not None and target.keeps_words
        if not self.whole_words:
            self._refuse_overlays()
            taken = pixel
        else:
            bits = pixel.bits_allocated
            taken = replace(pixel, bits_stored=bits, high_bit=bits - 1, signed=False)
        try:
            self.encoder = encoder_for(transfer_syntax, taken)
        except EncodeError as error:
            raise EncodeError(f"{self._name}: {error}") from error
        self._refuse_long()

    @property
    def changes(self) -> dict[int, DataElement]:
        """The elements that have to be replaced in the Data Set, by tag, for it to say what is there now."""
        written = self.encoder.pixel
        wanted: dict[str, str | int] = {"PhotometricInterpretation": written.photometric}
        if written.samples > 1:
            wanted["PlanarConfiguration"] = written.planar
        if not self.whole_words:
            wanted["HighBit"] = written.high_bit
        changes = {}
        for keyword, now in wanted.items():
            tag = tag_for_keyword(keyword)
            assert tag is not None
            if value(self._instance.dataset, keyword) != now:
                changes[tag] = DataElement(tag, dictionary_VR(tag), now)
        return changes

    def pixels(self, edit: Edit | None = None) -> NewPixels:
        """Return the pixel data to be written; frames are read, changed and encoded while it is.

        Parameters
        ----------
        edit : callable, optional
            Changes each frame: whole words or stored values, see :attr:`whole_words`.
        """
        encoder, count = self.encoder, self.frames.count
        encoded = self._named(encoder.frames(self._values(edit)))
        return NewPixels(encoder.vr, encoded, count, encoder.syntax.encapsulated, encoder.length(count))

    def _values(self, edit: Edit | None) -> Iterator[NDArray[Any]]:
        for number in range(1, self.frames.count + 1):
            if self.whole_words:
                values = self.frames.words(number)
            else:
                values, photometric, _ = self.frames.frame(number)
                if photometric != self.pixel.photometric:
                    raise EncodeError(f"frame {number:,} is {safe_line(photometric, 16)}, the first is not")
            if edit is not None:
                values = values if values.flags.writeable else values.copy()
                edit(values, number)
            yield values

    def _named(self, encoded: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from encoded
        except EncodeError as error:
            raise EncodeError(f"{self._name}: {error}") from error

    def _has_words(self) -> bool:
        element = self._instance.pixel_data
        assert element is not None
        source = ENCODABLE.get(self.frames.codec.uid)
        return element.fragments is None or (source is not None and source.keeps_words)

    def _refuse_video(self) -> None:
        element = self._instance.pixel_data
        if element is None or element.fragments is None or not self._instance.encoding.declared:
            return
        codec = codec_for(self._instance.transfer_syntax)
        if codec.is_video:
            raise DecodeError(f"{self._name}: its frames are a video ({codec}), which cannot be written anew")

    def _refuse_cut(self) -> None:
        element, frames = self._instance.pixel_data, self.frames
        assert element is not None
        there = frames.count
        needed = -(-frame_bits(frames.pixel) * frames.pixel.frames // 8) if element.fragments is None else 0
        if there < frames.pixel.frames or element.length < needed:
            raise DecodeError(
                f"{self._name}: the pixel data is cut: {label('NumberOfFrames')} is {frames.pixel.frames:,}, "
                f"it ends in frame {there:,} with {element.length:,} bytes"
            )

    def _refuse_overlays(self) -> None:
        """Refuse to lose overlays that stand in unused bits of the words (PS3.5 8.1.2, retired)."""
        dataset, pixel = self._instance.dataset, self.frames.pixel
        lowest = pixel.high_bit + 1 - pixel.bits_stored
        unused = [at for at in range(pixel.bits_allocated) if not lowest <= at <= pixel.high_bit]
        for group in overlay_groups(dataset) if self.frames.codec.lossless else ():
            try:
                position = unused.index(dataset[group, _OVERLAY_POSITION].value)
            except Exception:  # noqa: BLE001  absent, no unused bit, or a converter that raises anything
                continue
            if (group, _OVERLAY_DATA) not in dataset:
                raise EncodeError(
                    f"{self._name}: an overlay stands in bit {unused[position]} of the pixel data "
                    f"({group:04X},0102), which only Transfer Syntaxes that store words can keep"
                )

    def _refuse_long(self) -> None:
        length = self.encoder.length(self.frames.count)
        if not self.encoder.syntax.encapsulated and length > _NATIVE_LIMIT:
            raise EncodeError(f"{self._name}: its {length:,} bytes are too many for {self.encoder.syntax}")
