"""What can go wrong, as one tree.

::

    JariError
    ├── BadInput          (ValueError)    what was given cannot be used: text, tables, parameters
    │   └── BadEncoding   (ValueError)    bytes that are not UTF-8: file, line and byte offset are said
    ├── BadFile           (ValueError)    a file is not what it says it is: corrupt, cut short, of a future version
    ├── FileIsThere       (FileExistsError)  an output exists already; `force` replaces it
    ├── NoSuchFile        (FileNotFoundError)  an input is not there
    ├── NotLearntYet      (ValueError, AttributeError)  a learner was asked before `fit`
    ├── UnknownKey        (KeyError)      a key that the embedding does not hold
    ├── ExtraMissing      (ImportError)   an optional package is not installed; the extra is named
    ├── ServerDown        (ConnectionError)  a database does not answer; its address is said
    └── Interrupted       (KeyboardInterrupt)  stopped by the user, with a checkpoint to go on from

Each message gives the value, the rule and the remedy. Each error is of the built-in kind too, so that callers who
know nothing of Jari catch what they expect to catch.
"""

from __future__ import annotations


class JariError(Exception):
    """The root of all errors that Jari raises on purpose."""


class BadInput(JariError, ValueError):
    """What was given cannot be used."""


class BadEncoding(BadInput):
    """Bytes that are not UTF-8."""


class BadFile(JariError, ValueError):
    """A file is not what it says it is."""


class FileIsThere(JariError, FileExistsError):
    """An output exists already."""


class NoSuchFile(JariError, FileNotFoundError):
    """An input is not there."""


class NotLearntYet(JariError, ValueError, AttributeError):
    """A learner was asked for something before `fit`."""


class UnknownKey(JariError, KeyError):
    """A key that the embedding does not hold."""

    def __str__(self) -> str:  # KeyError would show the repr, quotes and all
        return str(self.args[0]) if self.args else ""


class ExtraMissing(JariError, ImportError):
    """An optional package is not installed."""


class ServerDown(JariError, ConnectionError):
    """A server does not answer."""


class Interrupted(JariError, KeyboardInterrupt):
    """Stopped by the user; what was learnt so far is in the checkpoint that the message names."""
