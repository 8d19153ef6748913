"""The attempts to break out of a sandbox, one a row.

| what it is called | an expression that runs as a function, see `app.py` | what must come back |

What comes back is matched as a regular expression, whole. An error of the system comes back as its
name. The names `data`, `root_key` and so on are facts of the host, see `escapes.py`.
"""


def each_is(*results):
    """The pattern of several attempts of one kind, each of which comes to one of these."""
    one = "|".join(results)
    name = "'[^']*'|\"[^\"]*\""
    return rf"{one}|\{{(({name}): ['\"]({one})['\"](, )?)+\}}"


# The walls of files.
FILES = [
    ("the data folder", "os.listdir(data)", "ENOENT"),
    ("the master key", "read(data + '/master.key')", "ENOENT"),
    ("the root key's file", "read(data + '/credentials.json')", "ENOENT"),
    (
        "the host's files",
        "reads('/etc/shadow', '/root', '/home', '/run', '/boot', '/srv', '/mnt', '/media', '/etc/hostname', '/etc/machine-id', '/var/log', '/var/lib')",
        "ENOENT",
    ),
    ("the host's private keys of TLS", "os.listdir('/etc/ssl/private')", "EACCES|ENOENT"),
    ("the root directory of the first process", "reads('/proc/1/root/etc/passwd', '/proc/1/cwd/x', '/proc/1/exe')", "EACCES"),
    ("another function's code", "sorted(os.listdir('/var')) + sorted(os.listdir('/var/task'))", r"\['lang', 'runtime', 'task', 'app.py'\]|\['runtime', 'task', 'app.py'\]"),
    ("another function's /tmp", "os.listdir('/tmp')", r"\[\]"),
    ("climbing out of the root", "sorted(os.listdir('/../../..')) == sorted(os.listdir('/')) and 'root' in os.listdir('/')", "False"),
    (
        "writing to the system",
        "writes('/x', '/usr/x', '/usr/bin/python3', '/bin/sh', '/etc/passwd', '/etc/hosts', '/var/task/app.py', '/var/task/new', '/var/runtime/bootstrap.py', '/opt/x', '/dev/x', '/etc/ld.so.preload')",
        "EROFS",
    ),
    ("writing to the running program", "writes('/proc/self/exe', '/proc/self/map_files/x')", each_is("EROFS", "ETXTBSY", "EACCES", "EPERM", "ENOENT")),
    ("a symbolic link out of /tmp into the code", "link(os.symlink, '/var/task/app.py')", "EROFS|EACCES"),
    ("a symbolic link out of /tmp into /proc", "link(os.symlink, '/proc/sys/kernel/core_pattern')", "EROFS|EACCES"),
    ("a hard link out of /tmp into the code", "link(os.link, '/var/task/app.py')", "EXDEV|EACCES"),
    ("moving the code away", "os.rename('/var/task/app.py', '/tmp/app.py')", "EXDEV|EROFS|EACCES"),
    ("another user's mode for the code", "os.chmod('/var/task/app.py', 0o777)", "EROFS|EPERM"),
    ("devices that are not there", "reads('/dev/mem', '/dev/kmem', '/dev/kvm', '/dev/port', '/dev/vda', '/dev/sda', '/dev/fuse', '/dev/net/tun', '/dev/tty', '/dev/ptmx', '/dev/shm', '/dev/console')", "ENOENT"),
    ("the devices that are there", "sorted(os.listdir('/dev'))", r"\['fd', 'full', 'null', 'random', 'stderr', 'stdin', 'stdout', 'urandom', 'zero'\]"),
    # Landlock's answer, which comes before that of the missing capability.
    ("making the node of a disk", "os.mknod('/tmp/disk', stat.S_IFBLK | 0o666, os.makedev(254, 0))", "EACCES"),
    ("making the node of the memory", "os.mknod('/tmp/memory', stat.S_IFCHR | 0o666, os.makedev(1, 1))", "EACCES"),
    ("files by their handles", "calls('open_by_handle_at', 'name_to_handle_at')", "EPERM"),
    ("watching everybody's files", "calls('fanotify_init', 'fanotify_mark')", "EPERM"),
    (
        "writing to /proc",
        "writes(*('/proc/' + name for name in ('sys/kernel/core_pattern', 'sys/kernel/modprobe', 'sys/vm/drop_caches', 'sys/kernel/hostname', 'sys/kernel/ns_last_pid', 'sys/net/ipv4/ip_forward', 'sysrq-trigger', 'irq/default_smp_affinity', 'self/oom_score_adj', 'self/uid_map', 'self/setgroups', 'self/clear_refs', '1/oom_score_adj', 'self/mem')))",
        each_is("EROFS", "EACCES", "ENOENT"),
    ),
    ("/sys", "reads('/sys/kernel/uevent_helper', '/sys/fs/cgroup/memory', '/sys/kernel/debug', '/sys/firmware')", "ENOENT"),
    ("what /proc tells of the host", "[name for name in ('cmdline', 'keys', 'key-users', 'timer_list', 'interrupts', 'kallsyms', 'modules', 'config.gz', 'diskstats', 'slabinfo', 'vmallocinfo', 'zoneinfo') if os.path.exists('/proc/' + name) and each({name: lambda: read('/proc/' + name)}) not in (\"b''\", 'EACCES', 'EPERM', 'EIO')]", r"\[\]"),
    ("the memory of the kernel", "reads('/proc/kcore', '/proc/kmsg', '/proc/kpagecount')", each_is("EACCES", "EPERM", "ENOENT", "b''")),
]

