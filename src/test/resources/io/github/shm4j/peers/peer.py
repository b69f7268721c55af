"""A peer in Python, to be killed at any moment. It uses peers/shm4j.py, and runs with all warnings as errors.

usage: peer.py produce ID ID_OF_NOTES NUMBER    writes messages for ever, and notes how many before and after each
       peer.py consume ID ID_OF_JOURNAL         reads messages for ever, and notes how many it has had; ends if one is wrong
       peer.py value ID VERSION                 reads a latest value, read-only, until that version has come
       peer.py broadcast ID                     reads a broadcast, read-only, up to a message of type 2; says how many messages it
                                                has received and lost, and how many bytes these had
       peer.py client ID                        sends requests, gives one up, and waits for the reply to the last one for ever
       peer.py again ID                         sends one request, and says what the reply is
       peer.py refusals SPSC MPSC VALUE         is refused what is wrong, in each way
       peer.py hostile SEED ROUNDS              uses memory that is overwritten, between any two accesses of the module
       peer.py interrupt FIRST STRIDE           is interrupted at lines of the module, and goes on, in a ring of its own
       peer.py midway                           loses the role of a producer while it copies a long message, in a ring of its own
       peer.py robbed RING                      has both roles, until it is told that it has lost them, as robbed.c

A message is its producer's number, its own number, a checksum of what follows, and some bytes.
"""

import contextlib
import ctypes
import os
import random
import struct
import sys
import zlib

import shm4j
from shm4j import Block, BroadcastReader, LatestValue, Message, Ring

FRAME = struct.Struct("=qqq")


def make(number: int, sequence: int, length: int) -> bytes:
    body = bytes((sequence + i) & 0xFF for i in range(length))
    return FRAME.pack(number, sequence, zlib.crc32(body)) + body


def check(message: Message) -> "tuple[int, int]":
    number, sequence, checksum = FRAME.unpack_from(message.data)
    if zlib.crc32(message.data[FRAME.size :]) != checksum:
        sys.exit(f"torn: message {sequence} of {number}")
    return number, sequence


def produce(ring: int, notes: int, number: int) -> None:
    with Block(ring) as block, Block(notes) as noted, Ring(block).producer() as producer:
        sequence = 0
        while True:
            longest = Ring(block).longest - FRAME.size if sequence % 50 == 0 else 60
            data = make(number, sequence, random.randrange(longest + 1))
            noted._store(16 * number, sequence + 1)
            if producer.write(data, timeout=None):
                sequence += 1
                noted._store(16 * number + 8, sequence)


def consume(ring: int, journal: int) -> None:
    with Block(ring) as block, Block(journal) as noted, Ring(block).consumer() as consumer:
        first = True
        for message in consumer.messages():
            number, sequence = check(message)
            expected = noted._load(8 * number)
            if sequence != expected and not (first and sequence == expected - 1):
                sys.exit(f"message {sequence} of {number} in place of {expected}")
            first = False
            noted._store(8 * number, sequence + 1)


def value(identifier: int, last: int) -> None:
    with Block(identifier, read_only=True) as block:
        value = LatestValue(block)
        version = 0
        records = 0
        while version < last:
            if not value.await_newer(version, 60):
                sys.exit(f"nothing comes behind version {version}")
            record = value.read()
            if record is None or record.version <= version:
                sys.exit(f"version {version}, and then {record}")
            version = record.version
            numbers = struct.unpack(f"={value.size // 8}q", record.data)
            if set(numbers) != {version}:
                sys.exit(f"torn: version {version} has {set(numbers)}")
            records += 1
        print(f"read {records > 0} up to {version}")


def broadcast(identifier: int) -> None:
    with Block(identifier, read_only=True) as block:
        reader = BroadcastReader(block, from_oldest=True)
        expected = 0
        received = 0
        size = 0
        lost = 0
        print("ready", flush=True)
        for message in reader.messages():
            expected += reader.lost_messages - lost
            lost = reader.lost_messages
            _, sequence = check(message)
            if sequence != expected:
                sys.exit(f"message {sequence} in place of {expected}, {lost} lost")
            expected += 1
            received += 1
            size += len(message.data)
            if received == 1:
                print("first", flush=True)
            if message.type == 2:
                print(received, lost, size, reader.lost_bytes)
                return


