"""Encapsulated pixel data: each frame is read from its own fragments and decoded alone.

References
----------
DICOM PS3.5 A.4 (Transfer Syntaxes for encapsulation of encoded Pixel Data).
"""

from dicomtui.dataset.reading import Fragments, Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.codecs import Codec, codec_for, infer_codec
from dicomtui.imaging.image_pixel import FRAME_LIMIT, ImagePixel
from dicomtui.imaging.offsets import START_LENGTH, frame_spans
from dicomtui.imaging.stored_values import Words


class EncapsulatedFrames:
    """The frames of encapsulated pixel data; which fragments are whose is found out once."""

    def __init__(self, instance: Instance, pixel: ImagePixel, fragments: Fragments) -> None:
        self._source = instance.source
        self._fragments = fragments
        self.pixel = pixel
        self.codec, notes = _choose_codec(instance, fragments)
        self._spans = frame_spans(instance, fragments, pixel.frames, self.codec.begins_frame)
        self.count = self._spans.count
        self.notes = notes + self._spans.notes

    def words(self, number: int) -> Words:
        """Decode frame *number*, from 1; raises whatever its codec raises."""
        assert self.codec.decode is not None
        return self.codec.decode(self._encoded(number), self.pixel)

    def _encoded(self, number: int) -> bytes:
        """Join the fragments of a frame."""
        first, behind = self._spans.firsts[number - 1], self._spans.firsts[number]
        length = sum(self._fragments.lengths[first:behind])
        if length > FRAME_LIMIT:
            raise ValueError(f"its {length:,} encoded bytes are more than {FRAME_LIMIT >> 20} MiB")
        with self._source.open() as stream:
            parts = []
            for at in range(first, behind):
                stream.seek(self._fragments.offsets[at])
                parts.append(stream.read(self._fragments.lengths[at]))
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _choose_codec(instance: Instance, fragments: Fragments) -> tuple[Codec, tuple[str, ...]]:
    """Follow the Transfer Syntax; where it is absent or native, the first frame's bytes tell."""
    if instance.encoding.declared:
        declared = codec_for(instance.transfer_syntax)
        if not declared.is_native:
            return declared, ()
        what = f"Transfer Syntax UID (0002,0010) is {declared}, but the pixel data is encapsulated"
    else:
        what = "there is no Transfer Syntax UID (0002,0010)"
    start = b""
    if len(fragments.offsets) > 1:
        with instance.source.open() as stream:
            stream.seek(fragments.offsets[1])
            start = stream.read(min(START_LENGTH, fragments.lengths[1]))
    inferred = infer_codec(start)
    if inferred is None:
        raise DecodeError(f"{what}, and its first bytes do not tell how")
    return inferred, (f"{what}: read as {inferred.name}",)
