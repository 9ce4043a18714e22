"""What botocore's waiters make of answers and errors, for tests/it/waiters.rs.

Prints JSON lines, one for each case:

    {"service", "waiter", "seen": {"status", "answer"} or {"status", "code"}, "decision"}

`decision` is the index of the first acceptor that matches, null where none does, or "raises". The answers are made
for every acceptor from its expression and the output shape, so that it matches, and then spoilt: empty, partial, with
lists that are empty or mixed. botocore's own acceptors decide each.
"""

import copy
import json

import botocore.loaders
import jmespath
from botocore.model import ServiceModel
from botocore.waiter import AcceptorConfig, WaiterModel


def main():
    loader = botocore.loaders.Loader()
    for service in loader.list_available_services("waiters-2"):
        version = loader.determine_latest_version(service, "waiters-2")
        waiters = WaiterModel(loader.load_service_model(service, "waiters-2", version))
        model = ServiceModel(loader.load_service_model(service, "service-2"), service)
        for name in waiters.waiter_names:
            config = waiters.get_waiter(name)
            shape = model.operation_model(config.operation).output_shape
            for case in cases(config.acceptors, shape):
                emit(service, name, config.acceptors, case)


def cases(acceptors, shape):
    yield {"status": 200, "answer": {}}
    yield {"status": 500, "code": "SomethingElse"}
    wanted = []
    for acceptor in acceptors:
        if acceptor.matcher == "status":
            yield {"status": acceptor.expected, "answer": {}}
            yield {"status": acceptor.expected, "code": str(acceptor.expected)}
        elif acceptor.matcher == "error":
            code = acceptor.expected if isinstance(acceptor.expected, str) else "AnyError"
            yield {"status": 400, "code": code}
        else:
            wanted.append(acceptor)
    for acceptor in wanted:
        values = [acceptor.expected, "something else", None, True, False, 0, 1, 2]
        values += [other.expected for other in wanted]
        values += literals(jmespath.compile(acceptor.argument).parsed)
        known = set()
        for document in documents(shape, acceptor, values):
            text = json.dumps(document, sort_keys=True)
            if text not in known:
                known.add(text)
                yield {"status": 200, "answer": document}


def literals(node):
    """The values that an expression compares with: those that its data may have to have."""
    own = [node["value"]] if node["type"] == "literal" else []
    return own + [value for child in node["children"] for value in literals(child)]


def documents(shape, acceptor, values):
    """Answers in which the members that the expression names hold one value, or two that alternate; lists of 0 to 3."""
    names = set(fields(jmespath.compile(acceptor.argument).parsed))
    for length in (0, 1, 2, 3):
        for value in values:
            for second in (value, acceptor.expected, "something else"):
                yield make(shape, names, length, [value, second], [0])
    whole = make(shape, names, 2, [acceptor.expected], [0])
    yield from partial(whole)


def fields(node):
    own = [node["value"]] if node["type"] == "field" else []
    return own + [name for child in node["children"] for name in fields(child)]


def make(shape, names, length, values, turn, depth=0):
    if shape is None or depth > 12:
        return {} if shape is None else None
    kind = shape.type_name
    if kind == "structure":
        found = {}
        for name, member in shape.members.items():
            if name in names:
                found[name] = make(member, names, length, values, turn, depth + 1)
        return found
    if kind == "list":
        return [make(shape.member, names, length, values, turn, depth + 1) for _ in range(length)]
    if kind == "map":
        return {f"key{i}": make(shape.value, names, length, values, turn, depth + 1) for i in range(length)}
    value = values[turn[0] % len(values)]
    turn[0] += 1
    return value


def partial(document):
    """The document with one thing missing, at every depth and in each place."""
    items = document.items() if isinstance(document, dict) else enumerate(document or [])
    for key, value in list(items):
        less = copy.deepcopy(document)
        del less[key]
        yield less
        if isinstance(value, (dict, list)):
            for smaller in partial(value):
                other = copy.deepcopy(document)
                other[key] = smaller
                yield other


def emit(service, waiter, acceptors, seen):
    response = {"ResponseMetadata": {"HTTPStatusCode": seen["status"]}}
    if "code" in seen:
        response["Error"] = {"Code": seen["code"], "Message": ""}
    else:
        response.update(seen["answer"])
    print(json.dumps({"service": service, "waiter": waiter, "seen": seen, "decision": decide(acceptors, response)}))


def decide(acceptors, response):
    for index, acceptor in enumerate(acceptors):
        assert isinstance(acceptor, AcceptorConfig)
        try:
            if acceptor.matcher_func(response):
                return index
        except jmespath.exceptions.JMESPathError:
            return "raises"
    return None


main()
