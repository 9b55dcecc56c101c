"""Runs the commands of README.md as they are printed: readme_test.py FLASHFLOOD README

Only the place of the flood differs: a temporary folder. The working folder is the project's.
"""

import os
import re
import subprocess
import sys
import tempfile


def main(command, readme):
    with open(readme, encoding="utf-8") as file:
        blocks = re.findall(r"^```\w*\n(.*?)^```$", file.read(), re.DOTALL | re.MULTILINE)
    scripts = [block for block in blocks if block.startswith("export FLASHFLOOD_STORE=")]
    if len(scripts) != 1:
        print(f"{readme} has {len(scripts)} blocks that begin with 'export FLASHFLOOD_STORE='")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        script, replaced = re.subn(
            r"^(export FLASHFLOOD_STORE=)\S+", rf"\g<1>{folder}/flood", scripts[0], count=1
        )
        assert replaced == 1
        path = os.path.dirname(os.path.abspath(command)) + os.pathsep + os.environ["PATH"]
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=os.path.dirname(os.path.abspath(readme)), env=dict(os.environ, PATH=path),
            capture_output=True, text=True, check=False,
        )
    print(result.stdout, result.stderr, sep="")
    if result.returncode != 0:
        print(f"ended with {result.returncode}")
        return 1
    # The sample has so many events in the range that the README replays, and one is looked up.
    for expected in ("605", "WHITE HANGING HEART T-LIGHT HOLDER", "All is well"):
        if expected not in result.stdout:
            print(f"the output has no '{expected}'")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
