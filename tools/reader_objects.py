"""Objects of a flood, from their bytes: the part of the second reader (reader.py) that docs/format.md decides.

Every function takes the bytes of a whole object and checks all that the document says of it.
"""

import base64
import datetime
import json
import struct
from collections import namedtuple

import lz4.block
import zstandard
from xxhash import xxh3_64_intdigest as xxh3

ROWS, SINGLE, BULK, SEALED = 1, 1, 2, 3
PUT, UPDATE, REMOVE, HIDDEN = 1, 2, 3, 4
DECODERS = [lambda stored, size: stored,
            lambda stored, size: zstandard.ZstdDecompressor().decompress(stored, max_output_size=size),
            lambda stored, size: lz4.block.decompress(stored, uncompressed_size=size)]
MAX_64 = (1 << 64) - 1

Entry = namedtuple("Entry", "date id data kind cls order")


class Damage(Exception):
    """Bytes that no writer wrote: CorruptData."""


class Newer(Exception):
    """Undamaged, but of a version that this reader does not know: UnsupportedFormat."""


def require(condition, problem):
    if not condition:
        raise Damage(problem)


# -- Numbers and dates -----------------------------------------------------------------------------------


def numbers(letter, count, data, at):
    require(at + count * struct.calcsize(letter) <= len(data), "cut short")
    return struct.unpack_from(f"<{count}{letter}", data, at)


def records(layout, data, at=0, count=None):
    """Records one after another, to the end where no count is given, each as {name: value}.

    `layout` is "type:name ..." with the types of struct. A field named 0 is reserved; a date must be in range."""
    types, names = zip(*(field.split(":") for field in layout.split()))
    form = struct.Struct("<" + "".join(types))
    end = len(data) if count is None else at + count * form.size
    require(0 <= at <= end <= len(data) and (end - at) % form.size == 0, "cut short")
    found = list(form.iter_unpack(data[at:end]))
    for name, value in (field for values in found for field in zip(names, values)):
        require(name != "0" or value == 0, "a reserved field is set")
        require(not name.endswith("date") or date_text(value), "a date is out of range")
    return [{name: value for name, value in zip(names, values) if name != "0"} for values in found]


def record(layout, data, at=0):
    return records(layout, data, at, 1)[0]


def ascend(values, strictly=True):
    return all(a < b or (a == b and not strictly) for a, b in zip(values, values[1:]))


def date_text(date):
    try:
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=date)
    except OverflowError:
        raise Damage(f"date {date} is out of range") from None
    return moment.isoformat(timespec="microseconds") + "Z"


def decompress(codec, stored, size):
    if codec >= len(DECODERS):
        raise Newer(f"unknown codec {codec}")
    try:
        decoded = DECODERS[codec](stored, size)
    except (zstandard.ZstdError, lz4.block.LZ4BlockError) as error:
        raise Damage(f"cannot be decompressed: {error}") from None
    require(len(decoded) == size, f"{len(decoded)} bytes decoded, {size} expected")
    return decoded


# -- Journals and index parts: header, content, sections, directory, footer -------------------------------


def check_start(data, at, magic, size):
    """Magic, then checksum, then version: the order that tells damage from a newer version."""
    start = record("8s:magic H:version", data, at)
    require(start["magic"] == magic + b"\1", f"no magic {magic.decode()} at {at}")
    require(numbers("Q", 1, data, at + size)[0] == xxh3(data[at:at + size]), f"checksum of {magic.decode()}")
    if start["version"] != 1:
        raise Newer(f"version {start['version']} of {magic.decode()}")


def is_known(section, known):
    kind, flags = section["kind"], section["flags"]
    if flags > 1 or (kind not in known and not flags):
        raise Newer(f"unknown section {kind} with flags {flags}")
    return kind in known


