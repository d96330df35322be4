"""The Transfer Syntaxes whose frames can be decoded: one table, keyed by UID.

References
----------
DICOM PS3.6 Table A-1 (names of the UIDs), PS3.5 8.2 (Photometric Interpretations of each).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pydicom._uid_dict import UID_dictionary

from dicomtui.dataset.encoding import GE_PRIVATE
from dicomtui.errors import DecodeError
from dicomtui.imaging import rle
from dicomtui.imaging.codestream import Kind, kind_of
from dicomtui.imaging.decoders import (
    Decoder,
    decode_codestream,
    decode_deflated,
    decode_rle,
    decode_uncompressed,
)
from dicomtui.text import safe_line


def _begins_codestream(start: bytes) -> bool:
    return kind_of(start) is not None


def _untold(start: bytes) -> bool:
    """Nothing in the bytes tells where a frame begins."""
    return False


@dataclass(frozen=True, slots=True)
class Codec:
    """How the frames of one Transfer Syntax are encoded."""

    uid: str
    """Transfer Syntax UID, empty if the codec was inferred."""
    name: str
    """As in PS3.6."""
    photometric: tuple[str, ...]
    """The Photometric Interpretations that are read."""
    decode: Decoder | None = None
    """None for native pixel data and video, which :mod:`dicomtui.imaging.native` and
    :mod:`dicomtui.imaging.video` read."""
    lossless: bool = True
    """Whether the syntax is for lossless compression only, so that bits beyond Bits Stored are no value."""
    begins_frame: Callable[[bytes], bool] = _begins_codestream
    """Tells from the first bytes of a fragment whether a frame begins there."""
    extra: str = ""
    """The extra of this project that has to be installed."""
    is_video: bool = False
    """Whether all frames are one bit stream, of which none can be decoded by itself."""

    @property
    def is_native(self) -> bool:
        """Whether frames stand in the file as they are."""
        return self.decode is None and not self.is_video

    def __str__(self) -> str:
        return f"{self.name} {self.uid}".rstrip()


def codec_for(uid: str) -> Codec:
    """Return the codec of a Transfer Syntax.

    Raises
    ------
    DecodeError
        If the UID is not in the table: it is private, or of no use for pictures.
    """
    if codec := CODECS.get(uid):
        return codec
    raise DecodeError(f"Transfer Syntax UID (0002,0010) is {safe_line(uid, 80)}: no codec for it")


def infer_codec(start: bytes) -> Codec | None:
    """Return the codec for a frame of which only the first bytes are known, None if they show nothing."""
    if rle.begins_frame(start):
        return CODECS[f"{_ROOT}.5"]
    kind = kind_of(start)
    return Codec("", kind, (), decode_codestream, lossless=False) if kind else None


_ROOT = "1.2.840.10008.1.2"
_NEW_NAMES = {
    f"{_ROOT}.4.110": "JPEG XL Lossless",
    f"{_ROOT}.4.111": "JPEG XL JPEG Recompression",
    f"{_ROOT}.4.112": "JPEG XL",
    f"{_ROOT}.8.1": "Deflated Image Frame Compression",
    GE_PRIVATE: "Implicit VR Big Endian (GE private)",
}
"""Names that pydicom's dictionary does not have."""

_GREY = ("MONOCHROME1", "MONOCHROME2")
_PLAIN = (*_GREY, "PALETTE COLOR", "RGB", "YBR_FULL")
_NATIVE = (*_PLAIN, "YBR_FULL_422")
_JPEG = (*_GREY, "RGB", "YBR_FULL", "YBR_FULL_422")
_J2K = (*_PLAIN, "YBR_RCT", "YBR_ICT")
_VIDEO_COLOURS = (*_GREY, "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420")
"""The bit stream itself says how its colours are coded; writers call them by all of these names."""

_RETIRED_JPEG = range(52, 57)
_VIDEO = (*range(100, 107), *(f"{profile}.1" for profile in range(100, 107)), 107, 108)
"""MPEG2, MPEG-4 AVC/H.264 and their fragmentable forms, HEVC/H.265."""

_jpeg = partial(decode_codestream, expected=(Kind.JPEG,))
_jpeg_ls = partial(decode_codestream, expected=(Kind.JPEG_LS,))
_j2k = partial(decode_codestream, expected=(Kind.JPEG_2000,))
_htj2k = partial(decode_codestream, expected=(Kind.HTJ2K,))
_jpeg_xl = partial(decode_codestream, expected=(Kind.JPEG_XL,))


def _codec(
    uid: str,
    photometric: tuple[str, ...],
    decode: Decoder | None = None,
    *,
    lossless: bool = True,
    begins_frame: Callable[[bytes], bool] = _begins_codestream,
    extra: str = "",
    is_video: bool = False,
) -> Codec:
    if not uid.startswith("1."):
        uid = _ROOT + uid
    name = _NEW_NAMES.get(uid) or UID_dictionary[uid][0]
    return Codec(uid, name, photometric, decode, lossless, begins_frame, extra, is_video)


CODECS: dict[str, Codec] = {
    codec.uid: codec
    for codec in (
        *(_codec(uid, _NATIVE) for uid in ("", ".1", ".1.99", ".2", GE_PRIVATE)),
        _codec(".1.98", _NATIVE, decode_uncompressed, begins_frame=_untold),
        _codec(".8.1", _NATIVE, decode_deflated, begins_frame=_untold),
        _codec(".5", _PLAIN, decode_rle, begins_frame=rle.begins_frame),
        *(_codec(f".4.{last}", _JPEG, _jpeg, lossless=False) for last in (50, 51, *_RETIRED_JPEG)),
        *(_codec(f".4.{last}", _PLAIN, _jpeg) for last in (57, 70)),
        _codec(".4.80", _PLAIN, _jpeg_ls),
        _codec(".4.81", _PLAIN, _jpeg_ls, lossless=False),
        *(_codec(f".4.{last}", _J2K, _j2k) for last in (90, 92)),
        *(_codec(f".4.{last}", _J2K, _j2k, lossless=False) for last in (91, 93)),
        *(_codec(f".4.{last}", _J2K, _htj2k) for last in (201, 202)),
        _codec(".4.203", _J2K, _htj2k, lossless=False),
        _codec(".4.110", _PLAIN, _jpeg_xl),
        _codec(".4.111", _JPEG, _jpeg_xl, lossless=False),
        _codec(".4.112", (*_PLAIN, "XYB"), _jpeg_xl, lossless=False),
        *(
            _codec(
                f".4.{last}",
                _VIDEO_COLOURS,
                lossless=False,
                begins_frame=_untold,
                extra="video",
                is_video=True,
            )
            for last in _VIDEO
        ),
    )
}
"""Every Transfer Syntax that is known, by its UID."""
