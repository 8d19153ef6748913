"""Holds a started Python with the public imports of every function, and forks it into sandboxes.

Speaks with the sandbox helper over descriptor 3 and finds the system call filters in descriptor 4.
A sandbox is complete but for its program when this process is asked to fork: the fork enters its
namespaces and control groups, takes its user, gives up every privilege, closes all but what it shall
run and the way to tell of a failure, and only then reads what it shall run. What is loaded here is
public; nothing of a function is ever loaded here.

Keep in step with `inside/confine.rs` and `inside/program.rs`, which do the same before a program
that is executed. The tests run the same attempts to escape through both.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import socket
import struct
import sys
import time
import types

CONTROL, FILTERS = 3, 4
# Where a fork has its plan, from when on it is confined.
PLAN = 4
BOOTSTRAP = "/var/runtime/bootstrap.py"
# The services whose models are read here, so that no function reads them: those that public functions
# use most.
SERVICES = ("dynamodb", "events", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions")
RESOURCES = ("dynamodb", "s3", "sns", "sqs")
# Read by the interpreter or its libraries while they start: a function that sets one otherwise than
# it is set here gets an interpreter of its own.
READ_AT_START = ("PYTHON", "LD_", "GLIBC_", "MALLOC_", "LC_", "LANG", "OPENSSL_")

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER = 47, 4, 2
CAPABILITY_VERSION_3 = 0x20080522
# The number of close_range(2), which is the same on every processor.
CLOSE_RANGE = 436

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
# Since which version Landlock knows the right of each bit, from EXECUTE on: REFER since 2, TRUNCATE
# since 3, IOCTL_DEV since 5.
FILE_RIGHTS = [1] * 13 + [2, 3, 5]
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = (1 << n for n in (0, 1, 2, 3, 14, 15))
READ = EXECUTE | READ_FILE | READ_DIR
MAKE_DEVICES = 1 << 6 | 1 << 11
USE_DEVICES = READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | IOCTL_DEV

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def prctl(*arguments):
    values = [ctypes.c_ulong(argument) for argument in arguments[1:]]
    values += [ctypes.c_ulong(0)] * (4 - len(values))
    return libc.prctl(ctypes.c_int(arguments[0]), *values)


def preload():
    """Imports what functions use of the runtime. None of it looks at the environment."""
    before = list(sys.path)
    sys.path += ["/var/runtime", "/var/runtime/python-sdk"]
    import awslambdaric.lambda_context
    import awslambdaric.lambda_runtime_client
    import awslambdaric.lambda_runtime_log_utils
    import awslambdaric.lambda_runtime_marshaller
    preload_sdk()
    sys.path[:] = before


def preload_sdk():
    """Makes clients, which imports what clients need and reads their models. Nobody has these ones;
    but the loaders that functions make begin with what was read, instead of with nothing."""
    import boto3
    from botocore.loaders import Loader

    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    session = boto3.session.Session(region_name="us-east-1", **keys)
    for service in SERVICES:
        session.client(service)
    for service in RESOURCES:
        session.resource(service)
    known = session._session.get_component("data_loader")._cache
    make = Loader.__init__

    def make_with_models(self, extra_search_paths=None, *arguments, **named):
        make(self, extra_search_paths, *arguments, **named)
        # Whoever brings models of his own gets those.
        if not extra_search_paths:
            self._cache.update(known)

    Loader.__init__ = make_with_models


def send(control, message):
    control.send(json.dumps(message).encode())


class Step:
    """What is being done, for the report of a failure."""

    name = "fork"


def enter(control, number, descriptors):
    """Goes into the sandbox; returns in the process that is to be its program."""
    namespaces, groups = descriptors[:7], descriptors[9:]
    # Its own child must be left for the helper to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    Step.name = "enter the control groups"
    for group in groups:
        os.write(group, b"0")
    Step.name = "enter the namespaces"
    for namespace in namespaces:
        check(libc.setns(ctypes.c_int(namespace), ctypes.c_int(0)))
    Step.name = "fork inside"
    child = os.fork()
    if child != 0:
        send(control, {"Forked": {"id": number, "pid": child}})
        os._exit(0)


def confine_files():
    """What `inside/landlock.rs` does: everything is read, /tmp written, devices used."""
    version = libc.syscall(*map(ctypes.c_long, (LANDLOCK_CREATE_RULESET, 0, 0, 1)))
    if version < 2:
        raise OSError("the kernel has no Landlock of version 2")
    known = sum(1 << bit for bit, since in enumerate(FILE_RIGHTS) if since <= version)
    scope = 0b11 if version >= 6 else 0  # Abstract sockets and signals
    attributes = struct.pack("@QQQ", known, 0, scope)[: 24 if version >= 6 else 8]
    rules = libc.syscall(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        check(-1)
    for path, rights in (("/", READ), ("/tmp", ~MAKE_DEVICES), ("/dev", USE_DEVICES)):
        below = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights & known, below)
        check(libc.syscall(LANDLOCK_ADD_RULE, rules, 1, rule, 0))
        os.close(below)
    check(libc.syscall(LANDLOCK_RESTRICT_SELF, rules, 0))
    os.close(rules)


def close_from(first):
    check(libc.syscall(*map(ctypes.c_long, (CLOSE_RANGE, first, 0xFFFFFFFF, 0))))


def confine(message, plan, output, filters):
    """Takes nothing from the plan, which is the function's, but its place among the descriptors."""
    user, group = message["user"], message["group"]
    Step.name = "take the sandbox's user"
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    Step.name = "give up capabilities"
    for capability in range(64):
        if prctl(PR_CAPBSET_DROP, capability) != 0:
            if ctypes.get_errno() != 22:  # EINVAL: the kernel knows no more
                check(-1)
            break
    check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL))
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    check(libc.capset(header, bytes(24)))
    check(prctl(PR_SET_NO_NEW_PRIVS, 1))
    Step.name = "confine the use of files"
    confine_files()
    # As after an execution: its own user may look into its /proc.
    check(prctl(PR_SET_DUMPABLE, 1))
    Step.name = "connect the standard streams"
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor, standard in ((null, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, standard)
    Step.name = "set the resource limits"
    files, processes = message["open_files"], message["processes"] + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    os.umask(0o022)
    Step.name = "install the system call filter"
    if len(filters) != 2:
        raise ValueError("%d filters" % len(filters))
    for program in filters:
        buffer = ctypes.create_string_buffer(program, len(program))
        pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
        holder = ctypes.create_string_buffer(pointer, len(pointer))
        check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(holder)))
    Step.name = "close what was inherited"
    if plan != PLAN:
        os.dup2(plan, PLAN)
    close_from(PLAN + 1)