# The walls of users and privileges.
PRIVILEGES = [
    ("capabilities", "status('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')", r"\['0000000000000000'\]"),
    ("no new privileges, and a filter of system calls", "status('NoNewPrivs') + status('Seccomp')", r"\['1', '2'\]"),
    ("the superuser's id", "calls('setuid', 'setgid')", "EPERM|EINVAL"),
    ("a program with the set-user-id bit", "setuid_copy()", "993"),
    ("the host's set-user-id programs", "setuid_of_the_host()", r"\['Uid:\\t993\\t993\\t993\\t993'\]"),
    ("taking capabilities back", "call('capset', (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(0xffffffff, 0xffffffff, 0, 0xff, 0xff, 0))", "EPERM"),
    ("a user namespace", "call('unshare', 0x10000000)", "EPERM"),
    ("all other namespaces", "each({flag: lambda flag=flag: call('unshare', flag) for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x20000000, 0x40000000, 0x80)})", "EPERM"),
    ("a child in new namespaces", "each({flag: lambda flag=flag: call('clone', flag | 17, 0, 0, 0, 0) for flag in (0x10000000, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x20000000, 0x40000000)})", "EPERM"),
    ("a child in new namespaces, asked for another way", "calls('clone3')", "ENOSYS"),
    ("another's namespaces", "calls('setns')", "EPERM"),
    ("the namespaces of the first process", "os.open('/proc/1/ns/net', os.O_RDONLY)", "EACCES"),
    ("mounts", "calls('mount', 'umount2', 'pivot_root', 'chroot', 'open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr')", "EPERM"),
    ("a new /proc", "call('mount', b'proc', b'/tmp', b'proc', 0, 0)", "EPERM"),
    ("a filter that allows everything", "child_tells(lambda: (allow_everything(), call('mount', b'proc', b'/tmp', b'proc', 0, 0)))", "EPERM"),
    ("programs in the kernel", "calls('bpf', 'perf_event_open', 'userfaultfd', 'io_uring_setup', 'io_uring_enter', 'io_uring_register')", "EPERM"),
    ("another kernel, its modules, its end", "calls('kexec_load', 'init_module', 'finit_module', 'delete_module', 'reboot')", "EPERM"),
    ("rarely used calls", "calls('kexec_file_load', 'move_pages', 'migrate_pages', 'lookup_dcookie', 'personality', 'memfd_secret', 9_999)", "ENOSYS"),
    ("the time and the name of the host", "calls('settimeofday', 'clock_settime', 'clock_adjtime', 'adjtimex', 'sethostname', 'setdomainname')", "EPERM"),
    ("swap, accounting, quotas, the kernel's log, the terminal", "calls('swapon', 'swapoff', 'acct', 'quotactl', 'syslog', 'vhangup')", "EPERM"),
    ("keys of the kernel", "calls('add_key', 'request_key', 'keyctl')", "EPERM"),
    ("typing into a terminal", "__import__('fcntl').ioctl(0, 0x5412, b'x')", "EPERM"),
    ("being served before others", "os.nice(-5)", "EPERM|EACCES"),
    ("real time", "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))", "EPERM"),
    ("higher limits", "each({str(kind): lambda kind=kind: resource.prlimit(0, kind, (1 << 20, 1 << 20)) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE)})", "EPERM"),
]
X86_64 = [
    # A child, because the kernel ends whoever tries.
    ("the calls of 32-bit programs", r"child(lambda: machine_code(bytes.fromhex('b814000000cd80c3')))", "signal 31"),
    ("the calls of the x32 interface", "call(0x40000000 | 165)", "ENOSYS"),
    ("ports of the machine and descriptor tables", "calls(172, 173, 154)", "ENOSYS"),
]

