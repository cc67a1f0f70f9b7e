"""The scenes of test/clients by OpenAI's Python client: one line of JSON each, with its value or its error."""

import json
import math
import os
import sys
import time

import openai

CLIENT = os.environ["CLIENT_NAME"]
MODEL = os.environ["CLIENT_MODEL"]
EMBEDDER = os.environ["CLIENT_EMBEDDER"]
# Base URL and key come from OPENAI_BASE_URL and OPENAI_API_KEY.
client = openai.OpenAI()
once = client.with_options(max_retries=0)

TIMEOUT_SECONDS = 0.4
WORDS_READ = 3
LONG_TEXT = "word " * 8_000
TOOL_RESULT = "21 degrees in Seoul"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]
CITY_FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "weather",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "celsius": {"type": "number"}},
            "required": ["city", "celsius"],
            "additionalProperties": False,
        },
    },
}


def user(scene, text="How are you?"):
    return [{"role": "user", "content": f"{scene} {CLIENT}: {text}"}]


def create(at, scene, text="How are you?", **options):
    return at.chat.completions.create(model=MODEL, messages=user(scene, text), **options)


def chat():
    answer = create(client, "chat")
    choice = answer.choices[0]
    return {"text": choice.message.content, "finish": choice.finish_reason, "usage": answer.usage.total_tokens}


def until_it_raises(stream):
    """The loop of OpenAI's own README, without a guard."""
    text = ""
    try:
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    except Exception as error:
        return {"text": text, "raised": described(error)}
    return {"text": text, "raised": None}


def streamed(scene):
    return until_it_raises(create(once, scene, stream=True))


def stream_usage():
    chunks = create(client, "usage", stream=True, stream_options={"include_usage": True})
    return {"usages": [chunk.usage.total_tokens for chunk in chunks if chunk.usage]}


def tools():
    messages = user("tools")
    message = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS).choices[0].message
    call = message.tool_calls[0]
    messages += [message, {"role": "tool", "tool_call_id": call.id, "content": TOOL_RESULT}]
    answer = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    return rounds(call, answer.choices[0].message.content)


def tools_stream():
    messages = user("tools")
    with client.chat.completions.stream(model=MODEL, messages=messages, tools=TOOLS) as stream:
        message = stream.get_final_completion().choices[0].message
    call = message.tool_calls[0]
    messages += [message, {"role": "tool", "tool_call_id": call.id, "content": TOOL_RESULT}]
    answer = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS, stream=True)
    return rounds(call, until_it_raises(answer)["text"])


def rounds(call, text):
    return {"name": call.function.name, "arguments": json.loads(call.function.arguments), "text": text}


def json_schema():
    return json.loads(create(client, "json", response_format=CITY_FORMAT).choices[0].message.content)


def embeddings():
    data = client.embeddings.create(model=EMBEDDER, input=["one", "two"]).data
    return {"vectors": len(data), "numbers": all(math.isfinite(x) for item in data for x in item.embedding)}


def models():
    return {"ids": [model.id for model in client.models.list()]}


def abort():
    words = 0
    with create(client, "abort", stream=True) as stream:
        for chunk in stream:
            words += bool(chunk.choices[0].delta.content)
            if words == WORDS_READ:
                break
    return {"words": words}


def full():
    return {"text": create(client, "full").choices[0].message.content}


SCENES = {
    "chat": chat,
    "stream": lambda: streamed("stream"),
    "stream-usage": stream_usage,
    "tools": tools,
    "tools-stream": tools_stream,
    "json": json_schema,
    "embeddings": embeddings,
    "models": models,
    "abort": abort,
    "broken": lambda: streamed("broken"),
    "full": full,
    "wrong-key": lambda: create(client.with_options(api_key="sk-wrong"), "chat"),
    "too-long": lambda: create(once, "long", LONG_TEXT),
    "timeout": lambda: create(once, "slow", timeout=TIMEOUT_SECONDS),
}


def described(error):
    return {
        "type": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
        "message": str(error),
    }


def outcome(work):
    try:
        return {"value": work()}
    except Exception as error:
        return {"error": described(error)}


for name in sys.argv[1:]:
    started = time.monotonic()
    line = {"scene": name, **outcome(SCENES[name])}
    line["ms"] = round((time.monotonic() - started) * 1_000)
    print(json.dumps(line), flush=True)
