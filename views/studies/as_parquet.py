"""Results as Parquet: the table's rows with their types, and the setup beside them.

Metadata of the file are texts: `setup`, the query of the page's address, `address`,
`mark` (views/mark.py), `title` and `header`, JSON. Those of a column have its
`meaning`. Where a column has no value, it is null.
"""

import json
from io import BytesIO
from typing import Any

import numpy as np

from views.mark import mark
from views.result import Result
from views.studies.rows import KEY, columns, values
from views.studies.words import about, computed, page_query, title

ROWS = 50_000
"""In a group of rows."""


def as_parquet(result: Result, address: str) -> bytes:
    """A result as Parquet.

    Args:
        result: What was computed.
        address: Of the page that shows it; empty where that is not known.
    """
    # It takes a while to be imported, and most that run this never ask for it.
    import pyarrow as pa
    from pyarrow import parquet

    declared = columns(result)
    found = [values(result, key) for key in result.runs]
    rows = [len(one[0]) for one in found]
    keys = [np.full(n, key) for n, key in zip(rows, result.runs, strict=True)]
    arrays = [_dictionary(pa, keys)]
    fields = [pa.field("optimizer", arrays[0].type, metadata={"meaning": KEY})]
    for k, (name, column) in enumerate(declared.items()):
        arrays.append(_column(pa, [column.plain(one[k]) for one in found]))
        meaning = {"meaning": column.meaning}
        fields.append(pa.field(name, arrays[-1].type, metadata=meaning))
    query = page_query(result)
    about_all = {
        "setup": query,
        "address": address,
        "mark": mark(query),
        "title": title(result),
        "computed": computed(result),
        "header": json.dumps(result.header | about(result), allow_nan=False),
    }
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, about_all))
    texts: Any = [field.name for field in fields if pa.types.is_dictionary(field.type)]
    file = BytesIO()
    parquet.write_table(table, file, row_group_size=ROWS, use_dictionary=texts)
    return file.getvalue()


def _column(pa: Any, parts: list[np.ndarray]) -> Any:
    if parts and parts[0].dtype.kind == "U":
        return _dictionary(pa, parts)
    whole = np.ma.concatenate(parts) if parts else np.ma.masked_all(0)
    return pa.array(np.ma.getdata(whole), mask=np.ma.getmaskarray(whole))


def _dictionary(pa: Any, parts: list[np.ndarray]) -> Any:
    """Words, of which there are few that differ."""
    texts = np.concatenate(parts) if parts else np.array([], str)
    words, which = np.unique(texts, return_inverse=True)
    indices = pa.array(which.astype(np.int32))
    return pa.DictionaryArray.from_arrays(
        indices, pa.array(words.tolist(), pa.string())
    )
