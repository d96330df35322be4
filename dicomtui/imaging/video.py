"""Video: all frames are one bit stream, which a process of its own decodes.

A process of a pool is apart from the program already and decodes by itself.

References
----------
DICOM PS3.5 8.2.5 to 8.2.12 (MPEG2, MPEG-4 AVC/H.264, HEVC/H.265), A.4.5 to A.4.10 (their Transfer Syntaxes).
"""

from multiprocessing import parent_process
from threading import Lock
from typing import TYPE_CHECKING, Any

from dicomtui.dataset.reading import Fragments, Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label
from dicomtui.imaging.image_pixel import ImagePixel
from dicomtui.imaging.stored_values import Words
from dicomtui.imaging.video_process import VideoProcess, require_pyav
from dicomtui.imaging.video_stream import CUT, GUESSED, VideoStream, bits_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


class VideoFrames:
    """The frames of a video, of which any may be asked for, from several threads.

    Parameters
    ----------
    instance : Instance
        Its pixel data is read when the first frame is asked for.
    pixel : ImagePixel
        What a frame should look like; a video of another size is refused.
    fragments : Fragments
        All items: those behind the Basic Offset Table are joined to one bit stream, whatever their number.

    Attributes
    ----------
    count : int
        Number of Frames (0028,0008): that the video has them is found out where it ends.

    Raises
    ------
    DecodeError
        If there is no fragment, or the pixel data is described as no video can be.
    """

    def __init__(self, instance: Instance, pixel: ImagePixel, fragments: Fragments) -> None:
        if len(fragments.offsets) < 2:
            raise DecodeError("the encapsulated pixel data has no fragment")
        if pixel.signed:
            raise DecodeError(f"{label('PixelRepresentation')} is 1, but video is unsigned")
        self.pixel = pixel
        self.count = pixel.frames
        self.notes: tuple[str, ...] = ()
        in_pool = parent_process() is not None
        self._video = (VideoStream if in_pool else VideoProcess)(instance.source, fragments, pixel)
        self._lock = Lock()

    def words(self, number: int) -> Words:
        """Decode frame *number*, from 1; raises ValueError or whatever its codec raises.

        Returns
        -------
        Words
            RGB, (rows, columns, 3), or grey, (rows, columns), by the video's own range and matrix; 8 bits, or
            Bits Stored where that is more.
        """
        require_pyav()
        with self._lock:
            words, doubt = self._video.frame(number)
        photometric = "RGB" if self.pixel.samples == 3 else self.pixel.photometric
        return Words(_checked(words, self.pixel), bits_of(self.pixel), photometric, _doubts(doubt))


def _checked(words: "NDArray[Any]", pixel: ImagePixel) -> "NDArray[Any]":
    expected = (pixel.rows, pixel.columns, 3) if pixel.samples == 3 else (pixel.rows, pixel.columns)
    kind = "u1" if bits_of(pixel) == 8 else "u2"
    if words.shape != expected or words.dtype.str[1:] != kind:
        raise ValueError("the codec gave other pixels than a frame has")
    return words


def _doubts(doubt: str) -> tuple[str, ...]:
    if doubt == GUESSED:
        return ("the frame is damaged: parts of it were guessed",)
    if doubt == CUT:
        return (f"the video ends here, before {label('NumberOfFrames')}: it may be cut in this frame",)
    return ()
