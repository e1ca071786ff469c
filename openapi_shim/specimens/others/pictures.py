"""Pictures without a document: landscapes, bare tables, and screens of a telephone."""

from __future__ import annotations

import numpy as np

from openapi_shim.specimens.backgrounds import draw_background
from openapi_shim.specimens.chance import between, chance, pick, stream, whole
from openapi_shim.specimens.exposure import expose
from openapi_shim.specimens.fonts import choose_face
from openapi_shim.specimens.grades import GRADES, Grade
from openapi_shim.specimens.ink import Plate, cloud, press
from openapi_shim.specimens.licenses import License
from openapi_shim.specimens.pixels import Light, light

_TALK = (
    "你好，请问在吗", "驾驶证照片发我一下", "好的，稍等", "明天几点出发？", "[图片]", "收到，谢谢",
    "身份证号发一下", "晚上一起吃饭吧", "这个月的账单出来了", "到了给我打电话", "准驾车型是C1吗",
    "有效期到2028-07-06", "我的证号还没变", "好的好的",
)  # fmt: skip


def landscape(seed: int, grade: Grade, quarters: int) -> bytes:
    """Hills under a sky."""
    rng = stream(seed, "landscape")
    side = round(between(rng, *grade.side))
    shape = (round(side * 0.75), side)
    sky = np.linspace(0.9, 0.5, shape[0], dtype=np.float32)[:, None, None]
    ground = light(sky * light([0.7, 0.85, 1.0]) + 0.1 * cloud(rng, shape, 9)[..., None])
    for depth in range(3):
        ridge = cloud(rng, (1, shape[1]), 5 + 4 * depth)[0] * 0.25 + 0.35 + 0.18 * depth
        below = np.arange(shape[0])[:, None] > ridge[None, :] * shape[0]
        tone = light([between(rng, 0.1, 0.5), between(rng, 0.3, 0.6), between(rng, 0.1, 0.4)])
        ground[below] = tone * (0.7 + 0.5 * cloud(rng, shape, 120)[below][:, None])
    return expose(stream(seed, "exposure"), ground, grade, quarters)


def blank(seed: int, grade: Grade, quarters: int) -> bytes:
    """A table with nothing on it, or an empty sheet of paper."""
    rng = stream(seed, "blank")
    side = round(between(rng, *grade.side))
    ground = draw_background(rng, (round(side * 0.75), side))
    return expose(stream(seed, "exposure"), ground, grade, quarters)


def chat(seed: int, issued: License, quarters: int) -> bytes:
    """A screenshot of a conversation, now and then about a licence."""
    rng = stream(seed, "chat")
    width, height = 72.0, 72.0 * between(rng, 1.8, 2.2)  # millimetres of a telephone
    scale = between(rng, 8.0, 15.0)
    shape = (round(height * scale), round(width * scale))
    dark = chance(rng, 0.3)
    screen = np.full((*shape, 3), 0.12 if dark else 0.93, np.float32)
    face = choose_face(rng, ("hei",), [*_TALK, issued.truth["name"], "09:41"])
    title, texts = Plate(width, height, scale), Plate(width, height, scale)
    title.text((4, 4.5), f"{whole(rng, 0, 23):02d}:{whole(rng, 0, 59):02d}", face, 3.0)
    title.text((width / 2, 12), issued.truth["name"], face, 3.8, anchor="m")
    y = 20.0
    while y < height - 16:
        mine = chance(rng, 0.5)
        said = pick(rng, (*_TALK, *(_said(issued, rng),)))
        wide = min(52.0, sum(0.55 if one.isascii() else 1.0 for one in said) * 3.4 + 5)
        left = width - 12 - wide if mine else 12.0
        _bubble(screen, (left, y, left + wide, y + 8), scale, mine=mine, dark=dark)
        texts.text((left + 2.5, y + 5.3), said, face, 3.4)
        y += between(rng, 10, 14)
    ink = (0.92, 0.92, 0.92) if dark else (0.08, 0.08, 0.1)
    for plate in (title, texts):
        if dark:
            screen += plate.mask()[..., None] * np.float32(0.75)
        else:
            press(screen, plate.mask(), ink, rng, density=1.0, uneven=0.0, spread=0.3)
    return expose(stream(seed, "exposure"), screen.clip(0, 1), SCREENSHOT, quarters)


def _said(issued: License, rng: np.random.Generator) -> str:
    truth = issued.truth
    return pick(rng, (f"姓名 {truth['name']}", f"证号 {truth['id_num']}", truth["car_class"]))


def _bubble(
    screen: Light, box: tuple[float, float, float, float], scale: float, *, mine: bool, dark: bool
) -> None:
    left, top, right, bottom = (round(edge * scale) for edge in box)
    bright = light([0.58, 0.92, 0.45]) if mine else light([1.0, 1.0, 1.0])
    screen[top:bottom, left:right] = bright * np.float32(0.3 if dark else 1.0)


_CLEAN = GRADES["clean"]
SCREENSHOT = Grade(
    **{
        **{name: getattr(_CLEAN, name) for name in Grade.__dataclass_fields__},
        "defocus": (0.0, 0.0), "exposure": (1.0, 1.0), "noise": (0.0, 0.0), "balance": 0.0,
    }
)  # fmt: skip
"""A picture that no lens made: only JPEG comes between."""
