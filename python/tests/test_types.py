"""The stubs name what the extension has, with the same parameters, and the package is typed strictly.

mypy's stubtest cannot look into the functions of nanobind, so their own signatures are compared.
"""

import ast
import importlib.util
import inspect
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

import flashflood
import flashflood.aio
from flashflood import _native

FOLDER = os.path.dirname(flashflood.__file__)
PROJECT = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir, "pyproject.toml")


def stub_nodes():
    """Name -> its nodes in the stubs, of the module and of its classes; several of overloads."""
    nodes = {}
    for name in ("_native.pyi", "_reports.pyi"):
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            tree = ast.parse(file.read())
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                nodes.setdefault(node.name, []).append(node)
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        nodes.setdefault(f"{node.name}.{inner.name}", []).append(inner)
    return nodes


def is_property(node):
    return any(isinstance(each, ast.Name) and each.id == "property"
               for each in getattr(node, "decorator_list", ()))


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


NODES = stub_nodes()
FUNCTIONS = {name: nodes for name, nodes in NODES.items()
             if isinstance(nodes[0], ast.FunctionDef) and not is_property(nodes[0])}


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
    assert names == {name for name in NODES if "._" not in name and not name.startswith("_")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_stubs_have_the_same_parameters(name):
    if name == "Event.__buffer__":
        return  # there from Python 3.12 on
    native = find(name)
    if not hasattr(native, "__nb_signature__") or name.split(".")[-1].startswith("__"):
        return
    wanted = native_parameters(native)
    overloads = [parameters(node) for node in FUNCTIONS[name]]
    if len(overloads) == 1:
        assert overloads == [wanted]
    else:  # each takes some of the parameters, and together they take all
        kinds = {parameter: by_name for parameter, by_name, _ in wanted}
        for overload in overloads:
            assert {parameter for parameter, _, _ in overload} <= set(kinds)
            assert all(by_name or not kinds[parameter] for parameter, by_name, _ in overload)
        assert {each for overload in overloads for each, _, _ in overload} == set(kinds)


def options(name):
    """The parameters whose meaning its docstring has to tell: those by keyword, and some."""
    found = inspect.signature(find(name)).parameters.values()
    return [each.name for each in found if each.default is not each.empty]


@pytest.mark.parametrize("name", [
    "open", "read_split", "S3Options.__init__", "S3Credentials.__init__", "Replay.arrow",
    *(name for name in FUNCTIONS if name.startswith("Flood.") and "__" not in name)])
def test_docstrings_tell_every_option_and_its_default(name):
    doc = own_doc(find(name))
    told = dict()
    for names, meaning in re.findall(r"^((?:\w+, )*\w+): (.*\n?(?:    .*\n?)*)", doc, re.MULTILINE):
        told |= {option: meaning for option in names.split(", ")}
    for option in options(name):
        if option in ("data", "json") and "arrow" not in name:  # exactly one of them is given
            assert option in told
        elif name == "S3Options.__init__":
            assert option in told and "What is left out is" in doc
        else:
            assert re.search(r"Default:\s|as for ", told[option]), option


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_stubs_have_the_docstrings_of_the_extension(name):
    native = find(name) if name != "Event.__buffer__" else None
    if "__" in name.replace("__init__", "") or "._" in name.replace(".__init__", "") or name[0] == "_":
        return
    [told] = {ast.get_docstring(node) for node in FUNCTIONS[name][:1]}
    assert told == own_doc(native)


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
    return inspect.cleandoc(re.sub(r"\A\w+\(.*\).*\n?", "", found.__doc__ or "").strip())


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


PROGRAM = pathlib.Path(__file__).parent / "typed_program.py"
# Three mistakes that every checker of types sees.
WRONG = """
import flashflood
flood = flashflood.open("memory://wrong")
flood.put("{}", json=1)
number: int = flood.get("a").id
flood.replay(limit="3")
"""


def mypy(program, folder):
    return [sys.executable, "-m", "mypy", "--config-file", PROJECT, "--cache-dir",
            str(folder / "cache"), str(program)]


def pyright(program, folder):
    if not importlib.util.find_spec("basedpyright"):
        pytest.skip("needs basedpyright: tools/setup python installs it")
    (folder / "pyrightconfig.json").write_text(json.dumps({
        "typeCheckingMode": "strict", "reportUnusedVariable": False,
        "extraPaths": [os.path.dirname(FOLDER)]}))
    return [sys.executable, "-m", "basedpyright", "--project", str(folder), "--pythonpath",
            sys.executable, str(program)]


def test_the_program_uses_every_public_name_and_runs(tmp_path):
    source = PROGRAM.read_text()
    used = {node.attr for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "ff"}
    assert used == set(flashflood.__all__)
    subprocess.run([sys.executable, PROGRAM, str(tmp_path / "flood")], check=True)


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_strict_checkers_accept_the_program(checker, tmp_path):
    copy = tmp_path / "program.py"
    for source, errors in ((PROGRAM.read_text(), 0), (WRONG, 3)):
        copy.write_text(source)
        done = subprocess.run(checker(copy, tmp_path), cwd=tmp_path, capture_output=True, text=True,
                              check=False)
        lines = re.findall(r"program.py:(\d+).* error:", done.stdout)
        assert (done.returncode != 0, len(set(lines))) == (errors > 0, errors), done.stdout
