"""Writes `docs/workshop/roles.html`, the role sheets of the workshop kit, from the roles as the game has them.

`python docs/generate_roles.py`; a test holds the file to the code.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from sim.app.play.roles import MOST_DECISIONS, ROLES, Decision, Role
from sim.model.outcomes import OUTCOMES
from sim.scenario.scenario import Scenario

PLACE = Path(__file__).parent / "workshop" / "roles.html"
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --muted: #59616b; --rule: #8b949e; --paper: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --muted: #a8b2bd; --rule: #6f7a86; --paper: #14181d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 0 16px; max-width: 820px; background: var(--paper); color: var(--ink);
  font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
section { padding: 18px 0; border-bottom: 1px solid var(--rule); }
h1 { font-size: 1.2rem; } h2 { font-size: 1.7rem; margin: 0 0 4px; } h3 { font-size: 1rem; margin: 10px 0 3px; }
p, ul { margin: 0 0 6px; } ul { padding-left: 1.2em; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--rule); }
.muted { color: var(--muted); font-weight: 400; }
.lines { height: 88px; background: repeating-linear-gradient(transparent 0 27px, var(--rule) 27px 28px); }
@page { size: A4; margin: 14mm; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } h1, .intro { display: none; }
  section { break-after: page; break-inside: avoid; border: 0; padding: 0; }
  section:last-of-type { break-after: auto; } }
"""


def page() -> str:
    """The whole page."""
    world = Scenario.load("baseline")
    return ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Role sheets</title>\n"
            f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Role sheets</h1>\n<p class=\"intro\">"
            "Six sheets, one a page when printed.</p>\n"
            + "\n".join(_sheet(role, world) for role in ROLES.values()) + "\n</main>\n</body>\n</html>\n")


def _sheet(role: Role, world: Scenario) -> str:
    aims = "".join(f"<li><b>{escape(aim.words[:1].upper() + aim.words[1:])}</b>: "
                   f"{escape(OUTCOMES[aim.outcome].summary_title)}, {aim.better} is better</li>" for aim in role.aims)
    rows = "".join(_row(decision, world) for decision in role.decisions)
    beside = "; ".join(OUTCOMES[name].title for name in role.beside)
    return (f"<section>\n<h2>{escape(role.opening)}</h2>\n<p>{escape(role.task)}</p>\n<h3>What you are after</h3>\n"
            f"<ul>{aims}</ul>\n<p class=\"muted\">You also see: {escape(beside)}.</p>\n"
            f"<h3>What you decide: at most {MOST_DECISIONS} a quarter, hidden until the round closes</h3>\n"
            "<table><thead><tr><th scope=\"col\">Lever</th><th scope=\"col\">January 2026</th>"
            f"<th scope=\"col\">From, to</th></tr></thead><tbody>{rows}</tbody></table>\n"
            "<h3>My plan, and what I was promised</h3>\n<div class=\"lines\"></div>\n"
            "<p class=\"muted\">A what-if machine, not a forecast. Promises bind nobody; only what you enter counts."
            "</p>\n"
            "</section>")


def _row(decision: Decision, world: Scenario) -> str:
    first, last = decision.values[0][0], decision.values[-1][0]
    return (f"<tr><th scope=\"row\">{escape(decision.title)}<br>"
            f"<span class=\"muted\">{escape(decision.about)}</span></th>"
            f"<td>{escape(decision.words(world.levers[decision.lever]))}</td>"
            f"<td>{escape(decision.words(first))} to {escape(decision.words(last))}</td></tr>")


if __name__ == "__main__":
    PLACE.write_text(page(), encoding="utf-8")
