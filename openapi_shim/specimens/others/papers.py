"""Other papers: forms, certificates, extracts and bills, most with names, numbers and dates.

The hardest are here: papers that print a driver's classes and dates under the licence's own
labels, and are no licence.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from openapi_shim.specimens.chance import between, chance, pick, whole
from openapi_shim.specimens.licenses import License
from openapi_shim.specimens.others.cards import frame_number, lines_of, plate_number
from openapi_shim.specimens.others.page import A4, A5, LICENCE, Page

_COMPANIES = ("远大物流有限公司", "锦程商贸有限公司", "新希望科技有限公司", "安达汽车服务有限公司")


def _phone(rng: np.random.Generator) -> str:
    return f"1{whole(rng, 3 * 10**9, 9 * 10**9)}"


def _day(day: str, rng: np.random.Generator) -> str:
    """A date in one of the ways in which papers print it."""
    value = dt.date.fromisoformat(day)
    return pick(rng, (day, f"{value:%Y年%m月%d日}", f"{value:%Y.%m.%d}", f"{value:%Y/%m/%d}"))


def _table(page: Page, top: float, pitch: float, rows: list[tuple[tuple[str, str], ...]]) -> None:
    """Rows of one or two pairs of a label and a value, in boxes."""
    left, right = 15.0, page.size[0] - 15.0
    em = min(4.2, pitch * 0.42)
    for number, pairs in enumerate(rows):
        y = top + number * pitch
        width = (right - left) / len(pairs)
        for place, (label, value) in enumerate(pairs):
            x = left + place * width
            page.lines.append((x, y, x + width, y + pitch))
            page.row(x + 1.5, y + 0.65 * pitch, label, value, em=em, gap=2.5)


def form(rng: np.random.Generator, issued: License) -> Page:
    """A form that someone filled in, of a card's or of half a sheet's size."""
    truth = issued.truth
    title = pick(
        rng, ("入职登记表", "住宿登记表", "会员申请表", "健康证明", "志愿者报名表", "租赁合同")
    )
    if chance(rng, 0.5):
        page = Page(LICENCE, tone=(0.95, 0.95, 0.93))
        page.title(7, title, 4.4)
        for y, label, value in (
            (22, "证件号码", truth["id_num"]), (29, "出生日期", truth["birth_date"]),
            (36, "住址", truth["address"][:22]), (43, "联系电话", _phone(rng)),
            (55, "填表日期", truth["valid_from"]),
        ):  # fmt: skip
            page.row(5, y, label, value, em=2.8, gap=3)
        page.row(5, 15, "姓名", truth["name"], em=2.8, gap=3)
        page.row(44, 15, "性别", truth["sex"], em=2.8, gap=3)
        page.row(62, 15, "国籍", truth["nationality"], em=2.8, gap=3)
        return page
    page = Page(A5, tone=(0.97, 0.97, 0.96))
    page.title(17, title, 8)
    rows: list[tuple[tuple[str, str], ...]] = [
        (("姓名", truth["name"]), ("性别", truth["sex"])),
        (("出生日期", _day(truth["birth_date"], rng)), ("国籍", truth["nationality"])),
        (("身份证号", truth["id_num"]),),
        (("住址", truth["address"]),),
        (("联系电话", _phone(rng)), ("填表日期", _day(truth["valid_from"], rng))),
    ]
    if chance(rng, 0.5):
        rows.insert(3, (("驾驶证", pick(rng, ("有", "无"))), ("准驾车型", truth["car_class"])))
    _table(page, 26, between(rng, 13, 17), rows)
    return page


def school_paper(rng: np.random.Generator, issued: License) -> Page:
    """A driving school's application, medical report or training record."""
    truth = issued.truth
    page = Page(A4 if chance(rng, 0.5) else A5, tone=(0.97, 0.97, 0.95))
    title = pick(
        rng, ("机动车驾驶证申请表", "机动车驾驶人身体条件证明", "驾驶培训学员登记表",
              "机动车驾驶培训记录", "科目二考试预约凭证"),
    )  # fmt: skip
    page.title(18, title, 7)
    rows: list[tuple[tuple[str, str], ...]] = [
        (("姓名", truth["name"]), ("性别", truth["sex"])),
        (("出生日期", _day(truth["birth_date"], rng)), ("国籍", truth["nationality"])),
        (("身份证明名称", "居民身份证"), ("号码", truth["id_num"])),
        (("住所地址", truth["address"]),),
        (("申请的准驾车型代号", truth["car_class"]), ("联系电话", _phone(rng))),
        (("申请人签字", truth["name"]), ("日期", _day(truth["valid_from"], rng))),
    ]
    if "申请" not in title:
        rows[4] = (("准驾车型", truth["car_class"]), ("培训机构", "平安驾校"))
        rows[5] = (("初次领证日期", _day(truth["issue_date"], rng)), ("教练员", "周平"))
    _table(page, 27, between(rng, 14, 17), rows)
    if chance(rng, 0.5):
        page.seals = [("平安驾驶培训学校", 140.0, 95.0, -32.0)]
    return page


