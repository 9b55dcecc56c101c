"""Ceph's radosgw over one monitor and one storage daemon that keeps its objects in memory.

From Debian's packages; no manager, no authentication between the daemons, everything on loopback.
"""

import time
import uuid

from s3server.place import Failure, free_port

SETTINGS = """\
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{monitor_port}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
keyring = {folder}/keyring
crash dir = {folder}/crash
# One copy of everything, in few placement groups.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1

[mon.a]
mon data = {folder}/monitor

[osd.0]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296

[client.rgw]
rgw data = {folder}/rgw
# Without tcp_nodelay every answer with a body waits 40 ms for the client's delayed ACK.
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw thread pool size = 128
rgw enable usage log = false
"""


def install(setup):
    setup("radosgw")


def start(place, keys):
    """Starts it; returns the endpoint."""
    port, monitor_port = free_port(), free_port()
    for name in ("run", "log", "monitor", "osd", "rgw", "crash"):
        place.make(name)
    fsid, osd_id = str(uuid.uuid4()), str(uuid.uuid4())
    with open(place.path("ceph.conf"), "w", encoding="utf-8") as file:
        file.write(SETTINGS.format(fsid=fsid, folder=place.folder, port=port,
                                   monitor_port=monitor_port))
    at = ("-c", place.path("ceph.conf"))
    keyring, monitor_map = place.path("keyring"), place.path("monitors")
    place.tool("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.",
               "--cap", "mon", "allow *")
    place.tool("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", "--cap", "mon", "allow *",
               "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
    place.tool("monmaptool", "--create", "--fsid", fsid, "--addv", "a",
               f"[v1:127.0.0.1:{monitor_port}]", monitor_map)
    place.tool("ceph-mon", *at, "-i", "a", "--mkfs", "--monmap", monitor_map, "--keyring", keyring)
    place.daemon("monitor", "ceph-mon", *at, "-i", "a", "-f")
    place.tool("ceph", *at, "--connect-timeout", "30", "osd", "new", osd_id, "0")
    place.tool("ceph-osd", *at, "-i", "0", "--mkfs", "--osd-uuid", osd_id)
    place.daemon("osd", "ceph-osd", *at, "-i", "0", "-f")
    # It waits for the storage daemon, and makes its pools.
    place.daemon("radosgw", "radosgw", *at, "-n", "client.rgw", "-f")
    return f"http://127.0.0.1:{port}"


def finish(place, keys):
    """Makes the user, now that it answers."""
    at = ("-c", place.path("ceph.conf"))
    for tried in range(3):
        try:
            place.tool("radosgw-admin", *at, "user", "create", "--uid=flashflood",
                       "--display-name=flashflood", "--access-key=" + keys["AWS_ACCESS_KEY_ID"],
                       "--secret-key=" + keys["AWS_SECRET_ACCESS_KEY"])
            return
        except Failure:
            if tried == 2:
                raise
            time.sleep(1)
