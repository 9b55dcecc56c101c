"""Prints the count and a checksum of the JSON values in a file, whatever their spelling.

  python3 normalise.py FILE [--array]      (--array: the values are the elements of one array)

Numbers count by their value as doubles, strings by their characters, members in any order.
"""

import hashlib
import json
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        if "--array" in sys.argv:
            values = json.load(file, parse_int=float)
        else:
            values = [json.loads(line, parse_int=float) for line in file]
    digest = hashlib.sha256()
    for value in values:
        # jp sorts the members of objects.
        digest.update(json.dumps(value, sort_keys=True).encode() + b"\n")
    print(len(values), digest.hexdigest()[:16])


main()
