"""`airace cite [DIR]`: how to cite airace, and with a study's folder the study, by its version and hash.

`CITATION.cff` stands at the top of the source, and once more in the package, where an installed airace finds it.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import PrintTextOrJson, TextOrJson
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal

Folder = Annotated[
    Path | None, typer.Argument(metavar="DIR", show_default=False,
                                help="Folder of a saved comparison or a sweep, to cite it as well."),
]
_LINE = re.compile(r'^(?:  - )?([a-z-]+): "?(.*?)"?$')
_SPELT = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_BRACED = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_{}"} | _SPELT)


def cite(terminal: Terminal, folder: Folder = None, format_: PrintTextOrJson = TextOrJson.text) -> None:
    """Print how to cite airace, in words and as BibTeX; with a folder also the study that it holds."""
    told = citation()
    study = None if folder is None else study_of(folder)
    version = told["version"] if study is None else study["version"]
    sentence, bibtex = in_words(told, version, study), as_bibtex(told, version, study)

    def tell() -> None:
        terminal.paragraph(sentence)
        terminal.data()
        terminal.data(bibtex)

    present(terminal, format_, Answer(text=tell, record=lambda: {
        **told, "version": version, "text": sentence, "bibtex": bibtex, **({} if study is None else {"study": study})}))


def citation() -> dict[str, str]:
    """Title, authors, version, year of its release and license as `CITATION.cff` has them."""
    text = resources.files("sim").joinpath("data/CITATION.cff").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    authors = []
    for line in text.splitlines():
        if (match := _LINE.match(line)) is None:
            continue
        if line.startswith("  - "):
            authors += [match[2]] if match[1] == "name" else []
        else:
            found[match[1]] = match[2]
    return {"title": found["title"], "authors": " and ".join(authors), "version": found["version"],
            "year": found["date-released"][:4], "license": found["license"]}


def study_of(folder: Path) -> dict[str, Any]:
    """What identifies a saved study: version, hash, and the luck that it was run on. StoreError if there is none."""
    from sim.studies.sweeping.sweep import MANIFEST as OF_A_SWEEP

    if (folder / OF_A_SWEEP).is_file():
        from sim.studies.sweeping.sweep import Sweep

        sweep = Sweep.open(folder)
        return {"kind": "sweep", "version": sweep.versions["airace"], "hash": sweep.made_by, "seed": sweep.design.seed,
                "runs": sweep.design.runs, "titles": [sweep.design.title]}
    from sim.studies.keeping.store import read_manifest

    manifest = read_manifest(folder)
    return {"kind": "comparison", "version": manifest["versions"]["airace"], "hash": manifest["results_hash"],
            "seed": manifest["seed"], "runs": manifest["runs"],
            "titles": [scenario["title"] for scenario in manifest["scenarios"]]}


def year_of(told: dict[str, str], version: str) -> str:
    """The year in which a version was released; "" of one that is not this one, whose year is told by its own file."""
    return told["year"] if version == told["version"] else ""


def in_words(told: dict[str, str], version: str, study: dict[str, Any] | None) -> str:
    """One sentence for a list of references."""
    year = year_of(told, version)
    who = f"{told['authors']} ({year})" if year else told["authors"]
    own = f"{who}. {told['title']}, version {version}. Software, {told['license']} license."
    return own if study is None else f"{own} {_told(study)}."


def as_bibtex(told: dict[str, str], version: str, study: dict[str, Any] | None) -> str:
    """An entry for BibTeX, with the year of the version's release."""
    year = year_of(told, version)
    lines = [f"  author = {{{{{told['authors'].translate(_BRACED)}}}}},",
             f"  title = {{{told['title'].translate(_BRACED)}}},",
             f"  version = {{{version.translate(_BRACED)}}},",
             *([f"  year = {{{year}}},"] if year else [])]
    if study is not None:
        lines.append(f"  note = {{{_told(study).translate(_BRACED)}}},")
    return "\n".join(["@software{airace,", *lines, "}"])


def _told(study: dict[str, Any]) -> str:
    from sim.report.words.names import listed, quoted

    of = listed([quoted(title) for title in study["titles"][:4]]) + (" and others" if len(study["titles"]) > 4 else "")
    what = "Design and rules" if study["kind"] == "sweep" else "Results"
    return (f"{study['kind'].capitalize()} of {of}, {study['runs']:,} runs, seed {study['seed']}. {what} by their "
            f"hash: {study['hash']}")
