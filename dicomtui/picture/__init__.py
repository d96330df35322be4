"""Display values -> what goes to a terminal."""
