"""What goes wrong, decided from a seed.

A request's fate depends on the seed, its kind, and how many of its kind came before: not on how the
requests of several clients interleave.
"""

import random
import urllib.parse

# MULTIPART: uploads in parts are begun, ended, aborted; PART: their parts.
KINDS = ("GET", "HEAD", "LIST", "PUT", "DELETE", "MULTIPART", "PART", "OTHER")

# Fault -> what happens. Rules give each a probability.
FAULTS = {
    "latency": "forwarded after a while",
    "error_500": "500, not forwarded",
    "slow_down": "503 SlowDown with its XML body, not forwarded",
    "slow_down_empty": "503 without a body, not forwarded",
    "too_many": "429, not forwarded",
    "conflict": "409 ConditionalRequestConflict to a conditional PUT, not forwarded",
    "reset_before": "connection reset, not forwarded",
    "reset_after": "forwarded, then the connection is reset",
    "answer_lost": "forwarded, then 500 in place of the answer",
    "late": "connection reset at once, forwarded seconds later",
    "duplicate": "forwarded and answered, and forwarded once more seconds later",
    "truncated": "the answer's body ends early, with the connection",
    "wrong_byte": "one bit of the answer's body is flipped",
    "stall": "nothing is answered for long, then a reset; not forwarded",
    "stall_body": "half of the answer's body, then nothing for long",
    "error_in_200": "200 with an error document, to a POST; not forwarded",
}
# For which kinds of request a fault has no meaning.
WITH_BODY = {"truncated", "wrong_byte", "stall_body"}
SECONDS = {"latency": 0.1, "late": 4.0, "duplicate": 4.0, "stall": 20.0}


def kind_of(method, target):
    """The kind under which S3 bills a request, from its method and target (path style, str)."""
    path, _, query = target.partition("?")
    names = {key for key, _ in urllib.parse.parse_qsl(query, keep_blank_values=True)}
    bucket, _, key = path.lstrip("/").partition("/")
    if method == "GET" and not key:
        return "LIST" if bucket and not names & {"location", "versioning", "uploads"} else "OTHER"
    if names & {"uploads", "uploadId", "partNumber"}:
        return "PART" if "partNumber" in names else "MULTIPART"
    if method == "POST" and "delete" in names:
        return "DELETE"
    return method if key and method in ("GET", "HEAD", "PUT", "DELETE") else "OTHER"


class Rules:
    """{"PUT": {"reset_after": 0.1}, "*": {"latency": 0.5}, "seconds": {"late": 2}}

    The rules of a kind are taken instead of those of "*". "seconds" sets how long the faults that
    take time last at most.
    """

    def __init__(self, given):
        given = dict(given)
        self.seconds = SECONDS | given.pop("seconds", {})
        self.kinds = given
        for kind, faults in given.items():
            if kind != "*" and kind not in KINDS:
                raise ValueError(f"unknown kind {kind}; known: {', '.join(KINDS)}")
            for fault in faults:
                if fault not in FAULTS:
                    raise ValueError(f"unknown fault {fault}; known: {', '.join(FAULTS)}")
            if sum(faults.values()) > 1:
                raise ValueError(f"the probabilities for {kind} add up to more than 1")

    def of(self, kind):
        return self.kinds.get(kind, self.kinds.get("*", {}))


class Fate:
    """What happens to one request: a fault or None, and its randomness."""

    def __init__(self, fault, chance, seconds):
        self.fault = fault
        self.chance = chance
        self.seconds = seconds

    def delay(self):
        longest = self.seconds[self.fault]
        return self.chance.uniform(longest / 4, longest)


class Oracle:
    def __init__(self, seed, rules):
        self.seed = seed
        self.rules = Rules(rules)
        self.seen = dict.fromkeys(KINDS, 0)

    def fate(self, kind, conditional):
        self.seen[kind] += 1
        chance = random.Random(f"{self.seed} {kind} {self.seen[kind]}")
        left = chance.random()
        for fault, probability in self.rules.of(kind).items():
            left -= probability
            if left < 0:
                if fault == "conflict" and not conditional:
                    break
                if fault == "error_in_200" and kind not in ("DELETE", "MULTIPART"):
                    break
                if fault in WITH_BODY and kind not in ("GET", "LIST"):
                    break
                return Fate(fault, chance, self.rules.seconds)
        return Fate(None, chance, self.rules.seconds)