# The walls of processes and of what they share.
PROCESSES = [
    ("others' processes", "all(os.path.realpath(f'/proc/{pid}').startswith('/proc/') for pid in processes()) and len(processes()) <= 3", "True"),
    ("killing the platform", "os.kill(pileus, 9)", "ESRCH"),
    ("killing a process of the host", "os.kill(script, 9)", "ESRCH"),
    ("killing everybody", "child(lambda: os.kill(-1, 0))", "lives"),
    ("stopping the first process", "each({str(number): lambda number=number: os.kill(1, number) for number in (9, 15, 19)}), 'lives'", r"\('(None|EPERM)', 'lives'\)"),
    ("others' memory", "calls('ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'pidfd_getfd', 'kcmp')", "EPERM"),
    ("the first process's memory and environment", "reads('/proc/1/mem', '/proc/1/environ', '/proc/1/maps', '/proc/1/auxv', '/proc/1/stack')", each_is("EACCES", "EPERM", "ENOENT")),
    ("the first process's descriptors", "os.listdir('/proc/1/fd')", "EACCES"),
    ("another function's environment", "visible_text(neighbour_secret)", r"\[\]"),
    ("the root key", "visible_text(root_key)", r"\[\]"),
    ("descriptors of a fresh instance", "AT_START", r"\['/dev/null', 'pipe'(, 'socket')?\]"),
    ("another function's shared memory", "call('shmget', 0x5ec, 0, 0)", "ENOENT"),
    ("others' queues and semaphores", "calls('msgget', 'semget', arguments=(0x5ec, 0, 0))", "ENOENT"),
    ("lists of what is shared", "[read(path).count(b'\\n') for path in glob.glob('/proc/sysvipc/*')]", r"\[1, 1, 1\]"),
    ("a core file", "(os.chdir('/tmp'), child(os.abort), os.listdir('/tmp'))", r"\(None, 'signal 6', \[\]\)"),
    ("a core dump into a program of the host", "resource.getrlimit(resource.RLIMIT_CORE)", r"\(1, 1\)"),
    ("turning such a dump on", "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))", "EPERM|ValueError.*"),
    ("control groups", "sorted({line.split(':', 2)[2] for line in open('/proc/self/cgroup').read().split()})", r"\['/'\]"),
    ("joining another control group", "writes('/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/unified/cgroup.procs')", "ENOENT"),
]

