"""Runs the notebooks and keeps their outputs in the files, so that a reader sees the figures without running them.

    python notebooks/execute.py [NAME ...]

tests/test_notebooks.py runs them afresh and fails when what they print is no longer what they keep.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import sim

FOLDER = Path(__file__).parent
SECONDS = 600  # for one cell, on a machine that is busy
METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"}}


def notebooks() -> list[Path]:
    """The notebooks in the order in which to read them."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path) -> nbformat.NotebookNode:
    """A notebook with the outputs of a run of its own; nothing of the machine or the hour is kept."""
    # So that no notebook has to say that the model's rules are being compiled.
    sim.simulate(sim.Scenario.load("baseline"), runs=1, months=1)
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", record_timing=False,
                            coalesce_streams=True, resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


def main(names: list[str]) -> None:
    """Run the named notebooks, or all, and write them back."""
    for path in notebooks():
        if not names or path.stem in names:
            nbformat.write(executed(path), path)
            print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
