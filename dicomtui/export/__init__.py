"""What leaves the program as files: pictures and numbers made from instances."""
