"""One line a request, for programs (JSON) or for people."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Final

from jari.serve.settings import LogFormat

logger: Final = logging.getLogger("jari.serve")


class JsonLines(logging.Formatter):
    """One JSON object a line.

    Examples
    --------
    >>> record = logging.LogRecord("jari.serve", logging.INFO, "", 0, "request", None, None)
    >>> record.created, record.jari = 0.0, {"route": "/healthz", "status": 200}
    >>> JsonLines().format(record)
    '{"time": "1970-01-01T00:00:00.000Z", "level": "info", "message": "request", "route": "/healthz", "status": 200}'
    """

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "jari", {}),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said)


class TextLines(logging.Formatter):
    """A line that is read at a terminal.

    Examples
    --------
    >>> record = logging.LogRecord("jari.serve", logging.INFO, "", 0, "request", None, None)
    >>> record.created = 0.0
    >>> record.jari = {"method": "GET", "route": "/healthz", "status": 200, "ms": 0.4, "bytes": 15, "request": "1-1"}
    >>> TextLines().format(record)
    '1970-01-01T00:00:00.000Z GET /healthz 200 0.4 ms 15 B 1-1'
    """

    def format(self, record: logging.LogRecord) -> str:
        about = getattr(record, "jari", None)
        if about is None:
            said = f"{record.levelname.lower()}: {record.getMessage()}"
        else:
            said = "{method} {route} {status} {ms} ms {bytes} B {request}".format(**about)
        if record.exc_info:
            said += "\n" + self.formatException(record.exc_info)
        return f"{_time_of(record)} {said}"


def set_up(format: LogFormat) -> None:
    """Write what the server logs to standard error; with "off", only what went wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if format == "json" else TextLines())
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.WARNING if format == "off" else logging.INFO)


def _time_of(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.created % 1 * 1000):03d}Z"
