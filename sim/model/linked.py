"""How rules that rules alone call are compiled: optimised and made machine code once, with the entry that holds them.

Numba makes each function ready to be called from Python: it links all that the function calls into it, optimises the
whole, and writes machine code, with wrappers that take Python's objects apart. A month is a tree of rules six deep, so
that the innermost ones went through all of that six times. Here a rule is left as it was lowered, until the entry that
reaches it links it. The same lines are computed in the same order, so the bits are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from numba import njit
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NoPythonSupportedFeatureValidation


class _WithoutEnvironment:
    """A code generator for what is not loaded: it has no place yet for what Python objects a function needs."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, env_name: str, env: Any) -> None:
        """Nothing to set."""


class _Linked(JITCodeLibrary):
    """A function's code, to be linked into others."""

    @property
    def codegen(self) -> Any:
        """What made it."""
        return _WithoutEnvironment(self._codegen)

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


@register_pass(mutates_CFG=False, analysis_only=True)
class _KeepForLinking(FunctionPass):
    _name = "keep_for_linking"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        """Give a function a library that is not made ready to be called."""
        state.library = _Linked(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return False


class _Compiler(CompilerBase):
    def define_pipelines(self) -> list[Any]:
        """Numba's own way, but for the library."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_KeepForLinking, NoPythonSupportedFeatureValidation)
        passes.finalize()
        return [passes]


class LinkedRule(CPUDispatcher):
    """A compiled rule that other rules call; where Python calls it, it is compiled for Python as well."""

    def __init__(self, py_func: Callable[..., Any], locals: Any = None, targetoptions: Any = None,
                 pipeline_class: Any = _Compiler) -> None:
        super().__init__(py_func, locals or {}, targetoptions or {}, pipeline_class)

    def add_overload(self, cres: Any) -> None:
        """Keep what is compiled for rules to link."""
        self.overloads[tuple(cres.signature.args)] = cres

    def _compile_for_args(self, *args: Any, **kws: Any) -> Any:  # noqa: ARG002 - what Python hands over
        """What Python calls in its place."""
        return self._for_python

    @cached_property
    def _for_python(self) -> Any:
        return njit(nogil=True, error_model="numpy")(self.py_func)


def linked(function: Callable[..., Any]) -> Any:
    """A compiled rule that other rules link in."""
    return LinkedRule(function, targetoptions={
        "nopython": True, "nogil": True, "error_model": "numpy", "boundscheck": None,
        "no_cpython_wrapper": True, "no_cfunc_wrapper": True})
