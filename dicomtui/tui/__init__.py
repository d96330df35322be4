"""The interactive face: an async Textual app."""
