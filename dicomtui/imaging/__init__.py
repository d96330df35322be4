"""Pixels: stored values -> modality values -> display values."""