def read_plan():
    # The sandbox's first process has read it before.
    os.lseek(PLAN, 0, os.SEEK_SET)
    parts = []
    while part := os.read(PLAN, 1 << 16):
        parts.append(part)
    return json.loads(b"".join(parts))


def read_filters():
    """Two programs, each with its length in bytes in front."""
    with os.fdopen(FILTERS, "rb") as file:
        text = file.read()
    programs = []
    while text:
        (length,) = struct.unpack_from("=I", text)
        programs.append(text[4 : 4 + length])
        text = text[4 + length :]
    return programs


def needs_own_interpreter(argv, environment):
    """Whether what is loaded here is not what this function would find."""
    if argv[:-1] != sys.orig_argv[:-1] or argv[-1] != BOOTSTRAP:
        return True
    for name in environment.keys() | os.environ.keys():
        if name == "LC_CTYPE" and name not in environment:
            continue  # The interpreter has set it for itself, as it would again.
        if name.startswith(READ_AT_START) and environment.get(name) != os.environ.get(name):
            return True
    loaded = {name.partition(".")[0] for name in sys.modules}
    library = "python%d.%d" % sys.version_info[:2]
    folders = ["/var/task", "/opt/python", "/opt/python/lib/%s/site-packages" % library]
    for folder in folders:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        if any(name.partition(".")[0] in loaded for name in names):
            return True
    return False


def become(control, message, descriptors, filters):
    """The fork's way from here to its program."""
    number, plan = message["id"], None
    try:
        enter(control, number, descriptors)
        confine(message, descriptors[7], descriptors[8], filters)
        # Only now: what is in it is the function's.
        Step.name = "read the plan"
        plan = read_plan()
        Step.name = "enter " + plan["cwd"]
        os.chdir(plan["cwd"])
        send(control, {"Confined": {"id": number}})
    except BaseException as error:
        detail = {"id": number, "step": Step.name, "detail": str(error)}
        send(control, {"Failed": detail})
        os._exit(1)
    control.detach()
    close_from(CONTROL)
    argv, environment = plan["argv"], dict(plan["env"])
    if needs_own_interpreter(argv, environment):
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored, signal.SIG_DFL)
        try:
            os.execve(argv[0], argv, environment)
        except OSError as error:
            os.write(2, ("execute %s: %s\n" % (argv[0], error.strerror)).encode())
            os._exit(127)
    if "LC_CTYPE" in os.environ:
        environment.setdefault("LC_CTYPE", os.environ["LC_CTYPE"])
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = [BOOTSTRAP]
    sys.path[0] = os.path.dirname(BOOTSTRAP)
    gc.enable()


def serve():
    """Returns in a fork that has become a sandbox's program."""
    filters = read_filters()
    # What was forked here ends at once; what it leaves is the helper's.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.disable()
    gc.freeze()
    control = socket.socket(fileno=CONTROL)
    send(control, "Loaded")
    while True:
        text, descriptors, flags, _ = socket.recv_fds(control, 4096, 16)
        if not text:
            # The helper has gone.
            os._exit(0)
        message = json.loads(text)
        try:
            if flags & socket.MSG_CTRUNC:
                raise OSError("descriptors were lost")
            child = os.fork()
        except OSError as error:
            detail = {"id": message["id"], "step": "fork", "detail": str(error)}
            send(control, {"Failed": detail})
            child = -1
        if child == 0:
            become(control, message, descriptors, filters)
            return
        for descriptor in descriptors:
            os.close(descriptor)


preload()
with open(BOOTSTRAP, encoding="utf-8") as file:
    bootstrap = compile(file.read(), BOOTSTRAP, "exec")
serve()
main = types.ModuleType("__main__")
main.__file__ = BOOTSTRAP
main.__builtins__ = __builtins__
sys.modules["__main__"] = main
exec(bootstrap, main.__dict__)
