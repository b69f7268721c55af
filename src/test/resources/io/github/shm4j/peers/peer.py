"""A peer in Python, to be killed at any moment. It uses peers/shm4j.py, and runs with all warnings as errors.

usage: peer.py produce ID ID_OF_NOTES NUMBER    writes messages for ever, and notes how many before and after each
       peer.py consume ID ID_OF_JOURNAL         reads messages for ever, and notes how many it has had; ends if one is wrong
       peer.py value ID VERSION                 reads a latest value, read-only, until that version has come
       peer.py broadcast ID                     reads a broadcast, read-only, up to a message of type 2
       peer.py refusals SPSC MPSC VALUE         is refused what is wrong, in each way
       peer.py hostile SEED ROUNDS              uses memory that is overwritten

A message is its producer's number, its own number, a checksum of what follows, and some bytes.
"""

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
            if message.type == 2:
                print(f"{received + lost} sent")
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


def evil(old: int) -> int:
    return random.choice(
        [0, old + 8, old - 8, old ^ 1 << random.randrange(64), -1, 1 << random.randrange(64), -1 << 32 | random.randrange(4096),
         1 << 32 | random.randrange(4096), random.getrandbits(64)]
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


def use(block: Block, sort: int) -> int:
    if sort == 0:
        ring = Ring(block)
        with ring.producer() as producer, ring.consumer() as consumer:
            producer.write(os.urandom(random.randrange(ring.longest)))
            return consumer.read() is not None
    if sort == 1:
        return LatestValue(block).read() is not None
    return BroadcastReader(block, from_oldest=random.random() < 0.5).read() is not None


def hostile(seed: int, rounds: int) -> None:
    random.seed(seed)
    size = 4096
    identifier = shm4j._system().libc.shmget(0, size, 0o1600)
    found = 0
    messages = 0
    with Block(identifier) as block:
        block.remove()
        for _ in range(rounds):
            sort = random.randrange(3)
            header(block, *[(shm4j._MAGIC, 1, 1024), (shm4j._VALUE_MAGIC, 4, 100), (shm4j._BROADCAST_MAGIC, 8, 1024)][sort])
            block._store(128, random.randrange(2))
            for _ in range(20):
                place = 8 * random.choice([16, 32, 33, 48, 49, 64, 96, 112, 128, random.randrange(size // 8)])
                # A version of 0 would be waited for.
                if random.random() < 0.3 and place != 8:
                    block._store(place, evil(block._load(place)))
                try:
                    messages += use(block, sort)
                except shm4j.Shm4jError:
                    found += 1
            for role in list(block._roles):
                role._give_back()
    print(f"{messages > 0} {found > 0}")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    globals()[command](*map(int, arguments))