def refused(kind: type, text: str, action) -> None:
    try:
        action()
    except kind as refusal:
        if text not in str(refusal):
            sys.exit(f"{refusal!r} does not say: {text}")
        print(f"{kind.__name__}: {refusal}")
    else:
        sys.exit(f"there is no {kind.__name__} that says: {text}")


def refusals(spsc: int, mpsc: int, value: int) -> None:
    refused(OSError, "EINVAL", lambda: Block(2**31 - 1))
    refused(OSError, "ENOENT", lambda: Block.attach(0x7EEDF00D))
    with Block(spsc) as block, Block(mpsc) as many, Block(value) as latest, Block(spsc, read_only=True) as reading:
        ring = Ring(block)
        refused(shm4j.FormatError, "kind 2", lambda: Ring(many))
        refused(shm4j.FormatError, "no ring", lambda: Ring(latest))
        refused(shm4j.FormatError, "no latest value", lambda: LatestValue(block))
        refused(shm4j.FormatError, "no broadcast ring", lambda: BroadcastReader(block))
        refused(ValueError, "read-only", lambda: Ring(reading))
        refused(shm4j.OccupiedError, "process ", ring.consumer)
        with ring.producer() as producer:
            refused(shm4j.OccupiedError, "this one", ring.producer)
            refused(ValueError, "at most 128", lambda: producer.write(b"x" * 129))
            refused(ValueError, "type is 0", lambda: producer.write(b"x", 0))
        refused(ValueError, "closed", lambda: producer.write(b"x"))
        producer = ring.producer()
    refused(ValueError, "closed", lambda: producer.write(b"x"))
    refused(ValueError, "closed", lambda: LatestValue(latest))
    with Block(spsc) as block, Ring(block).producer() as producer:
        while producer.write(b"x" * 100):
            pass
        print(producer.write(b"x" * 100, timeout=0.01))


def client(identifier: int) -> None:
    with Block(identifier) as block, shm4j.Client(block) as client:
        for number in range(100):
            data = os.urandom(random.randrange(client.longest + 1) if number % 10 else client.longest)
            reply = client.request(data, 1 + number % 5, timeout=60)
            if reply != (2 + number % 5, data[::-1]):
                sys.exit(f"the reply to {data!r} is {reply}")
        refused(shm4j.OccupiedError, "has a client already", lambda: shm4j.Client(block))
        refused(shm4j.CallError, "no such thing", lambda: client.request(b"x", 7))
        refused(ValueError, f"at most {client.longest}", lambda: client.request(bytes(client.longest + 1)))
        refused(ValueError, "type is 2147483647", lambda: client.request(b"x", 2147483647))
        refused(TimeoutError, "within 0.05 s: the server is process ", lambda: client.request(b"given up", 8, 0.05))
        print("gave up", flush=True)
        sys.stdin.readline()
        reply = client.request(b"then", 1, 60)
        if reply != (2, b"neht"):
            sys.exit(f"the reply to the next one is {reply}")
        print("waits", flush=True)
        client.request(b"killed", 8)


def again(identifier: int) -> None:
    with Block(identifier) as block, shm4j.Client(block) as client:
        print(client.request(b"again", 4, 60))
    refused(ValueError, "this client was closed", lambda: client.request(b"x"))


def evil_word(old: int) -> int:
    return random.choice(
        [0, old + 8, old - 8, old ^ 1 << random.randrange(64), -1, 1 << random.randrange(64), -1 << 32 | random.randrange(4096),
         1 << 32 | random.randrange(4096), 1 << 32 | random.randrange(200), 1 << 32 | random.randrange(200),
         random.getrandbits(64)]
    ) & (1 << 64) - 1


