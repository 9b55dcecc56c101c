"""Runs the tests on the bucket of FLASHFLOOD_TEST_S3_URL, at the endpoint of the AWS variables.

usage: suite.py BUILD [PART...]        BUILD: where FlashFlood was built; all parts when none is named
       suite.py --list                 names the parts
"""

import glob
import os
import signal
import subprocess
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLI = sorted(os.path.basename(path)[len("test_"):-len(".py")]
             for path in glob.glob(os.path.join(TESTS, "cli", "test_*.py")))
# Those that make no use of a flood.
NO_STORE = {"completion", "jmespath"}


def python(*words):
    return [sys.executable, "-B", os.path.join(TESTS, *words[0].split("/")), *words[1:]]


def parts(build):
    binary = os.path.join(build, "cli", "flashflood")
    found = {"conformance": [os.path.join(build, "src", "store", "s3_conformance_test")],
             "threads": [os.path.join(build, "tests", "engine", "flood_threads_test"),
                         "--gtest_filter=*/bucket"]}
    found |= {f"cli_{name}": python(f"cli/test_{name}.py") for name in CLI if name not in NO_STORE}
    found |= {name: python(f"s3/test_{name}.py")
              for name in ("interop", "errors", "refusals", "requests", "explain", "transfers",
                           "faults")}
    # Sixteen writers, two journalers, a collector and two readers.
    found["crash"] = python("crash/crash_test.py", binary, "--writers", "16", "--readers", "2",
                            "--kills", "200", "--seconds", "20", "--kill-within", "0.2",
                            "KilledAtRandomTimes")
    return found


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(parts("")))
        return 0
    build, *wanted = arguments
    build = os.path.abspath(build)
    known = parts(build)
    if "FLASHFLOOD_TEST_S3_URL" not in os.environ:
        sys.exit("suite: FLASHFLOOD_TEST_S3_URL=s3://BUCKET must name a bucket to write to, and the "
                 "AWS variables say where it is: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, "
                 "AWS_SECRET_ACCESS_KEY")
    environment = os.environ | {
        "FLASHFLOOD_TEST_STORE": "s3",
        "FLASHFLOOD_COMMAND": os.path.join(build, "cli", "flashflood"),
        "FLASHFLOOD_DRIVER": os.path.join(build, "tests", "s3", "driver")}
    # A shell's job in the background ignores SIGINT, and so would the commands that tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failed = []
    for name in wanted or known:
        began = time.monotonic()
        code = subprocess.run(known[name], env=environment, check=False).returncode
        print(f"suite: {name} {'passed' if code == 0 else f'FAILED ({code})'} in "
              f"{time.monotonic() - began:.1f} s", flush=True)
        failed += [name] if code else []
    if failed:
        print("suite: FAILED: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
