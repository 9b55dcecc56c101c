"""Adds up the JUnit reports of several ctest runs: python3 test_summary.py NAME=FILE...

Prints which tests were skipped and why, which failed, and last a total in ctest's own words. Exit
code 1 when a test failed, or when there was none.
"""

import re
import sys
import xml.etree.ElementTree as xml

GTEST_SKIP = re.compile(r": Skipped\n(.*?)\n*\[  SKIPPED \] (\S+)", re.DOTALL)
PYTEST_SKIP = re.compile(r"^SKIPPED \[\d+\] ([\w.]+?)(?::\d+)?: (.*)$", re.MULTILINE)
UNITTEST_SKIP = re.compile(r"^(\w+) .*\.\.\. skipped ['\"](.*)['\"]$", re.MULTILINE)


def skips_of(case):
    """The (name, reason) pairs of what one test left out."""
    name = case.get("name")
    output = case.findtext("system-out") or ""
    found = [(test.rstrip(","), " ".join(reason.split())) for reason, test in GTEST_SKIP.findall(output)]
    found += [(f"{name}: {test}", reason) for test, reason in UNITTEST_SKIP.findall(output)]
    found += [(f"{name}: {file}", reason) for file, reason in PYTEST_SKIP.findall(output)]
    if not found and case.find("skipped") is not None:
        lines = [line for line in output.splitlines() if line.strip()]
        found = [(name, lines[-1].strip() if lines else "no reason given")]
    return found


def main(arguments):
    total = failed_total = 0
    seconds = 0.0
    skipped = {}
    for argument in arguments:
        run, path = argument.split("=", 1)
        cases = xml.parse(path).getroot().iter("testcase")
        failed = []
        count = 0
        for case in cases:
            if case.get("status") == "disabled":
                continue
            count += 1
            seconds += float(case.get("time") or 0)
            if case.get("status") == "fail" or case.find("failure") is not None:
                failed.append(case.get("name"))
            for name, reason in skips_of(case):
                skipped.setdefault((name, reason), []).append(run)
        print(f"{run}: {count - len(failed)} of {count} tests passed or were skipped")
        for name in failed:
            print(f"{run}: FAILED {name}")
        total += count
        failed_total += len(failed)
    if skipped:
        print("\nSkipped:")
        for (name, reason), runs in skipped.items():
            print(f"  {name} ({', '.join(runs)}): {reason}")
    passed = 100 * (total - failed_total) // total if total else 0
    print(f"\n{passed}% tests passed, {failed_total} tests failed out of {total}")
    print(f"Total Test time (added up) = {seconds:7.2f} sec")
    return 1 if failed_total or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
