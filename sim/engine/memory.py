"""Whether an ensemble fits into memory: said before it begins, not when it has run for an hour."""

from __future__ import annotations

import warnings

BYTES_A_MONTH = 3_500  # of one run of one scenario while it is made and put together, measured; its events included
BYTES_A_MONTH_BY_LAB = 2_300  # more where every quantity of every lab is kept
WAY_OUT = "ask for fewer runs or months, or run a sweep, which keeps summaries alone (docs/sweeps.md)"


class NotEnoughMemoryError(MemoryError):
    """More memory would be needed than there is: how much, and the way out."""


class MuchMemory(UserWarning):
    """More than half of the free memory will be used."""


def free_bytes() -> int | None:
    """Memory that this process may still take, by what the system has free and by a limit on it; None if unknown."""
    found: list[int] = []
    try:
        with open("/proc/meminfo", encoding="ascii") as told:
            found += [int(line.split()[1]) * 1024 for line in told if line.startswith("MemAvailable")]
    except (OSError, ValueError):
        pass
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            with open("/proc/self/statm", encoding="ascii") as told:
                taken = int(told.read().split()[0]) * resource.getpagesize()
            found.append(max(limit - taken, 0))
    except (ImportError, OSError, ValueError):
        pass
    return min(found, default=None)


def check_memory(scenarios: int, runs: int, months: int, labs: bool) -> None:
    """Before an ensemble: NotEnoughMemoryError if it cannot fit, a MuchMemory warning if it takes more than half."""
    needed = scenarios * runs * months * (BYTES_A_MONTH + (BYTES_A_MONTH_BY_LAB if labs else 0))
    free = free_bytes()
    if free is None or needed <= free / 2:
        return
    told = f"{runs:,} runs of {months} months need some {_gb(needed)} of memory, and {_gb(free)} are free"
    if needed > free:
        raise NotEnoughMemoryError(f"{told}; {WAY_OUT}")
    warnings.warn(told, MuchMemory, stacklevel=3)


def _gb(number: int) -> str:
    return f"{number / 1e9:,.0f} GB" if number >= 10e9 else f"{number / 1e9:.2g} GB"