def driver_extract(rng: np.random.Generator, issued: License) -> Page:
    """What an office prints of its records on a driver: all the licence's labels, no licence."""
    truth = issued.truth
    page = Page(A4, tone=(0.98, 0.98, 0.97))
    title = pick(rng, ("驾驶人信息查询结果单", "机动车驾驶人安全驾驶信用报告", "驾驶证信息核查表"))
    page.title(20, title, 7)
    rows: list[tuple[tuple[str, str], ...]] = [
        (("姓名", truth["name"]), ("性别", truth["sex"])),
        (("证件号码", truth["id_num"]),),
        (("档案编号", issued.archive), ("准驾车型", truth["car_class"])),
        (("出生日期", truth["birth_date"]), ("初次领证日期", truth["issue_date"])),
        (("有效起始日期", truth["valid_from"]), ("有效期止", truth["valid_to"])),
        (("住址", truth["address"]),),
        (("驾驶证状态", "正常"), ("累积记分", f"{whole(rng, 0, 11)}分")),
        (("发证机关", truth["official_seal"]),),
        (("查询时间", _day("2024-05-17", rng)), ("经办人", "李明")),
    ]
    if chance(rng, 0.4):
        rows = rows[:1] + rows[2:5] + rows[7:]
    _table(page, 30, between(rng, 13, 17), rows)
    return page


def qualification(rng: np.random.Generator, issued: License) -> Page:
    """道路运输从业资格证: a driver's rows on a card-sized page, with a portrait and a seal."""
    truth = issued.truth
    page = Page((125.0, 88.0), tone=pick(rng, ((0.97, 0.95, 0.9), (0.93, 0.96, 0.97))))
    page.title(9, "道路运输从业人员从业资格证", 5)
    kind = pick(rng, ("道路货物运输驾驶员", "道路旅客运输驾驶员", "巡游出租汽车驾驶员"))
    left = between(rng, 6, 9)
    pairs = (
        ("姓名", truth["name"]), ("性别", truth["sex"]), ("出生日期", truth["birth_date"]),
        ("国籍", truth["nationality"]), ("住址", truth["address"][:16]),
        ("证号", truth["id_num"]), ("准驾车型", truth["car_class"]), ("从业资格类别", kind),
        ("初次领证日期", truth["issue_date"]),
        ("有效期限", f"{truth['valid_from']} 至 {truth['valid_to']}"),
        ("发证机关", truth["address"][:6] + "交通运输局"),
    )  # fmt: skip
    kept = [pair for pair in pairs if chance(rng, 0.85) or pair[0] == "从业资格类别"]
    pitch = between(rng, 6.0, 6.9)
    for number, (label, value) in enumerate(kept):
        page.row(left, 18 + pitch * number, label, value, em=3.0, gap=3)
    page.portrait = (92.0, 14.0, 25.0, 32.0, truth["sex"])
    page.seals = [("交通运输管理专用章", 88.0, 52.0, -30.0)]
    return page


def insurance(rng: np.random.Generator, issued: License) -> Page:
    """A vehicle's insurance: policy or card."""
    truth = issued.truth
    page = Page(A5 if chance(rng, 0.5) else LICENCE, tone=(0.94, 0.97, 0.95))
    scale = page.size[0] / A5[0]
    page.title(
        16 * scale, pick(rng, ("机动车交通事故责任强制保险单", "机动车商业保险保险单")), 7 * scale
    )
    rows = (
        ("保险单号", f"PDZA{whole(rng, 10**15, 10**16)}"), ("被保险人", truth["name"]),
        ("身份证号码", truth["id_num"]), ("号牌号码", plate_number(rng)),
        ("厂牌型号", "大众牌SVW7180"), ("识别代码", frame_number(rng)),
        ("保险期间", f"自{truth['issue_date']} 0时起至{truth['valid_from']} 24时止"),
        ("保险费合计", f"¥{whole(rng, 600, 6000)}.00"), ("保险公司", "中安财产保险股份有限公司"),
    )  # fmt: skip
    for number, (label, value) in enumerate(rows):
        y = (30 + 12.5 * number) * scale
        page.row(15 * scale, y, label, value, em=4.4 * scale, gap=5 * scale)
    page.seals = [("中安财产保险承保专用章", 150 * scale, 90 * scale, -36 * scale)]
    return page


