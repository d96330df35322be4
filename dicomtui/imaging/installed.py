"""Which of the libraries that decode and encode are there, and how to get the others."""

from importlib.metadata import PackageNotFoundError, version

_PARTS = {
    "imagecodecs": ("JPEG, JPEG-LS, JPEG 2000, HTJ2K, JPEG XL, deflate", ""),
    "av": ("MPEG-2, H.264 and H.265 video; movies", "video"),
    "nibabel": ("NIfTI volumes", "nifti"),
    "dcm2niix": ("dcm2niix's own conversion", "dcm2niix"),
    "scikit-image": ("denoising, segmentation", "processing"),
    "pywavelets": ("denoising by wavelets", "processing"),
    "shtab": ("completion in the shell", "completion"),
}
"""Distribution -> what it is for, and the extra of this project that brings it."""
_CODECS = ("jpeg", "ljpeg", "jpegls", "jpeg2k", "jpegxl", "deflate")
"""Those of imagecodecs; a build may lack some."""


def installed() -> list[dict[str, str]]:
    """Return name, version (empty if missing), use and the line to install it, of each library."""
    return [
        {"name": name, "version": _version(name), "use": use, "install": _line(name, extra)}
        for name, (use, extra) in _PARTS.items()
    ] + _codecs()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _line(name: str, extra: str) -> str:
    """Return how to install a library that is missing."""
    if _version(name):
        return ""
    return f"pip install 'dicomtui[{extra}]'" if extra else f"pip install {name}"


def _codecs() -> list[dict[str, str]]:
    """Return the codecs that the installed imagecodecs was built without."""
    try:
        import imagecodecs
    except ImportError:
        return []
    return [
        {
            "name": codec,
            "version": "",
            "use": "not in this imagecodecs",
            "install": "pip install -U imagecodecs",
        }
        for codec in _CODECS
        if not getattr(getattr(imagecodecs, codec.upper(), None), "available", False)
    ]
