"""What moves what: which quantities of a run each rule reads in order to write another, taken from its code.

A rule that writes `labs.safety` from `nations.hostility` makes the second a cause of the first. Causes are followed
through local names, conditions and the rules that a rule calls; where a value is only an index, or says who an agent
is, it is left out. Nothing is run: the code is read. `docs/draw_causes.py` draws what is found here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sim.model.state import KINDS

MODEL = Path(__file__).parents[1] / "sim" / "model"
STATE = {kind.name: kind for kind in KINDS}
Sources = frozenset[str]
"""Quantities as in "labs.cash", and a function's own arguments as in "=amount"."""


class Effect(NamedTuple):
    """What a function writes, by quantity or argument, and what it returns: from which sources."""

    writes: dict[str, Sources]
    returns: Sources


class Cause(NamedTuple):
    """One quantity that moves another, in a rule that stands in the order of the month: "labs.choose_safety"."""

    source: str
    target: str
    rule: str


@cache
def functions() -> dict[str, dict[str, ast.FunctionDef]]:
    """Every function of the model's files, by module and name."""
    return {path.stem: {node.name: node for node in _tree(path.stem).body if isinstance(node, ast.FunctionDef)}
            for path in MODEL.rglob("*.py")}


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(next(MODEL.rglob(f"{module}.py")).read_text(encoding="utf-8"))


@cache
def _imported(module: str) -> dict[str, tuple[str, str]]:
    """Names that a module imports from others of the model: module and name there, "" for a whole module."""
    found = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim.model"):
            for alias in node.names:
                whole = alias.name in functions()
                found[alias.name] = (alias.name, "") if whole else (str(node.module).rpartition(".")[2], alias.name)
    return found


def _called(module: str, call: ast.Call) -> tuple[str, str] | None:
    """Module and name of a function of the model that is called; None for any other."""
    function = call.func
    if isinstance(function, ast.Name):
        place = _imported(module).get(function.id, (module, function.id))
    elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        place = _imported(module).get(function.value.id, ("", ""))[0], function.attr
    else:
        return None
    return place if place[1] in functions().get(place[0], {}) else None


@cache
def effect(module: str, name: str) -> Effect:
    """What a function of the model does to a run."""
    return _Reader(module, functions()[module][name]).read()


@cache
def causes() -> tuple[Cause, ...]:
    """All causes, of every rule that the month calls."""
    found = []
    for stage in functions()["month"].values():
        for call in ast.walk(stage):
            if isinstance(call, ast.Call) and (place := _called("month", call)) and place[0] != "month":
                rule = ".".join(place)
                found += [Cause(source, target, rule) for target, sources in effect(*place).writes.items()
                          for source in sources if "=" not in source + target]
    return tuple(sorted(set(found)))


