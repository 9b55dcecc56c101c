"""The folder of one server: its data, its logs, what it tells its users, and its processes.

Every daemon carries the folder's name in its environment (MARK), so that stopping finds all of them
and nothing else, whatever has become of the process that started them.
"""

import contextlib
import json
import os
import random
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

MARK = "FLASHFLOOD_S3_DAEMON_OF"
PREFIX = "flashflood-s3."
# What would lead a client elsewhere when it stands in the user's environment.
UNSET = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE")


class Failure(Exception):
    """Said to the user without a traceback."""


def free_port():
    """Below those that the system gives to outgoing connections, which could take it meanwhile."""
    for _ in range(100):
        port = random.SystemRandom().randrange(10_000, 30_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise Failure("no port is free")


class Place:
    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.children = []

    @staticmethod
    def create(folder=None):
        """A new folder, or one that is empty: it goes away again with the server."""
        if folder is None:
            return Place(tempfile.mkdtemp(prefix=PREFIX))
        place = Place(folder)
        if os.path.isdir(folder) and place.environment() and not any(place.processes()):
            shutil.rmtree(folder)  # of a server that went down with the machine
        os.makedirs(folder, exist_ok=True)
        if os.listdir(folder):
            raise Failure(f"{folder} is not empty; a server takes a new folder, and removes it")
        return place

    @staticmethod
    def all_temporary():
        """Those that this user started without naming a folder."""
        with os.scandir(tempfile.gettempdir()) as entries:
            found = [Place(e.path) for e in entries if e.name.startswith(PREFIX) and e.is_dir()
                     and e.stat(follow_symlinks=False).st_uid == os.getuid()]
        return [place for place in found if place.environment() is not None]

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make(self, name):
        os.makedirs(self.path(name), exist_ok=True)
        return self.path(name)

    # What users need to know.

    def publish(self, environment):
        text = json.dumps(environment | {"FLASHFLOOD_S3_SERVER_DIR": self.folder})
        with open(self.path("environment.new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(self.path("environment.new"), self.path("environment.json"))

    def environment(self):
        """None when no server has been started here."""
        try:
            with open(self.path("environment.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def exports(self):
        lines = ["unset " + " ".join(UNSET)]
        lines += [f"export {k}={shlex.quote(v)}" for k, v in self.environment().items()]
        return "\n".join(lines)

    def environment_for_a_command(self):
        kept = {k: v for k, v in os.environ.items() if k not in UNSET}
        return kept | self.environment()

    # Processes.

    def marked(self, **more):
        return os.environ | {MARK: self.folder} | more

    def daemon(self, name, *command, **more):
        """Starts a process that outlives this one; its output goes to the log."""
        with open(os.path.join(self.make("log"), name + ".out"), "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       cwd=self.folder, env=self.marked(**more),
                                       start_new_session=True)
        self.children.append(process)
        return process

    def tool(self, *command):
        """Runs a command to its end, and returns what it printed."""
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd=self.folder, env=self.marked(),
                              check=False)
        text = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            raise Failure(f"{' '.join(command)} ended with {done.returncode}:\n{text}")
        return text

    def ended(self):
        """Whether a daemon that this process started has ended."""
        return any(process.poll() is not None for process in self.children)

    def logs(self, size=1500):
        """The ends of all that the daemons have said."""
        told = []
        for name in sorted(os.listdir(self.make("log"))):
            with open(self.path("log", name), "rb") as file:
                told.append(f"--- {name}\n" + file.read()[-size:].decode("utf-8", "replace"))
        return "\n".join(told)

    def processes(self):
        wanted = f"{MARK}={self.folder}".encode()
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if wanted in file.read().split(b"\0"):
                        yield int(name)
            except OSError:
                continue  # gone, or somebody else's

    def kill_all(self):
        """Also what the daemons start while this runs."""
        for _ in range(200):
            alive = list(self.processes())
            if not alive:
                return
            for process in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.02)
        raise Failure(f"these processes cannot be killed: {alive}")

    def empty(self):
        """As it was when it was made."""
        self.kill_all()
        self.children.clear()
        for name in os.listdir(self.folder):
            (shutil.rmtree if os.path.isdir(self.path(name)) else os.remove)(self.path(name))

    def remove(self):
        """Stops what runs here and takes the folder away."""
        self.kill_all()
        shutil.rmtree(self.folder)


class Guardian:
    """Removes a place when this process ends in any way, killed too, before it says keep(); and in
    any case when the process `owner` (a pid) ends.
    """

    def __init__(self, place, owner=None):
        self.place = place
        self.owner = os.pidfd_open(owner) if owner else None
        reading, self.pipe = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            self.watch(reading)
        os.close(reading)

    def watch(self, reading):
        os.close(self.pipe)
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):  # nobody has to wait for the guardian to close them
            os.dup2(nowhere, stream)
        code = 1
        with contextlib.suppress(BaseException):
            if not os.read(reading, 1):
                self.place.remove()
            elif self.owner:
                select.select([self.owner], [], [])
                if os.path.isdir(self.place.folder):
                    self.place.remove()
            code = 0
        os._exit(code)

    def keep(self):
        """The server shall outlive this process."""
        os.write(self.pipe, b"k")
        if not self.owner:
            self.wait()

    def wait(self):
        """Lets the guardian do its work; throws when it could not."""
        os.close(self.pipe)
        _, status = os.waitpid(self.process, 0)
        for child in self.place.children:
            child.poll()
        if status != 0:
            raise Failure(f"could not clean up {self.place.folder}")
