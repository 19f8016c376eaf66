/**
 * Python, since cloud-init brings it: it writes JSON and speaks TLS by itself, so that the token is neither in an argument nor
 * in the environment of a process, and no shell quotes what a failing program printed.
 */
export const beacon = String.raw`#!/usr/bin/python3
"""Tells the control plane how a phase of the first boot went.

  beacon PHASE ok
  beacon PHASE failed FILE    FILE has what the phase wrote to stderr; its end is sent along

A beacon that does not get through says so on stderr and exits 1; whoever calls it goes on.
"""
import json
import sys
import time
import urllib.error
import urllib.request

TRIES = 3
TIMEOUT_S = 10
TAIL_BYTES = 8192
TAIL_LINES = 60


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token is for the control plane and for nobody it points at."""

    def redirect_request(self, *_):
        return None


def value(name):
    with open("/etc/lobster/" + name, encoding="utf-8") as file:
        return file.read().strip()


def tail(path, token):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "replace").replace(token, "[secret]")
    # After the token is out: a cut through its middle would leave half of it standing.
    text = text.encode("utf-8")[-TAIL_BYTES:].decode("utf-8", "ignore")
    return "\n".join(text.splitlines()[-TAIL_LINES:])


def send(request):
    opener = urllib.request.build_opener(NoRedirect)
    for attempt in range(1, TRIES + 1):
        try:
            with opener.open(request, timeout=TIMEOUT_S):
                return None
        except urllib.error.HTTPError as error:
            problem = "HTTP status %d" % error.code
            if error.code < 500 and error.code not in (408, 429):
                return problem
        except (OSError, ValueError) as error:
            problem = str(error)
        if attempt < TRIES:
            time.sleep(attempt)
    return problem


def main():
    phase, outcome = sys.argv[1:3]
    token = value("bootstrap-token")
    body = {"phase": phase, "ok": outcome == "ok"}
    if len(sys.argv) > 3:
        body["stderrTail"] = tail(sys.argv[3], token)
    request = urllib.request.Request(
        value("control-plane-url") + "/v1/bootstrap/phase",
        data=json.dumps(body).encode("utf-8"),
        headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"},
        method="POST",
    )
    problem = send(request)
    if problem is not None:
        print("beacon %s: %s" % (phase, problem.replace(token, "[secret]")), file=sys.stderr)
        sys.exit(1)


main()
`;