# The walls of the network.
NETWORK = [
    ("the host's loopback", "connects(('127.0.0.1', host_port), ('127.0.0.1', 22), ('127.0.0.2', 9001))", "ECONNREFUSED"),
    ("the host's loopback of IPv6", "connects(('::1', host_port), ('::1', 9001), family=socket.AF_INET6)", "ECONNREFUSED|EADDRNOTAVAIL"),
    ("the host's own address", "connects((host_address, host_port), (host_address, 22))", "ENETUNREACH"),
    ("addresses of metadata", "connects(('169.254.169.254', 80), ('169.254.170.2', 80), ('169.254.169.253', 53), ('100.100.100.200', 80))", "ENETUNREACH"),
    ("addresses of metadata of IPv6", "connects(('fd00:ec2::254', 80), ('fe80::1', 80), ('2001:db8::1', 80), family=socket.AF_INET6)", each_is("ENETUNREACH", "EADDRNOTAVAIL", "EINVAL")),
    ("the world", "connects(('1.1.1.1', 443), ('10.0.0.1', 80), ('192.168.0.1', 80), ('172.17.0.1', 80))", "ENETUNREACH"),
    ("the world by datagrams", "connects(('8.8.8.8', 53), ('255.255.255.255', 67), kind=socket.SOCK_DGRAM)", each_is("ENETUNREACH", "EACCES")),
    ("names of the world", "socket.getaddrinfo('example.com', 443)", "no such name"),
    ("names of metadata", "socket.getaddrinfo('metadata.google.internal', 80)", "no such name"),
    ("another function's listener", "connect('127.0.0.1', 7070)", "ECONNREFUSED"),
    ("another function's abstract socket", r"unix('\0neighbour')", "ECONNREFUSED"),
    ("another function's named socket", "unix('/tmp/neighbour')", "ENOENT"),
    ("the host's abstract socket", r"unix('\0' + host_socket)", "ECONNREFUSED"),
    ("the host's named sockets", "each({path: lambda path=path: unix(path) for path in ('/run/docker.sock', '/var/run/docker.sock', '/run/systemd/private', '/run/dbus/system_bus_socket')})", "ENOENT"),
    ("the list of sockets of the host", "host_socket in open('/proc/net/unix').read()", "False"),
    ("raw sockets", "sockets((socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET6, socket.SOCK_RAW, 58), (socket.AF_PACKET, socket.SOCK_RAW, 0))", "EPERM"),
    ("sockets of other families", "sockets((40, 1, 0), (38, 5, 0), (31, 3, 0), (44, 3, 0), (16, 3, 9), (16, 3, 15), (30, 1, 0), (21, 5, 0))", "EPERM"),
    ("the devices of the network", "socket.if_nameindex()", r"\[\(1, 'lo'\)\]"),
    ("a new address", "route_message(20, bytes([2, 32, 0, 0]) + (1).to_bytes(4, 'little') + bytes([8, 0, 2, 0, 10, 9, 8, 7]))", "EPERM"),
    ("a new route", "route_message(24, bytes([2, 0, 0, 0, 254, 4, 0, 1]) + bytes(4))", "EPERM"),
    ("taking the Runtime API's place", "each({host: lambda host=host: bind(host, 9001, socket.SO_REUSEADDR, socket.SO_REUSEPORT) for host in ('127.0.0.1', '0.0.0.0')})", "EADDRINUSE"),
    ("taking the platform's place", "bind('127.0.0.1', int(os.environ['AWS_ENDPOINT_URL'].rsplit(':', 1)[1]), socket.SO_REUSEADDR, socket.SO_REUSEPORT)", "EADDRINUSE"),
    ("answering for another function", "http('POST', 'http://127.0.0.1:9001/2018-06-01/runtime/invocation/' + neighbour_request + '/response', b'{}')", "400|403"),
    ("failing another function", "http('POST', 'http://127.0.0.1:9001/2018-06-01/runtime/invocation/' + neighbour_request + '/error', b'{}')", "400|403"),
]

