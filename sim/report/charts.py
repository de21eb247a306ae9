"""Every chart of the report, also for notebooks; each function returns a matplotlib figure."""

from sim.report.dots import differences
from sim.report.fans import fan
from sim.report.heat import heat
from sim.report.incidence import incidence
from sim.report.network import network
from sim.report.slopes import slopes
from sim.report.story import story
from sim.report.timeline import timeline

__all__ = ["differences", "fan", "heat", "incidence", "network", "slopes", "story", "timeline"]