def read_tail(data, magic, footer_magic, known):
    """How many entries there are, where the tail begins, and the known sections by number."""
    check_start(data, 0, magic, 16)
    record("H:0 I:0", data, 10)
    end = len(data) - 64
    check_start(data, end, footer_magic, 56)
    footer = record("H:0 I:count Q:size Q:tail Q:directory Q:sum Q:entries", data, end + 10)
    directory = data[footer["directory"]:end]
    require(footer["size"] == len(data), f"{len(data)} bytes, but the footer says {footer['size']}")
    require(24 <= footer["tail"] <= footer["directory"] and 24 * footer["count"] == len(directory), "directory")
    require(xxh3(directory) == footer["sum"], "checksum of the directory")
    sections, at = {}, footer["tail"]
    lines = records("H:kind H:flags I:size Q:offset Q:sum", directory)
    for line in lines:
        require(line["offset"] == at, f"section {line['kind']} lies elsewhere")
        at += line["size"]
        require(xxh3(data[line["offset"]:at]) == line["sum"], f"checksum of section {line['kind']}")
        if is_known(line, known):
            sections[line["kind"]] = data[line["offset"]:at]
    require(ascend([line["kind"] for line in lines]) and at == footer["directory"], "the sections are out of place")
    return footer["entries"], footer["tail"], sections


def read_block(data):
    """The entries of a block, and its header."""
    header = record("B:kind B:codec H:version I:entries I:dead I:decoded I:payload I:reserved Q:sum Q:decoded_sum "
                    "Q:header_sum", data)
    require(xxh3(data[:40]) == header["header_sum"], "checksum of a block's header")
    if header["version"] != 1 or header["kind"] != ROWS:
        raise Newer(f"unknown block kind {header['kind']}, version {header['version']}")
    count, stored = header["entries"], data[48:]
    require(count and not header["reserved"] and header["decoded"] <= 68157440, "a block's header makes no sense")
    require(header["payload"] == len(stored) and header["sum"] == xxh3(stored), "checksum of a block")
    rows = decompress(header["codec"], stored, header["decoded"])
    require(xxh3(rows) == header["decoded_sum"], "checksum of a decoded block")
    dates, orders = numbers("q", count, rows, 0), numbers("Q", count, rows, 8 * count)
    id_ends, ends = numbers("I", count, rows, 16 * count), numbers("I", count, rows, 20 * count)
    marks, ids, bodies = numbers("B", count, rows, 24 * count), rows[25 * count:], rows[25 * count + id_ends[-1]:]
    require(ascend((0, *id_ends)) and ascend((0, *ends), False) and ends[-1] == len(bodies), "the ends in a block")
    entries = [Entry(date, ids[id_start:id_end], bodies[start:end], mark & 15, mark >> 4, order)
               for date, id_start, id_end, start, end, mark, order
               in zip(dates, (0, *id_ends), id_ends, (0, *ends), ends, marks, orders)]
    require(all(date_text(one.date) and PUT <= one.kind <= HIDDEN and SINGLE <= one.cls <= BULK and
                len(one.id) <= 1024 and len(one.data) <= 67108864 for one in entries), "an entry makes no sense")
    require(header["dead"] == dead(entries), "the dead in a block do not add up")
    return entries, header


def dead(entries):
    return sum(entry.kind in (REMOVE, HIDDEN) for entry in entries)


def read_journal(data):
    total, tail, sections = read_tail(data, b"FFjourn", b"FFjfoot", (1, 2, 3))
    require({1, 2} <= set(sections) and len(sections[1]) == 32, "a section is missing")
    made = record("B:origin B:flags H:0 I:0 Q:epoch 16s:token", sections[1])
    require(1 <= made["origin"] <= SEALED and made["flags"] <= 1, "the properties make no sense")
    blocks = records("Q:offset I:stored I:decoded I:entries I:dead q:from_date q:to_date B:kind B:codec H:0 I:0",
                     sections[2])
    entries, at = [], 24
    for line in blocks:
        require(line["offset"] == at, "the blocks do not follow one another")
        at += line["stored"]
        found, header = read_block(data[line["offset"]:min(at, tail)])
        header |= {"from_date": found[0].date, "to_date": found[-1].date}
        require(line == line | {name: header[name] for name in line.keys() & header.keys()}, "a block and its line")
        line["rows"] = range(len(entries), len(entries) + len(found))
        entries += found
    require(entries and at == tail and len(entries) == total, "the blocks do not fill the journal")
    require(ascend([entry[:2] for entry in entries], made["origin"] == SEALED), "the entries are not in order")
    if 3 in sections:
        table = zip(numbers("Q", total, sections[3], 0), numbers("I", total, sections[3], 8 * total))
        expected = sorted((xxh3(entry.id), row) for row, entry in enumerate(entries))
        require(len(sections[3]) == 12 * total and list(table) == expected, "the id table is wrong")
    return {"object": "journal", **made, "blocks": blocks, "id_table": 3 in sections, "entries": entries}


