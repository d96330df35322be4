"""The bit stream of a video, and its frames in whatever order they are asked for.

A decoder stays where the last frame was, so that playing forward costs one frame each. Going back starts at
the nearest key frame. Only what was never reached is decoded from where the decoder stands: how frames are
reordered is known of no bit stream before it was decoded.

References
----------
DICOM PS3.5 8.2.5 to 8.2.12 (MPEG2, MPEG-4 AVC/H.264, HEVC/H.265), A.4.5 to A.4.10 (their Transfer Syntaxes).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.dataset.reading import Fragments
from dicomtui.dataset.source import ByteSource
from dicomtui.imaging.attributes import label
from dicomtui.imaging.bit_stream import BitStream
from dicomtui.imaging.image_pixel import ImagePixel

if TYPE_CHECKING:
    from numpy.typing import NDArray

GUESSED, CUT = "guessed", "cut"
"""What may be doubtful of a frame: parts were guessed, or the video ends here, before its last frame."""
_OPTIONS = {
    "format_whitelist": "mpegvideo,mpeg,mpegts,h264,hevc,mov",
    "codec_whitelist": "mpeg1video,mpeg2video,h264,hevc",
    "protocol_whitelist": "none",
}
"""No other format is looked for: a play list would open files and addresses of its own choice."""


class _Decoder:
    """One pass over a bit stream, from a key frame on; frames come in the order in which they are shown."""

    def __init__(self, source: ByteSource, fragments: Fragments, pixel: ImagePixel, start: int) -> None:
        av: Any = pyav()
        self.keys: list[int] = []
        """Packets with key frames, counted from the first packet, as far as the pass has come."""
        self.damage = ""
        """What ended the pass before the end of the stream."""
        self.last = -1
        """The last packet, once the pass has come to it."""
        self._errors: type[Exception] = av.error.FFmpegError
        self._pixel = pixel
        self._start = start
        self._stream = BitStream(source, fragments)
        try:
            self._container = av.open(self._stream, mode="r", options=_OPTIONS)
            if not self._container.streams.video:
                raise ValueError("there is no video in the bit stream")
            self._video = self._container.streams.video[0]
            self._require_size(self._video.codec_context)
        except BaseException:
            self._stream.close()
            raise
        self._frames = self._decode()

    def next(self) -> tuple[int, Any] | None:
        """Return the next frame and the number of its packet, which tells the frame; None at the end."""
        return next(self._frames, None)

    def close(self) -> None:
        """Close the bit stream."""
        self._frames.close()  # type: ignore[attr-defined]
        self._container.close()
        self._stream.close()

    def _decode(self) -> Iterator[tuple[int, Any]]:
        codec = self._video.codec_context
        for packet in self._packets():
            decoded: list[Any] = []
            try:
                decoded = codec.decode(packet)
            except self._errors as error:
                self.damage = str(error)
            for frame in decoded:
                self._require_size(frame)
                yield frame.pts, frame
            if self.damage:
                break
        if self.damage:  # what the decoder holds back was coded in front of the damage
            with suppress(self._errors):
                yield from ((frame.pts, frame) for frame in codec.decode(None))

    def _packets(self) -> Iterator[Any]:
        number = 0
        try:
            for packet, following in pairwise(chain(self._container.demux(self._video), [None])):
                if packet.size:
                    if following is None or not following.size:
                        self.last = number
                    if packet.is_keyframe:
                        self.keys.append(number)
                    # A bare stream has no times. What stands here comes back with the frame of the packet.
                    packet.pts = packet.dts = number
                    number += 1
                    if number <= self._start:
                        continue
                yield packet
        except self._errors as error:
            self.damage = str(error)

    def _require_size(self, found: Any) -> None:
        pixel = self._pixel
        if (found.height, found.width) != (pixel.rows, pixel.columns):
            raise ValueError(
                f"the video has {found.height} x {found.width}; {label('Rows')}, {label('Columns')} say "
                f"{pixel.rows} x {pixel.columns}"
            )


class VideoStream:
    """The frames of a bit stream, one at a time.

    Parameters
    ----------
    source : ByteSource
        Where the bit stream is.
    fragments : Fragments
        All items: those behind the Basic Offset Table are joined to one bit stream, whatever their number.
    pixel : ImagePixel
        What a frame should look like; a video of another size is refused.
    beat : callable, optional
        Is called for each frame that is passed on the way.
    """

    def __init__(
        self,
        source: ByteSource,
        fragments: Fragments,
        pixel: ImagePixel,
        beat: Callable[[], object] = lambda: None,
    ) -> None:
        self.pixel = pixel
        self._source, self._fragments, self._beat = source, fragments, beat
        self._decoder: _Decoder | None = None
        self._next = 1
        self._shown: list[int] = []  # the packet of each frame that was reached, in the order of showing
        self._keys: list[int] = []

    def frame(self, number: int) -> "tuple[NDArray[Any], str]":
        """Decode frame *number*, from 1; raises ValueError or whatever its codec raises.

        Returns
        -------
        ndarray
            RGB, (rows, columns, 3), or grey, (rows, columns), by the video's own range and matrix; 8 bits, or
            Bits Stored where that is more.
        str
            :data:`GUESSED`, :data:`CUT` or ``""``.
        """
        try:
            frame = self._reach(number)
        except BaseException:
            self.close()
            raise
        return self._words(frame), self._doubt(frame)

    def _reach(self, number: int) -> Any:
        """Go back to a key frame if need be, and decode forward to a frame."""
        if self._decoder is None or number < self._next:
            if number <= len(self._shown) and (frame := self._again(number)) is not None:
                return frame
            self._restart(0, 1)
        while found := self._advance():
            if self._next > number:
                return found
        assert self._decoder is not None
        why = f": {self._decoder.damage}" if self._decoder.damage else ""
        raise ValueError(
            f"it is not there: {label('NumberOfFrames')} is {self.pixel.frames:,}, "
            f"the video ends with frame {self._next - 1:,}{why}"
        )

    def _again(self, number: int) -> Any:
        """Decode a frame that was reached before from a key frame; None if the frame does not come."""
        start = self._key_before(number)
        if not start:
            return None
        self._restart(start, number)
        wanted = self._shown[number - 1]
        assert self._decoder is not None
        while found := self._decoder.next():
            if found[0] == wanted:
                self._next = number + 1
                return found[1]
        return None

    def _key_before(self, number: int) -> int:
        """Return the packet of the last key frame that is shown before a frame, or is that frame.

        A frame that is shown in front of a key frame but coded behind it may need the key frame before.
        """
        keys = set(self._keys)
        return next((packet for packet in self._shown[number - 1 :: -1] if packet in keys), 0)

    def _advance(self) -> Any:
        """Return the next frame; None at the end."""
        assert self._decoder is not None
        self._beat()
        found = self._decoder.next()
        if len(self._decoder.keys) > len(self._keys):
            self._keys = list(self._decoder.keys)
        if found is None:
            return None
        if self._next == len(self._shown) + 1:
            self._shown.append(found[0])
        self._next += 1
        return found[1]

    def _restart(self, start: int, number: int) -> None:
        self.close()
        self._decoder = _Decoder(self._source, self._fragments, self.pixel, start)
        self._next = number

    def close(self) -> None:
        """Let the bit stream go; the next frame opens it again."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _words(self, frame: Any) -> "NDArray[Any]":
        pixel = self.pixel
        bits = bits_of(pixel)
        name = "rgb" if pixel.samples == 3 else "gray"
        depth = ("24" if name == "rgb" else "") if bits == 8 else ("48le" if name == "rgb" else "16le")
        words: NDArray[Any] = frame.to_ndarray(format=name + depth)
        return np.right_shift(words, 16 - bits) if bits > 8 else words

    def _doubt(self, frame: Any) -> str:
        if frame.is_corrupt:
            return GUESSED
        assert self._decoder is not None
        # decoders complete and reorder silently
        return CUT if 0 <= self._decoder.last < self.pixel.frames - 1 else ""


def bits_of(pixel: ImagePixel) -> int:
    """Return how many bits of each word are used: as many as are stored, but never less than 8."""
    return min(max(pixel.bits_stored, 8), 16)


def pyav() -> Any:
    """Import PyAV, which few need, and keep its libraries from writing to the terminal."""
    try:
        av = import_module("av")
    except ImportError as error:
        raise ValueError("video needs a further package: pip install 'dicomtui[video]'") from error
    av.logging.set_level(av.logging.PANIC)
    return av
