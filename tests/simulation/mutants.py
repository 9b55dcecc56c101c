#!/usr/bin/env python3
"""Takes the rules of the protocol out of the engine, one at a time, and checks that the directed
tests notice.

    tests/simulation/mutants.py BUILD_FOLDER [NAME...]
    tests/simulation/mutants.py --check       (only whether the engine still says what they change)

The build folder must hold protocol_directed_test, built without sanitizers. Each mutant is one
source file with one change, compiled and linked before the library, whose own copy is then not
used. Exits with 1 when a mutant survives.
"""

import os
import subprocess
import sys
import tempfile

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

# Name: (file below src/engine, what it says, what it says without the rule, tests of which one must
# fail). Several files, where one rule stands in several.
MUTANTS = {
    "P1-put-without-look-up": (
        "write/single.cc",
        "IdState state = look_up(context, id, hash, false);\n    races.look(id, hash, state);\n"
        "    if (state.live())",
        "IdState state;\n    state.began = context.steady_now();\n    if (state.live())",
        "P1.*"),
    "P2-death-by-epoch": (
        "read/pending.cc",
        "if (sealed && sealed->entry_class == EntryClass::single && sealed->order >= entry.order)",
        "if (true)",
        "P2.*"),
    "P3-revisions-used-again": (
        "read/lookup.cc",
        "state.revision = sealed->revision();",
        "state.revision = sealed->live() ? sealed->revision() : 0;",
        "P3.*"),
    "P4-journaler-tidies-up": (
        "journal/commit.cc",
        "      case Creation::unknown:\n",
        "      case Creation::unknown:\n"
        "        for (const auto& j : plan.journals.added)\n"
        "          context.store->remove(std::vector<std::string>{j.key()});\n",
        "P4.*"),
    "P4-no-look-after-the-commit": (
        "journal/commit.cc",
        "if (newest.catalog->fence > next->number) return",
        "if (false) return",
        "P4.*"),
    "P5-rebase-over-the-fence": (
        "journal/commit.cc",
        "if (onto.fence > base) return false;",
        "",
        "P5.*"),
    "P6-tombstones-dropped": (
        "journal/seal.cc",
        "if (decisions.keeps(entry)) writer.add(entry);",
        "if (decisions.keeps(entry) && entry.live()) writer.add(entry);",
        "P6.*"),
    "P7-losers-on-top-of-the-index": (
        "journal/seal.cc",
        "const bool best_wins = !sealed || wins_against(best, *sealed);",
        "const bool best_wins = true;",
        "P7.*"),
    "P7-chain-of-updates": (
        "read/pending.cc",
        "    entries.push_back({&pending, std::move(entry)});",
        "    if (entry.kind == format::EntryKind::update && entries.empty()) {\n"
        "      ignored(pending);\n      continue;\n    }\n"
        "    entries.push_back({&pending, std::move(entry)});",
        "P7.*"),
    "P8-arrival-does-not-count": (
        "state/head.cc",
        "nanoseconds(object.modified)});",
        "nanoseconds(object.modified) * 0 + 1});",
        "P8.*"),
    "P9-no-look-across-dates": (
        "journal/seal.cc",
        ": best_wins && candidate.date == best.date;",
        ": true;",
        "P9.*"),
    "P9-no-markers": (
        "journal/seal.cc",
        "if (sealed && sealed->date != best.date) hide(*sealed, best);",
        "",
        "P9.*:TwoDates.*"),
    "P10-late-writers-do-not-look-again": (
        "write/single.cc",
        "if (elapsed_since(context, before.began) > context.patience() / 2 &&",
        "if (false &&",
        "P10.*"),
    "P10-no-proof-of-old-objects": (
        "read/pending.cc",
        "if (properties.epoch < head.catalog->swept && !properties.id_made_here) {",
        "if (false) {",
        "P10.*"),
    "P10-no-skipping-of-bulk-twins": (
        "read/pending.cc",
        "bulk.may_be_missing = bulks[i].name.epoch < fence;",
        "static_cast<void>(fence);",
        "P10.*"),
    "P11-late-leases-count": (
        "state/lease.cc",
        "if (elapsed_since(context_, valid_since_) <= limit) valid_since_ = asked;",
        "static_cast<void>(limit);\n  valid_since_ = asked;",
        "P11.*"),
    "P11-leases-do-not-hold-the-fence": (
        "journal/survey.cc",
        "if (!lease.expired) s.fence = std::min(s.fence, lease.catalog);",
        "static_cast<void>(lease);",
        "P11.*"),
    "P11-slow-listing-of-leases": (
        "journal/survey.cc",
        "while (elapsed_since(context, began) > context.grace() / 4);",
        "while (false);",
        "P11.*"),
    # Two checks, each of which covers for the other.
    "P12-slow-listings-and-look-ups": (
        ("state/head.cc", "read/lookup.cc"),
        ("if (elapsed_since(context, head.began) > context.patience() / 2) continue;",
         "if (elapsed_since(context, head.began) <= limit) return found;"),
        ("", "return found;"),
        "P12.*"),
    "P13-outputs-named-by-nothing-of-their-own": (
        "journal/sealed_writer.cc",
        "context_.make_token()}",
        "format::Token{}}",
        "P13.*"),
    "P14-rebase-over-anything": (
        "journal/commit.cc",
        "  const std::uint64_t base = plan.base->number;\n",
        "  if (onto.number > 0) return true;\n  const std::uint64_t base = plan.base->number;\n",
        "P14.*"),
    "P15-one-watermark": (
        "journal/survey.cc",
        "s.swept = newest_aged(context, s, context.settings.patience);",
        "s.swept = newest_aged(context, s, context.settings.grace);",
        "P15.*"),
    "P16-one-listing-of-bulk-journals": (
        "state/head_listing.cc",
        "if (listing.bulk_steps <= 1) return",
        "if (true) return",
        "Pages.*"),
    "outcomes-late-writer": (
        "write/single.cc",
        "  } catch (const Error&) {\n    return false;\n  }",
        "  } catch (const InvalidArgument&) {\n    return false;\n  }",
        "Outcomes.*"),
    "outcomes-full-store": (
        "state/context.cc",
        "if (!may_be_there) throw;",
        "throw;",
        "Outcomes.*"),
    "outcomes-damaged-answer": (
        "state/context.cc",
        "if (again && again->bytes == there->bytes) return Creation::foreign;",
        "if (there) return Creation::foreign;",
        "Outcomes.*"),
    "two-dates-losing-puts-stay": (
        "journal/seal.cc",
        "if (live && candidate.date != winner_date) return false;",
        "static_cast<void>(live), static_cast<void>(winner_date);",
        "TwoDates.*"),
    "two-dates-losers-take-the-marker-along": (
        "journal/seal.cc",
        "if (decisions.keeps(single.entry.view())) entries.push_back(&single.entry);",
        "entries.push_back(&single.entry);",
        "TwoDates.*"),
}


