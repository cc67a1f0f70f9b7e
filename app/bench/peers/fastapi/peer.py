"""The gateway's chat route as a good engineer would write it with FastAPI: authentication, validation, a limit on what is
in flight, metrics, and the engine's bytes passed on as they come. Metrics are counted in the handler, because
Starlette's BaseHTTPMiddleware would cost every chunk of a stream a queue of its own.

Usage: ENGINE_URL=http://…/v1 TOKEN_SHA256=… uvicorn peer:app --loop uvloop --http httptools --no-access-log
"""

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import httpx
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from pydantic import BaseModel, ConfigDict, Field

ENGINE_URL = os.environ["ENGINE_URL"]
MODEL = os.environ["MODEL"]
TOKEN_SHA256 = os.environ["TOKEN_SHA256"]
SLOTS = int(os.environ.get("MODEL_CONCURRENCY", "64"))

REQUESTS = Counter("requests_total", "Answered requests.", ["route", "status"])
DURATION = Histogram("request_duration_seconds", "From a request to the end of its answer.", ["route"])
TTFT = Histogram("ttft_seconds", "From a request to its first chunk.", ["model"])
QUEUE_WAIT = Histogram("queue_wait_seconds", "Wait for a place at the engine.", ["model"])
ROUTE = "/api/chat"


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")
    role: Literal["system", "user", "assistant"]
    content: Annotated[str, Field(min_length=1)]


class ChatBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    model: str = "current"
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    max_tokens: Annotated[int, Field(ge=1, le=8192)] = 1024


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    limits = httpx.Limits(max_connections=SLOTS, max_keepalive_connections=SLOTS)
    async with httpx.AsyncClient(base_url=ENGINE_URL, limits=limits, timeout=60) as client:
        app.state.client = client
        app.state.slots = asyncio.Semaphore(SLOTS)
        yield


app = FastAPI(lifespan=lifespan)
bearer = HTTPBearer()


async def authenticated(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> None:
    digest = hashlib.sha256(credentials.credentials.encode()).hexdigest()
    if not hmac.compare_digest(digest, TOKEN_SHA256):
        raise HTTPException(401, "Send a bearer token that this service knows.")


@app.post(ROUTE, dependencies=[Depends(authenticated)])
async def chat(body: ChatBody) -> StreamingResponse:
    started = time.perf_counter()
    slots: asyncio.Semaphore = app.state.slots
    client: httpx.AsyncClient = app.state.client
    await slots.acquire()
    QUEUE_WAIT.labels(MODEL).observe(time.perf_counter() - started)
    try:
        request = client.build_request(
            "POST",
            "chat/completions",
            json={
                "model": MODEL,
                "messages": [message.model_dump() for message in body.messages],
                "max_tokens": body.max_tokens,
                "temperature": body.temperature,
                "stream": True,
                "stream_options": {"include_usage": True},
            },
        )
        upstream = await client.send(request, stream=True)
    except httpx.HTTPError as error:
        slots.release()
        REQUESTS.labels(ROUTE, "503").inc()
        raise HTTPException(503, "The engine cannot be reached.") from error
    if upstream.status_code != 200:
        await upstream.aclose()
        slots.release()
        REQUESTS.labels(ROUTE, "502").inc()
        raise HTTPException(502, "The engine gave an answer that could not be used.")

    async def passed_on() -> AsyncIterator[bytes]:
        first = True
        try:
            async for chunk in upstream.aiter_raw():
                if first:
                    first = False
                    TTFT.labels(MODEL).observe(time.perf_counter() - started)
                yield chunk
        finally:
            await upstream.aclose()
            slots.release()
            REQUESTS.labels(ROUTE, "200").inc()
            DURATION.labels(ROUTE).observe(time.perf_counter() - started)

    headers = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}
    return StreamingResponse(passed_on(), media_type="text/event-stream", headers=headers)


@app.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
