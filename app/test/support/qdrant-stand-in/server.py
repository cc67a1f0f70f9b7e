"""A stand-in for Qdrant's server, which no package registry carries: the REST routes that the gateway uses, over the local
mode of Qdrant's own Python client. Every body is validated by that client's models of the REST protocol, which refuse
unknown fields, so that a request that a real server would refuse with 400 is refused here too.

It is not Qdrant: search is exact, payload indexes do nothing, and all requests take turns.

Usage: python server.py [API_KEY]      prints "listening on PORT"
"""

import json
import re
import sys
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter, ValidationError
from qdrant_client.http import models
from qdrant_client.local.qdrant_local import QdrantLocal

warnings.filterwarnings("ignore")

API_KEY = sys.argv[1] if len(sys.argv) > 1 else None
QDRANT = QdrantLocal(location=":memory:")
LOCK = threading.Lock()


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def parsed(model, body):
    """The body as a model. Strict: Qdrant takes no "5" for a 5."""
    try:
        return TypeAdapter(model).validate_json(body, strict=True)
    except ValidationError as error:
        raise Refused(400, f"Format error in JSON body: {error}") from error


def create_collection(name, body):
    request = parsed(models.CreateCollection, body)
    # A name that is an alias is taken too.
    if QDRANT.collection_exists(name):
        raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
    return QDRANT.create_collection(name, vectors_config=request.vectors, on_disk_payload=request.on_disk_payload)


def create_index(name, body):
    request = parsed(models.CreateFieldIndex, body)
    return QDRANT.create_payload_index(name, request.field_name, field_schema=request.field_schema)


def upsert(name, body):
    request = parsed(models.PointInsertOperations, body)
    assert isinstance(request, models.PointsList), "the gateway sends lists"
    return QDRANT.upsert(name, request.points)


def delete(name, body):
    return QDRANT.delete(name, parsed(models.PointsSelector, body))


def query(name, body):
    request = parsed(models.QueryRequest, body)
    return QDRANT.query_points(
        name,
        query=request.query,
        query_filter=request.filter,
        limit=request.limit or 10,
        with_payload=request.with_payload or False,
        score_threshold=request.score_threshold,
    )


def retrieve(name, body):
    request = parsed(models.PointRequest, body)
    return QDRANT.retrieve(name, request.ids, with_payload=request.with_payload, with_vectors=request.with_vector)


def scroll(name, body):
    request = parsed(models.ScrollRequest, body)
    points, offset = QDRANT.scroll(
        name,
        scroll_filter=request.filter,
        limit=request.limit or 10,
        offset=request.offset,
        with_payload=request.with_payload,
        with_vectors=request.with_vector,
    )
    return models.ScrollResult(points=points, next_page_offset=offset)


def count(name, body):
    request = parsed(models.CountRequest, body)
    return QDRANT.count(name, count_filter=request.filter, exact=request.exact)


def change_aliases(_name, body):
    request = parsed(models.ChangeAliasesOperation, body)
    return QDRANT.update_collection_aliases(request.actions)


COLLECTION = r"^/collections/(?P<name>[^/]+)"
ROUTES = [
    ("GET", re.compile(r"^/collections$"), lambda _name, _body: QDRANT.get_collections()),
    ("POST", re.compile(r"^/collections/aliases$"), change_aliases),
    ("GET", re.compile(COLLECTION + "$"), lambda name, _body: QDRANT.get_collection(name)),
    ("PUT", re.compile(COLLECTION + "$"), create_collection),
    ("PUT", re.compile(COLLECTION + "/index$"), create_index),
    ("PUT", re.compile(COLLECTION + "/points$"), upsert),
    ("POST", re.compile(COLLECTION + "/points$"), retrieve),
    ("POST", re.compile(COLLECTION + "/points/delete$"), delete),
    ("POST", re.compile(COLLECTION + "/points/query$"), query),
    ("POST", re.compile(COLLECTION + "/points/scroll$"), scroll),
    ("POST", re.compile(COLLECTION + "/points/count$"), count),
]


def answer(method, path, body):
    for verb, pattern, handler in ROUTES:
        match = pattern.match(path)
        if verb == method and match is not None:
            name = unquote(match.groupdict().get("name") or "")
            try:
                with LOCK:
                    return handler(name, body)
            except ValueError as error:
                # The local mode's one error for a collection that is not there.
                raise Refused(404 if "not found" in str(error) else 400, str(error)) from error
    raise Refused(404, f"no route {method} {path}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it an answer's second packet waits for the first one's acknowledgement.
    disable_nagle_algorithm = True

    def serve(self):
        started = time.perf_counter()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            if API_KEY is not None and self.headers.get("api-key") != API_KEY:
                raise Refused(401, "Must provide an API key or an Authorization bearer token")
            result = answer(self.command, urlsplit(self.path).path, body)
            plain = TypeAdapter(object).dump_python(result, mode="json")
            self.reply(200, {"result": plain, "status": "ok", "time": time.perf_counter() - started})
        except Refused as refused:
            status = {"error": str(refused)}
            self.reply(refused.status, {"status": status, "time": time.perf_counter() - started})

    do_GET = do_PUT = do_POST = do_DELETE = serve

    def reply(self, status, content):
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
