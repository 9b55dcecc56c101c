"""Checks of the source tree that no compiler makes: python3 tidy.py [ROOT]

Every rule is a function that takes a Tree and yields complaints; RULES lists them. tidy_test.py shows
for each that it catches a bad sample. Exit code 1 when there are complaints.
"""

import os
import re
import subprocess
import sys

FILE_LINES_MAX = 450
PUBLIC_HEADERS_MAX = 9
CODE = (".cc", ".h", ".py")
CPP = (".cc", ".h")

# What each part may include with "...": beginnings of paths; "/*" at the end takes the files of that
# folder without those of folders in it. ARCHITECTURE.md draws these arrows; none leads back.
STATE = ["flashflood/", "base/", "store/*", "format/", "engine/state/"]
READ = [*STATE, "query/", "engine/read/"]
JOURNAL = [*READ, "engine/journal/"]
LAYERS = {
    "include/flashflood/": ["flashflood/"],
    "src/base/": ["flashflood/", "base/"],
    "src/store/": ["flashflood/", "base/", "store/*"],
    "src/store/folder/": ["flashflood/", "base/", "store/*", "store/folder/"],
    "src/store/http/": ["flashflood/", "base/", "store/*", "store/http/"],
    "src/store/aws/": ["flashflood/", "base/", "store/*", "store/http/", "store/aws/"],
    "src/store/s3/": ["flashflood/", "base/", "store/*", "store/http/", "store/aws/", "store/s3/"],
    "src/store/testing/": ["flashflood/", "base/", "store/*", "store/testing/"],
    "src/format/": ["flashflood/", "base/", "format/"],
    "src/query/json/": ["flashflood/", "base/", "query/json/"],
    "src/query/": ["flashflood/", "base/", "query/*", "query/json/"],
    "src/query/filter/": ["flashflood/", "base/", "query/*", "query/json/", "query/filter/"],
    "src/query/stream/": ["flashflood/", "base/", "query/"],
    "src/original/": ["flashflood/", "base/", "store/*", "original/"],
    "src/engine/": STATE,  # only tests of more than one of its folders
    "src/engine/state/": STATE,
    "src/engine/read/": READ,
    "src/engine/write/": [*READ, "engine/write/"],
    "src/engine/journal/": JOURNAL,
    "src/engine/split/": [*JOURNAL, "store/http/", "engine/split/"],
    "src/engine/upkeep/": [*JOURNAL, "engine/upkeep/"],
    "src/engine/import/": [*READ, "original/", "engine/write/", "engine/import/"],
    "src/arrow/": ["flashflood/", "base/", "arrow/"],
    "src/api/": ["flashflood/", "base/", "store/", "engine/", "api/"],
    "cli/": ["flashflood/", "cli/"],
    "bench/": ["flashflood/", "bench/", "format/", "store/"],
    # Evaluators that the public interface does not tell apart.
    "bench/jmespath/": ["flashflood/", "bench/", "base/", "query/"],
    # Signs requests of its own, and looks into buckets.
    "bench/s3/": ["flashflood/", "bench/", "base/", "format/", "store/", "api/"],
    "examples/": ["flashflood/"],
    "python/src/": ["flashflood/", "python/src/"],
}
# Tests of a part may use these too: what tests share, and the parts that make their input.
LAYERS_OF_TESTS = {
    "src/store/": ["store/"],
    "src/query/": ["query/"],
    "src/engine/": ["engine/", "store/folder/", "store/testing/"],
}

