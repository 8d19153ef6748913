"""The function that tries to break out: it runs one attempt and tells what came of it.

An attempt is a Python expression. What it tells is the expression's value, or the name of the
system's error.
"""

import ctypes
import errno
import glob
import json
import mmap
import os
import platform
import resource
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request


def descriptors():
    """What every open descriptor of this process leads to, the one that reads the list left out."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        found.add(target.split(":")[0])
    return sorted(found - {f"/proc/{os.getpid()}/fd"})


AT_START = descriptors()

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {  # x86_64, aarch64; `...` where there is no such call
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268), "clone": (56, 220),
    "clone3": (435, 435), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "process_madvise": (440, 440), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "sethostname": (170, 161),
    "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "syslog": (103, 116),
    "vhangup": (153, 58), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "memfd_secret": (447, 447),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "personality": (135, 92),
    "lookup_dcookie": (212, 18), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "sched_setscheduler": (144, 119), "ioprio_set": (251, 30),
    "setuid": (105, 146), "setgid": (106, 144), "setgroups": (116, 159), "capset": (126, 91),
    "prctl": (157, 167), "mknodat": (259, 33), "kill": (62, 129), "seccomp": (317, 277),
}
HERE = ("x86_64", "aarch64").index(platform.machine())


def call(name, *arguments):
    """A system call, whatever the libraries think of it."""
    number = name if isinstance(name, int) else NUMBERS[name][HERE]
    words = []
    for argument in arguments:
        if isinstance(argument, bytes):
            argument = ctypes.c_char_p(argument)
        elif isinstance(argument, int):
            argument = ctypes.c_long(argument)
        words.append(argument)
    result = LIBC.syscall(ctypes.c_long(number), *words)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def name_of(error):
    if isinstance(error, socket.gaierror):
        return "no such name"
    if isinstance(error, TimeoutError):
        return "timeout"
    return errno.errorcode.get(error.errno, str(error))


def each(attempts):
    """What several attempts of one kind come to: one text when it is the same for all."""
    told = {}
    for what, attempt in attempts.items():
        try:
            told[what] = str(attempt())
        except OSError as error:
            told[what] = name_of(error)
    return told.popitem()[1] if len(set(told.values())) == 1 else told


def calls(*names, arguments=(0, 0, 0, 0, 0)):
    return each({name: lambda name=name: call(name, *arguments) for name in names})


def read(path, size=4096):
    with open(path, "rb") as file:
        return file.read(size)


def reads(*paths):
    return each({path: lambda path=path: read(path) for path in paths})


def write(path, text="x"):
    with open(path, "w") as file:
        file.write(text)
    return "WRITTEN"


def writes(*paths):
    return each({path: lambda path=path: write(path) for path in paths})


def child(action):
    """How a child process that does this ends; what it must not survive does not end the function."""
    pid = os.fork()
    if pid == 0:
        try:
            action()
        finally:
            os._exit(0)
    status = os.waitpid(pid, 0)[1]
    dumped = " with a core dump" if os.WCOREDUMP(status) else ""
    return f"signal {os.WTERMSIG(status)}{dumped}" if os.WIFSIGNALED(status) else "lives"


def child_tells(action):
    """As `child`, and what came of it: for what cannot be taken back."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            told = str(action())
        except OSError as error:
            told = name_of(error)
        os.write(writer, told.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return told


def allow_everything():
    """One more filter of system calls, which returns `SECCOMP_RET_ALLOW`."""
    program = (ctypes.c_uint64 * 1)(0x7FFF000000000006)
    call("prctl", 22, 2, ctypes.byref((ctypes.c_uint64 * 2)(1, ctypes.addressof(program))))


def machine_code(code):
    """Runs machine code."""
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()


def connect(host, port, family=socket.AF_INET, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as made:
        made.settimeout(10)
        made.connect((host, port))
        made.send(b"hello")
        return "CONNECTED"


def connects(*addresses, **options):
    return each({str(at): lambda at=at: connect(*at, **options) for at in addresses})


def unix(name, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as made:
        made.connect(name)
        return "CONNECTED"


def sockets(*kinds):
    def attempt(kind):
        socket.socket(*kind).close()
        return "MADE"

    return each({str(kind): lambda kind=kind: attempt(kind) for kind in kinds})


def bind(host, port, *options):
    with socket.socket() as made:
        for option in options:
            made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind((host, port))
        made.listen()
        return "LISTENS"


def route_message(kind, body):
    """Asks the kernel to change the network, by route netlink; answers its error."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as made:
        header = (16 + len(body)).to_bytes(4, "little") + kind.to_bytes(2, "little")
        made.send(header + (0x605).to_bytes(2, "little") + bytes(8) + body)
        error = -int.from_bytes(made.recv(4096)[16:20], "little", signed=True)
        return errno.errorcode.get(error, error)


def http(method, url, body=None, headers={}):
    """The status of an unsigned request."""
    request = urllib.request.Request(url, method=method, data=body, headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code


def aws(service, operation, keys={}, **arguments):
    """The code with which the platform refuses a signed request."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client(service, config=once, **keys)
    try:
        getattr(client, operation)(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ALLOWED"


def own_keys():
    return {
        "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "aws_session_token": os.environ["AWS_SESSION_TOKEN"],
    }


def processes():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def visible_text(needle):
    """Whether a text is in any environment or command line that can be read here."""
    found = []
    for name in ("environ", "cmdline"):
        for path in glob.glob(f"/proc/[0-9]*/{name}"):
            try:
                if needle.encode() in read(path, 1 << 20):
                    found.append(path)
            except OSError:
                pass
    return found


def status(*fields):
    lines = dict(line.split(":\t") for line in open("/proc/self/status").read().split("\n") if ":\t" in line)
    return sorted({lines[field].strip() for field in fields})


def setuid_copy():
    """The user that a copy of a program with the set-user-id bit runs as."""
    subprocess.run(["/bin/cp", "/usr/bin/id", "/tmp/id"], check=True)
    try:
        os.chmod("/tmp/id", 0o6755)
        return subprocess.run(["/tmp/id", "-u"], capture_output=True, text=True).stdout.strip()
    finally:
        os.remove("/tmp/id")


def setuid_of_the_host():
    """The users that the host's own set-user-id programs bring it to."""
    users = set()
    for path in glob.glob("/usr/bin/*") + glob.glob("/usr/sbin/*"):
        try:
            if os.stat(path).st_mode & stat.S_ISUID:
                script = f"exec 2>/dev/null; {path} --help >/dev/null & cat /proc/$!/status"
                told = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True)
                users |= {line for line in told.stdout.split("\n") if line.startswith("Uid:")}
        except OSError:
            pass
    return sorted(users) or ["Uid:\t993\t993\t993\t993"]


def link(make, target, place="/tmp/link"):
    """Writes through a link that points out of /tmp."""
    try:
        make(target, place)
        return write(place)
    finally:
        if os.path.lexists(place):
            os.remove(place)


def until_refused(make, most):
    """How often something can be made until it is refused, and how."""
    made = []
    try:
        while len(made) < most:
            made.append(make())
    except (OSError, RuntimeError) as error:
        refusal = name_of(error) if isinstance(error, OSError) else str(error)
        return len(made), refusal
    finally:
        for one in made:
            undo = {int: lambda pid: (os.kill(pid, 9), os.waitpid(pid, 0))}.get(type(one))
            undo(one) if undo else one.close()
    return len(made), "NEVER REFUSED"


def sleeper():
    # Not a fork: a thousand copies of this interpreter would take a busy host minutes.
    return os.posix_spawn("/bin/sleep", ["sleep", "1000"], {})


class Thread:
    """A thread that waits."""

    end = threading.Event()

    def __init__(self):
        Thread.end.clear()
        self.thread = threading.Thread(target=Thread.end.wait)
        self.thread.start()

    def close(self):
        Thread.end.set()
        self.thread.join()


def fill(path, chunk=1 << 20):
    """Writes a file until it is refused; its size in MiB, and how it was refused."""
    written = 0
    try:
        with open(path, "wb", buffering=0) as file:
            block = bytes(chunk)
            while True:
                written += file.write(block)
    except OSError as error:
        return f"{written >> 20} MiB, {name_of(error)}"
    finally:
        os.remove(path)


def many_files(folder):
    """Makes empty files until it is refused."""
    os.mkdir(folder)
    count = 0
    try:
        while True:
            os.close(os.open(f"{folder}/{count}", os.O_CREAT | os.O_WRONLY))
            count += 1
    except OSError as error:
        return f"{count} files, {name_of(error)}"
    finally:
        subprocess.run(["/bin/rm", "-rf", folder], check=True)


def eat():
    """Takes memory without end."""
    eaten = []
    while True:
        eaten.append(bytearray(b"x" * (16 << 20)))


def burn(seconds, count):
    """Keeps every processor busy."""
    end = time.monotonic() + seconds

    def spin():
        while time.monotonic() < end:
            pass

    children = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            spin()
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return "burnt"


def print_much(mebibytes):
    line = b"flood " + b"x" * 200 + b"\n"
    block = line * ((1 << 20) // len(line))
    for _ in range(mebibytes):
        os.write(1, block) == len(block) or sys.exit("short write")
    return "printed"


def hold_connections(address, processes, each_process):
    """Opens connections from many processes, and keeps them for a moment."""
    reader, writer = os.pipe()
    children = []
    for _ in range(processes):
        pid = os.fork()
        if pid == 0:
            held = []
            try:
                for _ in range(each_process):
                    made = socket.socket()
                    made.settimeout(0.2)
                    made.connect(address)
                    held.append(made)
            except OSError:
                pass
            os.write(writer, len(held).to_bytes(4, "little"))
            time.sleep(3)
            os._exit(0)
        children.append(pid)
    total = sum(int.from_bytes(os.read(reader, 4), "little") for _ in children)
    for pid in children:
        os.waitpid(pid, 0)
    os.close(reader), os.close(writer)
    return f"{total} connections"


def handler(event, context):
    try:
        told = eval(event["attempt"], {**globals(), **event["facts"], "context": context})
    except OSError as error:
        told = name_of(error)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
    print("attempt", event["name"], "came to", told)
    return str(told)
