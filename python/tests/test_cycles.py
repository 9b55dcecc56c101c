"""Objects that hold a flood, and give its credentials, are freed with it."""

import gc
import weakref

import pytest

import flashflood
from small_s3 import SmallS3


@pytest.fixture
def bucket():
    server = SmallS3()
    yield server
    server.close()


class Service:
    """Everything that it makes leads back to it."""

    def __init__(self, port):
        self.asked = 0
        self.s3 = flashflood.S3Options(
            endpoint=f"http://127.0.0.1:{port}", region="us-east-1", credentials=self.credentials
        )
        self.flood = flashflood.open("s3://bucket/flood", s3=self.s3)
        self.flood.put("{}", "id")
        self.recorder = self.flood.recorder()
        self.recorder.close()
        self.replay = self.flood.replay()
        self.data = self.flood.replay().data()
        self.arrow = self.flood.replay().arrow()
        self.query = self.flood.query("length(events)")
        self.tuples = flashflood._native._tuples(self.flood.replay(), tuple)

    def credentials(self):
        self.asked += 1
        return flashflood.S3Credentials("a", "b")


def test_cycles_through_credentials(bucket):
    services = []
    for _ in range(5):
        bucket.objects.clear()
        service = Service(bucket.server.server_port)
        assert service.asked > 0
        services.append(weakref.ref(service))
        del service
    gc.collect()
    assert [service() for service in services] == [None] * 5


def test_what_is_in_use_is_kept(bucket):
    service = Service(bucket.server.server_port)
    replay, query = service.replay, service.query
    del service
    gc.collect()
    assert len(list(replay)) == 1
    assert query.value() == 1


def test_what_a_flood_made_keeps_its_credentials(bucket):
    flood = Service(bucket.server.server_port).flood
    gc.collect()
    assert flood.get("id").id == "id"
    recorder, replay = flood.recorder(), flood.replay()
    del flood
    gc.collect()
    recorder.put("more", "other")
    recorder.close()
    assert [event.id for event in replay] == ["id"]
