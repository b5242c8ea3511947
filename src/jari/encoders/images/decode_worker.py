"""A process that reads pictures for another one: frames over pipes, no code and no pickle.

A frame is four bytes, big-endian, the length of a JSON text; the text; and as many bytes more as its ``"bytes"`` says.
In come, over standard input: once ``{"preprocessing": …, "max_pixels": …, "fast": …}``, then ``{"path": …, "known":
hex}`` for each file. Out go, over standard output: once ``{"ready": true}``, then for each file ``{"digest": hex,
"reason": …}``, or with its pixels ``{"digest": hex, "shape": [h, w, 3], "dtype": "uint8", "bytes": h·w·3}``.

Not `multiprocessing`: its processes run the main module of the user's program again, which a program without
``if __name__ == "__main__"`` does not survive; and of a pool that lost a process nothing more can be had.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from jari.encoders.images.opening import Unreadable, opened, why
from jari.encoders.images.preprocessing import Preprocessing
from jari.errors import BadInput

# Without waiting: a named pipe would be waited for without end, before it can be seen that it is one.
_READING: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Found(NamedTuple):
    """Digest of a file (none where it could not be read), and pixels, or the reason why not, or neither: unchanged."""

    digest: bytes
    pixels: npt.NDArray[Any] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all files; see `jari.encoders.images.decoding.decode`."""

    preprocessing: Preprocessing
    max_pixels: int
    fast: bool

    def to_json(self) -> dict[str, Any]:
        return {"preprocessing": self.preprocessing.to_json(), "max_pixels": self.max_pixels, "fast": self.fast}

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Setting:
        return cls(Preprocessing.of_json(said["preprocessing"]), said["max_pixels"], said["fast"])


def read(path: str, known: bytes | None, setting: Setting) -> Found:
    """Digest and, where it is not the known one, pixels of a file."""
    digest = b""
    try:
        with os.fdopen(os.open(path, _READING), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return Found(b"", reason="no regular file")
            digest = hashlib.file_digest(file, "sha256").digest()
            if digest == known:
                return Found(digest)
            at_least = setting.preprocessing.at_least if setting.fast else None
            picture = opened(file, max_pixels=setting.max_pixels, at_least=at_least)
            return Found(digest, setting.preprocessing.shaped(picture))
    except (Unreadable, BadInput) as error:
        return Found(digest, reason=str(error))
    except MemoryError:
        return Found(digest, reason="not enough memory for it")
    except OSError as error:
        return Found(digest, reason="a folder" if os.path.isdir(path) else why(error))  # noqa: PTH112  # as given
    except ValueError:  # of a zero byte
        return Found(digest, reason="no file can have this name")


def send(pipe: IO[bytes], said: Mapping[str, Any], body: bytes = b"") -> None:
    """Write a frame."""
    text = json.dumps({**said, "bytes": len(body)}).encode()
    pipe.write(struct.pack(">I", len(text)) + text)
    pipe.write(body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read a frame.

    Raises
    ------
    EOFError
        The other side is gone.
    """
    (length,) = struct.unpack(">I", _exactly(pipe, 4))
    said: dict[str, Any] = json.loads(_exactly(pipe, length))
    return said, _exactly(pipe, said["bytes"])


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    got = pipe.read(size)
    if len(got) < size:
        raise EOFError
    return got


def main() -> None:
    """Answer until the other side closes its end."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library may print is no frame
    try:
        setting = Setting.of_json(receive(sys.stdin.buffer)[0])
        send(out, {"ready": True})
        while True:
            asked, _ = receive(sys.stdin.buffer)
            found = read(asked["path"], bytes.fromhex(asked["known"]), setting)
            answer: dict[str, Any] = {"digest": found.digest.hex(), "reason": found.reason}
            if found.pixels is None:
                send(out, answer)
            else:
                pixels = np.ascontiguousarray(found.pixels)
                send(out, answer | {"shape": pixels.shape, "dtype": pixels.dtype.name}, pixels.tobytes())
    except (EOFError, BrokenPipeError):
        os._exit(0)  # at once: there is nobody to flush for
