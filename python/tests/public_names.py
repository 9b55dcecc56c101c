"""What a `flashflood` offers, module by module: of ours, or of the original package.

usage: public_names.py       with PYTHONPATH naming the implementation; prints JSON
"""

import enum
import importlib
import inspect
import json
import sys

MODULES = ["", ".config", ".exceptions", ".identifiers", ".key_index", ".objects", ".util", ".version"]
WITH_CONSTANTS = ["", ".config", ".identifiers", ".version"]


class Resource:
    """As much of a boto3 resource as a FlashFlood takes without asking for anything."""

    def __init__(self):
        self.meta = self
        self.client = object()

    def Bucket(self, name):
        return name


def parameters(function):
    found = inspect.signature(function).parameters.values()
    return [[each.name, str(each.kind), repr(each.default)] for each in found]


def is_ours(value):
    module = getattr(value, "__module__", None)
    return module is None or module.partition(".")[0] == "flashflood"


def describe_class(found):
    if issubclass(found, BaseException):
        return {"bases": [base.__name__ for base in found.__mro__ if base.__module__ == "builtins"]}
    if issubclass(found, enum.Enum):
        return {"members": {member.name: member.value for member in found}}
    members = {"()": [["...", "", ""]] if issubclass(found, str) else parameters(found)}
    for base in reversed(found.__mro__):
        if not is_ours(base) or base.__module__ == "builtins":
            continue
        for name, value in vars(base).items():
            if name.startswith("_"):
                continue
            if isinstance(value, property):
                members[name] = "property"
            elif callable(getattr(found, name)):
                members[name] = parameters(getattr(found, name))
            else:
                members[name] = "attribute" if not isinstance(value, str) else repr(value)
    return {"members": members}


def describe():
    """Module -> name -> what it is, of the package that is imported here."""
    described = {}
    for name in MODULES:
        try:
            module = importlib.import_module("flashflood" + name)
        except ModuleNotFoundError:
            continue
        names = described["flashflood" + name] = {}
        for public, value in vars(module).items():
            if public.startswith("_") and public != "__version__":
                continue
            if inspect.ismodule(value) or not is_ours(value):
                continue
            # What the modules import from each other is no name of theirs; but what all imports is.
            if name and getattr(value, "__module__", module.__name__) != module.__name__:
                continue
            if getattr(value, "__module__", "") == "flashflood._native":
                names[public] = "of the extension"
            elif inspect.isclass(value):
                names[public] = describe_class(value)
            elif inspect.isfunction(value):
                names[public] = parameters(value)
            elif not callable(value) and name in WITH_CONSTANTS:
                names[public] = repr(value)
    own = vars(sys.modules["flashflood"].FlashFlood(Resource(), "bucket", "prefix"))
    described["flashflood"]["an instance"] = sorted(n for n in own if not n.startswith("_"))
    return described


if __name__ == "__main__":
    print(json.dumps(describe()))
