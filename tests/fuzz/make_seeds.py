#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Makes the fuzzer's seeds: small files that are right, so that it soon gets behind the first checks.
import io
import os
import struct
import zipfile
import zlib

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "seeds")


def seed(target, name, data):
    os.makedirs(os.path.join(here, target), exist_ok=True)
    with open(os.path.join(here, target, name), "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def pixels(count, salt=1):
    return bytes((i * 37 * salt + i // 7) % 256 for i in range(count))


def wire_frame(height, salt):
    frame = bytearray()
    for row in range(height):
        for side in range(2):
            upper = row < height // 2
            channel = (0 if upper else 2) + side
            line = height // 2 - row if upper else row - height // 2 + 1
            block = bytearray(pixels(64, salt + row))
            block[62] = (block[62] & 0x0F) | (line & 0x0F) << 4
            block[63] = channel << 6 | line >> 4
            frame += block
    return bytes(frame)


def usb_frame(counter):
    return b"\x00\x63\x60\x63" + bytes(8) + struct.pack("<I", counter) + pixels(6, counter)


def npy(kind, shape, data):
    text = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (kind, shape)
    text = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


def npz(compression):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression) as archive:
        def add(name, data):
            archive.writestr(zipfile.ZipInfo(name + ".npy"), data, compress_type=compression)
        add("spk", npy("|u1", "(3, 5, 8)", bytes(b % 2 for b in pixels(120))))
        add("label", npy("<i8", "()", struct.pack("<q", 7)))
        add("label_name", npy("<U4", "()", "seat".encode("utf-32-le")))
    return memory.getvalue()


def record(sequence, first, offset, planes, size, raw, data):
    body = struct.pack("<QQQIIII", sequence, first, offset, planes, size, raw, zlib.crc32(data))
    return b"FVBK" + struct.pack("<I", zlib.crc32(body)) + body


def index(width, height, records):
    head = b"FOVEAIDX" + struct.pack("<IIIII", 1, 48, width, height, 0)
    return head + struct.pack("<I", zlib.crc32(head)) + b"".join(records)


def zstd(data):
    # One block that is stored as it is; small frames hold their size in a byte.
    return (struct.pack("<I", 0xFD2FB528) + bytes([0x20, len(data)]) +
            struct.pack("<I", 1 | len(data) << 3)[:3] + data)


def packed(planes, counts):
    out, records, first = b"", [], 0
    for sequence, count in enumerate(counts):
        raw = planes[first * 3:(first + count) * 3]
        frame = zstd(raw)
        head = record(sequence, first, len(out) + 56, count, len(frame), len(raw), frame)
        out += struct.pack("<II", 0x184D2A50, 48) + head + frame
        records.append(head)
        first += count
    return out, index(8, 3, records)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def onnx():
    def node(kind, inputs, output, attributes=b""):
        return field(1, b"".join(field(1, name) for name in inputs) + field(2, output) +
                     field(3, kind + output) + field(4, kind) + attributes)

    def value(name, sides):
        shape = b"".join(field(1, field(1, side)) for side in sides)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))

    def floats(name, sides, count):
        data = struct.pack("<%df" % count, *(i * 0.25 - 1 for i in range(count)))
        return field(5, b"".join(field(1, side) for side in sides) + field(2, 1) +
                     field(8, name) + field(9, data))

    pads = field(5, field(1, "pads") + b"".join(field(8, 1) for _ in range(4)) + field(20, 7))
    graph = (node("Conv", ["x", "w", "b"], "c", pads) + node("Relu", ["c"], "r") +
             node("Flatten", ["r"], "f") + node("Gemm", ["f", "g"], "y") + field(2, "net") +
             floats("w", [2, 1, 3, 3], 18) + floats("b", [2], 2) + floats("g", [32, 3], 96) +
             field(11, value("x", [1, 1, 4, 4])) + field(12, value("y", [1, 3])))
    return (field(1, 8) + field(2, "seed") + field(7, graph) +
            field(8, field(1, "") + field(2, 13)))


sidecar = """fovea_recording: 1
filename: "b.dat"
spike_w: 8
spike_h: 4
is_labeled: false
labeled_data_type: [0]
labeled_data_suffix: "txt"
rate_hz: 40000
flip: true
format: raw
first_plane: 0
device: "synthetic"
serial: ""
clock: "planes"
noise: ""
created_by: "fovea"
settings: {}
planes: 4
closed: true
gaps:
- [1, 10, ring]
- [3, 2, link]
"""

