"""Which instances are held back, and why."""

import pytest
from pydicom.uid import (
    CTImageStorage,
    EncapsulatedPDFStorage,
    MediaStorageDirectoryStorage,
    OphthalmicPhotography8BitImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundMultiFrameImageStorage,
    VLEndoscopicImageStorage,
    VLPhotographicImageStorage,
)

from dicomtui.deidentify.pixel_risk import held_back, refused
from tests.deidentify.encoded import explicit, instance_of


@pytest.mark.parametrize(
    ("sop_class", "why"),
    [
        (SecondaryCaptureImageStorage, "secondary capture"),
        (UltrasoundMultiFrameImageStorage, "ultrasound"),
        (VLPhotographicImageStorage, "photograph"),
        (VLEndoscopicImageStorage, "endoscopy"),
        (OphthalmicPhotography8BitImageStorage, "ophthalmic"),
        (EncapsulatedPDFStorage, "document"),
        ("1.3.46.670589.11.0.0.12.1", "unknown"),
        ("1.2.840.10008.5.1.4.1.2.1.1", "unknown"),
    ],
)
def test_kinds_of_instances_that_show_text_are_held_back(sop_class: str, why: str) -> None:
    assert why in held_back(instance_of(sop_class=sop_class))


@pytest.mark.parametrize(
    ("element", "why"),
    [
        (explicit(0x00280301, "CS", "YES"), "(0028,0301)"),
        (explicit(0x00280301, "CS", "yes "), "(0028,0301)"),
        (explicit(0x00280302, "CS", "YES"), "(0028,0302)"),
        (explicit(0x00080060, "CS", "US"), "ultrasound"),
        (explicit(0x00080008, "CS", "DERIVED\\SECONDARY\\SCREEN SAVE"), "(0008,0008)"),
        (explicit(0x00080064, "CS", "DF"), "(0008,0064)"),
        (explicit(0x60000102, "US", b"\x0c\0"), "(60xx,0102)"),
        (explicit(0x00420011, "OB", b"%PDF"), "(0042,0011)"),
    ],
)
def test_a_ct_that_says_so_is_held_back(element: bytes, why: str) -> None:
    assert why in held_back(instance_of(element))


@pytest.mark.parametrize(
    "element",
    [
        explicit(0x00280301, "CS", "NO"),
        explicit(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        explicit(0x00080060, "CS", "CT"),
    ],
)
def test_other_instances_are_not(element: bytes) -> None:
    assert not held_back(instance_of(element))
    assert not refused(instance_of(element, sop_class=CTImageStorage))


def test_a_dicomdir_is_refused() -> None:
    assert "DICOMDIR" in refused(instance_of(sop_class=MediaStorageDirectoryStorage))
