"""The table of commands, in the order in which the help lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from sim.cli import (
    advise,
    backtest,
    brief,
    check,
    cite,
    compare,
    diff,
    discover,
    elicit,
    explore,
    export,
    game,
    import_,
    new,
    params,
    play,
    register,
    report,
    reproduce,
    run,
    schema,
    score,
    sensitivity,
    sweep,
    validate,
    why,
    worth,
)
from sim.cli import app as cockpit
from sim.cli import list as names
from sim.cli.exits import EXIT_CODES, command

COMMANDS: dict[str, Callable[..., int | None]] = {
    "compare": compare.compare,
    "run": run.run,
    "why": why.why,
    "worth": worth.worth,
    "game": game.game,
    "advise": advise.advise,
    "new": new.new,
    "validate": validate.validate,
    "list": names.list_,
    "params": params.params,
    "diff": diff.diff,
    "brief": brief.brief,
    "report": report.report,
    "export": export.export,
    "check": check.check,
    "backtest": backtest.backtest,
    "import": import_.import_,
    "register": register.register,
    "score": score.score,
    "elicit": elicit.elicit,
    "sweep": sweep.sweep,
    "resume": sweep.resume,
    "sensitivity": sensitivity.sensitivity,
    "discover": discover.discover,
    "explore": explore.explore,
    "reproduce": reproduce.reproduce,
    "app": cockpit.app,
    "play": play.play,
    "schema": schema.schema,
    "cite": cite.cite,
}

EPILOG = (
    "A scenario is a TOML file, or the name of one that comes with airace, such as baseline.\n\n"
    "\b\nExit codes:\n" + "\n".join(f"{code:>5}  {meaning}" for code, meaning in EXIT_CODES.items())
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from sim.cli.version import version

        typer.echo(f"airace {version()}")
        raise typer.Exit


@app.callback()
def _airace(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Print the version and leave.",
        ),
    ] = False,
) -> None:
    """Simulates competition in the AI industry, and compares scenarios on the same luck."""


for _name, _body in COMMANDS.items():
    app.command(_name)(command(_body))