PRINTING = re.compile(
    r"\bstd::(cout|cerr|clog|exit|abort|_Exit|quick_exit|terminate)\b"
    r"|(?<![\w:.>])(printf|fprintf|puts|fputs|putchar|perror|exit|abort|_exit)\s*\("
    r"|\bfmt::print\s*\(|#include <iostream>"
)
NOT_INJECTED = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|file_clock|utc_clock)::now\b"
    r"|\bthis_thread::sleep|\brandom_device\b"
    r"|(?<![\w.>])(rand|srand|random|getrandom|getentropy|clock_gettime|gettimeofday|nanosleep|usleep"
    r"|sleep|time)\s*\("
    r"|\bstd::(thread|jthread|async)\b"
)
# The store clock of a folder is the machine's: (path, what it may use).
CLOCK_EXCEPTIONS = {("src/store/folder/folder_store.cc", "clock_gettime(")}
MACHINE_PATH = re.compile(r"(?<![\w./~$}-])/(work|root|home)/[\w.]")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
GIL_GUARD = re.compile(r"gil_scoped_\w+|PyGILState_Ensure|PyEval_(?:Save|Restore)Thread|Py_BEGIN_ALLOW_THREADS")
MARKDOWN_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


class Tree:
    """The text files of a source tree: path below its root -> content."""

    def __init__(self, files):
        self.files = files

    @staticmethod
    def read(root):
        """What git tracks or would track; without git, everything but hidden folders and build/."""
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"],
            cwd=root, capture_output=True, check=False,
        )
        if listed.returncode == 0:
            paths = [path.decode() for path in listed.stdout.split(b"\0") if path]
        else:
            paths = []
            for folder, folders, names in os.walk(root):
                folders[:] = [name for name in folders if not name.startswith(".") and name != "build"]
                paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
        files = {}
        for path in sorted(set(paths)):
            try:
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    files[path] = file.read()
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                continue  # binary, or deleted but still in git's index
        return Tree(files)

    def select(self, prefix, suffixes):
        for path, text in self.files.items():
            if path.startswith(prefix) and path.endswith(suffixes):
                yield path, text


def without_comments(text):
    """C++ with comments and string literals blanked, line numbers kept."""
    pattern = re.compile(
        r'R"([^()\s\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|//[^\n]*|/\*.*?\*/',
        re.DOTALL,
    )
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def lines_matching(pattern, text):
    for number, line in enumerate(text.splitlines(), 1):
        found = pattern.search(line)
        if found:
            yield number, found.group(0).strip()


def is_test(path):
    return path.endswith("_test.cc") or "/testing/" in path or "test_" in os.path.basename(path)


def may_include(name, allowed):
    for start in allowed:
        if start.endswith("/*"):
            if os.path.dirname(name) == start[:-2]:
                return True
        elif name.startswith(start):
            return True
    return False


def layers(tree):
    for part, allowed in LAYERS.items():
        for path, text in tree.select(part, CPP):
            if any(path.startswith(inner) and inner.startswith(part) and inner != part for inner in LAYERS):
                continue  # a part of its own
            extra = []
            if is_test(path):
                extra = [start for prefix, more in LAYERS_OF_TESTS.items() if path.startswith(prefix)
                         for start in more]
            for name in INCLUDE.findall(text):
                beside = os.path.join(os.path.dirname(path), name)
                if "/" not in name and beside in tree.files:
                    continue  # a header of the same folder
                if not may_include(name, allowed + extra):
                    yield f'{path}: may not include "{name}" (allowed: {", ".join(allowed + extra)})'


def every_folder_has_a_layer(tree):
    folders = {os.path.dirname(path) + "/" for path, _ in tree.select("src/", CPP)}
    for folder in sorted(folders - set(LAYERS)):
        yield f"{folder}: LAYERS in tests/tidy/tidy.py does not say what it may include"


def library_never_prints(tree):
    for path, text in tree.select("src/", CPP):
        if is_test(path):
            continue
        for number, what in lines_matching(PRINTING, without_comments(text)):
            yield f"{path}:{number}: the library never prints and never exits: {what}"


def clocks_are_injected(tree):
    for path, text in tree.select("src/", CPP):
        if path.startswith("src/base/") or is_test(path):
            continue
        for number, what in lines_matching(NOT_INJECTED, without_comments(text)):
            if (path, what) in CLOCK_EXCEPTIONS:
                continue
            yield f"{path}:{number}: take it from Environment (base/environment.h): {what}"


