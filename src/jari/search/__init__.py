"""Search: approximate indexes, and collections of documents in real databases."""
