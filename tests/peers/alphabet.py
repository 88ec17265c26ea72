"""Plays an independent codec: encodes and decodes what a file asks, line by line.

Alphabets and their tables are PyPI gsmcodecs', packing and TPDUs PyPI smspdudecoder's. A line of
the file is JSON with `lock` and `single` (numbers of TS 23.038), `septets` (hex, one septet an
octet), and perhaps `text`, `packed`, `submit`, `deliver` (hex). The answer is a line of JSON.
"""

import json
import sys
from io import StringIO

import gsmcodecs  # registers the codecs
from smspdudecoder.codecs import GSM
from smspdudecoder.fields import SMSDeliver, SMSSubmit


def decoded(septets, codec):
    try:
        return bytes.fromhex(septets).decode(codec)
    except UnicodeDecodeError:
        return None


def message(data):
    """What a TPDU says: number, text, and which part of how many it is."""
    address = data.get("recipient") or data.get("sender")
    header = data["user_data"]["header"] or {}
    places = [element["data"] for element in header.get("elements", [])]
    place = [[place["reference"], place["parts_count"], place["part_number"]] for place in places]
    return {"address": address["number"], "text": data["user_data"]["data"], "place": place}


def answer(asked):
    codec = f"gsm23.038-{asked['lock']}-{asked['single']}"
    told = {"text": decoded(asked["septets"], codec)}
    if "text" in asked:
        told["septets"] = asked["text"].encode(codec).hex()
    if "packed" in asked:
        told["packed"] = GSM.encode(asked["text"]).lower()
        told["unpacked"] = GSM.decode(asked["packed"])
    if "submit" in asked:
        told["submit"] = message(SMSSubmit.decode(StringIO(asked["submit"])))
        told["deliver"] = message(SMSDeliver.decode(StringIO(asked["deliver"])))
    return told


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            print(json.dumps(answer(json.loads(line)), ensure_ascii=False))


main()
