"""`jari.kernels.words` one character at a time, and lower case by `str.lower`."""

from __future__ import annotations

import itertools

import numpy as np

from jari.kernels.words import CLASS, DONE, LETTER, NORMALISE, UNKNOWN, UNSTABLE, WORD


def split_words(
    data: np.ndarray,
    begin: int,
    end: int,
    normal: bool,
    table: np.ndarray,
    out: np.ndarray,
    offsets: np.ndarray,
    ends: np.ndarray,
    state: np.ndarray,
) -> int:
    # From the start, not from `begin`: what stands before is looked back at
    characters = list(data[:end].tobytes().decode() + " ")
    where = list(itertools.accumulate((len(character.encode()) for character in characters), initial=0))

    def properties(i: int) -> int:
        found = int(table[ord(characters[i])])
        if not found:
            raise _Stop(UNKNOWN, i)
        return found

    def combining(i: int) -> int:
        return properties(i) >> int(CLASS)

    def stable(i: int) -> int:
        """The properties of character i, once it is known to be as Normalization Form C has it."""
        found = properties(i)
        if not normal and (found & int(UNSTABLE) or (i and 0 < combining(i) < combining(i - 1))):
            raise _Stop(NORMALISE, i)
        return found

    i = where.index(begin)
    word = ""
    state[2] = DONE
    while i < len(characters) - 1 or word:
        first = i - len(word)
        try:
            found = stable(i)
            if found & int(WORD):
                word += characters[i]
            elif characters[i] in "'’" and word and properties(i - 1) & int(LETTER) and stable(i + 1) & int(LETTER):
                word += "'"
            else:
                if word:
                    _append(word.lower().encode(), out, offsets, state)
                    word = ""
                if characters[i] == "\n":
                    ends[state[1]] = state[0]
                    state[1] += 1
        except _Stop as stop:
            reason, culprit = stop.args
            # Back to where a stable starter stands; nothing composes with a line feed
            while reason == NORMALISE and first > 0 and characters[first - 1] != "\n":
                if not properties(first) & int(UNSTABLE) and not combining(first):
                    break
                first -= 1
            state[2], state[3] = reason, ord(characters[culprit])
            return where[first]
        i += 1
    return end


class _Stop(Exception):  # not an error: how a deep question ends the loop
    """The kernel's reason, and which character it was."""


def _append(word: bytes, out: np.ndarray, offsets: np.ndarray, state: np.ndarray) -> None:
    start = offsets[state[0]]
    out[start : start + len(word)] = list(word)
    state[0] += 1
    offsets[state[0]] = start + len(word)
