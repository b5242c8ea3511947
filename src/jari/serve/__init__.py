"""Serve embeddings, recommenders and collections to programs and to the explorer page: the extra ``web``.

Names are imported when they are first used: without the extra the package can be imported, and asking for `create_app`
says what to install.
"""

from jari.serve.exports import NAMES, exported

__all__ = NAMES
__getattr__ = exported
