#!/usr/bin/python3
"""A second reader of floods in local folders, written from docs/format.md and docs/protocol.md alone.

    tools/reader.py events FLOOD          the events of a flood, in the order of a replay
    tools/reader.py split FILE FLOOD      the events of one split that has no filter
    tools/reader.py dump FILE...          what an object of any kind holds, one line of JSON for each

It shares no code with FlashFlood: where the two disagree, the document or one of them is wrong. It checks
what the documents promise and holds everything in memory; it is made for comparing, not for speed.
Nobody may write to the flood meanwhile. Needs Debian's python3-xxhash, python3-zstandard, python3-lz4.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys

from reader_objects import BULK, HIDDEN, MAX_64, SINGLE, Damage, Newer, date_text, dead, read_object, require, xxh3

HEAD_NAME = re.compile("c-([0-9a-f]{16})|e-([0-9a-f]{40})-([0-9]{10})|j-[0-9a-f]{16}-[0-9a-f]{32}-[0-9]{10}")


def output_name(line):
    return f"{line['epoch']:016x}-{line['token'].hex()}"


def sealed_key(line):
    dates = (re.sub("[-:]", "", date_text(line[name])) for name in ("from_date", "to_date"))
    return "journals/" + "--".join((*dates, output_name(line)))


def read_file(path):
    """An object; an error names it."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        return read_object(data)
    except (Damage, Newer) as error:
        raise type(error)(f"{path}: {error}") from None


def rank(entry, sealed):
    """Of several entries the one with the least rank wins."""
    if entry.cls == SINGLE:
        return (0, -entry.order, not sealed)
    if entry.kind == HIDDEN:
        return (1, entry.order, int.from_bytes(entry.data, "little"), 0)
    return (1, entry.order, xxh3(entry.data) ^ entry.date * 0x9E3779B97F4A7C15 & MAX_64, 1)


def winners(entries):
    """What a replay gives of entries, each with whether it is sealed."""
    best = {}
    for entry, sealed in entries:
        place, own = (entry.date, entry.id), rank(entry, sealed)
        if place not in best or own < best[place][0]:
            best[place] = own, entry
    return [best[place][1] for place in sorted(best) if not dead([best[place][1]])]


class Flood:
    def __init__(self, folder):
        self.folder = folder
        self.settings = read_file(os.path.join(folder, "flashflood.json"))
        head = os.path.join(folder, "head")
        names = sorted(os.listdir(head)) if os.path.isdir(head) else []
        self.head = [name for name in map(HEAD_NAME.fullmatch, names) if name]
        self.catalog = {"swept": 0, "journals": [], "pages": [], "index": [], "retired": {}}
        for name in [name for name in self.head if name[1]][:1]:  # the newest catalog comes first
            self.catalog = self.read("head/" + name[0])
            require(self.catalog["number"] == MAX_64 - int(name[1], 16), f"head/{name[0]}: holds another catalog")

    def read(self, key, line=None, summary=None):
        """An object, after comparing it with what the catalog says of it."""
        found = read_file(os.path.join(self.folder, key))
        if line:
            said = {"object_bytes": os.path.getsize(os.path.join(self.folder, key)), **summary(found["entries"])}
            require(line == line | said, f"{key}: has {said}, the catalog says {line}")
        return found

    def sealed(self):
        pages = [self.read("catalog/" + output_name(page)) for page in self.catalog["pages"]]
        for line in [line for page in (self.catalog, *pages) for line in page["journals"]]:
            journal = self.read(sealed_key(line), line, lambda entries: {
                "entries": len(entries), "dead": dead(entries), "from_date": entries[0].date,
                "to_date": entries[-1].date, "bytes": sum(len(one.id) + len(one.data) for one in entries)})
            yield from ((entry, True) for entry in journal["entries"])

    def index(self):
        """Of each hash the entry in the newest run that has it."""
        found = {}
        for part in [part for run in self.catalog["index"] for part in run]:
            entries = self.read("index/" + output_name(part), part, lambda entries: {
                "entries": len(entries), "least": entries[0]["hash"], "greatest": entries[-1]["hash"]})["entries"]
            found |= {one["hash"]: one for one in entries}
        return found

    def recorded(self, key):
        """The entries of a recorder's journal: they arrived when it was created."""
        arrival = os.stat(os.path.join(self.folder, key)).st_ctime_ns
        return [(entry._replace(order=arrival), False) for entry in self.read(key)["entries"]]

    def pending(self):
        index = self.index()
        for name in self.head:
            key = "head/" + name[0]
            if name[1] or key in self.catalog["retired"]:
                continue
            if not name[2]:
                yield from self.recorded(key)
                continue
            journal = self.read(key)
            entry, known = journal["entries"][0], index.get(bytes.fromhex(name[2]))
            require(hashlib.sha256(entry.id).hexdigest()[:40] == name[2] and entry.order == int(name[3]),
                    f"{key}: holds another entry")
            may_be_twin = journal["epoch"] < self.catalog["swept"] and not journal["flags"]
            if not (may_be_twin and known and known["class"] == SINGLE and known["order"] >= entry.order):
                yield entry, False

    def events(self):
        return winners([*self.sealed(), *self.pending()])

    def events_of_split(self, split):
        require(not {"where", "query"} & set(split), "the split has a filter, which this reader does not evaluate")
        entries = [(entry, False) for entry in split["pending"]]
        for line in split["journals"]:
            journal = self.read(line["key"])
            own = self.recorded(line["key"]) if "arrival" in line else [(entry, True) for entry in journal["entries"]]
            for block in journal["blocks"][slice(*line.get("blocks", (None,)))]:
                entries += [own[row] for row in block["rows"]]
        after, upto = position(split.get("after"), ("",)), position(split.get("upto"), ("~",))
        return [entry for entry in winners(entries) if after < (date_text(entry.date), entry.id) <= upto]


def position(value, without):
    """A date alone stands after all of its events: no byte of an id is 0xff."""
    return (value["date"], value["id"].encode() if "id" in value else b"\xff") if value else without


def line_of(event):
    revision = 1 if event.cls == BULK else event.order
    return json.dumps({"id": event.id.decode(), "date": date_text(event.date), "revision": revision,
                       "data_base64": base64.b64encode(event.data).decode()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["events", "split", "dump"])
    parser.add_argument("paths", metavar="PATH", nargs="+")
    arguments = parser.parse_args()
    shown = {bytes: lambda value: value.hex(), range: list}
    try:
        if arguments.what == "dump":
            for path in arguments.paths:
                print(json.dumps(read_file(path), default=lambda value: shown[type(value)](value)))
        else:
            flood = Flood(arguments.paths[-1])
            is_split = arguments.what == "split"
            for event in flood.events_of_split(read_file(arguments.paths[0])) if is_split else flood.events():
                print(line_of(event))
    except (Damage, Newer, OSError) as error:
        print(f"reader.py: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
