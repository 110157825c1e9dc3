"""Measure the registrar in process: microseconds a refresh, and memory a registration.

Run as `python bench/register.py`; prints one JSON object. Parsing is measured apart, so that the
figures tell the registrar's own work.
"""

import gc
import json
import tracemalloc
from time import process_time

from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory
from switch.registrar.location import LocationService
from switch.registrar.registrar import Registrar
from switch.registrar.settings import RegistrarSettings
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request
from switch.sip.parser import parse

DEVICES = 5_000
ROUNDS = 4
LOCAL = Address("192.0.2.10", 5060)


def device(index: int) -> Device:
    """Make a device of the bench."""
    number = f"+813{index:08d}"
    return Device(f"user{index}", f"c{index}", "101", number, "", DeviceKind.FIXED, {})


def octets(index: int, cseq: int) -> bytes:
    """Write the REGISTER of a desk phone, as long as real ones are."""
    user = f"user{index}"
    return (
        "REGISTER sip:pbx.example.net SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 192.168.1.20:5060;branch=z9hG4bK{index:08x}{cseq:08x};rport\r\n"
        f"From: <sip:{user}@pbx.example.net>;tag={index:08x}\r\n"
        f"To: <sip:{user}@pbx.example.net>\r\n"
        f"Call-ID: 1740213{index}-5060-1@BJC.BGI.B.CA\r\n"
        f"CSeq: {cseq} REGISTER\r\n"
        f"Contact: <sip:{user}@192.168.1.20:5060>;reg-id=1;"
        f'+sip.instance="<urn:uuid:00000000-0000-1000-8000-{index:012X}>"\r\n'
        "Max-Forwards: 70\r\n"
        "User-Agent: Grandstream GXP2170 1.0.11.64\r\n"
        "Supported: path\r\n"
        "Expires: 3600\r\n"
        "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def flow(index: int) -> Flow:
    """Give each device an address of its own."""
    remote = Address(f"10.{index >> 16}.{index >> 8 & 255}.{index & 255}", 5060)
    return Flow(Transport.UDP, LOCAL, remote)


def read(index: int, cseq: int) -> Request:
    """Parse the REGISTER of a device."""
    message = parse(octets(index, cseq))
    if not isinstance(message, Request):
        raise TypeError(message)
    return message


def measure_memory(devices: list[Device]) -> float:
    """Return the KiB that one registration keeps."""
    tracemalloc.start()
    registrar = Registrar(LocationService(), RegistrarSettings())
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for index, each in enumerate(devices):
        registrar.receive(read(index, 1), flow(index), each, 0.0, 0.0)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / len(devices) / 1024


def measure_time(devices: list[Device]) -> dict[str, float]:
    """Return the microseconds of CPU for a first registration, a refresh, a response."""
    registrar = Registrar(LocationService(), RegistrarSettings())
    flows = [flow(index) for index in range(len(devices))]
    spent = {"parse": 0.0, "first": 0.0, "refresh": 0.0, "write": 0.0}
    for turn in range(1 + ROUNDS):
        start = process_time()
        requests = [read(index, turn + 1) for index in range(len(devices))]
        spent["parse"] += process_time() - start
        start = process_time()
        now = 60.0 * turn
        answers = [
            registrar.receive(request, where, each, now, now).response
            for request, where, each in zip(requests, flows, devices, strict=True)
        ]
        spent["first" if turn == 0 else "refresh"] += process_time() - start
        start = process_time()
        for answer in answers:
            answer.octets()
        spent["write"] += process_time() - start
    count = len(devices)
    rounds = {"parse": 1 + ROUNDS, "first": 1, "refresh": ROUNDS, "write": 1 + ROUNDS}
    return {name: round(1e6 * spent[name] / count / rounds[name], 2) for name in spent}


def main() -> None:
    """Measure and print."""
    devices = [device(index) for index in range(DEVICES)]
    Directory.build(plain_customers(devices))
    kib = measure_memory(devices)
    gc.freeze()
    print(json.dumps({"us": measure_time(devices), "kib_per_registration": round(kib, 2)}))


if __name__ == "__main__":
    main()
