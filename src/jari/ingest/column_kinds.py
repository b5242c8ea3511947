"""What a column of a table is, where nobody said: categories, a number, a text, or nothing to learn from."""

from __future__ import annotations

import re
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jari.ingest.table_numbers import Numbers, are_numbers, is_text, numbers_of, without_missing

Kind: TypeAlias = Literal["categorical", "numeric", "text", "nothing", "constant", "identifier", "other"]

_FEWEST_ROWS: Final = 50  # with fewer, that no value comes twice says little: sizes, or surnames, do as well
_TEXT_WORDS: Final = 5  # the median of categories is rarely above 4 ("Private room in home"), of texts rarely below
_TEXT_DISTINCT: Final = 0.5  # of cells; adverts are copied and pasted, whole categories are not written anew each time
_IDENTIFIER_DISTINCT: Final = 0.95  # keys are typed twice now and then
_SHARED_WORDS: Final = 0.5  # distinct words by all words: names of things share words, keys and e-mail addresses do not
_EXPECTED_TWINS: Final = 10.0  # pairs that chance would make equal; where there are none, the numbers were dealt out
_YEARS: Final = (1800, 2100)  # one row a year is a series in time, and the year is worth knowing
_A_CODE: Final = r"^0\d+$"  # 020, 0526301100: whoever writes the zeros does not count with it
_WHOLE: Final = r"^\s*-?\d+(?:\.0*)?\s*$"  # with signs of money, or between thousands, it is no key
_KEY_NAME: Final = re.compile(r"(?i:(?:^|[^a-z])(?:[pu]?id|uuid|guid|key|index|serial)$)|[a-z]I[dD]$")


def kind_of(name: str, values: pa.Array) -> Kind:
    """What the column is, judged by its type, its values and, of whole numbers without twins, its name.

    - ``"nothing"``: every cell is missing. ``"constant"``: every cell is the same, and none missing.
    - ``"numeric"``: numbers, dates and times, and text that holds numbers only (`numbers_of`).
    - ``"identifier"``: in 50 rows or more no whole number comes twice where chance would repeat ten (n² / 2·range, the
      birthday problem), or the column is called id, key, index; or nearly every cell is another short text.
    - ``"text"``: the median cell has five words or more, and most cells differ; lists, as bags of names.
    - ``"categorical"``: other text, booleans, and codes that begin with zeros (``020``).
    - ``"other"``: bytes, records, whatever no layer takes.

    Examples
    --------
    >>> kind_of("size", pa.array(["S", "M", "S"])), kind_of("price", pa.array(["$86.00", "$48.00"]))
    ('categorical', 'numeric')
    >>> kind_of("order", pa.array(range(1, 100)))
    'identifier'
    """
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    if is_text(kind):
        values = without_missing(values)
    if values.null_count == len(values):
        return "nothing"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return "text"
    if pa.types.is_nested(kind) or _is_bytes(kind):
        return "other"
    distinct = pc.unique(values.drop_null())
    if len(distinct) == 1:
        return "categorical" if values.null_count else "constant"  # that it is there may say something
    if pa.types.is_boolean(kind):
        return "categorical"
    if not is_text(kind):
        is_plain = pa.types.is_integer(kind) or pa.types.is_floating(
            kind
        )  # whole ones too: pandas, where one is missing
        return _of_numbers(name, numbers_of(name, values)) if is_plain else "numeric"
    is_code = bool(pc.any(pc.match_substring_regex(pc.utf8_trim_whitespace(distinct), _A_CODE)).as_py())
    if not is_code and are_numbers(distinct):
        is_whole = pc.all(pc.match_substring_regex(distinct, _WHOLE)).as_py()
        return _of_numbers(name, numbers_of(name, values)) if is_whole else "numeric"
    return _of_text(distinct, len(values) - values.null_count)


def _is_bytes(kind: pa.DataType) -> bool:
    tests = pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view
    return any(test(kind) for test in tests)


def _of_numbers(name: str, numbers: Numbers) -> Kind:
    numbers = numbers[~np.isnan(numbers)]
    rows = len(numbers)
    if rows < _FEWEST_ROWS or bool((numbers != np.floor(numbers)).any()) or len(np.unique(numbers)) < rows:
        return "numeric"
    least, most = float(numbers.min()), float(numbers.max())
    if _YEARS[0] <= least and most <= _YEARS[1]:
        return "numeric"
    dealt_out = rows * rows / 2 / (most - least + 1) >= _EXPECTED_TWINS
    return "identifier" if dealt_out or _KEY_NAME.search(name.strip()) else "numeric"


def _of_text(distinct: Any, cells: int) -> Kind:
    share = len(distinct) / cells
    words = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(distinct))
    median = float(np.median(pc.list_value_length(words).to_pylist()))
    if median >= _TEXT_WORDS and share > _TEXT_DISTINCT:
        return "text"
    if cells < _FEWEST_ROWS or share < _IDENTIFIER_DISTINCT:
        return "categorical"
    flat = pc.list_flatten(words)
    return "text" if len(pc.unique(flat)) <= _SHARED_WORDS * len(flat) else "identifier"
