"""jmespath.py as a contender: python3 jmespath_py.py where|query EXPRESSION FILE"""

import json
import sys

import jmespath


def main():
    mode, text, path = sys.argv[1:]
    search = jmespath.compile(text).search
    write = sys.stdout.write
    with open(path, encoding="utf-8") as lines:
        if mode == "where":
            for line in lines:
                # What the questions ask is true or false, so Python's truth is JMESPath's.
                if search(json.loads(line)):
                    write(line)
        else:
            for line in lines:
                write(json.dumps(search(json.loads(line)), separators=(",", ":"), ensure_ascii=False) + "\n")


main()
