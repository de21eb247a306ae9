"""Sweeps: run a design chunk by chunk into a folder that survives whatever stops it.

A chunk is some points times all or some of their runs, and one Parquet file in `shards/`, with a JSON file beside it
that holds its checksum, what made it, and what failed. `sweep.json`, each note and each shard hold the same digest of
the design, the rules and their data, so that chunks of two sweeps, seeds or versions do not come into one table.

Files are written under a temporary name, forced to disk, and renamed, the checksum last: a chunk is done when its two
files agree. Whatever stops a sweep costs the chunks in flight. When all are done `runs.parquet` is put together from
the shards in their order, so it does not depend on what stopped the sweep, nor on the engine. Only one process writes:
it holds a lock on the folder, which ends with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sim.common import arguments
from sim.common.above import Told, above
from sim.common.shell import command_line
from sim.engine.live import STAGES, Stage
from sim.engine.provenance import computes, departures_of, differences, digest_of, versions
from sim.engine.simulate import compile_rules
from sim.engine.workers import WorkersNotStarted, worker_processes
from sim.studies.keeping import folders
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping.chunks import Chunk, Job, chunks_of, job_of, run_chunk
from sim.studies.sweeping.design import Design

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FORMAT = 2
MANIFEST = "sweep.json"
TABLE = "runs.parquet"
SHARDS, ASIDE = "shards", "set_aside"
KEYS = ("point", "run")
ATTEMPTS = 3  # with new workers, when some were killed
Progress = Callable[[int, int, int], None]


class Sweep(Told):
    """A sweep's folder: what is to be done, and what is done. Other studies of a design's points are kept likewise."""

    manifest, noun, design_class = MANIFEST, "sweep", Design

    def __init__(self, folder: str | Path, design: Design, made_with: Mapping[str, str] | None = None,
                 departure: str = "") -> None:
        self.folder, self.design = Path(folder), design
        self.versions = dict(versions() if made_with is None else made_with)
        self.departure, self.stages = departure, None if departure else STAGES
        self.made_by = digest_of(_made_by(_plain(design), self.versions, departure))
        self.chunks = chunks_of(design)

    @classmethod
    def begin(cls, folder: str | Path, design: Design, stages: Sequence[Stage] | None = None) -> Self:
        """Make the folder of a new sweep, or go on with the same one. StoreError if it holds anything else.

        `stages` replaces the month's list of stages, as in `simulate`.
        """
        folder, stages = Path(folder), None if stages is None else arguments.stages("stages", stages)
        departure = departures_of(stages, None, 1)[0]
        names = folders.visible_names(folder)
        if cls.manifest in names:
            found = cls.open(folder)
            if differ := differences(_plain(found.design), _plain(design)):
                raise StoreError(folder, f"holds another {cls.noun}, which differs in {differ}",
                                 "choose another folder, or go on with that one: "
                                 + command_line("airace", "resume", folder))
            found.refuse_other_versions()
            return found.lived_by(stages)
        if names:
            raise StoreError(folder, f"holds {sorted(names)[0]!r} and no {cls.noun}", "choose an empty or a new folder")
        sweep = cls(folder, design, departure=departure).lived_by(stages)
        folders.refuse_dangling(folder)
        with _errors(folder):
            folder.mkdir(parents=True, exist_ok=True)  # a kill from here on leaves an empty folder, or a sweep
            sweep._write(folder / cls.manifest, _json({
                "program": "airace", "format": FORMAT, "design": design.resolved(), "versions": sweep.versions,
                "digest": sweep.made_by, **({"departure": departure} if departure else {}),
            }))
        return sweep

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """An existing sweep. StoreError where there is none, or one of another version."""
        folder = Path(folder)
        if cls.manifest not in folders.visible_names(folder):
            folders.refuse_other_kinds(folder, f"{cls.noun}s")
        try:
            manifest = json.loads(folders.read(folder / cls.manifest))
            if manifest["program"] != "airace" or manifest["format"] != FORMAT:
                raise ValueError(f"is not of format {FORMAT}")
            departure = manifest.get("departure", "")
            told = _made_by(manifest["design"], manifest["versions"], departure)
            if digest_of(told) != manifest["digest"]:
                raise ValueError("it was changed after it was written")
            return cls(folder, cls.design_class.from_resolved(manifest["design"]), manifest["versions"], departure)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise StoreError(folder / cls.manifest, f"cannot be read ({error})", "begin anew elsewhere") from error

    def lived_by(self, stages: Sequence[Stage] | None) -> Self:
        """This sweep, to be gone on with by the stages that it began with. StoreError if these are others."""
        now = departures_of(stages, None, 1)[0]
        if now != self.departure:
            raise StoreError(self.folder, f"was begun with {self.departure or 'the rules of the model alone'}, not "
                             f"with {now or 'the rules of the model alone'}",
                             "go on with what began it, or choose another folder")
        self.stages = STAGES if stages is None else tuple(stages) if not isinstance(stages, tuple) else stages
        return self

    def without_rules(self) -> StoreError:
        """What to raise where rules are needed that the folder does not hold."""
        return StoreError(self.folder, f"was begun with {self.departure}, which it does not hold",
                          "give it them: sweep.lived_by(stages) in Python, --rules of airace resume and reproduce")

    def refuse_other_versions(self) -> None:
        """StoreError if rules, data or versions that numbers depend on are not those that this sweep began with."""
        begun, now = ({"versions": computes(found)} for found in (self.versions, versions()))
        if differ := differences(begun, now):
            raise StoreError(self.folder, f"was begun with another model, which differs in {differ}",
                             "begin anew in another folder, or go on with the version that began it")

    # ---- what is done --------------------------------------------------------------------------------------
    def done(self) -> dict[int, list[dict[str, Any]]]:
        """Finished chunks by number, with their failures; files that do not agree are set aside, to be redone."""
        found = {}
        for chunk in self.chunks:
            shard, note = self._shard(chunk), self._note(chunk)
            if not (shard.exists() or note.exists()):
                continue
            try:
                told = json.loads(folders.read(note))
                if hashlib.sha256(folders.read(shard)).hexdigest() != told["sha256"]:
                    raise ValueError("another checksum")
                failures = [dict(failure) for failure in told["failures"]]
                made = told["made_by"], told["chunk"]
            except (StoreError, ValueError, KeyError, TypeError, RecursionError):
                self._set_aside(shard, note)
                continue
            if made != (self.made_by, chunk.name) or not self._is_ours(chunk):
                raise StoreError(shard, "was made by another sweep, by other rules, or for another place in this one",
                                 f"remove it and {note.name} beside it, and it is done again")
            found[chunk.number] = failures
        return found

    @property
    def plot(self) -> Any:
        """Charts, a `SweepPlots`: `sweep.plot.map("severe_incidents")`."""
        return above("plots_of_sweep")(self)

    def _repr_html_(self) -> str | None:
        """The finding with its first charts, in a notebook; nothing while no point is done."""
        return super()._repr_html_() if self.points_done().any() else None

    @property
    def table(self) -> Path:
        """The finished table: a row per point and run."""
        return self.folder / TABLE

    def read(self) -> pd.DataFrame:
        """Rows of all chunks that are done, in order: point, run, axes, outcomes; NaN where a run failed."""
        import pandas as pd

        done = self.done()
        parts = [self._read(chunk).to_pandas() for chunk in self.chunks if chunk.number in done]
        if not parts:
            raise StoreError(self.folder, "holds no finished chunk yet",
                             "go on with " + command_line("airace", "resume", self.folder))
        return pd.concat(parts, ignore_index=True)

    def values(self, outcome: str) -> np.ndarray:
        """An outcome's summary by point and run (points, runs); NaN where a run failed or is not done.

        Reads that column alone, shard by shard: eight bytes a run are all that is held.
        """
        values = np.full((len(self.design.points), self.design.runs), np.nan)
        done = self.done()
        for chunk in self.chunks:
            if chunk.number in done:
                part = self._read(chunk, [outcome]).column(0).to_numpy()
                rows = slice(chunk.first_point, chunk.first_point + chunk.points)
                runs = slice(chunk.first_run, chunk.first_run + chunk.runs)
                values[rows, runs] = part.reshape(chunk.points, chunk.runs)
        return values

    def points_done(self) -> np.ndarray:
        """Which points have all their runs (points,), failed ones among them."""
        runs = np.zeros(len(self.design.points), dtype=np.int64)
        for number in self.done():
            chunk = self.chunks[number]
            runs[chunk.first_point : chunk.first_point + chunk.points] += chunk.runs
        return runs == self.design.runs

    def failures(self) -> list[dict[str, Any]]:
        """What failed so far: point, run (None where the whole point was refused), reason."""
        return [failure for failures in self.done().values() for failure in failures]

    # ---- doing ---------------------------------------------------------------------------------------------
    def run(self, workers: int = 1, executor: Executor | None = None, progress: Progress | None = None,
            retry_failed: bool = False) -> Path:
        """Do what is not done, and put the table together. Returns its path.

        `executor` is any `concurrent.futures.Executor`; without one, `workers` processes. `progress(done, of, failed)`
        counts runs. StoreError where another process is at it, or nothing can be written: what is there stays good.
        """
        self.refuse_other_versions()
        if self.stages is None:
            raise self.without_rules()
        with _errors(self.folder), self._only_writer():
            (self.folder / SHARDS).mkdir(exist_ok=True)
            done = self.done()
            if retry_failed:
                for chunk in self.chunks:
                    if done.get(chunk.number):
                        self._set_aside(self._shard(chunk), self._note(chunk))
                        del done[chunk.number]
            failed = sum(map(len, done.values()))
            finished = sum(c.points * c.runs for c in self.chunks if c.number in done)
            total = len(self.design.points) * self.design.runs
            todo = {chunk.number: chunk for chunk in self.chunks if chunk.number not in done}
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    with closing(self._carried_out(list(todo.values()), workers, executor)) as parts:
                        for chunk, content, failures in parts:
                            self._write(self._shard(chunk), content)
                            told = {"sha256": hashlib.sha256(content).hexdigest(), "failures": failures,
                                    "made_by": self.made_by, "chunk": chunk.name}
                            self._write(self._note(chunk), _json(told))
                            del todo[chunk.number]
                            finished, failed = finished + chunk.points * chunk.runs, failed + len(failures)
                            if progress is not None:
                                progress(finished, total, failed)
                except WorkersNotStarted:
                    raise
                except BrokenProcessPool:  # a worker was killed: what it was at is done again by new ones
                    if executor is not None or attempt == ATTEMPTS:
                        raise
            return self._put_together()

    def _carried_out(self, todo: list[Chunk], workers: int, executor: Executor | None) -> Generator[Any]:
        if executor is None and (workers == 1 or len(todo) <= 1):
            yield from (run_chunk(self._job(chunk)) for chunk in todo)
            return
        if executor is None:
            compile_rules()
        own: Any = worker_processes(min(workers, len(todo))) if executor is None else nullcontext(executor)
        waiting: set[Future[Any]] = set()
        with own as pool:
            # Few in flight, so that memory does not grow with the number of runs.
            for chunk in todo:
                waiting.add(pool.submit(run_chunk, self._job(chunk)))
                if len(waiting) >= 2 * workers:
                    finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in finished)
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in finished)

    def _job(self, chunk: Chunk) -> Job:
        return job_of(self.design, chunk, self.made_by, None if self.stages == STAGES else self.stages)

    def _put_together(self) -> Path:
        import pyarrow.parquet as pq

        temporary = self.folder / f".{TABLE}.new"
        schema = self._schema(self.chunks[0]).with_metadata({"airace.sweep": self.made_by})
        try:
            with (temporary.open("wb") as file,
                  pq.ParquetWriter(file, schema, compression="zstd", write_statistics=False) as writer):
                for chunk in self.chunks:
                    writer.write_table(self._read(chunk).replace_schema_metadata(schema.metadata))
            _force(temporary)
            os.replace(temporary, self.table)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        folders.force_to_disk(self.folder)
        return self.table

    # ---- files ---------------------------------------------------------------------------------------------
    def _is_ours(self, chunk: Chunk) -> bool:
        """Whether a shard says itself that it is this chunk of this sweep."""
        import pyarrow as pa

        try:
            told = self._schema(chunk).metadata or {}
        except (pa.ArrowException, OSError):
            return False
        return (told.get(b"airace.sweep"), told.get(b"airace.chunk")) == (self.made_by.encode(), chunk.name.encode())

    def _schema(self, chunk: Chunk) -> pa.Schema:
        import pyarrow.parquet as pq

        with self._shard(chunk).open("rb") as file:  # pyarrow refuses a path that is no text
            return pq.read_schema(file)

    def _read(self, chunk: Chunk, columns: list[str] | None = None) -> pa.Table:
        import pyarrow.parquet as pq

        with self._shard(chunk).open("rb") as file:
            return pq.read_table(file, columns=columns)

    def _shard(self, chunk: Chunk) -> Path:
        return self.folder / SHARDS / f"{chunk.name}.parquet"

    def _note(self, chunk: Chunk) -> Path:
        return self.folder / SHARDS / f"{chunk.name}.json"

    def _write(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(f".{path.name}.new")
        try:
            temporary.write_bytes(content)
            _force(temporary)
            os.replace(temporary, path)
            folders.force_to_disk(path.parent)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise

    def _set_aside(self, *paths: Path) -> None:
        with _errors(self.folder):
            (self.folder / ASIDE).mkdir(exist_ok=True)
            for path in paths:
                if path.exists():
                    os.replace(path, self.folder / ASIDE / f"{time.time_ns()}.{path.name}")

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        """Hold the folder's lock, and say in `lock.json` who holds it; a dead process holds nothing."""
        note = self.folder / "lock.json"
        try:
            release = folders.lock(self.folder)
        except StoreError:
            told: dict[str, Any] = {}
            with suppress(StoreError, ValueError):
                told = json.loads(folders.read(note))
            who = f" (process {told['pid']} on {told['host']}, since {told['since']})" if told else ""
            raise StoreError(self.folder, f"is being written by another process{who}",
                             "wait for it, or choose another folder") from None
        try:
            self._write(note, _json({"host": platform.node(), "pid": os.getpid(),
                                     "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
            yield
        finally:
            with suppress(OSError):
                note.unlink()
            release()


def _made_by(design: Mapping[str, Any], made_with: Mapping[str, str], departure: str) -> dict[str, Any]:
    """What made a sweep's numbers, of which its digest is taken."""
    told = {"design": design, "versions": computes(made_with)}
    return {**told, "departure": departure} if departure else told


def _plain(design: Design) -> dict[str, Any]:
    """A design as JSON holds it."""
    return dict(json.loads(json.dumps(design.resolved())))


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    """An OSError inside, such as a full disk, becomes a StoreError."""
    try:
        yield
    except OSError as error:
        raise folders.as_store_error(folder, error, "written") from error


def _force(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _json(tables: dict[str, Any]) -> bytes:
    return (json.dumps(tables, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n").encode()