class _Reader:
    """Reads one function, over and over until nothing new is found: names may be used above what moves them."""

    def __init__(self, module: str, function: ast.FunctionDef) -> None:
        self.module, self.function = module, function
        self.arguments = [argument.arg for argument in function.args.args]
        self.kinds: dict[str, str] = {}  # local names of whole tables: labs
        self.arrays: dict[str, str] = {}  # local names of one quantity: shares
        self.known: dict[str, set[str]] = defaultdict(set)  # where local names come from
        self.writes: dict[str, set[str]] = defaultdict(set)
        self.returns: set[str] = set()

    def read(self) -> Effect:
        before = -1
        while before != (before := self._found()):
            self._block(self.function.body, frozenset())
        return Effect({name: frozenset(found) for name, found in self.writes.items()}, frozenset(self.returns))

    def _found(self) -> int:
        return sum(map(len, (*self.known.values(), *self.writes.values(), self.returns))) + len(self.kinds)

    # ---- statements
    def _block(self, body: list[ast.stmt], control: Sources) -> None:
        for line in body:
            control = self._statement(line, control)

    def _statement(self, line: ast.stmt, control: Sources) -> Sources:
        """Read a line; the conditions under which the lines after it are reached."""
        if isinstance(line, ast.If | ast.While):
            under = control | self._sources(line.test, control)
            self._block(line.body, under)
            self._block(line.orelse, under)
            if isinstance(line.body[-1], ast.Continue | ast.Return | ast.Break):
                return under
        elif isinstance(line, ast.For):
            self._assign(line.target, self._sources(line.iter, control), control)
            self._block(line.body, control)
        elif isinstance(line, ast.Assign):
            for target in line.targets:
                self._match(target, line.value, control)
        elif isinstance(line, ast.AugAssign):
            self._assign(line.target, self._sources(line.value, control), control)
        elif isinstance(line, ast.Return) and line.value is not None:
            self.returns |= self._sources(line.value, control) | control
        elif isinstance(line, ast.Expr):
            self._sources(line.value, control)
        return control

    def _match(self, target: ast.expr, value: ast.expr, control: Sources) -> None:
        """An assignment, element by element where both sides are tuples."""
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for left, right in zip(target.elts, value.elts, strict=True):
                self._match(left, right, control)
            return
        if isinstance(target, ast.Name):
            if kind := self._kind(value):
                self.kinds[target.id] = kind
                return
            if isinstance(value, ast.Subscript) and (quantity := self._quantity(value)):
                self.arrays[target.id] = quantity
        self._assign(target, self._sources(value, control), control)

    def _assign(self, target: ast.expr, sources: Sources, control: Sources) -> None:
        if isinstance(target, ast.Tuple):
            for part in target.elts:
                self._assign(part, sources, control)
        elif quantity := self._quantity(target):
            self.writes[quantity] |= sources | control
        else:
            name = _root(target)
            if name in self.arguments and isinstance(target, ast.Subscript):
                self.writes[f"={name}"] |= sources | control
            self.known[name] |= sources | control

    # ---- expressions
    def _kind(self, node: ast.expr) -> str:
        """The table that an expression is, as in `run.labs`."""
        if isinstance(node, ast.Name):
            return self.kinds.get(node.id, "")
        return node.attr if isinstance(node, ast.Attribute) and node.attr in STATE and _root(node) == "run" else ""

    def _quantity(self, node: ast.expr) -> str:
        """The quantity that an expression is, or is an element of, as in "labs.cash"."""
        while isinstance(node, ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name):
            return self.arrays.get(node.id, "")
        if isinstance(node, ast.Attribute) and (kind := self._kind(node.value)):
            return f"{kind}.{node.attr}" if node.attr in STATE[kind].quantities else ""
        return ""

    def _sources(self, node: ast.expr, control: Sources) -> Sources:
        """Where a value comes from. What the functions called in it write is noted on the way."""
        if quantity := self._quantity(node):
            return frozenset({quantity})
        if isinstance(node, ast.Subscript):
            return self._sources(node.value, control)
        if isinstance(node, ast.Name):
            own = {f"={node.id}"} if node.id in self.arguments and node.id not in ("run", "given") else set()
            return frozenset(own | self.known[node.id])
        if isinstance(node, ast.Call):
            return self._call(node, control)
        found: set[str] = set()
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                found |= self._sources(part, control)
        return frozenset(found)

    def _call(self, call: ast.Call, control: Sources) -> Sources:
        given = [self._sources(argument, control) for argument in call.args]
        place = _called(self.module, call)
        if place is None or place[0] == "luck":
            return frozenset().union(*given)
        done = effect(*place)
        names = [argument.arg for argument in functions()[place[0]][place[1]].args.args]
        handed = {f"={name}": sources for name, sources in zip(names, given, strict=False)}
        for target, sources in done.writes.items():
            caused = _filled(sources, handed) | control
            if not target.startswith("="):
                self.writes[target] |= caused
            elif (place_of := names.index(target[1:])) < len(call.args):
                self._assign_into(call.args[place_of], caused)
        return _filled(done.returns, handed)

    def _assign_into(self, argument: ast.expr, sources: Sources) -> None:
        """What a function writes into an array that it is handed."""
        if quantity := self._quantity(argument):
            self.writes[quantity] |= sources
            return
        name = _root(argument)
        if name in self.arguments:
            self.writes[f"={name}"] |= sources
        self.known[name] |= sources


def _filled(sources: Sources, handed: dict[str, Sources]) -> Sources:
    """Sources with what was handed in the place of arguments."""
    return frozenset().union(*(handed.get(name, frozenset()) if name.startswith("=") else {name} for name in sources))


def _root(node: ast.expr) -> str:
    """The name that an expression begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""

