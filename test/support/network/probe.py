"""Measures a path by UDP: `echo ADDRESS` sends everything back; `send ADDRESS RATE SECONDS` prints what came back.

The output of `send` is { sent, received, p50Ms, p95Ms, maxMs } of the round-trip times.
"""

import json
import select
import socket
import struct
import sys
import time

PORT = 7007
STAMP = struct.Struct("!d")
# What waits in the sockets' buffers must not be lost there. Python has no name for this one.
SO_RCVBUFFORCE = 33
BUFFER = 4 * 1024 * 1024


def open_socket():
    endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    endpoint.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    return endpoint


def echo(address):
    endpoint = open_socket()
    endpoint.bind((address, PORT))
    print("ready", flush=True)
    while True:
        packet, sender = endpoint.recvfrom(2048)
        endpoint.sendto(packet, sender)


def send(address, rate, seconds):
    endpoint = open_socket()
    endpoint.connect((address, PORT))
    endpoint.setblocking(False)
    padding = b"x" * 1000
    began = time.monotonic()
    sent = 0
    times = []
    while time.monotonic() < began + seconds + 0.5:
        now = time.monotonic()
        while sent < min(now - began, seconds) * rate:
            endpoint.send(STAMP.pack(time.monotonic()) + padding)
            sent += 1
        readable, _, _ = select.select([endpoint], [], [], 0.0005)
        while readable:
            try:
                packet = endpoint.recv(2048)
            except BlockingIOError:
                break
            times.append((time.monotonic() - STAMP.unpack_from(packet)[0]) * 1000)
    times.sort()
    share = lambda part: round(times[min(len(times) - 1, int(len(times) * part))], 2) if times else None
    print(json.dumps({"sent": sent, "received": len(times), "p50Ms": share(0.5), "p95Ms": share(0.95), "maxMs": share(1)}))


if sys.argv[1] == "echo":
    echo(sys.argv[2])
else:
    send(sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
