"""The widgets of the browser: views of values that know no files."""
