"""The offices whose seal a licence bears."""

from __future__ import annotations

import numpy as np

from openapi_shim.specimens.chance import chance, pick, weighted
from openapi_shim.specimens.regions import Region

_MUNICIPAL = {
    "北京市": ("北京市公安局公安交通管理局",),
    "天津市": ("天津市公安局交通管理局", "天津市公安局公安交通管理局"),
    "上海市": ("上海市公安局交通警察总队",),
    "重庆市": ("重庆市公安局交通管理局", "重庆市公安局车辆管理所"),
}
_OFFICES = (
    ("公安局交通警察支队", 6.0),
    ("公安局车辆管理所", 2.0),
    ("公安局公安交通管理局", 2.0),
    ("公安局交通管理局", 1.0),
)


def authority(rng: np.random.Generator, region: Region) -> str:
    """The text of the seal of an office in a region."""
    if region.municipality:
        return pick(rng, _MUNICIPAL[region.province])
    short = len(region.province) > 4 or chance(rng, 0.15)
    head = region.city if short else region.province + region.city
    return head + weighted(rng, list(_OFFICES))
