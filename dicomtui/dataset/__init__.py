"""One file's attributes: where its bytes come from, how it is encoded, what its elements say."""
