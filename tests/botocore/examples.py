"""Parameters for any shape.

Variants: `all` members, the `required` ones (also `null`, where the caller adds nulls for the others), `empty` ones,
and `maximal`: all members with long lists, large numbers, deep recursion and texts of every kind.
"""

import datetime
import random

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
TEXTS = ("plain", "a b", "ü→é", "<a & 'b' \"c\">", "x=1&y=2;z", "50%+1", "~tilde-dot.under_", " edges ", "line\nbreak", "")
DEEPEST = 7
# Everything that a text may hold: controls, quotes, scripts from right to left, letters beyond the basic plane.
LONG = "\t\"\\'<>&;,=+%#?/ é→世界 \u05d0\u200f \U0001f600 " * 5
ARN = "arn:aws:{}:us-west-2:123456789012:{}"
ADDRESSES = {
    "Bucket": "bucket-1",
    "AccountId": "123456789012",
    "StreamARN": ARN.format("kinesis", "stream/s"),
    "ConsumerARN": ARN.format("kinesis", "stream/s/consumer/c:1"),
    "ResourceARN": ARN.format("kinesis", "stream/s"),
    "KvsARN": "arn:aws:cloudfront::123456789012:key-value-store/k",
    "EndpointId": "abc.123",
    "OutpostId": "op-01234567890123456",
}


def microseconds(moment):
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


def parameters(shape, variant, seed):
    if shape is None or variant == "empty":
        return {}
    if variant == "maximal":
        return Maximal(random.Random(seed), True).structure(shape, ())
    return Examples(random.Random(seed), variant == "all").structure(shape, ())


def address(service, name, parameters):
    """A value that the endpoint rules take, for a member that they look at."""
    return ADDRESSES.get(name, f"{service}-1")


class Examples:
    # How often a structure may stand within itself.
    recursion = 0

    def __init__(self, dice, everything):
        self.dice = dice
        self.everything = everything

    def afford(self):
        """Whether there is room for another structure."""
        return True

    def value(self, shape, seen):
        """A value, or None where the shape recurs or is nested too deep."""
        make = getattr(self, shape.type_name, self.string)
        return make(shape, seen)

    def structure(self, shape, seen):
        if shape.is_document_type:
            return self.document()
        if seen.count(shape.name) > self.recursion or len(seen) > DEEPEST or not self.afford():
            return None
        names = list(shape.members)
        if shape.is_tagged_union:
            names = [self.dice.choice(names)]
        elif not self.everything:
            names = [name for name in names if name in shape.required_members]
        members = {}
        for name in names:
            value = self.value(shape.members[name], seen + (shape.name,))
            if value is not None:
                members[name] = value
        return members

    def list(self, shape, seen):
        size = self.dice.choice((0, 1, 2, 3)) if self.everything else 1
        values = [self.value(shape.member, seen + (shape.name,)) for _ in range(size)]
        return [value for value in values if value is not None]

    def map(self, shape, seen):
        entries = {}
        for key in self.dice.sample(("k1", "k 2", "k&3", "kü"), 2):
            # A prefix of headers or a query takes no other keys.
            key = key if not shape.serialization.get("location") else f"k-{len(key)}"
            value = self.value(shape.value, seen + (shape.name,))
            if value is not None:
                entries[key] = value
        return entries

    def string(self, shape, seen):
        location = shape.serialization.get("location")
        if shape.serialization.get("hostLabel"):
            return "host-label"
        if location == "header" and shape.serialization.get("jsonvalue"):
            return self.document()
        if getattr(shape, "enum", None):
            return self.dice.choice(shape.enum)
        texts = [text for text in TEXTS if text]
        if location in ("header", "headers") or not self.everything:
            texts = ["plain", "a b", 'quo"ted', "com,ma", "x/y"]
        if location is None:
            texts.append("")
        return self.dice.choice(texts)

    def integer(self, shape, seen):
        return self.dice.choice((0, 1, 7, -3, 2**31 - 1))

    def long(self, shape, seen):
        return self.dice.choice((0, 5, -(2**40), 2**53 + 1, 2**63 - 1))

    def float(self, shape, seen):
        return self.dice.choice((0.0, 1.5, -2.25, 1e21, 1e-7, 100.0))

    def double(self, shape, seen):
        return self.dice.choice((0.1, 3.0, 1e300, float("nan"), float("inf"), float("-inf")))

    def boolean(self, shape, seen):
        return self.dice.random() < 0.5

    def blob(self, shape, seen):
        return self.dice.choice((b"bytes", b"\x00\xff\xfe", b"{}", b""))

    def timestamp(self, shape, seen):
        seconds = self.dice.choice((0, 1577934245, 4102444800, -86400))
        micros = self.dice.choice((0, 0, 123456, 500000, 100))
        return EPOCH + datetime.timedelta(seconds=seconds, microseconds=micros)

    def document(self):
        return {"text": "t", "list": [1, 2.5, None, True], "nested": {"empty": {}}}


class Maximal(Examples):
    """As much as there is room for."""

    recursion = 2

    def __init__(self, dice, everything):
        super().__init__(dice, everything)
        self.room = 150

    def afford(self):
        self.room -= 1
        return self.room >= 0

    def list(self, shape, seen):
        # Wide only near the top: the size of a tree is a product.
        size = 12 if len(seen) < 3 else 2
        values = [self.value(shape.member, seen + (shape.name,)) for _ in range(size)]
        return [value for value in values if value is not None]

    def string(self, shape, seen):
        if shape.serialization.get("location") or getattr(shape, "enum", None):
            return super().string(shape, seen)
        return self.dice.choice((LONG, "x" * 2000))

    def integer(self, shape, seen):
        return self.dice.choice((2**31 - 1, -(2**31)))

    def long(self, shape, seen):
        return self.dice.choice((2**63 - 1, -(2**63)))

    def float(self, shape, seen):
        return self.dice.choice((3.4028234663852886e38, 1.401298464324817e-45))

    def double(self, shape, seen):
        return self.dice.choice((1.7976931348623157e308, 5e-324, 0.1 + 0.2))

    def blob(self, shape, seen):
        return bytes(range(256)) * 4

    def timestamp(self, shape, seen):
        return EPOCH + datetime.timedelta(seconds=self.dice.choice((253402300799, 1, -2208988800)))
