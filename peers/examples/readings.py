"""Receives the readings that Readings.java sends, and says how many there were, and how warm it was."""

import struct

from shm4j import Block, Ring, ftok

# region use
READING = struct.Struct("=qii")  # nanos, sensor, millidegrees
READING_TYPE, END_TYPE = 1, 2

with Block.attach(ftok(".", "p")) as block, Ring(block).consumer() as consumer:
    degrees = []
    for message in consumer.messages():
        if message.type == END_TYPE:
            break
        nanos, sensor, millidegrees = READING.unpack(message.data)
        degrees.append(millidegrees / 1000)
    block.remove()  # Nobody needs the ring any more.
# endregion use

print(f"Python: {len(degrees)} readings, {sum(degrees) / len(degrees):.4f} degrees on average")
