"""Signatures of the extension's functions, for inspect.signature and what builds on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import inspect


def signature_of(function: Any) -> inspect.Signature:
    """What a function of the extension takes; a bound method comes without its object."""
    import ast  # not before they are needed: the package is to be imported quickly
    import inspect

    bound = hasattr(function, "__self__")
    [text] = [overload[0] for overload in (function.__func__ if bound else function).__nb_signature__]
    [tree] = ast.parse(f"{text}: ...").body
    assert isinstance(tree, ast.FunctionDef)

    def parameter(argument: ast.arg, kind: Any, default: ast.expr | None) -> inspect.Parameter:
        return inspect.Parameter(
            argument.arg,
            kind,
            default=inspect.Parameter.empty if default is None else ast.literal_eval(default),
            annotation=_annotation(argument.annotation, inspect.Parameter.empty),
        )

    given = tree.args
    plain: list[tuple[ast.arg, Any]] = [
        *((argument, inspect.Parameter.POSITIONAL_ONLY) for argument in given.posonlyargs),
        *((argument, inspect.Parameter.POSITIONAL_OR_KEYWORD) for argument in given.args),
    ]
    required: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults))
    parameters = [
        parameter(argument, kind, default)
        for (argument, kind), default in zip(plain, required + list(given.defaults))
    ]
    if given.vararg:
        parameters.append(parameter(given.vararg, inspect.Parameter.VAR_POSITIONAL, None))
    parameters += [
        parameter(argument, inspect.Parameter.KEYWORD_ONLY, default)
        for argument, default in zip(given.kwonlyargs, given.kw_defaults)
    ]
    return inspect.Signature(
        parameters[1:] if bound else parameters,
        return_annotation=_annotation(tree.returns, inspect.Signature.empty),
    )


def _annotation(tree: Any, empty: Any) -> Any:
    import ast

    return empty if tree is None else ast.unparse(tree)