# The walls of identities.
IDENTITIES = [
    ("an unsigned request", "http('POST', os.environ['AWS_ENDPOINT_URL'], b'{}', {'X-Amz-Target': 'DynamoDB_20120810.ListTables'})", "400|403"),
    ("Pileus's own paths", "{http('GET', os.environ['AWS_ENDPOINT_URL'] + path) for path in ('/_pileus/jobs', '/_pileus/snapshots', '/_pileus/code/x')} - {400, 403, 404, 405}", r"set\(\)"),
    ("a role that does not trust it", "aws('sts', 'assume_role', RoleArn=admin_role, RoleSessionName='escape')", "AccessDenied"),
    ("another function's role", "aws('sts', 'assume_role', RoleArn=neighbour_role, RoleSessionName='escape')", "AccessDenied"),
    ("its own role once more", "aws('sts', 'assume_role', RoleArn=own_role, RoleSessionName='other')", "AccessDenied"),
    ("the root key's id with a guess", "aws('sts', 'get_caller_identity', {'aws_access_key_id': root_id, 'aws_secret_access_key': 'guess', 'aws_session_token': None})", "AccessDenied|SignatureDoesNotMatch|InvalidClientTokenId"),
    ("its own key without its token", "aws('sts', 'get_caller_identity', {**own_keys(), 'aws_session_token': 'other'})", "AccessDenied|InvalidClientTokenId|ExpiredToken"),
    ("another function's settings", "aws('lambda', 'get_function', FunctionName='neighbour')", "AccessDeniedException"),
    ("calling another function", "aws('lambda', 'invoke', FunctionName='neighbour')", "AccessDeniedException"),
    ("changing another function", "aws('lambda', 'update_function_configuration', FunctionName='neighbour', Handler='x.y')", "AccessDeniedException"),
    ("changing itself", "aws('lambda', 'update_function_configuration', FunctionName='escape', Role=admin_role)", "AccessDeniedException"),
    ("a new key", "aws('iam', 'create_access_key', UserName='ada')", "AccessDenied"),
    ("a larger policy", "aws('iam', 'put_role_policy', RoleName='escape', PolicyName='all', PolicyDocument='{}')", "AccessDenied"),
    ("another function's log", "aws('logs', 'get_log_events', logGroupName='/aws/lambda/neighbour', logStreamName='x')", "AccessDeniedException"),
    ("a line in another function's log", "aws('logs', 'put_log_events', logGroupName='/aws/lambda/neighbour', logStreamName='x', logEvents=[{'timestamp': int(time.time() * 1000), 'message': 'x'}])", "AccessDeniedException"),
    ("others' queues, tables and objects", "{aws('sqs', 'list_queues'), aws('dynamodb', 'list_tables'), aws('s3', 'list_buckets')} - {'AccessDenied', 'AccessDeniedException'}", r"set\(\)"),
]

# Floods: each reaches a limit and harms nobody else.
FLOODS = [
    ("a flood of processes", "until_refused(sleeper, 2_000)", r"\((9\d\d|10[012]\d), 'EAGAIN'\)"),
    ("a flood of threads", "until_refused(Thread, 2_000)", r"\((9\d\d|10[012]\d), \"can't start new thread\"\)"),
    ("a flood of descriptors", "until_refused(lambda: open('/dev/null'), 2_000)", r"\((9\d\d|10[012]\d), 'EMFILE'\)"),
    ("a flood of /tmp", "fill('/tmp/large')", "51[012] MiB, ENOSPC"),
    ("a flood of files", "many_files('/tmp/many')", r"1[0-3]\d{4} files, ENOSPC"),
    ("a flood of every processor", "burn(3, 16)", "burnt"),
    ("a flood of lines", "print_much(32)", "printed"),
    ("a flood of connections to the Runtime API", "hold_connections(('127.0.0.1', 9001), 3, 1_000)", r"[1-9]\d{0,2} connections"),
    ("a flood of connections to the platform", "hold_connections(('127.0.0.1', int(os.environ['AWS_ENDPOINT_URL'].rsplit(':', 1)[1])), 6, 1_000)", r"[1-9]\d{0,2} connections"),
]

# Attempts that end the instance: what the caller is told, as its type and its message.
ENDED = [
    ("a flood of memory", "eat()", "Runtime.OutOfMemory", "RequestId: {id} Error: Runtime exited with error: signal: killed"),
    ("a flood of memory in a child", "child(eat) and eat()", "Runtime.OutOfMemory", "RequestId: {id} Error: Runtime exited with error: signal: killed"),
    ("an end by its own hand", "os.kill(os.getpid(), 9)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: signal: killed"),
    ("an illegal instruction", "os.kill(os.getpid(), 4)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited with error: signal: illegal instruction"),
    ("an end without a reason", "os._exit(0)", "Runtime.ExitError", "RequestId: {id} Error: Runtime exited without providing a reason"),
]

# The same, where the timeout of 20 seconds ends it.
TIMED_OUT = [
    ("work without end", "burn(600, 4)", "Sandbox.Timedout", "RequestId: {id} Error: Task timed out after 20.00 seconds"),
]