def header(block: Block, magic: int, number: int, length: int) -> None:
    ctypes.memset(block._at(0), 0, block.size)
    store4 = block._system.store4
    block._store(0, magic)
    store4(block._at(12), number, 0)
    block._store(16, length)
    store4(block._at(24), 1, 0)
    block._store(32, shm4j._namespace("pid"))
    block._store(40, shm4j._namespace("time"))
    store4(block._at(8), 1, 3)


# How many bytes a ring has here, a latest value, and a broadcast.
SIZES = [896 + 1024, 256 + 4 * 128, 1024 + 1024]


class Fenced(Block):
    """A block of which each access is watched. It ends where it is told to, and can be overwritten between any two accesses.

    An access outside of it, or one that is not aligned, ends the program: a slice that is too long would come out shorter
    otherwise, and the page behind a block may be one that can be read.
    """

    def __init__(self, identifier: int) -> None:
        super().__init__(identifier)
        self.all = self._bytes
        self._bytes = self
        self.evil = 0.0
        self.sort = 0

    def fence(self, begin: int, end: int, unit: int) -> None:
        if not 0 <= begin <= end <= self.size or begin % unit != 0:
            sys.exit(f"there was an access to the bytes from {begin} to {end} of {self.size}")

    def _at(self, offset: int) -> int:
        self.fence(offset, offset + 4, 4)
        if random.random() < self.evil:
            self.overwrite()
        return super()._at(offset)

    def overwrite(self) -> None:
        evil, self.evil = self.evil, 0.0
        place = 8 * random.choice([16, 32, 33, 48, 49, 64, 96, 112, 128, random.randrange(self.size // 8)])
        if self.sort != 1 and self.size == SIZES[self.sort] and random.random() < 0.5:
            # The record that is looked at next, or one of a mark.
            position = self._load(random.choice([[128, 392], None, [512 + 32 * random.randrange(6)]][self.sort]))
            place = self.size - 1024 + position % 1024 // 8 * 8
        # A version of 0 would be waited for.
        if place != 8 and place < self.size:
            self._store(place, evil_word(self._load(place)))
        self.evil = evil

    def __getitem__(self, part: slice) -> memoryview:
        self.fence(part.start, part.stop, 8)
        return self.all[part]

    def __setitem__(self, part: slice, data: memoryview) -> None:
        self.fence(part.start, part.stop, 8)
        self.all[part] = data

    def release(self) -> None:
        self.all.release()


def fenced(name: str):
    def access(self, offset: int, *rest):
        self.fence(offset, offset + 8, 8)
        return getattr(Block, name)(self, offset, *rest)

    return access


for name in ("_load", "_load_plain", "_store", "_store_plain", "_compare_and_set", "_add"):
    setattr(Fenced, name, fenced(name))


def use(block: Block, sort: int) -> int:
    if sort == 0:
        ring = Ring(block)
        with ring.producer() as producer, ring.consumer() as consumer:
            producer.write(os.urandom(random.randrange(ring.longest + 1)))
            return consumer.read() is not None
    if sort == 1:
        return LatestValue(block).read() is not None
    reader = BroadcastReader(block, from_oldest=random.random() < 0.8)
    return sum(reader.read() is not None for _ in range(8))


def near_the_end() -> int:
    """A position from which records of a ring of 1024 bytes go around soon."""
    return 1024 * random.randrange(1, 9) - 8 * random.randrange(64)


def make_broadcast(block: Block) -> None:
    """Messages that are there, since Python does not write them."""
    position = near_the_end()
    block._store(shm4j._NEWEST_MARKS, position)
    block._store(shm4j._OLDEST_MARKS, position)
    for count in range(1, random.randrange(1, 8)):
        length = random.randrange(129)
        to_end = 1024 - position % 1024
        if length + 15 & ~7 > to_end:
            block._store(shm4j._BROADCAST_RECORDS + position % 1024, -1 << 32 & (1 << 64) - 1 | to_end)
            position += to_end
        block._store(shm4j._BROADCAST_RECORDS + position % 1024, 1 << 32 | length + 8)
        position += length + 15 & ~7
        mark = shm4j._NEWEST_MARKS + 32 * (count % 8)
        block._store(mark, position)
        block._store(mark + 8, count)
        block._store(shm4j._MESSAGES, count)


def hostile(seed: int, rounds: int) -> None:
    random.seed(seed)
    identifier = shm4j._system().libc.shmget(0, 4096, 0o1600)
    # Of each structure.
    found = [0, 0, 0]
    messages = [0, 0, 0]
    with Fenced(identifier) as block:
        block.remove()
        for _ in range(rounds):
            sort = block.sort = random.randrange(3)
            block.size = SIZES[sort]
            header(block, *[(shm4j._MAGIC, 1, 1024), (shm4j._VALUE_MAGIC, 4, 100), (shm4j._BROADCAST_MAGIC, 8, 1024)][sort])
            if sort == 0:
                position = near_the_end()
                for field in (shm4j._PRODUCER_POSITION, shm4j._FREE_POSITION, shm4j._CONSUMER_POSITION):
                    block._store(field, position)
            elif sort == 1:
                block._store(128, random.randrange(2))
            else:
                make_broadcast(block)
            if random.random() < 0.05:
                # Less than its header speaks of.
                block.size = 8 * random.randrange(1, block.size // 8)
            for _ in range(6):
                block.evil = random.choice([0, 0.01, 0.1])
                if random.random() < 0.3:
                    block.overwrite()
                try:
                    messages[sort] += use(block, sort)
                except shm4j.Shm4jError:
                    found[sort] += 1
                block.evil = 0.0
            for role in list(block._roles):
                role._give_back()
    print(messages, found, file=sys.stderr)
    print(f"{min(messages) > 0} {min(found) > 0}")


class Interrupted:
    """One who uses both ends of a ring, and gets a KeyboardInterrupt at some line of the module."""

    def __init__(self, identifier: int, at: int) -> None:
        self.identifier = identifier
        self.at = at
        self.kind = 1
        self.last = 0
        self.again = False
        self.missing = 0
        self.closing = False
        self.open()

    def open(self) -> None:
        self.block = Block(self.identifier)
        self.ring = Ring(self.block)
        self.producer = None
        self.consumer = None

    @staticmethod
    def text(kind: int) -> bytes:
        return bytes([kind]) * (kind * 5 % 17)

    def fail(self, what: str) -> None:
        sys.exit(f"interrupted at line {self.at}: {what}")

    def handle(self) -> bool:
        message = self.consumer.peek()
        if message is None:
            return False
        if message.data != self.text(message.type):
            self.fail(f"message {message.type} is {message.data!r}")
        if message.type == self.last and self.again:
            self.again = False
        elif message.type != self.last + 1 and not (message.type == self.last + 2 and self.last + 1 == self.missing):
            self.fail(f"message {message.type} comes behind {self.last}")
        self.last = message.type
        self.consumer.release()
        return True

    def use(self) -> None:
        if not self.closing:
            self.producer = self.producer or self.ring.producer()
            self.consumer = self.consumer or self.ring.consumer()
            while self.kind <= 12:
                self.missing = self.kind if not self.again else self.missing
                self.kind += 1
                if not self.producer.write(self.text(self.kind - 1), self.kind - 1):
                    self.fail("there is no room")
                self.missing = self.missing if self.again else 0
                self.handle()
            while self.handle():
                pass
            self.closing = True
        self.producer.close()
        self.consumer.close()

    def trace(self, frame, event, _):
        if frame.f_code.co_filename != shm4j.__file__:
            return None
        if event == "line":
            self.at -= 1
            if self.at == 0:
                raise KeyboardInterrupt
        return self.trace

    def run(self, anew: bool) -> bool:
        at = self.at
        interrupted = False
        sys.settrace(self.trace)
        try:
            self.use()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            sys.settrace(None)
        self.at = at
        if interrupted:
            self.again = True
            if anew:
                self.block.close()
                self.open()
                self.closing = False
            self.use()
        block = self.block
        produced, consumed = block._load(shm4j._PRODUCER_POSITION), block._load(shm4j._CONSUMER_POSITION)
        # Who is interrupted before it stores its position, and closes, leaves that to its successor.
        if self.last not in (12, 11 if self.missing == 12 else 12) or consumed < produced:
            self.fail(f"the last message was {self.last}, and the positions are {produced} and {consumed}")
        if block._load(shm4j._CONSUMER) or block._load(shm4j._SLOT):
            self.fail("a role was not given back")
        with self.ring.producer() as producer, self.ring.consumer() as consumer:
            if not producer.write(b"behind", 13) or consumer.read() != (13, b"behind"):
                self.fail("successors do not go on")
        block.close()
        return interrupted


def interrupt(first: int, stride: int) -> None:
    identifier = shm4j._system().libc.shmget(0, 4096, 0o1600)
    with Block(identifier) as block:
        block.remove()
        for anew in (False, True):
            at = first
            header(block, shm4j._MAGIC, 1, 128)
            while Interrupted(identifier, at).run(anew):
                at += stride
                header(block, shm4j._MAGIC, 1, 128)
            print(at)


class Robbed(Block):
    """A block in which the producer's role is taken over as soon as a message is copied."""

    def __setitem__(self, part: slice, data: memoryview) -> None:
        self.all[part] = data
        self._store(shm4j._SLOT, 42 << 41 | 1)
        self._add(shm4j._SLOT_SUCCESSIONS, 1)

    def release(self) -> None:
        self.all.release()


def midway() -> None:
    identifier = shm4j._system().libc.shmget(0, 1 << 19, 0o1600)
    with Robbed(identifier) as block:
        block.remove()
        header(block, shm4j._MAGIC, 1, 1 << 18)
        producer = Ring(block).producer()
        block.all, block._bytes = block._bytes, block
        tell("write", lambda: producer.write(bytes(20000)))
        print(block._load(shm4j._PRODUCER_POSITION), block._load(shm4j._RECORDS))


def tell(what: str, action) -> None:
    try:
        print(what, action())
    except shm4j.LostError as lost:
        print(what, "lost")
        if "process " not in str(lost):
            sys.exit(str(lost))


def robbed(identifier: int) -> None:
    with contextlib.ExitStack() as stack:
        ring = Ring(stack.enter_context(Block(identifier)))
        while True:
            consumer = ring.consumer()
            producer = ring.producer()
            first = consumer.read()
            next = consumer.peek()
            fields = shm4j._stat(shm4j._link("/proc/self"))
            print(shm4j._start_time(fields), first and first.type, next and next.type, flush=True)
            told = sys.stdin.readline()
            if told == "late\n":
                tell("release", consumer.release)
                tell("write", lambda: producer.write(b"late", 8))
                print("said", flush=True)
                sys.stdin.readline()
                tell("peek", lambda: consumer.peek().type)
                tell("close", consumer.close)
                tell("close", producer.close)
            if told != "go\n":
                return
            tell("release", consumer.release)
            tell("peek", consumer.peek)
            tell("read", lambda: consumer.read(None))
            tell("write", lambda: producer.write(b"robbed"))
            tell("wait", lambda: producer.write(b"robbed" * 10, timeout=None))
            print("said", flush=True)
            sys.stdin.readline()
            other = stack.enter_context(Block(identifier))
            again = Ring(other).consumer(), Ring(other).producer()
            tell("peek", consumer.peek)
            tell("write", lambda: producer.write(b"robbed"))
            consumer.close()
            producer.close()
            tell("again", lambda: again[0].peek() is None and again[1].write(b"again", 9) and again[0].peek().type)
            print("said", flush=True)
            sys.stdin.readline()
            again[0].close()
            again[1].close()


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    globals()[command](*map(int, arguments))
