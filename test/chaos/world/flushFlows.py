"""Makes the kernel forget every flow that it tracks in this network namespace, as `conntrack -F` does."""

import socket
import struct

NETLINK_NETFILTER = 12
CTNETLINK_DELETE = (1 << 8) | 2
NLM_F_REQUEST = 1
NLM_F_ACK = 4

with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as kernel:
    kernel.bind((0, 0))
    # A header of 16 bytes, then the family (any), the version and a resource that is not used.
    kernel.send(struct.pack("=IHHIIBBH", 20, CTNETLINK_DELETE, NLM_F_REQUEST | NLM_F_ACK, 1, 0, 0, 0, 0))
    error = struct.unpack_from("=i", kernel.recv(4096), 16)[0]
    if error:
        raise OSError(-error, "the kernel does not forget")
