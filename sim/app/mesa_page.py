"""Mesa's own page of the model: one run, month by month, with Mesa's buttons, sliders and plots."""

from __future__ import annotations

from typing import Any

import solara
from mesa.visualization import Slider, SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from sim.app.view import for_everybody
from sim.engine.mesa_model import IndustryModel
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import levers
from sim.report.words.units import heading
from sim.scenario.checks import resolve
from sim.scenario.scenario import Scenario

TURNED: dict[str, str] = {
    "strictness": "regulation.strictness",
    "cooperation": "diplomacy.us_china_cooperation",
    "export_controls": "trade.chip_controls",
}
"""Levers that the page turns, by the name that the model's parameter has there."""
STANDING: dict[str, float] = {name: float(resolve({})[path]) for name, path in TURNED.items()}
"""Where they stand in the baseline: strictness at the mean of what jurisdictions have in force at the start."""
PLOTTED: tuple[str, ...] = ("us_china_lag_months", "safety_effort", "small_labs", "hostility")


class PageModel(IndustryModel):
    """`IndustryModel` of the baseline with a few levers as arguments, as Mesa's page makes models."""

    def __init__(self, seed: int = 0, run: int = 0, strictness: float = STANDING["strictness"],
                 cooperation: float = STANDING["cooperation"],
                 export_controls: float = STANDING["export_controls"]) -> None:
        turned = {"strictness": strictness, "cooperation": cooperation, "export_controls": export_controls}
        # What is not moved is left as it is, so that strictness stays what each jurisdiction has in force.
        changes = {TURNED[name]: float(value) for name, value in turned.items() if float(value) != STANDING[name]}
        scenario = Scenario.from_dict({"title": "Mesa page", "anonymous": for_everybody.anonymous}).with_(changes)
        super().__init__(scenario, seed=int(seed), run=int(run))


def parameters() -> dict[str, Any]:
    """What the page lets its visitor choose before a reset."""
    chosen: dict[str, Any] = {"seed": Slider("Seed", 0, 0, 100, 1), "run": Slider("Run", 0, 0, 199, 1)}
    for name, path in TURNED.items():
        lever = levers()[path]
        chosen[name] = Slider(name.replace("_", " ").capitalize(), STANDING[name], lever.low, lever.high, 0.01)
    return chosen


def _plot(name: str) -> Any:
    """One outcome over the months lived."""

    def dress(axes: Any) -> None:
        axes.set_title(heading(OUTCOMES[name]), fontsize=10)
        axes.set_ylabel("")
        axes.set_xlabel("months lived")
        if axes.get_legend() is not None:
            axes.get_legend().remove()

    return make_plot_component(name, post_process=dress)[0]


@solara.component
def Seen(model: IndustryModel, plots: list[Any]) -> None:  # noqa: N802
    """Month, labs in business, the latest events, and the plots, drawn again with every step."""
    update_counter.get()
    lived = f"{model.date}: {len(model.labs)} labs in business" if model.outcomes else "Nothing has been lived yet."
    solara.Text(lived, style={"font-weight": "600", "display": "block"})
    for sentence in model.events[-6:][::-1]:
        solara.Text(sentence, style={"display": "block"})
    with solara.ColumnsResponsive(12, medium=6):
        for plot in plots:
            plot(model)


@solara.component
def Page() -> None:  # noqa: N802
    """A model of its own for each visitor."""
    model = solara.use_memo(lambda: solara.reactive(PageModel()), [])
    plots = solara.use_memo(lambda: [_plot(name) for name in PLOTTED], [])
    # Mesa's tabs and draggable grid need a version of Vuetify that Solara's page no longer has: plots stand below.
    SolaraViz(model, components=[], model_params=parameters(), name="airace: one run", play_interval=100)
    Seen(model.value, plots)
