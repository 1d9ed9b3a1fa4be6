"""Delta encoding: an element is passed on only when it moved by a threshold since it last was."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reneta.golden import bf16, fp32, fxp16
from reneta.golden.arrays import I16, U16, Array, Bool


class Delta(NamedTuple):
    """What one step of encoding gives: arrays of the shape and format of the values."""

    fires: Bool
    delta: Array
    v_hat: Array


@np.errstate(invalid="ignore")
def encode_bf16(v: U16, v_hat: U16, theta: U16) -> Delta:
    """Encode bf16 patterns; a NaN difference fires, so that no NaN is hidden.

    Args:
        v: new values.
        v_hat: values last passed on.
        theta: threshold, not negative, not NaN (0: everything fires).
    """
    v, v_hat = np.asarray(v, np.uint16), np.asarray(v_hat, np.uint16)
    difference = fp32.add(bf16.unpack(v), -bf16.unpack(v_hat))
    fires = ~(np.abs(difference) < bf16.unpack(theta))
    return Delta(
        fires,
        np.where(fires, bf16.pack(difference), np.uint16(bf16.ZERO)),
        np.where(fires, v, v_hat),
    )


def encode_fxp16(v: I16, v_hat: I16, theta: I16) -> Delta:
    """Encode fixed-point numbers; the difference is compared exactly (17 bits), then saturated.

    Args:
        v: new values.
        v_hat: values last passed on.
        theta: threshold, not negative (0: everything fires).
    """
    v, v_hat = np.asarray(v, np.int16), np.asarray(v_hat, np.int16)
    difference = np.subtract(v, v_hat, dtype=np.int64)
    fires = np.abs(difference) >= theta
    return Delta(
        fires,
        np.where(fires, fxp16.saturate(difference), np.int16(0)),
        np.where(fires, v, v_hat),
    )
