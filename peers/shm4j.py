"""The structures of shm4j in shared memory, from Python 3.9 or newer, with nothing but the standard library.

A program in Python is a peer of programs in Java and C: it consumes or produces the messages of a ring for one producer, is the
client of a pair of rings, and reads a latest value or a broadcast. Java, or the command line (``shm4j ring create``), creates the
block.

    with Block.attach(ftok("/run/feed", "r")) as block:
        with Ring(block).consumer() as consumer:
            for message in consumer.messages():
                print(message.type, message.data)

Memory order. CPython says nothing about the order in which other processes see what it stores by ``ctypes``, and the processors
other than x86-64 do change it. So each access here that another process relies on is one of the C compiler's own atomic
operations, called in ``libatomic.so.1``: with the order that the protocols ask for, and in one piece. Without that library
nothing is opened (Debian: ``apt-get install libatomic1``). The bytes of messages are copied by plain ``memcpy``, between two
such operations, as in every other language.

Threads. An object is for one thread at a time. After ``os.fork()`` the child opens everything anew: it is another process, and
the roles are not its own. In a process, one language uses a role: the objects of this module know of each other,
but not of those of Java or C.

Processes that terminate. This one can be killed at any instruction: a successor, in whatever language, goes on where it was.
Processes that do not obey. All that is read from shared memory is checked before it is used; what is wrong there is a
``CorruptedError``.

The protocols, and why they hold: docs/ring-protocol.md, docs/latest-value-protocol.md and docs/broadcast-protocol.md. The steps
in the comments here are the steps in the tables there.

Licensed as shm4j is: see the file LICENSE there.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import os
import platform
import sys
import time
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

__all__ = [
    "Block",
    "BroadcastReader",
    "CallError",
    "Client",
    "Consumer",
    "CorruptedError",
    "FormatError",
    "LatestValue",
    "LostError",
    "Message",
    "OccupiedError",
    "OvertakenError",
    "Producer",
    "Record",
    "Ring",
    "Shm4jError",
    "UntrustedError",
    "ftok",
]


class Shm4jError(Exception):
    """Something about a structure in shared memory. What the system refuses is an ``OSError`` instead."""


class FormatError(Shm4jError):
    """The memory holds no complete structure of this kind and version."""


class CorruptedError(Shm4jError):
    """The memory was overwritten: it is as no process that obeys can have made it."""


class OccupiedError(Shm4jError):
    """The role is another process's that may be alive, or this process's through another object."""


class LostError(Shm4jError):
    """The role was this object's and is not any more: somebody has taken it over, or overwritten the memory."""


class UntrustedError(Shm4jError):
    """The block is another user's, who could change it in any way."""


class CallError(Shm4jError):
    """The server of a pair of rings could not handle a request; the text is the server's."""


class OvertakenError(Shm4jError):
    """The writer has overtaken the reader each time: it writes faster than the reader can copy."""


# ---------------------------------------------------------------------------------------------------------------- the system

_FUTEX_CALLS = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "s390x": 238, "ppc64le": 221}
_FUTEX_WAIT = 0
_FUTEX_WAKE = 1

_SHM_RDONLY = 0o10000
_IPC_RMID = 0
_IPC_STAT = 2

_AT_RANDOM = 25

_RELAXED, _ACQUIRE, _RELEASE, _SEQ_CST = 0, 2, 3, 5

_INT_MAX = 2**31 - 1


class _Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanos", ctypes.c_long)]


class _Perm(ctypes.Structure):
    """The beginning of ``struct ipc_perm``, which is the same on all of these processors."""

    _fields_ = [
        ("key", ctypes.c_int),
        ("uid", ctypes.c_uint),
        ("gid", ctypes.c_uint),
        ("cuid", ctypes.c_uint),
        ("cgid", ctypes.c_uint),
    ]


class _System:
    """The functions of the C library, and of the compiler's library of atomic operations."""

    def __init__(self) -> None:
        machine = platform.machine()
        if sys.platform != "linux" or sys.maxsize < 2**32 or machine not in _FUTEX_CALLS:
            raise Shm4jError(
                f"this is {sys.platform} on {machine} with {sys.maxsize.bit_length() + 1} bits; supported is 64-bit Linux on "
                + ", ".join(_FUTEX_CALLS)
            )
        self.futex_call = _FUTEX_CALLS[machine]
        # Calls that may sleep: other threads of Python run meanwhile.
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.shmat.restype = ctypes.c_void_p
        self.libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
        self.libc.shmdt.argtypes = [ctypes.c_void_p]
        self.libc.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
        self.libc.shmctl.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
        self.libc.ftok.argtypes = [ctypes.c_char_p, ctypes.c_int]
        self.libc.syscall.restype = ctypes.c_long
        self.libc.getauxval.restype = ctypes.c_ulong
        self.libc.getauxval.argtypes = [ctypes.c_ulong]
        try:
            # Calls that do not: they are faster in this way.
            atomic = ctypes.PyDLL("libatomic.so.1")
        except OSError as missing:
            raise Shm4jError(
                f"there is no libatomic.so.1 here ({missing}), and without it Python cannot order its accesses to memory that"
                " processes share: install it (Debian and Ubuntu: libatomic1; Fedora and Alpine: libatomic)"
            ) from None
        self.load8 = self._function(getattr(atomic, "__atomic_load_8"), ctypes.c_uint64, ctypes.c_void_p, ctypes.c_int)
        self.load4 = self._function(getattr(atomic, "__atomic_load_4"), ctypes.c_uint32, ctypes.c_void_p, ctypes.c_int)
        self.store8 = self._function(
            getattr(atomic, "__atomic_store_8"), None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int
        )
        self.store4 = self._function(
            getattr(atomic, "__atomic_store_4"), None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
        )
        self.add8 = self._function(
            getattr(atomic, "__atomic_fetch_add_8"), ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int
        )
        self.exchange8 = self._exchange(atomic, 8, ctypes.c_uint64)
        self.exchange4 = self._exchange(atomic, 4, ctypes.c_uint32)
        self.fence = self._function(atomic.atomic_thread_fence, None, ctypes.c_int)

    @staticmethod
    def _function(function, result, *arguments):
        function.restype = result
        function.argtypes = list(arguments)
        return function

    def _exchange(self, atomic, size, word):
        return self._function(
            getattr(atomic, f"__atomic_compare_exchange_{size}"),
            ctypes.c_bool,
            ctypes.c_void_p,
            ctypes.POINTER(word),
            word,
            ctypes.c_int,
            ctypes.c_int,
        )


_the_system: Optional[_System] = None


def _system() -> _System:
    """The system, or why it cannot be used."""
    global _the_system
    if _the_system is None:
        _the_system = _System()
    return _the_system


