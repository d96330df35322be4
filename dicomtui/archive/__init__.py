"""Many files: what a header says, what a folder or a DICOMDIR holds, which instances make a stack."""
