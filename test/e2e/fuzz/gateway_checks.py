"""What the fuzz holds a gateway to beyond its OpenAPI document. Loaded by schemathesis (SCHEMATHESIS_HOOKS)."""

import os

import requests
import schemathesis

# Seconds of CPU time of the gateway's process for one request. Not the client's clock, which mostly shows how busy the
# machine is: requests are sent one at a time, so that all the process does meanwhile is for this one.
MOST_CPU_SECONDS = 1.0

# The process under test, in /proc.
STAT = f"/proc/{os.environ['GATEWAY_PID']}/stat"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

# States that an administrator's request puts the instance into on purpose: answers are 503, or are made without a model,
# until they are undone, as after each such request here.
UNDONE = ("/api/v1/admin/drain", "/api/v1/admin/degraded")

started = 0.0
taken = 0.0


def cpu_seconds() -> float:
    with open(STAT) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


@schemathesis.hook
def before_call(context, case, kwargs):
    global started
    started = cpu_seconds()


@schemathesis.hook
def after_call(context, case, response):
    global taken
    taken = cpu_seconds() - started
    if case.method.upper() == "POST" and case.path in UNDONE and response.status_code == 200:
        request = response.request
        headers = {"authorization": request.headers["authorization"]}
        requests.delete(request.url.split("?")[0], headers=headers, timeout=60).raise_for_status()


@schemathesis.check
def takes_less_than_a_second(ctx, response, case):
    if taken > MOST_CPU_SECONDS:
        raise AssertionError(f"took {taken:.2f} s of CPU time")
