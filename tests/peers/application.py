"""A local application that nobody of this project wrote (PyPI smpplib): it binds to a node and sends.

Reads one JSON document from standard input: { port, system_id, password, source, to, texts }.
Sends each text in the parts and the coding that smpplib chooses, waits for a receipt of each,
unbinds, and prints {"statuses":[..],"ids":[..],"receipts":[{"id","stat"}]}.
"""

import json
import re
import sys

import smpplib.client
import smpplib.consts
import smpplib.gsm


def main():
    task = json.load(sys.stdin)
    statuses, ids, receipts = [], [], []
    client = smpplib.client.Client("127.0.0.1", task["port"], timeout=30)

    def on_receipt(pdu):
        text = pdu.short_message.decode("latin-1")
        receipts.append({"id": re.search(r"id:(\S+)", text).group(1),
                         "stat": re.search(r"stat:(\S+)", text).group(1)})
        return 0

    def on_sent(pdu):
        statuses.append(pdu.status)
        ids.append((pdu.message_id or b"").decode("ascii"))

    client.set_message_received_handler(on_receipt)
    client.set_message_sent_handler(on_sent)
    client.connect()
    client.bind_transceiver(system_id=task["system_id"], password=task["password"])
    wanted = 0
    for text in task["texts"]:
        parts, coding, kind = smpplib.gsm.make_parts(text)
        for index, part in enumerate(parts):
            client.send_message(
                source_addr_ton=0, source_addr_npi=1, source_addr=task["source"],
                dest_addr_ton=1, dest_addr_npi=1, destination_addr=task["to"],
                short_message=part, data_coding=coding, esm_class=kind,
                registered_delivery=index + 1 == len(parts))
            wanted += 1
            while len(statuses) < wanted:
                client.read_once()
    while len(receipts) < len(task["texts"]):
        client.read_once()
    client.unbind()
    client.disconnect()
    print(json.dumps({"statuses": statuses, "ids": ids, "receipts": receipts}))


main()
