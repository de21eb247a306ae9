"""What a study of worth asked of its runs, as text to be kept beside them, and the study again from both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.studies.deciding.objective import Objective
from sim.studies.deciding.worth import Worth, worth

if TYPE_CHECKING:
    from sim.engine.results import Results


def asked_as_json(found: Sequence[Worth], together: Sequence[Sequence[str]]) -> str:
    """The objectives of one choice, and the unknowns that were to be known together."""
    asked = {"objectives": [each.objective.text for each in found], "know": [list(names) for names in together]}
    return json.dumps(asked, indent=1, ensure_ascii=False) + "\n"


def worth_from_json(results: Results, text: str) -> tuple[Worth, ...]:
    """The study that `asked_as_json` tells of, of these runs. ValueError, KeyError or TypeError for any other text."""
    asked = json.loads(text)
    return tuple(worth(results, Objective.read(objective), [list(map(str, names)) for names in asked["know"]])
                 for objective in asked["objectives"])
