"""What a process that reads archives has at hand from its first file on; importing this takes a while."""

from dicomtui.archive import scanned_file
from dicomtui.archive.header import compile_patterns

__all__ = ["scanned_file"]

compile_patterns()
