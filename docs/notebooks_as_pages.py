"""Makes a page of the site of each notebook, with the outputs that it keeps: `mkdocs.yml` names it as a hook.

No page is kept in the repository, so none can be stale: it is written when the site is built, from the notebook as it
stands. Text, tables and charts are put in as they are; a table drawn for light and dark follows the site's switch.
"""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
FOLDER = "notebooks"
SWITCH = {'[data-jp-theme-light="true"]': '[data-md-color-scheme="default"]',
          '[data-jp-theme-light="false"]': '[data-md-color-scheme="slate"]'}
"""How a cell knows light from dark in a notebook, and on the site."""
PAGE_NAMES = re.compile(r"`docs/([\w/]+)\.md`")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook, and its pictures."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        text, pictures = rendered(path)
        files.append(File.generated(config, f"{FOLDER}/{path.stem}.md", content=text))
        for name, content in pictures.items():
            files.append(File.generated(config, f"{FOLDER}/{name}", content=content))
    return files


def rendered(path: Path) -> tuple[str, dict[str, bytes]]:
    """A notebook as Markdown, and its pictures by file name."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(PAGE_NAMES.sub(r"[\1](../\1.md)", source))
            continue
        parts.append(f"```python\n{source}\n```")
        for number, output in enumerate(cell["outputs"]):
            parts.append(_shown(output, f"{path.stem}-{cell['id']}-{number}", pictures))
    first, *rest = parts
    title, _, opening = first.partition("\n")
    note = f"*A notebook as it ran: open `notebooks/{path.name}` to change and run it.*"
    return "\n\n".join([title, note, opening.strip(), *rest]) + "\n", pictures


def _shown(output: dict[str, Any], name: str, pictures: dict[str, bytes]) -> str:
    """One output as Markdown: a picture, a table, or text."""
    data = output.get("data", {})
    if "image/png" in data:
        pictures[f"{name}.png"] = base64.b64decode("".join(data["image/png"]))
        return f"![What the cell above draws]({name}.png)"
    if "text/html" in data:
        text = "".join(data["text/html"])
        for theirs, ours in SWITCH.items():
            text = text.replace(theirs, ours)
        text = re.sub(r"@media \(prefers-color-scheme: dark\) \{ (?:[^{}]*\{[^{}]*\} )*\}\n", "", text)
        text = re.sub(r"\n\s*\n", "\n", text)  # an empty line would end the block
        return f'<div class="output">\n{text}\n</div>'
    text = "".join(output.get("text") or data.get("text/plain", ""))
    return f'<pre class="output">{html.escape(text)}</pre>' if text.strip() else ""