for shape in range(8):
    seed("raw", f"shape{shape}", bytes([shape]) + pixels(120))
    seed("head", f"shape{shape}", bytes([shape]) + pixels(250))
for height in (2, 4):
    first = b"\x00" if height == 2 else b"\x01"
    stream = b"".join(wire_frame(height, salt) for salt in range(4))
    seed("wire", f"height{height}", first + stream)
    seed("wire", f"lost{height}", first + stream[:300] + stream[364:])
    seed("wire_blocks", f"height{height}", b"\x30\x00" + stream)
    seed("wire_blocks", f"holes{height}", b"\x20\x05\x00" + stream)
seed("npz", "stored", npz(zipfile.ZIP_STORED))
seed("npz", "deflated", npz(zipfile.ZIP_DEFLATED))
seed("recording", "good", sidecar.encode() + b"\x00" + pixels(16))
zeros = bytes(240)
seed("index", "good", b"\x00" + index(8, 3, [record(i, 20 * i, 60 * i, 20, 60, 60, zeros[:60])
                                            for i in range(4)]))
seed("index", "short", b"\x00" + index(8, 3, [record(0, 0, 0, 80, 240, 240, zeros)])[:70])
blocks, beside = packed(pixels(90), (10, 15, 5))
for name, start in (("indexed", beside), ("alone", b"")):
    seed("packed", name, b"\x00" + start.replace(b"\xff", b"\x00") + b"\xff" + blocks)
seed("packed", "damaged", b"\x00\xff" + blocks[:100] + bytes(9) + blocks[109:])
seed("sidecar", "good", sidecar)
seed("spikecv", "good", "filename: 'x'\nspike_w: 400\nspike_h: 250\nis_labeled: true\n"
     "labeled_data_type: [4, 5]\nlabeled_data_suffix: 'txt'\ndata_field_identifier: 'v'\n"
     "label_field_identifier: 'l'\n")
seed("mot", "good", "1,1,10.5,20,30,40,1,-1,-1,-1\n2 1 11 20 30 40 0.5 1 1\n# no\n")
seed("detection", "boxes", "10,20,30,40\n1,2,3,4,5\n")
seed("detection", "times", "0.02 10,20,30,40,1 50,60,70,80,2\n0.04\n")
frames = b"".join(usb_frame(i) for i in (5, 6, 7, 7, 9, 10, 11, 0xFFFFFFFF, 0, 1))
seed("usb_frames", "good", b"\x10\x00" + frames)
seed("usb_frames", "holes", b"\x05\x03" + frames[:40] + frames[43:])
seed("config", "good", "source:\n  kind: pcie\n  shape: 1000x1000\n  rate_hz: 20000\n"
     "noise:\n  inject: [\"flip:0.01\", \"dead:0.001 off\"]\ndetect:\n  enabled: true\n"
     "display:\n  views: [tfp, tfi]\nengine:\n  backend: cpu\n")
for i, text in enumerate(("source.rate_hz=20000", "noise.inject=[\"flip:0.1\"]", "recon.window=41",
                          "source.shape=400x250", "display.views=[tfp]", "engine.threads=2")):
    seed("config_field", f"field{i}", text)
seed("http", "get", "GET /healthz HTTP/1.1\r\nHost: localhost:8765\r\nOrigin: http://[::1]\r\n\r\n")
seed("http", "chunked", "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
     "3\r\nabc\r\n0\r\n\r\nGET /healthz?a HTTP/1.0\r\nHost: localhost\r\n\r\n")
seed("onnx", "small", onnx())
seed("events", "events", b"\x00" + bytes([3, 7, 128, 1, 2, 0, 240, 0, 0, 0, 33, 33, 0, 5, 9]))
seed("events", "list", b"\x01#sample #class\r\n1\t5\r\n2 0\n")
seed("idx", "images", b"\x03\x00\x00\x08\x03" + struct.pack(">3I", 3, 4, 5) + pixels(60))
seed("idx", "labels", b"\x05\x00\x00\x08\x01" + struct.pack(">I", 5) + bytes(range(5)))
seed("nir", "magic", b"\x89HDF\r\n\x1a\n" + bytes(88))