def business_licence(rng: np.random.Generator, issued: License) -> Page:
    """营业执照."""
    truth = issued.truth
    page = Page((297.0, 210.0), tone=(0.98, 0.96, 0.9), label_styles=("song",))
    page.title(50, "营 业 执 照", 20)
    code = "91" + "".join(pick(rng, "0123456789ABCDEFGHJKLM") for _ in range(16))
    page.row(30, 70, "统一社会信用代码", code, em=6)
    rows = (
        ("名称", pick(rng, _COMPANIES)), ("类型", "有限责任公司(自然人独资)"),
        ("法定代表人", truth["name"]), ("注册资本", f"{whole(rng, 10, 900)}万元整"),
        ("成立日期", _day(truth["issue_date"], rng)),
        ("营业期限", f"{_day(truth['issue_date'], rng)}至长期"), ("住所", truth["address"]),
    )  # fmt: skip
    for number, (label, value) in enumerate(rows):
        page.row(30, 88 + 13 * number, label, value, em=6, gap=6)
    page.seals = [("市场监督管理局", 215.0, 140.0, -45.0)]
    return page


def invoice(rng: np.random.Generator, issued: License) -> Page:
    """A bill: 增值税发票 or a shop's receipt."""
    if chance(rng, 0.4):
        page = Page((80.0, 150.0), tone=(0.97, 0.97, 0.96))
        page.title(12, pick(rng, ("家家福超市", "好邻居便利店")), 6)
        goods = ("纯牛奶", "苹果", "面包", "矿泉水", "洗衣液", "鸡蛋", "大米", "酸奶")
        for number in range(whole(rng, 5, 8)):
            price = f"{whole(rng, 2, 80)}.{whole(rng, 10, 99)}"
            page.values.append((6, 28 + 10 * number, f"{goods[number]}      1    {price}", 4))
        page.row(6, 118, "合计", f"{whole(rng, 50, 400)}.00", em=4.5)
        page.row(6, 128, "日期", f"{issued.truth['valid_from']} 18:26:07", em=4)
        return page
    page = Page(A5, tone=(0.97, 0.97, 0.96), label_ink=(0.45, 0.25, 0.15))
    page.title(16, pick(rng, ("增值税电子普通发票", "增值税专用发票")), 8)
    rows: list[tuple[tuple[str, str], ...]] = [
        (("名称", pick(rng, _COMPANIES)), ("开票日期", _day(issued.truth["issue_date"], rng))),
        (
            ("纳税人识别号", f"91{whole(rng, 10**15, 10**16)}"),
            ("机器编号", f"{whole(rng, 10**9, 10**10)}"),
        ),
        (("货物或应税劳务", "*运输服务*客运服务费"), ("金额", f"{whole(rng, 20, 900)}.50")),
        (("价税合计", "伍佰贰拾元整"), ("小写", f"¥{whole(rng, 20, 900)}.00")),
        (("销售方", pick(rng, _COMPANIES)), ("开票人", issued.truth["name"])),
    ]
    _table(page, 28, 17, rows)
    page.seals = [("发票专用章", 165.0, 110.0, -28.0)]
    return page


def passport(rng: np.random.Generator, issued: License) -> Page:
    """A passport's page of data, with its two machine-readable lines."""
    truth = issued.truth
    page = Page((125.0, 88.0), tone=(0.95, 0.93, 0.92))
    number = f"E{whole(rng, 10**7, 10**8 - 1)}"
    page.words += [(42, 10, "中华人民共和国 护照 PASSPORT", 4.0)]
    rows = (
        ("类型/Type", "P"), ("护照号/Passport No.", number), ("姓名/Name", truth["name"]),
        ("性别/Sex", f"{truth['sex']}/{'M' if truth['sex'] == '男' else 'F'}"),
        ("国籍/Nationality", "中国/CHINESE"), ("出生日期/Date of birth", truth["birth_date"]),
        ("签发日期/Date of issue", truth["issue_date"]),
        ("有效期至/Date of expiry", truth["valid_from"]),
        ("签发机关/Authority", "国家移民管理局"),
    )  # fmt: skip
    for place, (label, value) in enumerate(rows):
        page.row(42, 18 + 6 * place, label, value, em=2.6, gap=2.5)
    page.values += [
        (6, 76, "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", 3.6),
        (6, 82, f"{number}<4CHN8001014M3001013<<<<<<<<<<<<<<02", 3.6),
    ]
    page.portrait = (7.0, 16.0, 30.0, 40.0, truth["sex"])
    return page


def book_page(rng: np.random.Generator, _: License) -> Page:
    """A page of running text about driving, the words of a licence among it."""
    page = Page(A5, tone=(0.95, 0.94, 0.9))
    sentences = (
        "机动车驾驶人应当随身携带驾驶证。", "初次申领机动车驾驶证的，可以申请准驾车型为小型汽车。",
        "机动车驾驶证有效期分为六年、十年和长期。", "记分周期从初次领取驾驶证之日起计算。",
        "道路上的车辆很少，天已经黑了。", "他把车停在路边，点了一支烟。", "春天来得比往年早。",
        "第二天清晨，他们继续向北走。", "驾驶人户籍迁出原车辆管理所的，应当申请换证。",
    )  # fmt: skip
    text = "".join(pick(rng, sentences) for _ in range(22))
    for number, line in enumerate(lines_of(text, 36)[:14]):
        page.words.append((15, 20 + 8.5 * number, line, 4.8))
    return page
