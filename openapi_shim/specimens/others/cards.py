"""Other cards: identity card, vehicle licence, bank card, social security card, foreign licence."""

from __future__ import annotations

import datetime as dt

import numpy as np

from openapi_shim.specimens.chance import between, chance, pick, whole
from openapi_shim.specimens.licenses import License
from openapi_shim.specimens.others.page import ID_1, LICENCE, Page

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_CARS = ("小型轿车", "小型普通客车", "重型半挂牵引车", "普通二轮摩托车", "中型自卸货车")
_MAKES = ("大众牌SVW", "东风牌DFM", "别克牌SGM", "丰田牌CA", "长安牌SC", "五菱牌LZW")


def plate_number(rng: np.random.Generator) -> str:
    """A vehicle's number plate."""
    return pick(rng, "京沪粤浙苏鲁川豫") + pick(rng, "ABCDEFG") + f"{whole(rng, 10_000, 99_999)}"


def frame_number(rng: np.random.Generator) -> str:
    """A vehicle identification number, 17 characters."""
    return "L" + "".join(pick(rng, _LETTERS) for _ in range(16))


def lines_of(text: str, count: int) -> list[str]:
    """The text cut to lines of at most ``count`` characters."""
    return [text[start : start + count] for start in range(0, len(text), count)]


def identity_card(rng: np.random.Generator, issued: License) -> Page:
    """The side with the portrait."""
    truth, page = issued.truth, Page(ID_1, tone=pick(rng, ((0.93, 0.95, 0.98), (0.96, 0.94, 0.95))))
    page.label_ink = pick(rng, ((0.2, 0.4, 0.6), (0.15, 0.35, 0.5), (0.2, 0.2, 0.3)))
    born = dt.date.fromisoformat(truth["birth_date"])
    top, pitch, em = between(rng, 9, 11), between(rng, 6.4, 7.4), between(rng, 2.3, 2.7)
    people = pick(rng, ("汉", "汉", "汉", "壮", "回", "满", "维吾尔", "苗"))
    page.row(5.5, top, "姓名", truth["name"], em=em, gap=3)
    page.row(5.5, top + pitch, "性别", truth["sex"], em=em, gap=3)
    page.row(24, top + pitch, "民族", people, em=em, gap=3)
    page.words.append((5.5, top + 2 * pitch, "出生", em))
    day = f"{born.year} 年 {born.month} 月 {born.day} 日"
    page.values.append((5.5 + 2 * em + 3, top + 2 * pitch, day, em * 1.1))
    page.words.append((5.5, top + 3 * pitch, "住址", em))
    for number, line in enumerate(lines_of(truth["address"], 11)):
        y = top + 3 * pitch + number * em * 1.6
        page.values.append((5.5 + 2 * em + 3, y, line, em * 1.1))
    page.row(5.5, 49.5, "公民身份号码", truth["id_num"], em=em, gap=5)
    page.portrait = (58.0, between(rng, 8, 10), 21.0, 26.5, truth["sex"])
    return page


def identity_back(rng: np.random.Generator, issued: License) -> Page:
    """The side with the emblem and the term."""
    first = dt.date.fromisoformat(issued.truth["issue_date"])
    ends = pick(rng, (f"{first.replace(year=first.year + 20):%Y.%m.%d}", "长期"))
    page = Page(ID_1, tone=pick(rng, ((0.95, 0.93, 0.94), (0.93, 0.95, 0.97))))
    page.words += [
        (26, between(rng, 13, 16), "中华人民共和国", 5.0),
        (26, between(rng, 23, 26), pick(rng, ("居 民 身 份 证", "居民身份证")), 6.0),
    ]
    page.row(18, 42, "签发机关", issued.truth["address"][:6] + "公安局", em=2.7, gap=3)
    page.row(18, 48.5, "有效期限", f"{first:%Y.%m.%d}-{ends}", em=2.7, gap=3)
    page.seals = [("国徽", 6.0, 6.0, -16.0)]
    return page


def vehicle_licence(rng: np.random.Generator, issued: License) -> Page:
    """行驶证, the main page: green paper, a seal in the same corner, the same kind of rows."""
    truth, page = issued.truth, Page(LICENCE, tone=None)
    small = between(rng, 1.9, 2.3)
    page.title(between(rng, 6, 7.5), "中华人民共和国机动车行驶证", 4.2)
    page.title(9.6, "Vehicle License of the People's Republic of China", 1.9)
    top, pitch = between(rng, 14, 16), between(rng, 5.6, 6.2)
    left = between(rng, 4, 5.5)
    right = between(rng, 42, 46)
    make = pick(rng, _MAKES) + f"{whole(rng, 1000, 9999)}"
    rows = [top + number * pitch for number in range(7)]
    page.row(left, rows[0], "号牌号码", plate_number(rng), em=small, gap=3)
    page.row(right, rows[0], "车辆类型", pick(rng, _CARS), em=small, gap=3)
    page.row(left, rows[1], "所有人", truth["name"], em=small, gap=5)
    page.row(left, rows[2], "住址", truth["address"][:22], em=small, gap=6)
    page.row(
        left, rows[3], "使用性质", pick(rng, ("非营运", "货运", "预约出租客运")), em=small, gap=3
    )
    page.row(right, rows[3], "品牌型号", make, em=small, gap=2)
    page.row(left + 23, rows[4], "车辆识别代号", frame_number(rng), em=small, gap=3)
    page.row(
        left + 23, rows[5], "发动机号码", f"{whole(rng, 100_000, 99_999_999)}", em=small, gap=5
    )
    page.row(left + 23, rows[6], "注册日期", truth["issue_date"], em=small, gap=2)
    page.row(left + 51, rows[6], "发证日期", truth["valid_from"], em=small, gap=2)
    page.seals = [(truth["official_seal"], left, rows[3] + 3.5, between(rng, 18, 20))]
    return page


