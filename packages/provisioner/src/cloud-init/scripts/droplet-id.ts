/** Python, since cloud-init brings it. The machine itself may ask the metadata address; its containers may not. */
export const dropletId = String.raw`#!/usr/bin/python3
"""Prints the number by which DigitalOcean knows this droplet, or says why not on stderr and exits 1."""
import re
import sys
import time
import urllib.request

URL = "http://169.254.169.254/metadata/v1/id"
TRIES = 3
TIMEOUT_S = 5


def main():
    # Never by way of a proxy: it would say its own, or nothing.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for attempt in range(1, TRIES + 1):
        try:
            with opener.open(URL, timeout=TIMEOUT_S) as answer:
                text = answer.read(64).decode("utf-8", "replace").strip()
            if re.fullmatch("[1-9][0-9]{0,14}", text):
                print(text)
                return
            problem = "it is no number"
        except (OSError, ValueError) as error:
            problem = str(error)
        if attempt < TRIES:
            time.sleep(attempt)
    print("droplet-id: %s" % problem, file=sys.stderr)
    sys.exit(1)


main()
`;
