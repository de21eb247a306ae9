"""Every chart of the report, also for notebooks; each function returns a matplotlib figure."""

from sim.report.charts.dots import differences
from sim.report.charts.fans import fan
from sim.report.charts.heat import heat
from sim.report.charts.incidence import incidence
from sim.report.charts.network import network
from sim.report.charts.slopes import slopes
from sim.report.charts.story import story
from sim.report.charts.timeline import timeline

__all__ = ["differences", "fan", "heat", "incidence", "network", "slopes", "story", "timeline"]