def vehicle_second(rng: np.random.Generator, _: License) -> Page:
    """行驶证's second page: masses, sizes, and the record of inspections."""
    page = Page(LICENCE, tone=None)
    small, top = between(rng, 1.9, 2.3), between(rng, 9, 11)
    page.title(6, pick(rng, ("中华人民共和国机动车行驶证副页", "机动车行驶证副页")), 3.4)
    page.row(5, top + 4, "号牌号码", plate_number(rng), em=small, gap=3)
    page.row(46, top + 4, "档案编号", f"{whole(rng, 10**11, 10**12 - 1)}", em=small, gap=2)
    rows = (
        ("核定载人数", f"{whole(rng, 2, 7)}人", "总质量", f"{whole(rng, 1200, 9000)}kg"),
        ("整备质量", f"{whole(rng, 900, 2400)}kg", "核定载质量", "--"),
        ("外廓尺寸", f"{whole(rng, 3800, 5200)}×1800×1500mm", "准牵引总质量", "--"),
        ("备注", f"强制报废期止:20{whole(rng, 30, 39)}-{whole(rng, 10, 12)}-15", "", ""),
    )
    for number, (first, value, second, other) in enumerate(rows):
        y = top + 10 + 6 * number
        page.row(5, y, first, value, em=small, gap=2)
        if second:
            page.row(46, y, second, other, em=small, gap=2)
    until = f"20{whole(rng, 24, 30)}年{whole(rng, 10, 12)}月"
    page.row(5, top + 36, "检验记录", f"检验有效期至{until}", em=small, gap=2)
    return page


def bank_card(rng: np.random.Generator, issued: License) -> Page:
    """A debit or credit card."""
    dark = chance(rng, 0.5)
    tone = (
        (between(rng, 0.1, 0.5), between(rng, 0.1, 0.4), between(rng, 0.2, 0.6))
        if dark
        else (between(rng, 0.7, 0.95), between(rng, 0.6, 0.9), between(rng, 0.5, 0.9))
    )
    page = Page(ID_1, tone=tone)
    # Ink takes light away: on a dark card the print is darker still, as embossed digits are.
    digits = f"62{whole(rng, 10**16, 10**17 - 1)}"
    number = " ".join(lines_of(digits, 4))
    bank = pick(rng, ("东方银行", "城市商业银行", "远洋银行", "农村信用社"))
    page.words += [(6, 10, bank, 5.0), (66, 49, pick(rng, ("UnionPay", "银联")), 4.0)]
    page.values.append((6, between(rng, 31, 35), number, 5.0))
    page.words.append((20, 42, pick(rng, ("VALID THRU", "有效期至")), 2.0))
    page.values.append((38, 42, f"{whole(rng, 1, 12):02d}/{whole(rng, 26, 35)}", 3.4))
    if chance(rng, 0.6):
        page.words.append((6, 49, pick(rng, ("储蓄卡 DEBIT", "信用卡 CREDIT")), 3.0))
    if chance(rng, 0.3):
        page.values.append((6, 46, issued.truth["name"], 3.0))
    return page


def social_card(rng: np.random.Generator, issued: License) -> Page:
    """A social security card."""
    truth, page = issued.truth, Page(ID_1, tone=(0.85, 0.92, 0.97))
    top = between(rng, 17, 20)
    page.title(8.5, "中华人民共和国社会保障卡", 4.0)
    page.row(32, top, "姓名", truth["name"], em=2.7, gap=3)
    page.row(32, top + 7, "社会保障号码", truth["id_num"], em=2.7, gap=2)
    page.row(32, top + 14, "卡号", f"{whole(rng, 10**8, 10**9 - 1)}", em=2.7, gap=3)
    page.row(32, top + 21, "发卡日期", truth["valid_from"][:7].replace("-", "年") + "月", em=2.7)
    page.portrait = (6.0, 14.0, 21.0, 26.0, truth["sex"])
    return page


def foreign_licence(rng: np.random.Generator, issued: License) -> Page:
    """Another country's driving licence, in Latin script."""
    truth, page = issued.truth, Page(ID_1, tone=(between(rng, 0.8, 0.97), 0.92, 0.93))
    classes = pick(rng, ("AM/B1/B", "B/C1", "A1/B/BE", "C"))
    name = pick(rng, ("MILLER ANNA", "DUBOIS PIERRE", "TANAKA KEN", "PETROV IVAN"))
    page.words.append(
        (30, 8, pick(rng, ("DRIVING LICENCE", "DRIVER LICENSE", "PERMIS DE CONDUIRE")), 4.2)
    )
    rows = (
        f"1. {name.split()[0]}", f"2. {name.split()[1]}", f"3. {truth['birth_date']}",
        f"4a. {truth['issue_date']}  4b. {truth['valid_from']}", f"5. {whole(rng, 10**7, 10**8)}",
        f"8. {whole(rng, 1, 300)} High Street", f"9. {classes}",
        f"SEX {'M' if truth['sex'] == '男' else 'F'}  CLASS C",
    )  # fmt: skip
    for number, text in enumerate(rows):
        page.values.append((31, 14 + 4.6 * number, text, 2.9))
    page.portrait = (5.0, 12.0, 22.0, 28.0, truth["sex"])
    return page
