"""Answers for any operation, in every protocol, with the freedom that servers take.

Variants: `all` members, the `required` ones, `empty` answers, `null` for every other member where the protocol can say
it, and `maximal`: long lists, large numbers, deep recursion.
"""

import base64
import datetime
import json
import random
from email.utils import format_datetime
from xml.sax.saxutils import escape

import cbor
from botocore.awsrequest import HeadersDict
from examples import DEEPEST, EPOCH

FULL = ("all", "null", "maximal")
TEXTS = ("plain", "S <&> é \"q\" 'a'", " edges ", "two\nlines", "50%", "[x]", "")
LARGEST = {
    "integer": (2**31 - 1, -(2**31)),
    "long": (2**63 - 1, -(2**63)),
    "double": (1.7976931348623157e308, 5e-324),
    "string": ("é→世界 \U0001f600 <&>\t'\"" * 20, "x" * 1000),
}


def success(parser, protocol, operation, variant, seed):
    """A response as botocore's parsers take it: status, headers and body."""
    dice = random.Random(seed)
    shape = operation.output_shape
    headers = HeadersDict({"x-amzn-requestid": "id-1"})
    body = b""
    if shape is not None:
        everything = variant in FULL
        if protocol.startswith("rest"):
            head(shape, headers, everything, dice)
        body = document(parser, protocol, operation, shape, variant, dice)
    elif protocol in ("query", "ec2"):
        body = b"<Response><RequestId>id-1</RequestId></Response>"
    status = operation.http.get("responseCode") or 200
    return {"status_code": status, "headers": headers, "body": body, "context": {}}


def failure(parser, protocol, error, seed):
    dice = random.Random(seed)
    code = error.error_code if error else "Unmodelled"
    headers = HeadersDict({"x-amzn-requestid": "id-2"})
    maker = Maker(dice, True, parser)
    status = error.metadata.get("error", {}).get("httpStatusCode", 400) if error else 400
    if "xml" in protocol or protocol in ("query", "ec2"):
        inner = maker.members(error) if error and not error.serialization.get("payload") else ""
        # The members of an error often repeat these two.
        for known in ("Code", "Message"):
            if f"<{known}" in inner:
                inner = ""
        inner = f"<Code>{code}</Code><Message>no &amp; no</Message>{inner}"
        if protocol == "ec2":
            body = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>id-2</RequestID></Response>"
        else:
            body = f"<ErrorResponse><Error>{inner}</Error><RequestId>id-2</RequestId></ErrorResponse>"
    else:
        maker = CborMaker(dice, True, parser) if "cbor" in protocol else maker
        told = maker.structure(error, ()) if error else {}
        told = {key: value for key, value in told.items() if key.lower() not in ("message", "code", "__type")}
        told["message"] = "no & no"
        if protocol == "rest-json" and dice.random() < 0.5:
            headers["x-amzn-errortype"] = f"{code}:http://internal.amazon.com/coral/"
        elif dice.random() < 0.5:
            told["__type"] = f"com.amazonaws.x#{code}"
        else:
            told["__type"] = code
        if "cbor" in protocol:
            return {"status_code": status, "headers": headers, "body": cbor.encode(told), "context": {}}
        body = json.dumps(told)
    return {"status_code": status, "headers": headers, "body": body.encode(), "context": {}}


def head(shape, headers, everything, dice):
    """Puts the members that travel as headers."""
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        if not everything and name not in shape.required_members:
            continue
        if location == "headers":
            headers[wire + "one"] = "v1"
            headers[wire + "two"] = "v 2"
        elif location == "header" and member.serialization.get("jsonvalue"):
            headers[wire] = base64.b64encode(b'{"a":[1,null,"x"]}').decode()
        elif wire == "Expires" and dice.random() < 0.5:
            headers[wire] = "never"
        elif location == "header":
            headers[wire] = {
                "timestamp": lambda: moment(member, "rfc822", dice),
                "integer": lambda: "7",
                "long": lambda: str(2**40),
                "boolean": lambda: dice.choice(("true", "false")),
                "float": lambda: "1.5",
                "double": lambda: "1.5",
                "list": lambda: "a, b,c d",
            }.get(member.type_name, lambda: "header value")()