def read_index_part(data):
    total, tail, sections = read_tail(data, b"FFindex", b"FFifoot", (4, 5))
    require({4, 5} <= set(sections) and tail % 16384 == 24, "a section or a page is missing")
    entries, fences = [], []
    for at in range(24, tail, 16384):
        page = data[at:at + 16384]
        head = record("Q:sum 8s:magic H:version H:entries I:number", page)
        require(head["magic"] == b"FFipage\1" and head["sum"] == xxh3(page[8:]), "checksum of a page")
        if head["version"] != 1:
            raise Newer(f"version {head['version']} of an index page")
        end = 24 + 40 * head["entries"]
        require(1 <= head["entries"] <= 409 and not any(page[end:]), "the entries of a page")
        require(head["number"] == at // 16384 and len(entries) == 409 * head["number"], "pages are not in order")
        entries += records("20s:hash B:kind B:class H:0 q:date Q:order", page[24:end])
        fences.append(int.from_bytes(page[24:32], "big"))
    require(len(entries) == total and ascend([one["hash"] for one in entries]), "the hashes do not ascend")
    require(all(PUT <= one["kind"] <= HIDDEN and SINGLE <= one["class"] <= BULK for one in entries), "an entry")
    require(sections[4] == struct.pack(f"<{len(fences)}Q", *fences), "the fences are wrong")
    words = [0] * 8 * (total // 40 + 1)
    for one in entries:
        block, bits = struct.unpack("<8xIQ", one["hash"])
        for word in range(8):
            words[8 * (block * (total // 40 + 1) >> 32) + word] |= 1 << (bits >> 6 * word & 63)
    require(sections[5] == struct.pack(f"<{len(words)}Q", *words), "the filter is wrong")
    return {"object": "index part", "entries": entries}


# -- Catalogs and their pages -----------------------------------------------------------------------------


def read_catalog(data, magic=b"FFcatlg"):
    check_start(data, 0, magic, 48)
    header = record("B:codec B:0 I:0 Q:decoded Q:stored Q:sum Q:decoded_sum", data, 10)
    require(header["stored"] == len(data) - 56 and header["sum"] == xxh3(data[56:]), "checksum of the payload")
    require(header["decoded"] <= min(1 << 30, 65536 + 256 * header["stored"]), "the decoded size is out of bounds")
    payload = decompress(header["codec"], data[56:], header["decoded"])
    require(xxh3(payload) == header["decoded_sum"], "checksum of the decoded payload")
    sections, at, last = {}, 0, 0
    while at < len(payload):
        line = record("H:kind H:flags I:0 Q:size", payload, at)
        at += 16 + line["size"]
        require(line["kind"] > last and at <= len(payload), "the sections are not in order")
        last = line["kind"]
        if is_known(line, (2, 7) if magic == b"FFcpage" else range(1, 8)):
            sections[last] = payload[at - line["size"]:at]
    require({2} <= set(sections), "a section is missing")
    journals = records("q:from_date q:to_date Q:epoch 16s:token Q:entries Q:dead Q:bytes Q:object_bytes", sections[2])
    require(ascend([tuple(line.values())[:4] for line in journals]), "the journals are not in order")
    require(all(line["from_date"] <= line["to_date"] and line["entries"] >= max(1, line["dead"])
                for line in journals), "a journal's line makes no sense")
    if 7 in sections:
        read_posts(sections[7], journals)
    if magic == b"FFcpage":
        return {"object": "catalog page", "journals": journals}
    require({1, 3, 4, 5} <= set(sections), "a section is missing")
    made = record("Q:number Q:fence Q:swept 16s:token q:boot_clock_ns", sections[1])
    require(max(made["fence"], made["swept"]) <= made["number"] and len(sections[1]) <= 48 + 1024, "the properties")
    pages = records("Q:epoch 16s:token q:from_date q:to_date Q:journals Q:entries Q:dead Q:bytes Q:object_bytes",
                    sections[3])
    require(ascend([line["from_date"] for line in pages], False) and not (pages and journals), "the pages")
    return {"object": "catalog", **made, "boot_id": sections[1][48:], "journals": journals, "pages": pages,
            "index": read_runs(sections[4]), "retired": read_retired(sections[5], made["number"]),
            "settings": read_json(sections[6]) if 6 in sections else None}


def read_posts(section, journals):
    half = 8 * len(journals)
    counts, ends = numbers("Q", len(journals), section, 0), numbers("Q", len(journals), section, half)
    require(len(section) == 2 * half + 16 * sum(counts), "the posts have another size")
    posts = list(zip(numbers("Q", sum(counts), section, 2 * half),
                     numbers("q", sum(counts), section, 2 * half + 8 * sum(counts))))
    for line, count, end in zip(journals, counts, ends):
        own, posts = posts[:count], posts[count:]
        require(own[0] == (24, line["from_date"]) and own[-1][0] < end if count else end == 0, "posts")
        require(ascend([post[0] for post in own]) and ascend([post[1] for post in own], False), "posts")
        line |= {"posts": own, "blocks_end": end}


def read_runs(section):
    counts = numbers("Q", numbers("Q", 1, section, 0)[0], section, 8)
    parts = records("Q:epoch 16s:token 20s:least 20s:greatest Q:entries Q:object_bytes", section,
                    8 + 8 * len(counts))
    require(all(counts) and len(parts) == sum(counts), "the runs of the index do not add up")
    runs = [[parts.pop(0) for _ in range(count)] for count in counts]
    require(all(part["entries"] and part["least"] <= part["greatest"] for run in runs for part in run), "a part")
    require(all(a["greatest"] < b["least"] for run in runs for a, b in zip(run, run[1:])), "parts of a run meet")
    return runs


def read_retired(section, number):
    count = numbers("Q", 1, section, 0)[0]
    by, ends = numbers("Q", count, section, 8), (0, *numbers("I", count, section, 8 + 8 * count))
    names = section[8 + 12 * count:]
    keys = [names[start:end].decode("ascii", "replace") for start, end in zip(ends, ends[1:])]
    require(ends[-1] == len(names) and ascend(keys) and all(1 <= len(key) <= 900 for key in keys) and
            max(by, default=0) <= number, "the retired keys make no sense")
    return dict(zip(keys, by))


# -- Objects of JSON, splits among them -------------------------------------------------------------------

SPLIT_ORDER = """type format flood_id store catalog fence number count after upto date id where query strict
    entries stored_bytes lease made expires journals pending checksum""".split()
JOURNAL_ORDER = "key bytes entries arrival blocks url".split()
ESCAPES = {number: f"\\u{number:04x}" for number in range(32)} | {34: '\\"', 92: "\\\\"}


def once(pairs):
    require(len(dict(pairs)) == len(pairs), "a field stands twice")
    return dict(pairs)


def canonical(value, order=SPLIT_ORDER):
    """The text of a split of which its checksum is made."""
    if isinstance(value, dict):
        require(set(value) <= set(order), f"an unknown field in {sorted(value)}")
        return "{" + ",".join(f'"{name}":{canonical(value[name], JOURNAL_ORDER if name == "journals" else order)}'
                              for name in order if name in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(one, order) for one in value) + "]"
    return f'"{value.translate(ESCAPES)}"' if isinstance(value, str) else json.dumps(value)


def read_json(data):
    try:
        value, text = json.loads(data, object_pairs_hook=once), data.decode()
        kind, version = value["type"], value["format"]
    except (ValueError, TypeError, KeyError) as error:
        raise Damage(f"not an object of a flood: {error!r}") from None
    is_split = kind == "flashflood-split"
    require(is_split or kind in ("flashflood", "flashflood-lease", "flashflood-import"), f"an object of type {kind}")
    covered, _, end = (canonical(value) + "\n" if is_split else text).rpartition(',"checksum":"')
    require(end == f'{xxh3(covered.encode()):016x}"}}\n', "wrong checksum")
    if version != 1:
        raise Newer(f"format {version} of {kind}")
    if is_split:
        value["pending"] = [entry for block in value["pending"] for entry in read_block(base64.b64decode(block))[0]]
    return {"object": kind, **value}


def read_object(data):
    readers = {b"FFjourn": read_journal, b"FFindex": read_index_part, b"FFcatlg": read_catalog,
               b"FFcpage": lambda page: read_catalog(page, b"FFcpage")}
    return readers.get(data[:7], read_json)(data)
