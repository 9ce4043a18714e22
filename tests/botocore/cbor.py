"""Just enough CBOR to answer with: botocore can only write what a shape of an input says."""

import struct


class Moment:
    """Seconds since 1970, tagged as such."""

    def __init__(self, seconds):
        self.seconds = seconds


def encode(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        # A text of indefinite length, in two pieces, for those who stream.
        if len(data) == 5:
            return b"\x7f" + head(3, 2) + data[:2] + head(3, 3) + data[2:] + b"\xff"
        return head(3, len(data)) + data
    if isinstance(value, Moment):
        return head(6, 1) + encode(value.seconds)
    if isinstance(value, list):
        items = b"".join(encode(item) for item in value)
        return head(4, len(value)) + items if len(value) % 2 else b"\x9f" + items + b"\xff"
    items = b"".join(encode(key) + encode(item) for key, item in value.items())
    return head(5, len(value)) + items if len(value) % 2 else b"\xbf" + items + b"\xff"


def head(major, number):
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << (8 * size):
            return bytes([major << 5 | info]) + number.to_bytes(size, "big")
    raise OverflowError(number)
