"""Writers, a journaler and a collector through a proxy that loses, breaks and repeats requests.

What each writer was told is written down. When the faults are over, everything acknowledged is
there, nothing is there twice or with other bytes, and what was not acknowledged is there whole or
not at all. FLASHFLOOD_FAULT_SEED repeats the faults of a run (not the timing of its threads).
"""

import contextlib
import json
import os
import random
import threading
import time
import unittest

from driver import Refused, SnapshotExpired
from proxied import ProxiedTest

SEED = int(os.environ.get("FLASHFLOOD_FAULT_SEED") or random.SystemRandom().randrange(1 << 32))
SECONDS = float(os.environ.get("FLASHFLOOD_FAULT_SECONDS", "6"))

COMMON = {"latency": 0.1, "error_500": 0.02, "slow_down": 0.02, "slow_down_empty": 0.01,
          "too_many": 0.01, "reset_before": 0.02, "reset_after": 0.02, "answer_lost": 0.02}
RULES = {
    "PUT": COMMON | {"late": 0.03, "duplicate": 0.05, "conflict": 0.03},
    "GET": COMMON | {"truncated": 0.03, "wrong_byte": 0.03, "stall_body": 0.003},
    "LIST": COMMON | {"truncated": 0.03, "stall": 0.003},
    "DELETE": COMMON | {"error_in_200": 0.05, "duplicate": 0.05},
    # A late request must arrive within the patience of the flood, as with real servers.
    "seconds": {"latency": 0.05, "late": 1.5, "duplicate": 1.5, "stall": 3.0},
}
GRACE, PATIENCE = 7, 6
# What a caller may be told while the store misbehaves; anything else is a fault of FlashFlood's.
# CorruptData: of bytes that went wrong on the way, twice one after the other.
TOLERATED = {"StoreUnavailable", "OutcomeUnknown", "SnapshotExpired", "CorruptData"}


class Model:
    """Id -> the data it may have in the end (None: it is not there)."""

    def __init__(self):
        self.lock = threading.Lock()
        self.possible = {}
        self.wrong = []
        self.told = {}

    def note(self, what):
        with self.lock:
            self.told[what] = self.told.get(what, 0) + 1

    def complain(self, text):
        with self.lock:
            self.wrong.append(text)


class Writer:
    """Puts, updates and deletes events of its own, one after another."""

    def __init__(self, model, handle, name):
        self.model, self.handle, self.name = model, handle, name
        self.chance = random.Random(f"{SEED} {name}")
        self.count = 0

    def change(self, known, wanted, *words):
        """Returns the possible states after it; a single one when the outcome is known."""
        try:
            self.handle.do(*words)
            self.model.note("acknowledged")
            return {wanted}
        except Refused as refusal:
            self.model.note(refusal.name)
            if refusal.name not in TOLERATED:
                self.model.complain(f"{words[:2]}: {refusal}")
            return {known, wanted}

    def look(self, event, states):
        try:
            got = self.handle.do("get", event)
        except Refused as refusal:
            self.model.note("get " + refusal.name)
            if refusal.name not in TOLERATED:
                self.model.complain(f"get {event}: {refusal}")
            return
        got = None if got == "none" else got
        if got not in states:
            self.model.complain(f"get {event}: {got!r}, not one of {states!r}")

    def step(self):
        self.count += 1
        event = f"{self.name}-{self.count}"
        data = json.dumps({"id": event, "pad": "x" * self.chance.randrange(2000)})
        self.model.possible[event] = states = self.change(None, data, "put", event, data)
        for _ in range(self.chance.randrange(3)):
            if len(states) > 1:
                break  # a late request may still decide it
            known, = states
            if known is None:
                break
            if self.chance.random() < 0.7:
                new = json.dumps({"id": event, "changed": self.chance.random()})
                states = self.change(known, new, "update", event, new)
            else:
                states = self.change(known, None, "delete", event)
            self.model.possible[event] = states
        self.look(event, states)


class Recorder(Writer):
    """Records, and again until it is acknowledged."""

    def step(self):
        self.count += 1
        name, count = f"{self.name}-{self.count}", self.chance.randrange(1, 300)
        for _ in range(20):
            states = self.change(False, True, "record", name, count, 200)
            for i in range(count):
                self.model.possible[f"{name}-{i}"] = states
            if states == {True}:
                return


class Upkeep(Writer):
    def __init__(self, model, handle, name, words):
        super().__init__(model, handle, name)
        self.words = words

    def step(self):
        self.change(None, None, *self.words)
        time.sleep(self.chance.random() * 0.3)


class Faults(ProxiedTest):
    seed = SEED

    def open(self, *times, retry_for=None):
        return super().open(*(times or (GRACE, PATIENCE)), retry_for=retry_for)

    def test_nothing_is_lost_doubled_or_wrong(self):
        print(f"FLASHFLOOD_FAULT_SEED={SEED}", flush=True)
        model = Model()
        actors = [Writer(model, self.open(), f"w{n}") for n in range(4)]
        actors += [Recorder(model, self.open(), f"r{n}") for n in range(2)]
        actors += [Upkeep(model, self.open(), "journal", ("journal",)),
                   Upkeep(model, self.open(), "gc", ("gc",)),
                   Upkeep(model, self.open(), "replay",
                          ("replay", os.path.join(self.folder, "reader")))]
        end = time.monotonic() + SECONDS
        self.proxy.set_rules(RULES)

        def loop(actor):
            try:
                while time.monotonic() < end:
                    actor.step()
            except Exception as error:  # pylint: disable=broad-except
                model.complain(f"{actor.name}: {error!r}")

        threads = [threading.Thread(target=loop, args=(actor,)) for actor in actors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = self.proxy.counts()
        print("told:", model.told, "\nfaults:", counts["faults"], flush=True)
        self.proxy.set_rules({})
        self.proxy.wait_for_late_requests()
        self.assertEqual(model.wrong, [], f"seed {SEED}")
        self.assertGreater(model.told["acknowledged"], 20)
        self.assertGreater(sum(counts["faults"].values()), 20)
        self.check(model)
        self.open().do("journal")
        self.check(model)
        time.sleep(PATIENCE + 1)
        handle = self.open()
        handle.do("gc")
        handle.do("gc")
        self.check(model)

    def again(self, *words):
        """What a busy machine takes longer for than the short grace allows is begun again."""
        for _ in range(5):
            with contextlib.suppress(SnapshotExpired):
                return self.open().do(*words)
        raise AssertionError(f"{words[0]} never ended within the grace")

    def check(self, model):
        self.assertEqual(self.again("verify"), "", f"seed {SEED}")
        self.again("replay", self.events_file())
        found = {}
        with open(self.events_file(), encoding="utf-8") as file:
            for line in file:
                event, data = line.rstrip("\n").split("\t")
                self.assertNotIn(event, found, f"seed {SEED}: {event} is there twice")
                found[event] = data
        for event, states in model.possible.items():
            got = found.pop(event, None)
            if True in states or False in states:  # recorded: its data begins with its id
                self.assertTrue(got is None or got.startswith(event + " "), f"seed {SEED}: {event}")
                got = got is not None
            self.assertIn(got, states, f"seed {SEED}: {event}")
        self.assertEqual(found, {}, f"seed {SEED}: events that nobody put")


if __name__ == "__main__":
    unittest.main(verbosity=2)
