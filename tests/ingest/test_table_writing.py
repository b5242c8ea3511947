from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from jari.errors import BadInput
from jari.ingest.table_writing import ENDINGS, check_ending, table_writer


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_written_is_read(ending: str) -> None:
    batch = pa.record_batch({"이름": ["a,b", 'c"'], "n": [1.5, 2.0]})
    file: Any = io.BytesIO()
    with table_writer(file, ending, batch.schema) as writer:
        writer.write_batch(batch)
        writer.write_batch(batch)
    written = io.BytesIO(file.getvalue())
    if ending == ".jsonl":
        found = [json.loads(line) for line in written]
    else:
        read = pyarrow.csv.read_csv if ending == ".csv" else pyarrow.parquet.read_table
        found = read(written).to_pylist()
    assert found == batch.to_pylist() * 2


def test_endings() -> None:
    assert check_ending("a/B.CSV") == ".csv"
    with pytest.raises(BadInput, match=r"out\.xlsx ends in none of \.parquet, \.csv, \.jsonl"):
        check_ending("out.xlsx")