def document(parser, protocol, operation, shape, variant, dice):
    if operation.name == "GetBucketLocation":
        text = "" if variant == "empty" else "eu-west-1"
        return f'<LocationConstraint xmlns="http://example.com/doc/">{text}</LocationConstraint>'.encode()
    payload = shape.serialization.get("payload") if protocol.startswith("rest") else None
    inner = shape.members[payload] if payload else shape
    if payload and inner.type_name in ("blob", "string"):
        return b"raw \xc3\xa9 body"
    maker = Maker(dice, variant in FULL, parser, variant)
    if "json" in protocol:
        if variant == "empty":
            return dice.choice((b"", b"{}"))
        return json.dumps(maker.value(inner, ())).encode()
    if "cbor" in protocol:
        maker = CborMaker(dice, variant in FULL, parser, variant)
        return cbor.encode(maker.value(inner, ()) if variant != "empty" else {})
    content = maker.members(inner) if variant != "empty" else ""
    if protocol == "query":
        wrapper = shape.serialization.get("resultWrapper")
        if wrapper:
            content = f"<{wrapper}>{content}</{wrapper}>"
        content += "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"
    if protocol == "ec2":
        content = f"<requestId>id-1</requestId>{content}"
    if protocol == "rest-xml" and variant == "empty" and dice.random() < 0.5:
        return b""
    name = f"{operation.name}Response"
    start = f'{name} xmlns="http://example.com/doc/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{start}>{content}</{name}>\n'.encode()


def moment(shape, default, dice):
    """A timestamp as text or number, in the format of its shape."""
    value = EPOCH + datetime.timedelta(
        seconds=dice.choice((0, 1577934245, 4102444800)), microseconds=dice.choice((0, 123000, 123456))
    )
    wanted = shape.serialization.get("timestampFormat", default)
    if wanted == "rfc822":
        return format_datetime(value, usegmt=True)
    if wanted == "unixTimestamp":
        return dice.choice((value.timestamp(), int(value.timestamp())))
    zulu = value.replace(tzinfo=None).isoformat(timespec=dice.choice(("auto", "microseconds")))
    return zulu + dice.choice(("Z", "Z", "+00:00", "+02:00"))


