"""The Transfer Syntaxes that pixel data can be written in, always without loss: one table, keyed by UID.

References
----------
DICOM PS3.5 8.2 (which Photometric Interpretations and bits each syntax allows), Annex A, Annex G.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from numpy.typing import NDArray

from dicomtui.errors import DicomTuiError, UsageError
from dicomtui.imaging.attributes import label
from dicomtui.imaging.codecs import CODECS
from dicomtui.imaging.codestream_encoding import (
    encode_htj2k,
    encode_jpeg,
    encode_jpeg_2000,
    encode_jpeg_ls,
    encode_jpeg_xl,
)
from dicomtui.imaging.image_pixel import ImagePixel
from dicomtui.imaging.native import expanded_photometric
from dicomtui.imaging.packing import pack_bits, pack_rle, pack_words
from dicomtui.text import safe_line


class EncodeError(DicomTuiError):
    """Pixel data that a Transfer Syntax cannot hold without loss."""


Encode = Callable[[NDArray[Any], ImagePixel], bytes]
"""Takes stored values and what they are; they fit, that has been seen to."""


@dataclass(frozen=True, slots=True)
class Encodable:
    """What one Transfer Syntax can hold, and what encodes it."""

    uid: str
    encode: Encode
    names: tuple[str, ...] = ()
    """What a person may call it."""
    encapsulated: bool = True
    little: bool = True
    photometric: tuple[str, ...] = ()
    """The Photometric Interpretations that it allows; native syntaxes hold any."""
    bits: range = range(1, 33)
    """The Bits Stored that it can hold."""
    allocated: tuple[int, ...] = (1, 8, 16, 32)
    """The Bits Allocated that it allows."""
    signed: bool = True
    """Whether it has signed values."""
    planar: int | None = 0
    """The Planar Configuration that colour has in it; None where it may be either."""
    transformed: bool = False
    """Whether RGB goes through the reversible transformation of JPEG 2000 and is called YBR_RCT then."""

    keeps_words: bool = True
    """Whether words are stored with all bits allocated, so that overlays may stand in unused ones."""

    def __str__(self) -> str:
        return str(CODECS[self.uid])


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes frames of one description in one Transfer Syntax: call it with stored values."""

    syntax: Encodable
    pixel: ImagePixel
    """What is written: Photometric Interpretation, Planar Configuration and High Bit of the new Data Set."""

    @property
    def vr(self) -> str:
        """The Value Representation of the pixel data."""
        if self.pixel.kind != "integer":
            return "OF" if self.pixel.kind == "float" else "OD"
        wide = self.pixel.bits_allocated > 8 or self.syntax.uid == IMPLICIT
        return "OW" if wide and not self.syntax.encapsulated else "OB"

    def length(self, frames: int) -> int:
        """Return how many bytes so many native frames take, without padding."""
        return -(-self.pixel.values_per_frame * self.pixel.bits_allocated * frames // 8)

    def __call__(self, values: NDArray[Any]) -> bytes:
        """Encode one frame.

        Parameters
        ----------
        values : ndarray, shape (rows, columns) or (rows, columns, samples)
            Stored values as :class:`dicomtui.imaging.frames.Frames` gives them, colour by pixel.

        Returns
        -------
        bytes
            Not padded to an even length.

        Raises
        ------
        EncodeError
            If the values are of another shape, or beyond Bits Stored, or the codec fails.
        """
        self._check(values)
        try:
            return self.syntax.encode(values, self.pixel)
        except (RuntimeError, ValueError) as error:  # what codecs raise names a function of theirs
            reason = safe_line(str(error), 200)
            raise EncodeError(f"a frame cannot be encoded as {self.syntax} ({reason})") from error

    def frames(self, frames: Iterable[NDArray[Any]]) -> Iterator[bytes]:
        """Encode one frame after the other; native frames of single bits share the bytes between them."""
        if self.syntax.encapsulated or self.pixel.bits_allocated > 1:
            return map(self, frames)
        return pack_bits(self._checked(values) for values in frames)

    def _checked(self, values: NDArray[Any]) -> NDArray[Any]:
        self._check(values)
        return values

    def _check(self, values: NDArray[Any]) -> None:
        pixel = self.pixel
        if values.shape != pixel.shape:
            raise EncodeError(f"a frame has the shape {values.shape}, not {pixel.shape}")
        if pixel.kind != "integer":
            return
        limit = 1 << (pixel.bits_stored - pixel.signed)
        if values.min() < (-limit if pixel.signed else 0) or values.max() >= limit:
            raise EncodeError(f"a frame has values beyond {label('BitsStored')} {pixel.bits_stored}")


def encodable(name: str) -> Encodable:
    """Return the Transfer Syntax that a person means: a short name such as ``rle``, or a UID.

    Raises
    ------
    UsageError
        If nothing can be written in it.
    """
    if found := ENCODABLE.get(name) or _BY_NAME.get(name.lower()):
        return found
    known = ", ".join(_BY_NAME)
    raise UsageError(f"{safe_line(name, 64)}: no Transfer Syntax that can be written; these can: {known}")


def encoder_for(transfer_syntax: str, pixel: ImagePixel) -> Encoder:
    """Return what encodes frames in a Transfer Syntax.

    Parameters
    ----------
    transfer_syntax : str
        Its UID.
    pixel : ImagePixel
        What the frames are. Photometric Interpretation is the declared one or, better, that of the decoded
        values, which is RGB where it says YBR_RCT.

    Raises
    ------
    EncodeError
        If there is no encoder, or the syntax does not allow what *pixel* says.
    """
    syntax = ENCODABLE.get(transfer_syntax)
    if syntax is None:
        codec = CODECS.get(transfer_syntax)
        named = str(codec) if codec else safe_line(transfer_syntax, 64)
        raise EncodeError(f"nothing can be written in the Transfer Syntax {named}")
    photometric = _DECODED.get(pixel.photometric, expanded_photometric(pixel.photometric))
    if why := _refusal(syntax, pixel, photometric):
        raise EncodeError(f"{syntax} cannot hold {why}")
    if syntax.transformed and photometric == "RGB":
        photometric = "YBR_RCT"
    planar = pixel.planar if syntax.planar is None else syntax.planar
    written = replace(
        pixel,
        photometric=photometric,
        planar=planar if pixel.samples > 1 else 0,
        high_bit=pixel.bits_stored - 1,
        notes=(),
    )
    return Encoder(syntax, written)


def _refusal(syntax: Encodable, pixel: ImagePixel, photometric: str) -> str:
    """Return what of *pixel* the syntax does not allow, or ``""``."""
    if pixel.bits_allocated == 1 and pixel.samples > 1:
        return "colour of single bits"
    if not syntax.encapsulated:
        return ""
    if pixel.kind != "integer":
        return f"{pixel.kind} values"
    if photometric not in syntax.photometric:
        return f"{label('PhotometricInterpretation')} {safe_line(photometric, 16)}"
    if pixel.bits_allocated not in syntax.allocated:
        return f"{label('BitsAllocated')} {pixel.bits_allocated}"
    if pixel.bits_stored not in syntax.bits:
        return f"{label('BitsStored')} {pixel.bits_stored}"
    if pixel.signed and not syntax.signed:
        return f"signed values ({label('PixelRepresentation')} 1)"
    return ""


_DECODED = {"YBR_RCT": "RGB", "YBR_ICT": "RGB", "XYB": "RGB"}
"""What decoders make of a colour transformation that belongs to the codestream."""


def _native(values: NDArray[Any], pixel: ImagePixel, *, little: bool = True) -> bytes:
    return pack_words(values, pixel, little=little)


def _deflate(values: NDArray[Any], pixel: ImagePixel) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(pack_words(values, pixel)) + deflater.flush()


_ROOT = "1.2.840.10008.1.2"
IMPLICIT = _ROOT
EXPLICIT = f"{_ROOT}.1"

_GREY = ("MONOCHROME1", "MONOCHROME2")
_PLAIN = (*_GREY, "PALETTE COLOR", "RGB", "YBR_FULL")
_WHOLE_BYTES = (8, 16)


def _codestream(
    last: int, encode: Encode, *names: str, bits: range = range(2, 17), **allowed: Any
) -> Encodable:
    uid = f"{_ROOT}.4.{last}"
    options = {"photometric": _PLAIN, "allocated": _WHOLE_BYTES, "keeps_words": False, **allowed}
    return Encodable(uid, encode, names, bits=bits, **options)


ENCODABLE: dict[str, Encodable] = {
    syntax.uid: syntax
    for syntax in (
        Encodable(EXPLICIT, _native, ("explicit",), encapsulated=False, planar=None),
        Encodable(IMPLICIT, _native, ("implicit",), encapsulated=False, planar=None),
        Encodable(
            f"{_ROOT}.2",
            partial(_native, little=False),
            ("big-endian",),
            encapsulated=False,
            little=False,
            planar=None,
        ),
        Encodable(f"{_ROOT}.1.99", _native, ("deflated",), encapsulated=False, planar=None),
        # colour is by plane in RLE whatever the attribute says, so it says so (PS3.5 G.2)
        Encodable(f"{_ROOT}.5", pack_rle, ("rle",), photometric=_PLAIN, planar=1),
        Encodable(f"{_ROOT}.1.98", _native, photometric=_PLAIN, planar=None),
        Encodable(f"{_ROOT}.8.1", _deflate, ("deflated-frame",), photometric=_PLAIN, planar=None),
        _codestream(70, encode_jpeg, "jpeg"),
        _codestream(57, encode_jpeg),
        _codestream(80, encode_jpeg_ls, "jpeg-ls"),
        _codestream(90, encode_jpeg_2000, "jpeg-2000", bits=range(1, 17), transformed=True),
        _codestream(201, encode_htj2k, "htj2k", bits=range(1, 17), transformed=True),
        _codestream(202, encode_htj2k, "htj2k-rpcl", bits=range(1, 17), transformed=True),
        _codestream(110, encode_jpeg_xl, "jpeg-xl", photometric=(*_GREY, "RGB"), signed=False),
        # these allow loss, but do not ask for it
        _codestream(81, encode_jpeg_ls),
        _codestream(91, encode_jpeg_2000, bits=range(1, 17), transformed=True),
        _codestream(203, encode_htj2k, bits=range(1, 17), transformed=True),
        _codestream(112, encode_jpeg_xl, photometric=(*_GREY, "RGB"), signed=False),
    )
}
"""Every Transfer Syntax that can be written, by its UID."""

_BY_NAME = {name: syntax for syntax in ENCODABLE.values() for name in syntax.names}
