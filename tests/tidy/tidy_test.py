"""Shows for every rule of tidy.py that it catches a bad sample and lets a good one pass."""

import unittest

import tidy
from tidy import Tree

# Put together here, so that this file itself is tidy.
ROOT_PATH = "/ro" + "ot/"
WORK_PATH = "/wo" + "rk/"


class Rules(unittest.TestCase):
    # rule, bad files, good files
    SAMPLES = [
        (tidy.layers, {"src/store/a.cc": '#include "format/block.h"\n'},
         {"src/store/a.cc": '#include "base/bytes.h"\n#include "store/b.h"\n#include <vector>\n'}),
        (tidy.layers, {"src/base/a.cc": '#include "store/object_store.h"\n'},
         {"src/base/a.h": '#include "flashflood/event.h"\n'}),
        (tidy.layers, {"src/query/a.cc": '#include "engine/plan.h"\n'},
         {"src/engine/read/a.cc": '#include "query/json/value.h"\n'}),
        (tidy.layers, {"src/engine/state/a.cc": '#include "engine/read/run.h"\n'},
         {"src/engine/journal/a.cc": '#include "engine/read/run.h"\n',
          "src/engine/state/a_test.cc": '#include "engine/journal/seal.h"\n'}),
        (tidy.layers, {"src/store/a.h": '#include "store/http/http_client.h"\n'},
         {"src/store/s3/a.h": '#include "store/http/http_client.h"\n#include "store/object_store.h"\n'}),
        (tidy.layers, {"src/query/json/a.h": '#include "query/expression.h"\n'},
         {"src/query/a.h": '#include "query/json/value.h"\n', "src/query/a_test.cc": '#include "query/stream/stream.h"\n'}),
        (tidy.every_folder_has_a_layer, {"src/attic/a.cc": ""}, {"src/base/a.cc": "", "src/CMakeLists.txt": ""}),
        (tidy.layers, {"cli/a.cc": '#include "engine/plan.h"\n'},
         {"cli/a.cc": '#include "b.h"\n#include "flashflood/flood.h"\n', "cli/b.h": ""}),
        (tidy.layers, {"bench/a.cc": '#include "query/json/value.h"\n'},
         {"bench/jmespath/a.cc": '#include "query/json/value.h"\n'}),
        (tidy.layers, {"bench/jmespath/a.cc": '#include "engine/plan.h"\n'},
         {"bench/a.cc": '#include "format/block.h"\n'}),
        (tidy.layers, {"bench/s3/a.cc": '#include "engine/plan.h"\n'},
         {"bench/s3/a.cc": '#include "base/text.h"\n'}),
        (tidy.layers, {"include/flashflood/a.h": '#include "base/bytes.h"\n'},
         {"include/flashflood/a.h": '#include "flashflood/event.h"\n'}),
        (tidy.library_never_prints, {"src/a.cc": "void f() { std::cerr << 1; }\n"},
         {"src/a.cc": "// std::cerr << 1\nauto s = \"std::cout\";\n"}),
        (tidy.library_never_prints, {"src/a.cc": "void f() { printf(\"x\"); }\n"},
         {"src/a.cc": "void f() { snprintf(b, 1, \"x\"); }\n"}),
        (tidy.library_never_prints, {"src/a.h": "if (bad) std::exit(1);\n"},
         {"src/a_test.cc": "printf(\"x\");\n", "cli/a.cc": "std::exit(1);\n"}),
        (tidy.clocks_are_injected, {"src/engine/a.cc": "auto t = std::chrono::steady_clock::now();\n"},
         {"src/base/environment.cc": "auto t = std::chrono::steady_clock::now();\n"}),
        (tidy.clocks_are_injected, {"src/store/a.cc": "std::this_thread::sleep_for(1s);\n"},
         {"src/store/a.cc": "clock.sleep_for(1s); /* std::this_thread::sleep_for */\n"}),
        (tidy.clocks_are_injected, {"src/store/a.cc": "std::random_device device;\n"},
         {"src/store/a.cc": "random->fill(bytes);\n"}),
        (tidy.clocks_are_injected, {"src/store/a.cc": "::clock_gettime(CLOCK_REALTIME, &t);\n"},
         {"src/store/a_test.cc": "::clock_gettime(CLOCK_REALTIME, &t);\n"}),
        (tidy.clocks_are_injected, {"src/store/folder/folder_store.cc": "::getrandom(b, 8, 0);\n"},
         {"src/store/folder/folder_store.cc": "::clock_gettime(clock, &time);\n"}),
        (tidy.clocks_are_injected, {"src/engine/a.cc": "std::thread worker(work);\n"},
         {"src/engine/a.cc": "executor.submit(work);\n"}),
        (tidy.the_gil_is_taken_in_one_place, {"python/src/a.cc": "nb::gil_scoped_release released;\n"},
         {"python/src/a.cc": "const GilReleased released;  // not gil_scoped_release\n",
          "python/src/gil.h": "PyEval_RestoreThread(state_);\n"}),
        (tidy.headers_say_threads, {"include/flashflood/a.h": "// A thing.\n#pragma once\n"},
         {"include/flashflood/a.h": "// A thing.\n//\n// Threads: values.\n#pragma once\n"}),
        (tidy.few_public_headers, {f"include/flashflood/{n}.h": "" for n in range(10)},
         {f"include/flashflood/{n}.h": "" for n in range(9)}),
        (tidy.short_files, {"src/a.cc": "\n" * 451}, {"src/a.cc": "\n" * 450, "a.md": "\n" * 999}),
        (tidy.no_dead_files, {"src/a.cc": "", "src/CMakeLists.txt": "# a.cc\nlayer(b.cc)\n"},
         {"src/a.cc": "", "src/CMakeLists.txt": "layer(SOURCES a.cc b.cc)\n"}),
        (tidy.no_dead_files, {"cli/a.cc": "", "src/CMakeLists.txt": "layer(a.cc)\n"},
         {"cli/a.cc": "", "x/CMakeLists.txt": "program(${PROJECT_SOURCE_DIR}/cli/a.cc)\n"}),
        (tidy.no_dead_files, {"src/x_a.cc": "", "src/CMakeLists.txt": "foreach(n a)\nt(y_${n}.cc)\n"},
         {"src/x_a.cc": "", "src/CMakeLists.txt": "foreach(n a)\nt(x_${n}.cc)\n"}),
        (tidy.no_dead_files, {"src/base/a.h": "", "cli/b.h": '#include "a.h"\n'},
         {"src/base/a.h": '#include "base/a.h"\n'}),
        (tidy.no_machine_paths, {"README.md": f"see {ROOT_PATH}x\n"},
         {"README.md": f"see ../x and https://example.org{ROOT_PATH}x and $HOME{WORK_PATH}x\n"}),
        (tidy.links_resolve, {"docs/a.md": "[b](b.md)\n"},
         {"docs/a.md": "[b](../b.md#part) [c](https://example.org) `[d](e)`\n", "b.md": ""}),
    ]

    def test_samples(self):
        for rule, bad, good in self.SAMPLES:
            with self.subTest(rule=rule.__name__, bad=bad):
                self.assertTrue(list(rule(Tree(bad))), "the bad sample passed")
                self.assertEqual(list(rule(Tree(good))), [], "the good sample was caught")

    def test_every_rule_has_a_sample(self):
        self.assertEqual(set(tidy.RULES), {rule for rule, _, _ in self.SAMPLES})


class Reading(unittest.TestCase):
    def test_line_numbers_survive_the_removal_of_comments(self):
        tree = Tree({"src/a.cc": "/* one\ntwo */\nconst char* s = R\"(\n)\";\nstd::cout << s;\n"})
        self.assertEqual(len(list(tidy.library_never_prints(tree))), 1)
        self.assertIn("src/a.cc:5:", next(tidy.library_never_prints(tree)))


if __name__ == "__main__":
    unittest.main()