class Maker:
    """Values as JSON has them, and elements as XML has them."""

    unknown = {"unknownMember": {"x": [1]}}

    def __init__(self, dice, everything, parser, variant=None):
        self.dice = dice
        self.everything = everything
        self.parser = parser
        self.nulls = variant == "null"
        self.maximal = variant == "maximal"
        # Structures in all, where they may stand within themselves.
        self.room = 120

    def ends(self, shape, seen):
        """Whether a structure stands too deep, or once too often."""
        self.room -= self.maximal
        return seen.count(shape.name) > 2 * self.maximal or len(seen) > DEEPEST or self.room < 0

    def chosen(self, shape):
        names = [name for name, member in shape.members.items() if not member.serialization.get("location")]
        if shape.is_tagged_union:
            return [self.dice.choice(names)]
        if not self.everything:
            return [name for name in names if name in shape.required_members]
        return names

    # JSON

    def value(self, shape, seen):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, seen)
        if kind == "list":
            values = [self.value(shape.member, seen + (shape.name,)) for _ in range(self.size())]
            values = [value for value in values if value is not None]
            if values and self.everything and shape.member.type_name in ("string", "structure", "integer"):
                values.append(None)
            return values
        if kind == "map":
            values = {key: self.value(shape.value, seen + (shape.name,)) for key in ("k1", "k 2", "ü")}
            return {key: value for key, value in values.items() if value is not None}
        if kind == "timestamp":
            return self.moment(shape)
        if kind == "blob":
            return self.blob()
        return self.scalar(kind)

    def moment(self, shape):
        return moment(shape, "unixTimestamp", self.dice)

    def blob(self):
        return base64.b64encode(b"blob!").decode()

    def structure(self, shape, seen):
        if shape.is_document_type:
            return {"a": [1, None, {"b": 2.5}]}
        if self.ends(shape, seen):
            return None
        members = {}
        for name in self.chosen(shape):
            member = shape.members[name]
            if self.nulls and name not in shape.required_members and not shape.is_tagged_union:
                if self.dice.random() < 0.5:
                    members[member.serialization.get("name", name)] = None
                    continue
            value = self.value(member, seen + (shape.name,))
            if value is not None:
                members[member.serialization.get("name", name)] = value
        if shape.is_tagged_union:
            members["__type"] = "ignored"
            return members if len(members) == 2 else None
        if self.everything:
            members.update(self.unknown)
            items = list(members.items())
            self.dice.shuffle(items)
            members = dict(items)
        return members

    def scalar(self, kind):
        if self.maximal and kind in LARGEST:
            return self.dice.choice(LARGEST[kind])
        return {
            "integer": lambda: self.dice.choice((0, 7, -3)),
            "long": lambda: self.dice.choice((0, 2**53 + 1, -(2**40))),
            "float": lambda: self.dice.choice((1.5, 0.0, 1e21)),
            "double": lambda: self.dice.choice((0.1, 3.0, 1e-7)),
            "boolean": lambda: self.dice.random() < 0.5,
        }.get(kind, lambda: self.dice.choice(TEXTS))()

    def size(self):
        if self.maximal:
            return 6 if self.room > 60 else 1
        return self.dice.choice((0, 1, 2, 3)) if self.everything else 1

    # XML

    def members(self, shape, seen=()):
        """The children of a structure's element."""
        if self.ends(shape, seen):
            return ""
        content = ""
        for name in self.chosen(shape):
            member = shape.members[name]
            if not member.serialization.get("xmlAttribute"):
                wire = self.parser._member_key_name(member, name)
                content += self.element(member, wire, seen + (shape.name,)) + self.noise()
        if self.everything and not shape.is_tagged_union:
            content += "<UnknownMember><x>1</x></UnknownMember>"
        return content

    def noise(self):
        return self.dice.choice(("", "", "\n  ", "<!-- a comment -->"))

    def element(self, shape, name, seen):
        kind = shape.type_name
        if kind == "structure":
            content = self.members(shape, seen)
            if (shape.name in seen and not content) or (shape.is_tagged_union and not content):
                return ""
            return f"<{name}{self.attributes(shape)}>{content}</{name}>"
        if kind == "list":
            return self.list(shape, name, seen)
        if kind == "map":
            return self.map(shape, name, seen)
        return f"<{name}>{self.text(shape, kind)}</{name}>"

    def attributes(self, shape):
        names = (
            member.serialization["name"]
            for member in shape.members.values()
            if member.serialization.get("xmlAttribute")
        )
        return "".join(f' {name}="an &amp; attribute"' for name in names)

    def list(self, shape, name, seen):
        flattened = shape.serialization.get("flattened")
        each = name if flattened else shape.member.serialization.get("name", "member")
        size = max(self.size(), 1) if flattened else self.size()
        content = "".join(self.element(shape.member, each, seen + (shape.name,)) for _ in range(size))
        return content if flattened else f"<{name}>{content}</{name}>"

    def map(self, shape, name, seen):
        flattened = shape.serialization.get("flattened")
        each = name if flattened else "entry"
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        content = ""
        for text in ("k1", "k &amp; 2"):
            inner = self.element(shape.value, value, seen + (shape.name,))
            if inner:
                content += f"<{each}><{key}>{text}</{key}>{self.noise()}{inner}</{each}>"
        return content if flattened else f"<{name}>{content}</{name}>"

    def text(self, shape, kind):
        if kind == "timestamp":
            return moment(shape, "iso8601", self.dice)
        if kind == "blob":
            return base64.b64encode(b"blob!").decode()
        if kind == "boolean":
            return self.dice.choice(("true", "false"))
        if kind != "string":
            return self.scalar(kind)
        text = self.dice.choice(TEXTS)
        if text and self.dice.random() < 0.2:
            return f"<![CDATA[{text}]]>"
        return escape(text)


class CborMaker(Maker):
    """Values as CBOR has them."""

    # botocore hands out the values of a CBOR map as they come, with what its shapes do not know.
    unknown = {}

    def moment(self, shape):
        return cbor.Moment(self.dice.choice((0, 1577934245, 1577934245.5, -1.25)))

    def blob(self):
        return b"blob!\x00"
