"""Chunks of a sweep: some points times all or some of their runs, carried out anywhere, each one Parquet file."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine.live import Stage
from sim.engine.simulate import Task, run_batch
from sim.model.outcomes import INDEX, OUTCOMES, so_far, summarise
from sim.scenario.errors import ScenarioError
from sim.studies.sweeping.design import Design

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 1024  # some seconds of work: a kill costs little, and progress is seen


@dataclass(frozen=True)
class Chunk:
    """Points `first_point` to `first_point + points` and their runs `first_run` to `first_run + runs`."""

    number: int
    first_point: int
    points: int
    first_run: int
    runs: int

    @property
    def name(self) -> str:
        """Of its shard, without an ending."""
        return f"{self.number:06d}"


def chunks_of(design: Design) -> list[Chunk]:
    """The chunks of a design, in the order of their rows."""
    together = max(1, CHUNK_ROWS // design.runs)
    found: list[Chunk] = []
    for first in range(0, len(design.points), together):
        points = min(together, len(design.points) - first)
        for first_run in range(0, design.runs, CHUNK_ROWS):
            runs = min(CHUNK_ROWS, design.runs - first_run)
            found.append(Chunk(len(found), first, points, first_run, runs))
    return found


@dataclass(frozen=True)
class Job:
    """A chunk and all that it takes to carry it out in another process: the design with its own points alone."""

    design: Design
    chunk: Chunk
    made_by: str
    stages: tuple[Stage, ...] | None = None


def job_of(design: Design, chunk: Chunk, made_by: str, stages: tuple[Stage, ...] | None = None) -> Job:
    """The job of a chunk of the sweep that has this digest, lived by these stages if not by the model's."""
    own = design.points[chunk.first_point : chunk.first_point + chunk.points]
    return Job(replace(design, points=own), chunk, made_by, stages)


def run_chunk(job: Job) -> tuple[Chunk, bytes, list[dict[str, Any]]]:
    """Carry out a chunk: its Parquet file, and what failed, point by point and run by run."""
    design, chunk = job.design, job.chunk
    failures: list[dict[str, Any]] = []
    kept = design.kept_columns
    values = np.full((chunk.points, chunk.runs, len(design.outcomes) + len(kept)), np.nan)
    scenarios = {}
    for place in range(chunk.points):
        try:
            scenarios[place] = design.scenario(place)
        except ScenarioError as error:
            failures.append({"point": chunk.first_point + place, "run": None, "reason": str(error)})
    if scenarios:
        columns = [INDEX[name] for name in design.outcomes]
        task = Task(tuple(scenarios.values()), chunk.first_run, chunk.runs, design.seed, design.months, events=False,
                    stages=job.stages, uncertainty=design.uncertainty)
        batch = run_batch(task)
        places = list(scenarios)
        values[places, :, : len(columns)] = summarise(batch.values)[..., columns]
        for place, (_, outcome, month) in enumerate(kept, len(columns)):
            path = batch.values[:, :, : month + 1, INDEX[outcome]]
            values[places, :, place] = (so_far(path, OUTCOMES[outcome]) if design.so_far else path)[:, :, -1]
        failures += [{"point": chunk.first_point + places[s], "run": run, "reason": f"{field} {why} in month {month}"}
                     for s, run, month, field, why in batch.failures]
    return chunk, _bytes(_table(design, chunk, values, job.made_by)), failures


def _table(design: Design, chunk: Chunk, values: np.ndarray, made_by: str) -> pa.Table:
    import pyarrow as pa

    count = chunk.points * chunk.runs
    columns: dict[str, Any] = {
        "point": np.repeat(np.arange(chunk.first_point, chunk.first_point + chunk.points, dtype=np.int32), chunk.runs),
        "run": np.tile(np.arange(chunk.first_run, chunk.first_run + chunk.runs, dtype=np.int32), chunk.points),
    }
    for place, axis in enumerate(design.axes):
        along = [point[place] for point in design.points]
        kind: Any = next((kind for kind in (bool, str) if all(isinstance(value, kind) for value in along)), float)
        columns[axis] = np.repeat(np.array(along, object if kind is str else kind), chunk.runs)
    measured = {**dict(zip(design.outcomes, design.outcomes, strict=True)),
                **{name: outcome for name, outcome, _ in design.kept_columns}}
    for place, name in enumerate(measured):
        columns[name] = values[:, :, place].reshape(count)
    fields = [pa.field(name, pa.string() if column.dtype == object else pa.from_numpy_dtype(column.dtype),
                       metadata={"unit": OUTCOMES[measured[name]].unit} if name in measured else None)
              for name, column in columns.items()]
    told = {"airace.sweep": made_by, "airace.chunk": chunk.name}
    return pa.Table.from_arrays([pa.array(column) for column in columns.values()], schema=pa.schema(fields, told))


def _bytes(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", write_statistics=False)
    return file.getvalue()
