"""Tables as Parquet, the same bytes for the same content: no times, no index, units beside the columns."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MOST_BYTES_A_ROW = 2000  # unpacked: far more than numbers and a sentence take


def from_frame(frame: pd.DataFrame, units: Mapping[str, str] | None = None) -> pa.Table:
    """A table from a data frame of numbers, booleans and text; the index is left out."""
    import pandas as pd
    import pyarrow as pa

    arrays = {}
    for name, cells in frame.items():
        is_text = not (pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells))
        arrays[str(name)] = pa.array(cells.tolist(), pa.string()) if is_text else pa.array(cells.to_numpy())
    return _with_units(arrays, units or {})


def from_arrays(axes: Mapping[str, Sequence[Any] | np.ndarray], arrays: Mapping[str, np.ndarray],
                units: Mapping[str, str] | None = None) -> pa.Table:
    """A row per cell of arrays of one shape: a column per axis with its labels, then a column per array."""
    import pyarrow as pa

    shape = tuple(len(labels) for labels in axes.values())
    columns = {}
    for position, (name, labels) in enumerate(axes.items()):
        places = np.broadcast_to(
            np.arange(shape[position]).reshape([-1 if i == position else 1 for i in range(len(shape))]),
            shape)
        columns[name] = pa.array(labels).take(pa.array(places.ravel()))
    for name, values in arrays.items():
        columns[name] = pa.array(np.ascontiguousarray(values).ravel(), from_pandas=False)
    return _with_units(columns, units or {})


def to_arrays(data: bytes, names: Sequence[str] | None, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The arrays that `from_arrays` wrote, those named or all, float64; ValueError if they are not there."""
    table = _read(data, int(np.prod(shape)))
    axes = ("scenario", "run", "month", "lab")
    columns = [name for name in table.column_names if name not in axes] if names is None else list(names)
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise ValueError(f"there is no outcome {missing[0]!r}")
    if table.num_rows != np.prod(shape):
        raise ValueError(f"{table.num_rows} rows instead of {np.prod(shape)}")
    return {name: table.column(name).to_numpy().astype(np.float64).reshape(shape) for name in columns}


def to_frame(data: bytes, most_rows: int) -> pd.DataFrame:
    """The data frame that `from_frame` wrote; ValueError if it has more rows than it can have."""
    frame: pd.DataFrame = _read(data, most_rows).to_pandas()
    return frame


def _read(data: bytes, most_rows: int) -> pa.Table:
    """A table, if what it says of itself is no more than there can be: a few kilobytes can hold gigabytes."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(data))
    told = file.metadata
    size = sum(told.row_group(group).total_byte_size for group in range(told.num_row_groups))
    if told.num_rows > most_rows or size > MOST_BYTES_A_ROW * (most_rows + 1000):
        raise ValueError(f"{told.num_rows:,} rows and {size:,} bytes, where there can be {most_rows:,} rows")
    return file.read()


def write(table: pa.Table, file: BinaryIO) -> None:
    """Write a table with zstd; text is stored as a dictionary, numbers as they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = [field.name for field in table.schema if pa.types.is_string(field.type)]
    pq.write_table(table, file, compression="zstd", use_dictionary=text, write_statistics=text)


def _with_units(columns: Mapping[str, pa.Array], units: Mapping[str, str]) -> pa.Table:
    import pyarrow as pa

    fields = [pa.field(name, array.type, metadata={"unit": units[name]} if name in units else None)
              for name, array in columns.items()]
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))
