"""The stubs name what the extension has, with the same parameters, and the package is typed strictly.

mypy's stubtest cannot look into the functions of nanobind, so their own signatures are compared.
"""

import ast
import inspect
import os
import re
import subprocess
import sys

import pytest

import flashflood
import flashflood.aio
from flashflood import _native

FOLDER = os.path.dirname(flashflood.__file__)
PROJECT = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir, "pyproject.toml")


def stub_members():
    """Name -> parameters, or None for what is no function: of the module and of its classes."""
    with open(os.path.join(FOLDER, "_native.pyi"), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    members = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members[node.name] = None
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    plain = not inner.decorator_list
                    members[f"{node.name}.{inner.name}"] = parameters(inner) if plain else None
        elif isinstance(node, ast.FunctionDef):
            members[node.name] = parameters(node)
    return members


def parameters(function):
    """Names, whether by keyword alone, and whether they have a default."""
    arguments = function.args
    plain = arguments.posonlyargs + arguments.args
    defaults = [False] * (len(plain) - len(arguments.defaults)) + [True] * len(arguments.defaults)
    found = [(argument.arg, False, default) for argument, default in zip(plain, defaults)]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        found.append((argument.arg, True, default is not None))
    return found


def native_parameters(function):
    signature = function.__nb_signature__[0][0]
    inside = re.fullmatch(r"def \w+(\(.*\)) -> .*", signature, re.DOTALL).group(1)
    inside = re.sub(r"= \\\d+", "= ...", inside)
    return parameters(ast.parse(f"def f{inside}: ...").body[0])


MEMBERS = stub_members()


def find(name):
    found = _native
    for part in name.split("."):
        found = getattr(found, part)
    return found


def test_everything_is_in_the_stubs():
    names = set()
    for name, value in vars(_native).items():
        if name.startswith("_"):
            continue
        names.add(name)
        if isinstance(value, type):
            names |= {f"{name}.{inner}" for inner in vars(value) if not inner.startswith("_")}
    assert names == {name for name in MEMBERS if "._" not in name and not name.startswith("_")}


@pytest.mark.parametrize("name", MEMBERS)
def test_the_stubs_have_the_same_parameters(name):
    if name == "Event.__buffer__":
        return  # there from Python 3.12 on
    native = find(name)
    if hasattr(native, "__nb_signature__") and not name.split(".")[-1].startswith("__"):
        assert MEMBERS[name] == native_parameters(native)


def test_everything_public_says_what_it_is():
    modules = [flashflood, flashflood.aio, flashflood.exceptions, flashflood.original]
    silent = [module.__name__ for module in modules if not module.__doc__]
    for module in modules:
        for name in module.__all__:
            found = getattr(module, name)
            if not inspect.ismodule(found) and not own_doc(found):
                silent.append(f"{module.__name__}.{name}")
            if isinstance(found, type) and module is not flashflood.aio:  # as their counterparts
                silent += [f"{name}.{inner}" for inner, value in vars(found).items()
                           if not inner.startswith("_") and callable(value) and not own_doc(value)]
    assert silent == []


def own_doc(found):
    """Less the signature with which nanobind begins."""
    return re.sub(r"\A\w+\(.*\).*\n?", "", found.__doc__ or "").strip()


def test_strictly_typed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import flashflood\n"
        "from flashflood import aio\n"
        'flood = flashflood.open("memory://types")\n'
        'id: str = flood.put("{}", date="2020-01-01T00:00:00Z")\n'
        "import array, mmap\n"
        "flood.put(flood.get(id))\n"
        "flood.update(id, array.array('b', b'x'))\n"
        "flood.recorder().put(mmap.mmap(-1, 1))\n"
        "flood.splits(2, presign=True)\n"
        "data: list[bytes] = list(flood.replay(where=\"a\").data())\n"
        "splits: list[flashflood.Split] = flood.splits(2)\n"
        "events: list[flashflood.Event] = list(flashflood.read_split(splits[0]))\n"
        "async def read() -> int:\n"
        '    opened = await aio.open("memory://types")\n'
        "    await opened.put(memoryview(b'x'))\n"
        "    await opened.splits(2, presign=True)\n"
        "    texts: list[bytes] = [data async for data in (await opened.replay()).data()]\n"
        "    return sum([event.revision async for event in await opened.replay()])\n"
        "import flashflood.dask, flashflood.ray\n"
        "flashflood.ray.read_flood(flood, count=4, presign=60).count()\n"
        "flashflood.dask.to_bag(flood, where=\"a\", count=4).compute()\n"
    )
    for what in ([str(program)], ["-p", "flashflood"]):
        result = subprocess.run(
            [sys.executable, "-m", "mypy", "--config-file", PROJECT, "--cache-dir",
             str(tmp_path / "cache"), *what],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