def the_gil_is_taken_in_one_place(tree):
    """nanobind's guards abort a daemon thread that is in a call when the interpreter ends."""
    for path, text in tree.select("python/src/", CPP):
        if os.path.basename(path) in ("gil.h", "gil.cc"):
            continue
        for number, what in lines_matching(GIL_GUARD, without_comments(text)):
            yield f"{path}:{number}: take and release the GIL by python/src/gil.h: {what}"


def headers_say_threads(tree):
    for path, text in tree.select("include/flashflood/", ".h"):
        if path.endswith("/flashflood.h"):
            continue  # only includes the others
        if not re.search(r"^// Threads:", text, re.MULTILINE):
            yield f'{path}: a public header says in a "// Threads:" line who may call it'


def few_public_headers(tree):
    count = len(list(tree.select("include/", ".h")))
    if count > PUBLIC_HEADERS_MAX:
        yield f"include/: {count} public headers, at most {PUBLIC_HEADERS_MAX}"


def short_files(tree):
    for path, text in tree.select("", CODE):
        count = text.count("\n")
        if count > FILE_LINES_MAX:
            yield f"{path}: {count} lines, at most {FILE_LINES_MAX}"


def built_sources(tree):
    """What the CMakeLists.txt files name, as patterns of paths; variables stand for any name."""
    for path, text in tree.files.items():
        if os.path.basename(path) != "CMakeLists.txt":
            continue
        folder = os.path.dirname(path)
        for name in re.findall(r"[\w./${}-]+\.cc\b", re.sub(r"#[^\n]*", "", text)):
            if name.startswith("${PROJECT_SOURCE_DIR}/"):
                name = name.removeprefix("${PROJECT_SOURCE_DIR}/")
            else:
                name = os.path.join(folder, name.removeprefix("${CMAKE_CURRENT_SOURCE_DIR}/"))
            name = os.path.normpath(name)
            yield re.compile(r"[\w-]+".join(map(re.escape, re.split(r"\$\{\w+\}", name))))


def no_dead_files(tree):
    """Every source is built, every header is included somewhere."""
    built = list(built_sources(tree))
    included = set()
    for path, text in tree.select("", CPP):
        for name in INCLUDE.findall(text):
            included.add(name)
            included.add(os.path.normpath(os.path.join(os.path.dirname(path), name)))
    for path, _ in tree.select("", CPP):
        if path.endswith(".cc"):
            if not any(pattern.fullmatch(path) for pattern in built):
                yield f"{path}: no CMakeLists.txt builds it"
        elif not any(path == name or path.endswith("/" + name) for name in included if "/" in name):
            if not path.startswith("include/"):
                yield f"{path}: nothing includes it"


def no_machine_paths(tree):
    for path, text in tree.files.items():
        for number, what in lines_matching(MACHINE_PATH, text):
            yield f"{path}:{number}: a path of somebody's machine: {what}..."


def links_resolve(tree):
    folders = {""}
    for path in tree.files:
        while path := os.path.dirname(path):
            folders.add(path)
    for path, text in tree.select("", ".md"):
        plain = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
        for match in MARKDOWN_LINK.finditer(plain):
            target = (match.group(1) or match.group(2)).split("#")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            local = os.path.normpath(os.path.join(os.path.dirname(path), target))
            if local not in tree.files and local not in folders and local != ".":
                yield f"{path}: the link to {target} leads nowhere"


RULES = [
    layers,
    every_folder_has_a_layer,
    library_never_prints,
    clocks_are_injected,
    the_gil_is_taken_in_one_place,
    headers_say_threads,
    few_public_headers,
    short_files,
    no_dead_files,
    no_machine_paths,
    links_resolve,
]


def main(arguments):
    root = os.path.abspath(arguments[0] if arguments else ".")
    tree = Tree.read(root)
    if not tree.files:
        print(f"tidy: no files below {root}")
        return 1
    complaints = [complaint for rule in RULES for complaint in rule(tree)]
    for complaint in complaints:
        print(complaint)
    print(f"tidy: {len(tree.files)} files, {len(RULES)} rules, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
