"""Stored values -> the codestream of one frame, without loss; its header says what the attributes say.

References
----------
DICOM PS3.5 8.2.1, 8.2.3, 8.2.4, 8.2.14 and 8.2.15 (JPEG, JPEG-LS, JPEG 2000, HTJ2K, JPEG XL), 10.18.
"""

from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from dicomtui.imaging.image_pixel import ImagePixel


def encode_jpeg(values: NDArray[Any], pixel: ImagePixel) -> bytes:
    """Encode with the first-order predictor; a signed value is its bits, since JPEG knows no sign."""
    # naming no colour space keeps the codec from converting, and from a marker that contradicts
    space = "UNKNOWN" if pixel.samples > 1 else None
    return bytes(
        imagecodecs.jpeg8_encode(
            _bits_of(values, pixel),
            colorspace=space,
            outcolorspace=space,
            lossless=True,
            predictor=1,
            bitspersample=pixel.bits_stored,
        )
    )


def encode_jpeg_ls(values: NDArray[Any], pixel: ImagePixel) -> bytes:
    """Encode words with all bits allocated, signed values extended to them.

    The codec knows no other precisions than 8 and 16. Such a codestream gives the same values to readers that
    mask Bits Stored and to those that do not.
    """
    word = f"{values.dtype.kind}{pixel.bits_allocated // 8}"
    words = values.astype(word, copy=False).view(pixel.word_type)
    return bytes(imagecodecs.jpegls_encode(words))


def encode_jpeg_2000(values: NDArray[Any], pixel: ImagePixel) -> bytes:
    """Encode values of Bits Stored bits, signed or not as the codestream says too."""
    return bytes(
        imagecodecs.jpeg2k_encode(
            values,
            level=0,
            reversible=True,
            codecformat="j2k",
            bitspersample=pixel.bits_stored,
            mct=pixel.photometric == "YBR_RCT",
        )
    )


def encode_htj2k(values: NDArray[Any], pixel: ImagePixel) -> bytes:
    """Encode in RPCL order with tile lengths and a base resolution of at most 64 pixels (PS3.5 10.18).

    The codec knows no other precisions than 8 and 16, so it gets values centred on zero:
    signed samples have no level shift (ISO/IEC 15444-1 G.1), and only the depth in the SIZ marker segment
    says which shift the decoder undoes.
    """
    bits, size = pixel.bits_stored, 1 if pixel.bits_stored <= 8 else 2
    centred = values if pixel.signed else values.astype(np.int32) - (1 << bits - 1)
    codestream = bytearray(
        imagecodecs.htj2k_encode(
            centred.astype(f"i{size}", copy=False),
            reversible=True,
            rgb=pixel.photometric == "YBR_RCT",
            tlm=True,
            resolutions=max(0, (max(pixel.rows, pixel.columns) - 1).bit_length() - 6),
        )
    )
    for sample in range(pixel.samples):
        codestream[_SIZ_DEPTH + 3 * sample] = pixel.signed << 7 | bits - 1
    return bytes(codestream)


_SIZ_DEPTH = 42
"""Where the depth of the first component stands in a codestream, whose first marker segment is SIZ."""


def encode_jpeg_xl(values: NDArray[Any], pixel: ImagePixel) -> bytes:
    """Encode as a bare codestream, whose header says how many bits count."""
    return bytes(
        imagecodecs.jpegxl_encode(
            values, lossless=True, bitspersample=pixel.bits_stored, usecontainer=False, numthreads=1
        )
    )


def _bits_of(values: NDArray[Any], pixel: ImagePixel) -> NDArray[Any]:
    """Return signed values as their bits in two's complement."""
    if not pixel.signed:
        return values
    unsigned = values.view(f"u{values.dtype.itemsize}")
    masked: NDArray[Any] = unsigned & unsigned.dtype.type((1 << pixel.bits_stored) - 1)
    return masked
