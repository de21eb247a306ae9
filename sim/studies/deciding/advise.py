"""A search for policies, and advice that rests on futures which the search never saw.

Candidates live in the same futures, generation by generation; the front is then judged on fresh ones, beside today's
policy and doing nothing. What a search finds best on its own futures is partly their luck, so the shrinkage from
searched to fresh is part of the answer.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sim.common import arguments
from sim.common.arguments import LAST_SEED, MOST_WORKERS, takes
from sim.studies.deciding import chunks
from sim.studies.deciding.advice import CANDIDATES, FUTURES, JUDGED, Advice, Size
from sim.studies.deciding.candidates import Progress, Study
from sim.studies.deciding.question import Question
from sim.studies.deciding.search import needed_library

MANIFEST = "advise.json"


@takes(candidates=arguments.whole(1), futures=arguments.whole(1), judged=arguments.whole(1),
       seed=arguments.whole(0, LAST_SEED), workers=arguments.whole(1, MOST_WORKERS), progress=arguments.calls(3))
def advise(question: str | os.PathLike[str] | Question, *, candidates: int = CANDIDATES, futures: int = FUTURES,
           judged: int = JUDGED, seed: int = 0, workers: int = 1, folder: str | os.PathLike[str] | None = None,
           progress: Progress | None = None) -> Advice:
    """Search for policies that answer a question, and judge those that none beats on futures not searched.

    `question` is a file, the name of a question that comes with airace, or a `Question`. Every one of about
    `candidates` policies lives in the same `futures`, those of the front in `judged` fresh ones. With a `folder` each
    generation is kept there, and the same call goes on where it was stopped. `progress(done, total, failed)` counts
    runs. ScenarioError for a question that is wrong, AdviseError for a size from which nothing follows or limits that
    no candidate meets in any future, SearchError without pymoo, StoreError for a folder that holds something else.
    """
    from sim.studies.deciding.question_file import read_question

    asked = question if isinstance(question, Question) else read_question(question)
    size = Size(candidates, futures, judged, seed)
    size.check()
    needed_library()
    path = None if folder is None else Path(folder)
    with chunks.at_work(path):
        steps = chunks.Steps(None, "") if path is None else chunks.begin(path, MANIFEST, what_is_asked(asked, size))
        return Study(asked, size, steps, workers, progress).advice()


def resume(folder: str | os.PathLike[str], *, workers: int = 1, progress: Progress | None = None) -> Advice:
    """Go on with a study of advice that was stopped, from its folder alone; StoreError where there is none."""
    path = Path(folder)
    asked, size, steps = kept_study(path)
    needed_library()
    with chunks.at_work(path):
        return Study(asked, size, steps, workers, progress).advice()


def kept(folder: str | os.PathLike[str]) -> Advice:
    """The advice that a finished study's folder holds; nothing is run and nothing is written.

    StoreError where there is none, where it is not finished, is damaged or of another version; SearchError without
    pymoo, which takes the same way through what was searched.
    """
    asked, size, steps = kept_study(Path(folder))
    needed_library()
    return Study(asked, size, chunks.Steps(steps.folder, steps.made_by, closed=True), 1, None).advice()


def kept_study(folder: Path, other_versions: bool = False) -> tuple[Question, Size, chunks.Steps]:
    """What was asked in a folder, and its steps; with `other_versions` also where other rules began it."""
    told, steps = chunks.open_(folder, MANIFEST, other_versions)
    try:
        return Question.from_resolved(told["question"]), Size(**told["size"]), steps
    except (KeyError, TypeError, ValueError) as error:
        raise chunks.StoreError(folder / MANIFEST, f"cannot be read ({error})", "begin anew elsewhere") from error


def what_is_asked(question: Question, size: Size) -> dict[str, Any]:
    """All that fixes a study, as JSON holds it."""
    import pymoo

    return {"question": question.resolved(), "size": dict(size.__dict__), "pymoo": pymoo.__version__}
