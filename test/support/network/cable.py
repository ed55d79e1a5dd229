"""Carries packets between two TUN devices, each in a network namespace of its own, late and not all of them.

Started by Cable.ts with one JSON argument: { ends: [{ namespace, device }, the same], seed }. Each line of JSON on
stdin sets the quality of the cable from then on ({ delayMs, jitterMs, loss }, for both directions; loss may also be
{ there, back }) and is answered by a line with the counts so far. It ends when stdin does, so that nothing outlives the process that wanted the cable.
"""

import collections
import ctypes
import fcntl
import gc
import json
import os
import random
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
LARGEST_PACKET = 65536
# Packets that are read in a row before those that are due are looked at again.
BURST = 32

libc = ctypes.CDLL(None, use_errno=True)


def open_device(namespace, device):
    """A TUN device belongs to the namespace in which it was opened; its descriptor works from anywhere."""
    place = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(place, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter the namespace {namespace}")
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))
        return descriptor
    finally:
        os.close(place)


class Direction:
    def __init__(self, name, source, target, seed):
        self.name = name
        self.source = source
        self.target = target
        self.random = random.Random(f"{seed}-{name}")
        self.under_way = collections.deque()
        self.last_due = 0.0
        self.carried = 0
        self.lost = 0

    def take(self, quality):
        """Reads what has arrived, decides its fate, and keeps what survives until it is due."""
        loss = quality["loss"][self.name] if isinstance(quality["loss"], dict) else quality["loss"]
        for _ in range(BURST):
            try:
                packet = os.read(self.source, LARGEST_PACKET)
            except BlockingIOError:
                return
            if self.random.random() < loss:
                self.lost += 1
                continue
            jitter = self.random.uniform(0, quality["jitterMs"])
            due = time.monotonic() + (quality["delayMs"] + jitter) / 1000
            # A packet that waits makes those behind it wait: jitter on real lines comes from queues, and keeps order.
            self.last_due = max(self.last_due, due)
            self.under_way.append((self.last_due, packet))

    def deliver(self, now):
        while self.under_way and self.under_way[0][0] <= now:
            _, packet = self.under_way.popleft()
            try:
                os.write(self.target, packet)
                self.carried += 1
            except OSError:
                # The device is down or its namespace has just gone: as on a cable that was pulled out.
                self.lost += 1

    def next_due(self):
        return self.under_way[0][0] if self.under_way else None


def main():
    options = json.loads(sys.argv[1])
    a, b = (open_device(end["namespace"], end["device"]) for end in options["ends"])
    directions = [Direction("there", a, b, options["seed"]), Direction("back", b, a, options["seed"])]
    quality = {"delayMs": 0, "jitterMs": 0, "loss": 0}
    try:
        # The delay must not depend on how busy the machine is.
        os.nice(-15)
    except PermissionError:
        pass
    # Nothing here makes cycles, and a collection in the middle would be seen as jitter.
    gc.disable()
    orders = b""
    while True:
        now = time.monotonic()
        due = [moment for moment in (direction.next_due() for direction in directions) if moment is not None]
        # Python's select() takes microseconds, epoll() and poll() milliseconds.
        readable, _, _ = select.select([a, b, 0], [], [], max(0.0, min(due) - now) if due else None)
        if 0 in readable:
            chunk = os.read(0, 4096)
            if not chunk:
                return
            *lines, orders = (orders + chunk).split(b"\n")
            for line in lines:
                quality.update(json.loads(line))
                counts = [{"carried": direction.carried, "lost": direction.lost} for direction in directions]
                os.write(1, json.dumps(counts).encode() + b"\n")
        for direction in directions:
            direction.deliver(time.monotonic())
            if direction.source in readable:
                direction.take(quality)


main()
