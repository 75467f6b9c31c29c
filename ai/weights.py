"""Weights on disk: the safetensors layout (a JSON header, then raw numbers) in half precision. Never pickle."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import nn

_KINDS = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}


def encode(module: nn.Module, about: dict[str, str]) -> bytes:
    """Return the module's numbers as safetensors bytes, float16; counters of batches seen are left out."""
    tensors = {k: v.detach().half().numpy() for k, v in sorted(module.state_dict().items()) if v.is_floating_point()}
    header: dict[str, object] = {"__metadata__": about}
    start, body = 0, b""
    for name, values in tensors.items():
        raw = values.astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(values.shape), "data_offsets": [start, start + len(raw)]}
        start, body = start + len(raw), body + raw
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + body


def about(path: Path) -> dict[str, str]:
    """Return what a weights file says of itself; empty where there is no readable file."""
    try:
        return _header(path.read_bytes())[0].get("__metadata__", {})
    except (OSError, ValueError, msgspec.MsgspecError):
        return {}


def classes(data: bytes) -> int:
    """Return how many classes weights are for, by the length of `head.bias`; raises ValueError where there is none."""
    shape = _header(data)[0].get("head.bias", {}).get("shape", [0])
    if not shape[0]:
        raise ValueError("the weights do not tell their classes: they have no head.bias")
    return int(shape[0])


def load(module: nn.Module, data: bytes) -> None:
    """Fill `module` from safetensors bytes; raises ValueError naming a number that is missing, unknown or misshapen."""
    header, body = _header(data)
    held = {k: v for k, v in module.state_dict().items() if v.is_floating_point()}
    given = {k: v for k, v in header.items() if k != "__metadata__"}
    if wrong := sorted(set(held) ^ set(given)):
        raise ValueError(f"weights do not fit the model: {', '.join(wrong[:5])}")
    for name, tensor in held.items():
        spec = given[name]
        if list(tensor.shape) != spec["shape"]:
            raise ValueError(f"weights do not fit the model: {name} is {spec['shape']}, not {list(tensor.shape)}")
        a, b = spec["data_offsets"]
        values = np.frombuffer(body[a:b], _KINDS[spec["dtype"]]).reshape(spec["shape"]).astype(np.float32)
        tensor.copy_(torch.from_numpy(values))


def _header(data: bytes) -> tuple[dict, bytes]:
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= len(data) - 8:
        raise ValueError("not a weights file: its header is cut off")
    return msgspec.json.decode(data[8 : 8 + length], type=dict), data[8 + length :]