def link_line(build):
    """The command that links the test."""
    out = subprocess.run(["ninja", "-C", build, "-t", "commands", "-s",
                          "tests/simulation/protocol_directed_test"],
                         capture_output=True, text=True, check=True).stdout
    line = out.strip().splitlines()[-1]
    line = line.removeprefix(": && ")
    return line.removesuffix(" && :")


def changes_of(name):
    """(file, its text, what of it is changed, to what) of each file."""
    files, says, without, _ = MUTANTS[name]
    if isinstance(files, str):
        files, says, without = (files,), (says,), (without,)
    for file, old, new in zip(files, says, without):
        with open(os.path.join(SOURCE, "src", "engine", file), encoding="utf-8") as source:
            text = source.read()
        if old not in text:
            sys.exit(f"{name}: src/engine/{file} does not say it any more; correct this list: {old}")
        yield file, text, old, new


def run_mutant(build, name, folder):
    """True when the tests notice."""
    tests = MUTANTS[name][3]
    objects = []
    for file, text, old, new in changes_of(name):
        mutated = os.path.join(folder, f"{name}-{os.path.basename(file)}")
        with open(mutated, "w", encoding="utf-8") as out:
            out.write(text.replace(old, new))
        objects.append(mutated + ".o")
        subprocess.run(["c++", "-std=c++20", "-O0", "-fPIC", "-DFMT_SHARED", "-w",
                        "-I" + os.path.join(SOURCE, "include"), "-I" + os.path.join(SOURCE, "src"),
                        "-c", mutated, "-o", objects[-1]], check=True)
    program = os.path.join(folder, name)
    line = link_line(build).replace("-o tests/simulation/protocol_directed_test",
                                    f"-o {program} {' '.join(objects)}")
    subprocess.run(line, shell=True, cwd=build, check=True)
    result = subprocess.run([program, "--gtest_filter=" + tests, "--gtest_brief=1"],
                            capture_output=True, text=True, timeout=120, check=False)
    noticed = result.returncode != 0
    print(f"{name}: {'noticed' if noticed else 'SURVIVES'}", flush=True)
    return noticed


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--check":
        for name in MUTANTS:
            list(changes_of(name))
        return
    build = os.path.abspath(sys.argv[1])
    names = sys.argv[2:] or list(MUTANTS)
    with tempfile.TemporaryDirectory() as folder:
        survivors = [name for name in names if not run_mutant(build, name, folder)]
    print(f"{len(names)} mutants, {len(survivors)} survive")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
