"""Texts, and words in their sentences, through networks that others have trained."""