def _failed(call: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{call}: {os.strerror(number)} ({errno.errorcode.get(number, number)})")


def ftok(path: Union[str, bytes, "os.PathLike[str]"], project: Union[int, str]) -> int:
    """The key of a file and a project, as ftok(3) in C and ``ShmKey.ftok`` in Java compute it.

    The project is a number, or one character that stands for it. Its low eight bits count.
    """
    number = ord(project) if isinstance(project, str) else project
    ctypes.set_errno(0)
    key = _system().libc.ftok(os.fsencode(path), number)
    if key == -1 and ctypes.get_errno() != 0:
        raise _failed(f"ftok({os.fsdecode(path)}, {number})")
    return key


# ----------------------------------------------------------------------------------------------------------------- liveness

_PID_SHIFT = 41
_NOBODY = 0
_FOREIGN = 1 << 63
_PID_MASK = (1 << 22) - 1
_START_MASK = (1 << _PID_SHIFT) - 1


def _stat(process: str) -> Optional[List[bytes]]:
    """The fields of proc_pid_stat(5) from the third on, or nothing if they cannot be seen."""
    try:
        # /proc/PID/stat has the same fields, but qemu-user answers itself for a process that reads its own.
        with open(f"/proc/{process}/task/{process}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    # The name in the second field may hold anything, even parentheses: the third begins behind the last one.
    fields = text[text.rfind(b")") + 2 :].split()
    return fields if len(fields) >= 20 else None


def _start_time(fields: List[bytes]) -> int:
    return int(fields[22 - 3]) & _START_MASK


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _namespace(kind: str) -> int:
    """The inode number of a namespace of this process; 0 if there is none. The link reads like ``pid:[4026531836]``."""
    _, bracket, number = _link(f"/proc/self/ns/{kind}").partition("[")
    return int(number[:-1]) if bracket else 0


def _number_of_process(start: int) -> int:
    """A number that no other process has, and that is the same for all objects of this one.

    The kernel gives 16 random bytes to each program that it starts; processes that were forked since have another pid, start time
    or namespace.
    """
    random = _system().libc.getauxval(_AT_RANDOM)
    number = int.from_bytes(ctypes.string_at(random, 8), sys.byteorder) if random else 0
    number ^= start * 0x9E3779B97F4A7C15 ^ _namespace("pid") << 32 ^ _namespace("time")
    number &= (1 << 64) - 1
    number = (number ^ number >> 33) * 0xFF51AFD7ED558CCD & (1 << 64) - 1
    return (number ^ number >> 33) & _START_MASK


def _proc_is_ours() -> bool:
    """Whether /proc belongs to the pid namespace of this process. It can be mounted anew at any time."""
    if _link("/proc/self") != str(os.getpid()):
        return False
    try:
        with open("/proc/self/status", "rb") as file:
            for line in file:
                if line.startswith(b"NSpid:"):
                    # In the /proc of an outer namespace, a process has a pid for each level.
                    return len(line.split()) == 2
    except OSError:
        return False
    # Kernels before 4.1 have no such line.
    return True


def _has_terminated(owner: int, shares_namespaces: bool) -> bool:
    """Whether an owner has certainly terminated. What cannot be seen counts as alive; once true it stays true."""
    pid = owner >> _PID_SHIFT & _PID_MASK
    start = owner & _START_MASK
    if not shares_namespaces or owner & _FOREIGN or pid == 0 or start == 0:
        return False
    try:
        # This is exact, whatever /proc is mounted and whatever that hides.
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    fields = _stat(str(pid)) if _proc_is_ours() else None
    if fields is None:
        return False
    # The kernel shows a process whose main thread has terminated as a zombie, too, while its other threads run on.
    zombie = fields[0] in (b"Z", b"X") and int(fields[20 - 3]) <= 1
    return zombie or _start_time(fields) != start


def _describe(owner: int, shares_namespaces: bool) -> str:
    pid = owner >> _PID_SHIFT & _PID_MASK
    if owner & _FOREIGN or not shares_namespaces:
        return f"process {pid} of another namespace"
    return f"process {pid}" + (", this one, through another object" if pid == os.getpid() else "")


# ------------------------------------------------------------------------------------------------------------------- memory


class Block:
    """A block of System V shared memory that is mapped here, until it is closed.

    What was opened in it is closed with it.
    """

    #: Where it begins in what the kernel calls a block.
    _begin = 0

    def __init__(self, identifier: int, *, read_only: bool = False) -> None:
        """Maps a block of which the id is known. It is not asked whose block that is."""
        self._address: Optional[int] = None
        self._roles: List[Union[Consumer, Producer]] = []
        self._system = _system()
        address = self._system.libc.shmat(identifier, None, _SHM_RDONLY if read_only else 0)
        # The kernel may give any address but the last one, which stands for a failure.
        if address is None or address == ctypes.c_void_p(-1).value:
            raise _failed(f"shmat({identifier})")
        self.id = identifier
        self.read_only = read_only
        self._address = address
        # What is mapped cannot change any more: the size is asked for afterwards, and never taken from anybody else.
        self._status = ctypes.create_string_buffer(256)
        if self._system.libc.shmctl(identifier, _IPC_STAT, self._status) != 0:
            failure = _failed(f"shmctl({identifier}, IPC_STAT)")
            self.close()
            raise failure
        # In struct shmid_ds, the size stands behind struct ipc_perm, and on ppc64le behind the times, too.
        offset = 48 if platform.machine() != "ppc64le" else 72
        self.size = ctypes.c_size_t.from_buffer(self._status, offset).value
        self._bytes = memoryview((ctypes.c_ubyte * self.size).from_address(address)).cast("B")

    @classmethod
    def attach(cls, key: int, *, read_only: bool = False, trust_anybody: bool = False) -> "Block":
        """Maps the block that has a key.

        Any user can create a block with any key. Unless anybody is trusted, the block's owner and its creator must be this
        process's effective user or root; an ``UntrustedError`` says whose it is otherwise.
        """
        identifier = _system().libc.shmget(key, 0, 0)
        if identifier < 0:
            raise _failed(f"shmget({key:#010x})")
        block = cls(identifier, read_only=read_only)
        perm = _Perm.from_buffer(block._status)
        if not trust_anybody and not {perm.uid, perm.cuid} <= {os.geteuid(), 0}:
            block.close()
            raise UntrustedError(
                f"block {identifier} (key {key:#010x}) belongs to user {perm.uid} and was created by user {perm.cuid}; trusted"
                f" are user {os.geteuid()} and root"
            )
        return block

    def close(self) -> None:
        """Gives back the roles that were taken in the block, and unmaps it. A second time it does nothing."""
        if self._address is None:
            return
        with contextlib.ExitStack() as stack:
            stack.callback(self._unmap)
            for role in list(self._roles):
                stack.callback(role.close)

    def _unmap(self) -> None:
        address, self._address = self._address, None
        if hasattr(self, "_bytes"):
            self._bytes.release()
        self._system.libc.shmdt(address)

    def remove(self) -> None:
        """Removes the block: nobody finds it any more, and it is gone when nobody has it mapped."""
        self._at(0)
        if self._system.libc.shmctl(self.id, _IPC_RMID, None) != 0:
            raise _failed(f"shmctl({self.id}, IPC_RMID)")

    def __enter__(self) -> "Block":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _at(self, offset: int) -> int:
        if self._address is None:
            raise ValueError("the block was closed")
        return self._address + offset

    def _load(self, offset: int) -> int:
        """Acquire: what the other process has stored before its release is seen behind this."""
        return self._system.load8(self._at(offset), _ACQUIRE)

    def _load_plain(self, offset: int) -> int:
        return self._system.load8(self._at(offset), _RELAXED)

    def _load4(self, offset: int) -> int:
        return self._system.load4(self._at(offset), _ACQUIRE)

    def _store(self, offset: int, value: int) -> None:
        """Release: all that this process has stored before is seen by whoever sees this."""
        self._system.store8(self._at(offset), value, _RELEASE)

    def _store_plain(self, offset: int, value: int) -> None:
        self._system.store8(self._at(offset), value, _RELAXED)

    def _compare_and_set(self, offset: int, expected: int, value: int) -> int:
        """Returns what it has found: what was expected if it has stored the value."""
        found = ctypes.c_uint64(expected)
        self._system.exchange8(self._at(offset), ctypes.byref(found), value, _SEQ_CST, _SEQ_CST)
        return found.value

    def _fence(self, order: int) -> None:
        self._system.fence(order)

    def _add(self, offset: int, value: int) -> None:
        self._system.add8(self._at(offset), value, _SEQ_CST)

    def _open_header(self, least: int, magic: int, what: str) -> None:
        """Waits for a creator that is still at work, for a second at most, and checks what it has made."""
        if self.size < least:
            raise FormatError(f"the block has {self.size} bytes; the header of a {what} alone has {least}")
        end = time.monotonic() + 1
        # SYNC POINT header: the creator stores the version last. Whoever sees it sees all of the header.
        version = self._load4(8)
        found = self._load(0)
        while version == 0 and found in (0, magic) and time.monotonic() < end:
            time.sleep(0.0001)
            version = self._load4(8)
            found = self._load(0)
        if version == 0 and found in (0, magic):
            raise FormatError(
                f"the block holds no {what}: nobody has begun to create one"
                if self._load(48) == _NOBODY
                else f"the {what} is not complete: its creator has begun and not ended; remove the block and create it anew"
            )
        if found != magic or version != 1:
            raise FormatError(
                f"the block holds no {what} of version 1: its magic number is {found:#x} and its version {version}; expected"
                f" was {magic:#x}"
            )

    def _self(self, pid_namespace: int, time_namespace: int) -> "_Identity":
        """Who this process is in memory that names these namespaces."""
        # The link leads to this process also in a /proc that shows it with another pid.
        fields = _stat(_link("/proc/self"))
        start = 0 if fields is None else _start_time(fields)
        shares = pid_namespace != 0 and pid_namespace == _namespace("pid") and time_namespace == _namespace("time")
        pid = (os.getpid() & _PID_MASK) << _PID_SHIFT
        # Processes of two pid namespaces can have pid and start time in common.
        word = pid | start if shares and start else _FOREIGN | pid | _number_of_process(start)
        return _Identity(word, shares)


class _Part(Block):
    """A part of a block, for a structure that lies there."""

    def __init__(self, block: Block, begin: int, size: int) -> None:
        self._block = block
        self.id = block.id
        self._begin = begin
        self._system = block._system
        self._roles = block._roles
        self.read_only = block.read_only
        self.size = size

    def _at(self, offset: int) -> int:
        return self._block._at(self._begin + offset)

    @property
    def _bytes(self) -> memoryview:
        return self._block._bytes[self._begin : self._begin + self.size]


class _Identity(NamedTuple):
    word: int
    shares_namespaces: bool


# ------------------------------------------------------------------------------------------------------------------ waiting

_NONE, _AWAKE, _ASLEEP = 0, 1, 2

_SPINS = 20


class _Sleepers:
    """A word that says whether anybody sleeps on it. Whoever publishes something looks there before it makes a call."""

    def __init__(self, block: Block, offset: int) -> None:
        self._block = block
        self._offset = offset

    def wake(self) -> None:
        """Wakes those who sleep, if any do."""
        block = self._block
        system = block._system
        # w1. It can miss somebody who sleeps here for the first time, for which reason nobody sleeps for long.
        if system.load4(block._at(self._offset), _RELAXED) == _NONE:
            return
        # w2, SYNC POINT sleep: either this thread sees who sleeps, or the sleeper sees what this thread has published.
        system.fence(_SEQ_CST)
        asleep = ctypes.c_uint32(_ASLEEP)
        if system.exchange4(block._at(self._offset), ctypes.byref(asleep), _AWAKE, _SEQ_CST, _SEQ_CST):
            system.libc.syscall(
                ctypes.c_long(system.futex_call),
                ctypes.c_void_p(block._at(self._offset)),
                ctypes.c_int(_FUTEX_WAKE),
                ctypes.c_int(_INT_MAX),
                None,
                None,
                ctypes.c_int(0),
            )

    def prepare(self) -> None:
        """s2. Behind this, the thread looks once more before it sleeps."""
        self._block._system.store4(self._block._at(self._offset), _ASLEEP, _SEQ_CST)
        # SYNC POINT sleep.
        self._block._fence(_SEQ_CST)

    def sleep(self, seconds: float) -> None:
        """s4. Whatever the kernel says, the caller looks for itself."""
        timeout = _Timespec(int(seconds), int(seconds % 1 * 1e9))
        self._block._system.libc.syscall(
            ctypes.c_long(self._block._system.futex_call),
            ctypes.c_void_p(self._block._at(self._offset)),
            ctypes.c_int(_FUTEX_WAIT),
            ctypes.c_int(_ASLEEP),
            ctypes.byref(timeout),
            None,
            ctypes.c_int(0),
        )

    def awake(self) -> None:
        """s5, for who is the only one to sleep here."""
        self._block._system.store4(self._block._at(self._offset), _AWAKE, _SEQ_CST)


class _Pauses:
    """How a thread that waits lets time pass: it looks again some times, and then sleeps for longer and longer."""

    def __init__(self, timeout: Optional[float]) -> None:
        self._end = None if timeout is None else time.monotonic() + timeout
        self._round = 0
        self._sleep = 0.001

    def next(self) -> Optional[float]:
        """How long to sleep now; 0 to look again without having slept; ``None`` if the time is over."""
        left = self._sleep if self._end is None else self._end - time.monotonic()
        if left <= 0:
            return None
        if self._round < _SPINS:
            self._round += 1
            return 0.0
        # Who ought to wake this thread can be killed before it does: no sleep is longer than this.
        sleep = min(self._sleep, left)
        self._sleep = min(2 * self._sleep, 0.05)
        return sleep


# -------------------------------------------------------------------------------------------------------------------- rings

_MAGIC = 0x73686D346A726E67
_SPSC = 1

_PRODUCER_POSITION = 128
_FREE_POSITION = 256
_CLEARED_FROM = 264
_CONSUMER = 384
_CONSUMER_POSITION = 392
_MESSAGES_READ = 400
_BYTES_READ = 408
_LONGEST_BACKLOG = 432
_CONSUMER_SUCCESSIONS = 440
_CONSUMER_SLEEPS = 512
_PRODUCERS_SLEEP = 640
_SLOT = 768
_SLOT_FAILED = _SLOT + 16
_SLOT_SUCCESSIONS = _SLOT + 24
_RECORDS = 896

_HEADER = 8
_GREATEST_POSITION = 1 << 62
_PADDING = 0xFFFFFFFF
# From so many bytes on, it takes long to copy them.
_LARGE = 16384


def _record_length(length_with_header: int) -> int:
    return (length_with_header + 7) & ~7


def _is_position(position: int) -> bool:
    return position % 8 == 0 and position <= _GREATEST_POSITION


class Message(NamedTuple):
    """A message: what kind it is, which is up to the users of the ring, and a copy of its bytes."""

    type: int
    data: bytes


class Ring:
    """A ring for one producer and one consumer, in a block that is mapped to be written."""

    def __init__(self, block: Block) -> None:
        if block.read_only:
            raise ValueError("a ring is written by whoever has a role in it, and the block is mapped read-only")
        block._open_header(_RECORDS, _MAGIC, "ring")
        kind = block._load4(12)
        slots = block._load4(24)
        # Each number is read once, checked, and then used.
        capacity = block._load_plain(16)
        if kind != _SPSC:
            raise FormatError(f"the ring is of kind {kind}; this program knows rings for one producer, of kind {_SPSC}")
        if slots != 1 or not 64 <= capacity <= 1 << 60 or capacity & (capacity - 1):
            raise CorruptedError(f"the ring's capacity is {capacity}, with {slots} slots: the memory was overwritten")
        if block.size < _RECORDS + capacity:
            raise FormatError(f"the block has {block.size} bytes; its header speaks of a ring of {_RECORDS + capacity}")
        self._block = block
        #: How many bytes the records have.
        self.capacity = capacity
        #: How many bytes a message can have.
        self.longest = min(capacity // 8, 1 << 30)
        self._identity = block._self(block._load_plain(32), block._load_plain(40))

    def consumer(self) -> "Consumer":
        """Becomes the consumer, in place of nobody or of a process that has terminated, until it is closed."""
        return Consumer(self)

    def producer(self) -> "Producer":
        """Becomes the producer, in place of nobody or of a process that has terminated, until it is closed."""
        return Producer(self)

    def _place(self, position: int) -> int:
        return _RECORDS + (position & (self.capacity - 1))

    def _up_to_end(self, position: int) -> int:
        return self.capacity - (position & (self.capacity - 1))

    def _require_record(self, header: int, position: int, free: int) -> int:
        """Checks the header of a record, and returns how long that is in the ring."""
        length = header & 0xFFFFFFFF
        kind = header >> 32
        record = _record_length(length)
        to_end = self._up_to_end(position)
        # Padding ends where the ring ends: otherwise somebody could fill all of it with padding.
        if kind == _PADDING:
            plausible = record == to_end and record <= _record_length(self.longest + _HEADER)
        else:
            plausible = 0 < kind < 1 << 31 and length - _HEADER <= self.longest
        if not _HEADER <= length < 1 << 31 or record > min(to_end, self.capacity - (position - free)) or not plausible:
            raise CorruptedError(
                f"the record at position {position} has length {length} and type {kind}: the memory was overwritten"
            )
        return record

    def _require_positions(self, free: int, consumed: int, produced: int) -> None:
        near = abs(produced - consumed) <= self.capacity
        if not (_is_position(free) and _is_position(consumed) and _is_position(produced) and near):
            raise CorruptedError(
                f"the positions are {free} (free), {consumed} (consumer) and {produced} (producer): the memory was overwritten"
            )


#: The last object of this process that has signed each field, by block and offset: several mappings may show the same one.
_signers: Dict[Tuple[int, int], int] = {}
_signings = itertools.count(1)


class _Role:
    """What this process has signed as in a ring.

    A signal's handler can raise an exception at any instruction of Python, as ``KeyboardInterrupt`` is raised. So each object says
    that it is unsure before it stores anything, until it has taken note of it; whoever finds it unsure asks the memory.
    """

    def __init__(self, ring: Ring, field: int, successions_field: int, role: str) -> None:
        self._ring = ring
        self._block = ring._block
        self._field = field
        self._successions_field = successions_field
        self._role = role
        #: How often the role was taken from an owner that had not given it back, when this object had signed, or has last found
        #: out that it has its role still.
        self._successions: Optional[int] = None
        #: The number of this object's signature, and what was signed.
        self._signing = 0
        self._place = (ring._block.id, ring._block._begin + field)
        #: Whether this object has signed, or may have.
        self._signed = False
        self._unsure = True
        self._closed = False
        self._block._roles.append(self)
        try:
            self._sign()
            self._resume()
        except BaseException:
            self._give_back()
            raise

    def _sign(self) -> None:
        """Signs in place of nobody, or of an owner that has terminated. Of two successors only one can succeed."""
        block = self._block
        word, shares_namespaces = self._ring._identity
        owner = block._load(self._field)
        # Each further round means that the owner has changed between two steps.
        for _ in range(1000):
            if owner != _NOBODY and not _has_terminated(owner, shares_namespaces):
                raise OccupiedError(f"there is a {self._role} already: {_describe(owner, shares_namespaces)}")
            self._signing = next(_signings)
            _signers[self._place] = self._signing
            self._signed = True
            found = block._compare_and_set(self._field, owner, word)
            if found == owner:
                if owner != _NOBODY:
                    # SYNC POINT count: an owner looks there before it stores anything.
                    block._add(self._successions_field, 1)
                self._successions = block._load(self._successions_field)
                # Whoever takes the role over has signed before it counts: from here on, the count tells this object.
                found = block._load(self._field)
                if found == word:
                    return
            self._signed = False
            owner = found
        raise CorruptedError(f"the {self._role} changes all the time: the memory was overwritten")

    def _resume(self) -> None:
        """Finds out where the role is: where a predecessor was, or this object, if something was raised out of a call."""
        raise NotImplementedError

    def _has_lost_role(self) -> bool:
        """Whether the role is not this object's any more. Whoever has lost it stores nothing that goes with it."""
        if not self._signed:
            return True
        # SYNC POINT count. Whoever takes the role over has signed before it counts.
        successions = None if self._successions is None else self._block._load(self._successions_field)
        if self._block._load(self._field) != self._ring._identity.word:
            return True
        if successions != self._successions:
            # The field alone does not tell: another object of this process signs in the same way, and says so before it does.
            if _signers.get(self._place) != self._signing:
                return True
            # Who was robbed before it had counted has counted when it went on. From here on, this count tells this object.
            self._successions = successions
        return False

    def _require_role(self) -> None:
        if self._has_lost_role():
            owner = self._block._load(self._field)
            who = "nobody has it by now" if owner == _NOBODY else "it is taken over by " + _describe(
                owner, self._ring._identity.shares_namespaces
            )
            raise LostError(f"this {self._role} has lost its role: {who}")

    def _require_open(self) -> None:
        """Is called first, by each call."""
        if self._closed:
            raise ValueError(f"this {self._role} was closed")
        self._require_role()
        if self._unsure:
            self._resume()

    def _give_back(self) -> None:
        """Everything else was finished before."""
        if not self._has_lost_role():
            # Somebody may take it over at this instant.
            self._block._compare_and_set(self._field, self._ring._identity.word, _NOBODY)
        self._signed = False
        self._closed = True
        if _signers.get(self._place) == self._signing:
            del _signers[self._place]
        if self in self._block._roles:
            self._block._roles.remove(self)


class Consumer(_Role):
    """The one who takes messages out of a ring. ``Ring.consumer()`` makes it."""

    def __init__(self, ring: Ring) -> None:
        super().__init__(ring, _CONSUMER, _CONSUMER_SUCCESSIONS, "consumer")

    def _resume(self) -> None:
        block = self._block
        self._producers = _Sleepers(block, _PRODUCERS_SLEEP)
        self._sleeping = _Sleepers(block, _CONSUMER_SLEEPS)
        self._freed = block._load(_FREE_POSITION)
        # SYNC POINT consumer position.
        self._position = block._load(_CONSUMER_POSITION)
        self._ring._require_positions(self._freed, self._position, block._load(_PRODUCER_POSITION))
        if not 0 <= self._position - self._freed <= self._ring.capacity:
            raise CorruptedError(f"the positions are {self._freed} (free) and {self._position} (consumer)")
        self._records_since_freed = 0
        self._peeked = 0
        self._peeked_length = 0
        self._messages_read = block._load_plain(_MESSAGES_READ)
        self._bytes_read = block._load_plain(_BYTES_READ)
        self._longest_backlog = block._load_plain(_LONGEST_BACKLOG)
        # The predecessor may have been killed while it cleared.
        self._free_consumed()
        self._unsure = False

    def peek(self) -> Optional[Message]:
        """Returns the next message, which stays the next one until it is released; ``None`` if there is none now."""
        self._require_open()
        ring = self._ring
        lap = self._position + ring.capacity
        # Padding can come as fast as it is passed over: after a lap the caller decides.
        while self._position < lap:
            place = ring._place(self._position)
            # a, SYNC POINT record: who sees the header sees the message.
            header = self._block._load(place)
            if header == 0:
                break
            record = ring._require_record(header, self._position, self._freed)
            if header >> 32 != _PADDING:
                length = (header & 0xFFFFFFFF) - _HEADER
                self._peeked_length = length
                self._peeked = record
                return Message(header >> 32, bytes(self._block._bytes[place + _HEADER : place + _HEADER + length]))
            self._require_role()
            self._consume(record)
        self._free_consumed()
        return None

    def release(self) -> None:
        """Consumes the message that was peeked at. If this process is killed before, the next consumer gets it again."""
        self._require_open()
        if self._peeked == 0:
            raise ValueError("there is no message that was peeked at")
        self._unsure = True
        record, self._peeked = self._peeked, 0
        self._messages_read += 1
        self._bytes_read += self._peeked_length
        self._consume(record)

    def read(self, timeout: Optional[float] = 0) -> Optional[Message]:
        """Returns the next message, which is consumed then; ``None`` if none has come in time.

        :param timeout: how many seconds to wait for it; 0 to look once, ``None`` to wait for ever
        """
        message = self.await_message(timeout)
        if message is not None:
            self.release()
        return message

    def messages(self, timeout: Optional[float] = None) -> Iterator[Message]:
        """All messages, one after the other, until none has come for a time.

        A message is consumed when the next one is asked for, or the loop ends: whoever is killed while it handles one has not
        consumed it.
        """
        while True:
            message = self.await_message(timeout)
            if message is None:
                return
            peeked = self._peeked
            try:
                yield message
            except GeneratorExit:
                # The loop was left by "break", behind the message.
                if self._peeked == peeked and not self._closed:
                    self.release()
                raise
            self.release()

    def await_message(self, timeout: Optional[float] = None) -> Optional[Message]:
        """Waits until there is a message, and returns it as ``peek`` does; ``None`` if the time is over."""
        message = self.peek()
        pauses = _Pauses(timeout)
        while message is None:
            sleep = pauses.next()
            if sleep is None:
                return None
            if sleep > 0:
                try:
                    self._sleeping.prepare()
                    if self._block._load(self._ring._place(self._position)) == 0:
                        self._sleeping.sleep(sleep)
                finally:
                    if not self._has_lost_role():
                        self._sleeping.awake()
            message = self.peek()
        return message

    def _consume(self, record: int) -> None:
        """Step b, for who has just looked whether it has the role."""
        position = self._position + record
        self._unsure = True
        self._block._store_plain(_MESSAGES_READ, self._messages_read)
        self._block._store_plain(_BYTES_READ, self._bytes_read)
        # SYNC POINT consumer position: a successor goes on behind this record.
        self._block._store(_CONSUMER_POSITION, position)
        self._position = position
        self._records_since_freed += 1
        self._unsure = False
        step = min(self._ring.capacity // 16, 65536)
        if position - self._freed >= step or self._records_since_freed >= 256:
            self._free_consumed()

    def _free_consumed(self) -> None:
        """Step c: gives all that is consumed back to the producer."""
        block = self._block
        if self._position == self._freed:
            return
        self._require_role()
        unsure = self._unsure
        # Whoever does this a second time clears what is the producer's by then.
        self._unsure = True
        backlog = block._load(_PRODUCER_POSITION) - self._freed
        if self._longest_backlog < backlog <= self._ring.capacity:
            self._longest_backlog = backlog
            block._store_plain(_LONGEST_BACKLOG, backlog)
        # SYNC POINT cleared: who meets what is being cleared sees that the consumer is behind it.
        block._fence(_RELEASE)
        # To clear all of it would save the producer a store for each message, which for Python is not worth it.
        block._store_plain(_CLEARED_FROM, self._position)
        # Where the ring was full up to here, no producer could say that the records end here.
        block._store_plain(self._ring._place(self._freed), 0)
        # SYNC POINT free position: producers that see it see what was stored above.
        block._store(_FREE_POSITION, self._position)
        self._freed = self._position
        self._records_since_freed = 0
        self._unsure = unsure
        self._producers.wake()

    def close(self) -> None:
        """Gives the role back. A message that was peeked at and not released is delivered to the next consumer.

        If somebody has taken the role over, nothing is stored. A second time it does nothing.
        """
        if not self._closed:
            # What is not given back to the producer here, the next consumer gives back.
            if not self._unsure and not self._has_lost_role():
                with contextlib.suppress(LostError):
                    self._free_consumed()
            self._give_back()

    def __enter__(self) -> "Consumer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Producer(_Role):
    """The one who writes messages into a ring. ``Ring.producer()`` makes it."""

    def __init__(self, ring: Ring) -> None:
        super().__init__(ring, _SLOT, _SLOT_SUCCESSIONS, "producer")

    def _resume(self) -> None:
        """Finds the end of the last record that a killed predecessor has published, or this object."""
        block = self._block
        ring = self._ring
        self._consumer = _Sleepers(block, _CONSUMER_SLEEPS)
        self._sleeping = _Sleepers(block, _PRODUCERS_SLEEP)
        # SYNC POINT producer position: the records before it are complete.
        produced = block._load(_PRODUCER_POSITION)
        free = block._load(_FREE_POSITION)
        consumed = block._load(_CONSUMER_POSITION)
        ring._require_positions(free, consumed, produced)
        position = max(produced, consumed)
        # Each round gets further, and not beyond what can be in use.
        while True:
            if not _is_position(position) or not 0 <= position - free <= ring.capacity:
                raise CorruptedError(f"the positions are {free} (free) and {produced} (producer), with records to {position}")
            if position - free == ring.capacity:
                # The ring is full: the first record would be met again.
                break
            header = block._load(ring._place(position))
            # SYNC POINT cleared: if the header was being cleared, the consumer is behind it, whatever it says.
            consumed = block._load(_CONSUMER_POSITION)
            if consumed > position:
                position = consumed
            elif header == 0:
                break
            else:
                position += ring._require_record(header, position, free)
        if position != produced:
            block._store(_PRODUCER_POSITION, position)
        self._position = position
        self._limit = free + ring.capacity
        # Up to there, the predecessor may have left bytes that it never published.
        self._unpublished = self._limit
        self._ended_from = self._limit
        self._failed = block._load_plain(_SLOT_FAILED)
        self._unsure = False

    def write(self, data: Union[bytes, bytearray, memoryview], type: int = 1, timeout: Optional[float] = 0) -> bool:
        """Writes a message; returns ``False`` if there is no room for it in time.

        :param data: its bytes, at most ``Ring.longest``
        :param type: what kind of message it is, from 1 to 2**31 - 1
        :param timeout: how many seconds to wait for room; 0 to try once, ``None`` to wait for ever
        """
        self._require_open()
        source = memoryview(data).cast("B")
        if not 1 <= type < 1 << 31:
            raise ValueError(f"the type is {type}; it must be from 1 to 2147483647")
        if len(source) > self._ring.longest:
            raise ValueError(f"the message has {len(source)} bytes; it must have at most {self._ring.longest}")
        record = _record_length(len(source) + _HEADER)
        if not self._claim(record, _Pauses(timeout)):
            return False
        self._publish(source, type, record)
        return True

    def _claim(self, record: int, pauses: _Pauses) -> bool:
        """Sees to it that a record can be written at the position; returns ``False`` if there is no room for it in time."""
        # An attempt counts as failed once, however long it waits then.
        while not self._make_room(record):
            if not self._await_room(record, pauses):
                return False
        return True

    def _publish(self, source: Union[bytes, memoryview], type: int, record: int) -> None:
        """Steps 2 to 5, for a record that was claimed."""
        self._require_role()
        begin = self._ring._place(self._position) + _HEADER
        # What is copied and not published is no room that is known to be zeros.
        self._unsure = True
        # Step 2.
        self._block._bytes[begin : begin + len(source)] = source
        if len(source) >= _LARGE:
            # Once more: it can have taken longer than whoever takes over waits.
            self._require_role()
        self._append(type << 32 | len(source) + _HEADER, record)
        self._consumer.wake()

    def _await_room(self, record: int, pauses: _Pauses) -> bool:
        """Waits until there seems to be room; returns ``False`` if the time is over."""
        while True:
            sleep = pauses.next()
            if sleep is None:
                return False
            if sleep > 0:
                self._sleeping.prepare()
                if not self._has_room(record):
                    self._sleeping.sleep(sleep)
            self._require_role()
            if self._has_room(record):
                return True

    def _needed(self, record: int) -> int:
        """How much a record takes, with the padding before it if it does not fit before the end."""
        to_end = self._ring._up_to_end(self._position)
        return record if record <= to_end else to_end + record

    def _has_room(self, record: int) -> bool:
        return self._needed(record) <= self._block._load(_FREE_POSITION) + self._ring.capacity - self._position

    def _make_room(self, record: int) -> bool:
        """Step 1: sees to it that a record can be written at the position."""
        block = self._block
        needed = self._needed(record)
        if needed > self._limit - self._position:
            # SYNC POINT free position: the consumer has done with these bytes.
            free = block._load(_FREE_POSITION)
            cleared = block._load_plain(_CLEARED_FROM)
            if not _is_position(free) or not 0 <= self._position - free <= self._ring.capacity:
                raise CorruptedError(f"the free position is {free}, the producer's is {self._position}")
            limit = free + self._ring.capacity
            # At the limit the ring is full, and the first record still lies there. In this order, as the one is right with either
            # of the other.
            self._ended_from = min(limit, max(self._unpublished, cleared + self._ring.capacity))
            self._limit = limit
            if needed > self._limit - self._position:
                self._failed += 1
                block._store_plain(_SLOT_FAILED, self._failed)
                return False
        if needed > record:
            # A record lies in one piece.
            self._append(_PADDING << 32 | needed - record, needed - record)
        return True

    def _append(self, header: int, record: int) -> None:
        """Steps 3 to 5."""
        block = self._block
        end = self._position + record
        self._unsure = True
        if end < self._ended_from:
            # Where the consumer looks next there must be nothing.
            block._store_plain(self._ring._place(end), 0)
        # SYNC POINT record: the message exists from here on.
        block._store(self._ring._place(self._position), header)
        # SYNC POINT producer position.
        block._store(_PRODUCER_POSITION, end)
        self._position = end
        self._unsure = False

    def close(self) -> None:
        """Gives the role back. If somebody has taken it over, nothing is stored. A second time it does nothing."""
        if not self._closed:
            self._give_back()

    def __enter__(self) -> "Producer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# ------------------------------------------------------------------------------------------------------------ pairs of rings

_PAIR_MAGIC = 0x73686D346A706172
_REQUESTS = 128
_NUMBER = 8
_FAILED = 0x7FFFFFFF


class Client:
    """The client of a pair of rings, until it is closed: sends requests, and waits for the reply to each.

    ``RingPair.server()`` in Java is at the other end. Of several clients of a pair one can be it at a time.
    """

    def __init__(self, block: Block) -> None:
        block._open_header(_REQUESTS, _PAIR_MAGIC, "ring pair")
        rings = block._load4(12)
        capacity = block._load_plain(16)
        if rings != 2 or not 128 <= capacity <= 1 << 59 or capacity & (capacity - 1):
            raise CorruptedError(f"the pair has {rings} rings with a capacity of {capacity}: the memory was overwritten")
        size = _RECORDS + capacity
        if block.size < _REQUESTS + 2 * size:
            raise FormatError(f"the block has {block.size} bytes; its header speaks of a ring pair of {_REQUESTS + 2 * size}")
        requests = Ring(_Part(block, _REQUESTS, size))
        replies = Ring(_Part(block, _REQUESTS + size, size))
        if requests.capacity != capacity or replies.capacity != capacity:
            raise CorruptedError(f"the capacities are {requests.capacity} and {replies.capacity}; the pair's is {capacity}")
        #: How many bytes a request or a reply can have.
        self.longest = requests.longest - _NUMBER
        self._server = requests
        try:
            self._requests = requests.producer()
            try:
                self._replies = replies.consumer()
            except BaseException:
                self._requests.close()
                raise
        except OccupiedError as occupied:
            raise OccupiedError(f"the pair has a client already: {occupied}") from None

    def request(self, data: Union[bytes, bytearray, memoryview], type: int = 1, timeout: Optional[float] = None) -> Message:
        """Sends a request, and returns the reply.

        :param data: its bytes, at most ``longest``
        :param type: what kind of request it is, from 1 to 2**31 - 2
        :param timeout: how many seconds to wait in all; ``None`` to wait for ever
        :raises TimeoutError: if the time is over; the request may have been handled, or be handled later
        :raises CallError: if the server could not handle the request
        """
        if self._requests._closed:
            raise ValueError("this client was closed")
        source = memoryview(data).cast("B")
        if not 1 <= type < _FAILED:
            raise ValueError(f"the type is {type}; it must be from 1 to {_FAILED - 1}")
        if len(source) > self.longest:
            raise ValueError(f"the request has {len(source)} bytes; it must have at most {self.longest}")
        end = float("inf") if timeout is None else time.monotonic() + timeout
        number = self._send(source, type, end)
        if number is None:
            raise self._timeout("was not sent", timeout)
        while True:
            rest = end - time.monotonic()
            reply = self._replies.await_message(None if timeout is None else max(0.0, rest))
            if reply is not None:
                self._replies.release()
                # The others are to calls that were given up, by this client or a predecessor.
                if len(reply.data) >= _NUMBER and int.from_bytes(reply.data[:_NUMBER], sys.byteorder) == number:
                    if reply.type == _FAILED:
                        raise CallError(reply.data[_NUMBER:].decode("utf-8", "replace"))
                    return Message(reply.type, reply.data[_NUMBER:])
            if reply is None or rest < 0:
                raise self._timeout("got no reply", timeout)

    def _send(self, source: memoryview, type: int, end: float) -> Optional[int]:
        """Sends a request, and returns its number; ``None`` if there is no room in time."""
        producer = self._requests
        record = _record_length(len(source) + _NUMBER + _HEADER)
        # Nobody waits for what is there. The server waits until there is room for its next reply.
        self._drain()
        producer._require_open()
        while not producer._claim(record, _Pauses(min(0.005, end - time.monotonic()))):
            if time.monotonic() >= end:
                return None
            self._drain()
        # No other record ends there, of this client or another one.
        number = producer._position + record
        producer._publish(number.to_bytes(_NUMBER, sys.byteorder) + bytes(source), type, record)
        return number

    def _drain(self) -> None:
        """Passes over the replies that are there: no more than fit, however fast others come."""
        for _ in range(self._server.capacity // 16):
            if self._replies.read() is None:
                return

    def _timeout(self, what: str, timeout: Optional[float]) -> Exception:
        shares = self._server._identity.shares_namespaces
        server = self._server._block._load(_CONSUMER)
        if server == _NOBODY:
            who = "there is no server"
        else:
            who = "the server is " + _describe(server, shares)
            who += ", which has terminated" if _has_terminated(server, shares) else ""
        return TimeoutError(f"the request {what} within {timeout} s: {who}")

    def close(self) -> None:
        """Gives the roles back. A second time it does nothing."""
        self._requests.close()
        self._replies.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# ------------------------------------------------------------------------------------------------------------- latest value

_VALUE_MAGIC = 0x73686D346A76616C
_NEWEST = 128
_BUFFERS = 256


class Record(NamedTuple):
    """A record of a latest value: its version, which grows by one with each, and a copy of its bytes."""

    version: int
    data: bytes


class LatestValue:
    """A record of which readers get the newest whole one. The block may be mapped read-only."""

    def __init__(self, block: Block) -> None:
        block._open_header(_BUFFERS, _VALUE_MAGIC, "latest value")
        buffers = block._load4(12)
        size = block._load_plain(16)
        if not 4 <= buffers <= 64 or buffers & (buffers - 1) or not 1 <= size <= 1 << 48:
            raise CorruptedError(f"the record has {size} bytes, and {buffers} buffers: the memory was overwritten")
        self._stride = (size + 127) & ~127
        if block.size < _BUFFERS + buffers * self._stride:
            raise FormatError(
                f"the block has {block.size} bytes; its header speaks of a latest value of {_BUFFERS + buffers * self._stride}"
            )
        self._block = block
        self._buffers = buffers
        #: How many bytes the record has.
        self.size = size

    @property
    def version(self) -> int:
        """The version of the newest record; 0 if there is none yet."""
        version = self._block._load(_NEWEST)
        if version > _GREATEST_POSITION:
            raise CorruptedError(f"the newest version is {version}: the memory was overwritten")
        return version

    def read(self) -> Optional[Record]:
        """Copies the newest record; ``None`` if there is none yet. A writer that is stopped or killed holds nobody up."""
        for _ in range(1000):
            # a, SYNC POINT version: who sees the version sees all of its record.
            version = self.version
            if version == 0:
                return None
            begin = _BUFFERS + version % self._buffers * self._stride
            data = bytes(self._block._bytes[begin : begin + self.size])
            # c, SYNC POINT buffer: if anything of a later record was copied, d sees the version of the last one before it.
            self._block._fence(_ACQUIRE)
            passed = self.version - version
            if passed < 0:
                raise CorruptedError(f"the newest version was {version} and then is {version + passed}")
            if passed <= self._buffers - 2:
                return Record(version, data)
        raise OvertakenError(f"the writer has overtaken this reader 1000 times while it copied {self.size} bytes")

    def await_newer(self, version: int, timeout: Optional[float] = None) -> bool:
        """Waits until there is a newer record than one that is known; returns ``False`` if the time is over.

        Nobody wakes a reader, who may not even write to the memory: it looks again after pauses of up to a millisecond.
        """
        pauses = _Pauses(timeout)
        while self.version <= version:
            sleep = pauses.next()
            if sleep is None:
                return False
            time.sleep(min(sleep, 0.001))
        return True


# ---------------------------------------------------------------------------------------------------------------- broadcast

_BROADCAST_MAGIC = 0x73686D346A626361
_MESSAGES = 128
_TRIMS = 256
_READERS_SLEEP = 384
_NEWEST_MARKS = 512
_OLDEST_MARKS = 768
_BROADCAST_RECORDS = 1024
_MARKS = 8


class _Mark(NamedTuple):
    """A position between two records: how many messages lie before it, and how many bytes these have."""

    number: int
    position: int
    messages: int
    bytes: int


class BroadcastReader:
    """One who reads the messages that a producer sends to everybody, each from the moment it joins.

    The block may be mapped read-only: a reader leaves no trace there, and nobody waits for it. If it was too slow, it goes on at
    the oldest message that is left, and ``lost_messages`` and ``lost_bytes`` have grown by exactly what it has not got.
    """

    def __init__(self, block: Block, *, from_oldest: bool = False) -> None:
        """Begins with the messages that are sent from now on, or with the oldest one that is left."""
        block._open_header(_BROADCAST_RECORDS, _BROADCAST_MAGIC, "broadcast ring")
        marks = block._load4(12)
        capacity = block._load_plain(16)
        if marks != _MARKS or not 256 <= capacity <= 1 << 60 or capacity & (capacity - 1):
            raise CorruptedError(f"the capacity is {capacity}, with {marks} marks: the memory was overwritten")
        if block.size < _BROADCAST_RECORDS + capacity:
            raise FormatError(
                f"the block has {block.size} bytes; its header speaks of a broadcast ring of {_BROADCAST_RECORDS + capacity}"
            )
        self._block = block
        self._sleeping = None if block.read_only else _Sleepers(block, _READERS_SLEEP)
        self._capacity = capacity
        #: How many bytes a message can have.
        self.longest = min(capacity // 8, 1 << 30)
        #: How many messages and bytes this reader has lost in all, because it was too slow.
        self.lost_messages = 0
        self.lost_bytes = 0
        # In this order, what is given up meanwhile is noticed.
        self._trims = self._number(_TRIMS)
        self._published = 0
        if from_oldest:
            self._at = self._oldest()
            self._trims = self._at.number
        else:
            self._at = self._newest(0)

    def _number(self, offset: int) -> int:
        number = self._block._load(offset)
        if number > _GREATEST_POSITION:
            raise CorruptedError(f"a number of messages or trims is {number}: the memory was overwritten")
        return number

    def _mark(self, offset: int, marks: int, back: int) -> _Mark:
        """Steps a to d: takes a mark, which the producer may be writing."""
        block = self._block
        for _ in range(1000):
            # SYNC POINT trim, or SYNC POINT message: who sees the number sees the mark.
            newest = self._number(offset)
            number = max(0, newest - back)
            place = marks + 32 * (number % _MARKS)
            mark = _Mark(number, block._load_plain(place), block._load_plain(place + 8), block._load_plain(place + 16))
            # SYNC POINT mark: if anything of a later mark was copied, d sees that the number has gone on.
            block._fence(_ACQUIRE)
            now = self._number(offset)
            if now < newest:
                raise CorruptedError(f"the number of marks was {newest} and then is {now}: the memory was overwritten")
            if now - number <= _MARKS - 2:
                if not _is_position(mark.position) or mark.bytes + 8 * mark.messages > mark.position:
                    raise CorruptedError(
                        f"a mark says that at position {mark.position} there were {mark.messages} messages of {mark.bytes} bytes"
                    )
                return mark
        raise OvertakenError("the producer has overwritten a mark 1000 times while this reader read three numbers")

    def _oldest(self) -> _Mark:
        return self._mark(_TRIMS, _OLDEST_MARKS, 0)

    def _newest(self, back: int) -> _Mark:
        mark = self._mark(_MESSAGES, _NEWEST_MARKS, back)
        if mark.messages != mark.number:
            raise CorruptedError(f"newest mark {mark.number} is that of message {mark.messages}")
        return mark

    def _look(self, position: int) -> Tuple[int, int, int]:
        """A header that may be overwritten meanwhile: its type, its length, and where its record ends; type 0 if it cannot be one."""
        place = position & (self._capacity - 1)
        to_end = self._capacity - place
        header = self._block._load_plain(_BROADCAST_RECORDS + place)
        kind = header >> 32
        length = header & 0xFFFFFFFF
        record = _record_length(length)
        if kind == _PADDING:
            plausible = record == to_end and length >= _HEADER
        else:
            plausible = kind < 1 << 31 and _HEADER <= length <= self.longest + _HEADER and record <= to_end
        return (kind if plausible else 0), length, position + record

    def read(self, timeout: Optional[float] = 0) -> Optional[Message]:
        """Returns the next message; ``None`` if none has come in time.

        :param timeout: how many seconds to wait for it; 0 to look once, ``None`` to wait for ever
        """
        pauses = _Pauses(timeout)
        message = self._next()
        while message is None:
            sleep = pauses.next()
            if sleep is None:
                return None
            if sleep > 0 and self._sleeping is not None:
                self._sleeping.prepare()
                if self._number(_MESSAGES) == self._at.messages:
                    # Afterwards the word stays as it is: other readers may sleep there.
                    self._sleeping.sleep(sleep)
            elif sleep > 0:
                # Who may only read can tell nobody that it sleeps.
                time.sleep(min(sleep, 0.001))
            message = self._next()
        return message

    def messages(self, timeout: Optional[float] = None) -> Iterator[Message]:
        """All messages, one after the other, until none has come for a time."""
        while True:
            message = self.read(timeout)
            if message is None:
                return
            yield message

    def _next(self) -> Optional[Message]:
        block = self._block
        for overtaken in range(1000):
            at = self._at
            if at.messages >= self._published:
                # 1, SYNC POINT message: who sees the number sees the message.
                self._published = self._number(_MESSAGES)
                if self._published < at.messages:
                    raise CorruptedError(f"the number of messages is {self._published} and was {at.messages}")
                if self._published == at.messages:
                    return None
            # 2. Behind padding, there is a message.
            begin = at.position
            kind, length, end = self._look(begin)
            if kind == _PADDING:
                begin = end
                kind, length, end = self._look(begin)
            possible = 0 < kind < _PADDING
            data = b""
            if possible:
                place = _BROADCAST_RECORDS + (begin & (self._capacity - 1)) + _HEADER
                data = bytes(block._bytes[place : place + length - _HEADER])
            # 3, SYNC POINT trim: if anything of a later message was copied, 4 sees that this one was given up.
            block._fence(_ACQUIRE)
            if self._number(_TRIMS) != self._trims and self._is_overtaken(overtaken):
                continue
            if not possible:
                raise CorruptedError(f"the record at position {begin} has length {length}: the memory was overwritten")
            # 5.
            self._at = _Mark(at.number, end, at.messages + 1, at.bytes + len(data))
            return Message(kind, data)
        raise OvertakenError("the producer has overtaken this reader 1000 times in a row")

    def _is_overtaken(self, before: int) -> bool:
        """Step 4, where messages were given up. If this one was among them, this goes on where there are messages left."""
        mark = self._oldest()
        if mark.number < self._trims:
            raise CorruptedError(f"the number of trims was {self._trims} and then is {mark.number}")
        self._trims = mark.number
        at = self._at
        if at.position >= mark.position:
            return False
        if before > 0:
            # Again, and it has got nothing in between: the four newest messages give it more time.
            newest = self._newest(4)
            mark = newest if newest.position > mark.position else mark
        if mark.messages < at.messages or mark.bytes < at.bytes:
            raise CorruptedError(f"there were {at.messages} messages of {at.bytes} bytes, and then a mark says {mark}")
        self.lost_messages += mark.messages - at.messages
        self.lost_bytes += mark.bytes - at.bytes
        self._at = mark
        return True
