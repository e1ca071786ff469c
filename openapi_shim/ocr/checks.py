"""What a value must look like, whoever read it: numbers, dates, classes, characters."""

from __future__ import annotations

import re
from datetime import date

# Digits as the reader takes them for letters, most frequent first.
_TO_DIGIT = str.maketrans(
    {
        **dict.fromkeys("OoDQCUＯ", "0"),
        **dict.fromkeys("IilL|!Jj", "1"),
        **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("Ee", "3"),
        **dict.fromkeys("Aa", "4"),
        **dict.fromkeys("Ss", "5"),
        **dict.fromkeys("Gb", "6"),
        **dict.fromkeys("Tt", "7"),
        **dict.fromkeys("B", "8"),
        **dict.fromkeys("gq", "9"),
    }
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_CLASSES = ("A1", "A2", "A3", "B1", "B2", "C1", "C2", "C3", "C4", "C5", "C6", *"DEFMNP")
_CLASS_RUN = re.compile("(?:" + "|".join(_CLASSES) + ")+")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\D?([01]\d)\D?([0-3]\d)(?!\d)")
_AUTHORITY = re.compile(
    "[\u4e00-\u9fff]{2,}(?<=[省市州盟区县旗])公安[局厅](?:公安)?(?:交通|交警|车辆)(?:警察|巡逻|巡警|管理)*"
    "(?:总队|支队|大队|局|所|处)(?:[\u4e00-\u9fff]{0,8}(?:大队|所))?"
)
_PROVINCES = frozenset(
    [
        "河北",
        "山西",
        "辽宁",
        "吉林",
        "黑龙江",
        "江苏",
        "浙江",
        "安徽",
        "福建",
        "江西",
        "山东",
        "河南",
        "湖北",
        "湖南",
        "广东",
        "海南",
        "四川",
        "贵州",
        "云南",
        "陕西",
        "甘肃",
        "青海",
        "台湾",
    ]
)
_REGIONS = frozenset(["内蒙古", "广西壮族", "西藏", "宁夏回族", "新疆维吾尔"])
_BEFORE_PROVINCE = re.compile(
    f".{{1,4}}(?=(?:{'|'.join(_PROVINCES)})省|(?:{'|'.join(_REGIONS)})自治区)"
)
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_NOT_NAME = re.compile("[^\u3400-\u9fff\U00020000-\U0003ffff·]")
_DOTS = str.maketrans(dict.fromkeys("•・.．‧∙", "·"))
_YEARS = re.compile(r"(?<!\d)(6|10)年")
_SIMPLER = str.maketrans(
    "黃傑國劉張陳鄭趙葉馬龍鳳蘭麗華東縣鎮鄉區號樓單長車門廣慶衛軍紅強偉廈歲總隊輛處開雲貴寧遼濟"
    "陽陰漢濱膠線灣臺橋鐵營場園麥莊嶺嶼島銀錦鋼鑫達連遠還進運過道選錢鐘鄧鄒許謝譚羅蕭蔣蘇盧吳"
    "孫楊趙韓馮賀賴賈鮑魯鳴鴻鵬鶴齊齡贛贊緒維綿繼續編績顧順須預領顏題願類顯風飛飯館駕駐騰驗"
    "見觀規視覺親義聖聯聲職業榮樂機權歡歐殘氣決沖況淺淵測湯滿潔澤瀾熱燈爾獎獻現環瑩產畢異療發"
    "盡監蓋盤眾確礦禮種稱穩窮競筆節範簡糧紀約純紙級紡細終組結統絲經綠網縱織",
    "黄杰国刘张陈郑赵叶马龙凤兰丽华东县镇乡区号楼单长车门广庆卫军红强伟厦岁总队辆处开云贵宁辽济"
    "阳阴汉滨胶线湾台桥铁营场园麦庄岭屿岛银锦钢鑫达连远还进运过道选钱钟邓邹许谢谭罗萧蒋苏卢吴"
    "孙杨赵韩冯贺赖贾鲍鲁鸣鸿鹏鹤齐龄赣赞绪维绵继续编绩顾顺须预领颜题愿类显风飞饭馆驾驻腾验"
    "见观规视觉亲义圣联声职业荣乐机权欢欧残气决冲况浅渊测汤满洁泽澜热灯尔奖献现环莹产毕异疗发"
    "尽监盖盘众确矿礼种称稳穷竞笔节范简粮纪约纯纸级纺细终组结统丝经绿网纵织",
)
# Digits taken for one another where ink is thin or blurred.
_CONFUSED = dict(
    zip("0123456789", ["8690", "74", "7", "85", "1", "36", "850", "12", "3690", "80"], strict=True)
)


def digits_only(text: str) -> str:
    """Letters that look like digits become digits; nothing else changes."""
    return text.translate(_TO_DIGIT)


def id_is_valid(number: str) -> bool:
    """Whether an 18-digit citizen's number's birth date and checksum (MOD 11-2) hold."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number):
        return False
    if parse_date(number[6:14]) is None:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == number[17]


def id_birth(number: str) -> str:
    """The birth date in a valid citizen's number, ``YYYY-MM-DD``; else ""."""
    if not id_is_valid(number):
        return ""
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def id_sex(number: str) -> str:
    """男 or 女, from a valid citizen's number; else ""."""
    if not id_is_valid(number):
        return ""
    return "男" if int(number[16]) % 2 else "女"


def is_of_number(letter: str) -> bool:
    """Whether a character is, or looks like, one of a number; others between them are dropped."""
    return bool(re.match(r"[0-9A-Za-z|!]", letter))


def clean_id(text: str) -> str:
    """Text of an 18-character citizen's number with look-alikes turned into digits; else ""."""
    compact = "".join(filter(is_of_number, text))
    if len(compact) != 18:
        return ""
    last = compact[-1].upper().replace("K", "X").replace("Y", "X")
    number = digits_only(compact[:17]) + (last if last == "X" else digits_only(last))
    return number if re.fullmatch(r"\d{17}[\dX]", number) else ""


def repair_id(number: str, doubts: tuple[int, ...]) -> str:
    """The number with its most doubtful digit changed, if exactly one change makes it valid.

    Args:
        number: 18 characters whose checksum fails.
        doubts: positions the reader was unsure of, most doubtful first.
    """
    for place in doubts:
        changes = {
            number[:place] + digit + number[place + 1 :]
            for digit in _CONFUSED.get(number[place], "")
        }
        valid = {changed for changed in changes if id_is_valid(changed)}
        if len(valid) == 1:
            return valid.pop()
    return ""


def parse_date(text: str) -> date | None:
    """A date of eight digits, or None if there is no such day."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def find_dates(text: str) -> list[str]:
    """The dates in a text, in order, as ``YYYY-MM-DD``. Look-alike letters count as digits."""
    found = []
    for year, month, day in _DATE.findall(re.sub(r"\s", "", digits_only(text))):
        if parse_date(year + month + day):
            found.append(f"{year}-{month}-{day}")
    return found


def find_years(text: str) -> int:
    """The older layout's period in years: 6 or 10; 0 if the text has none."""
    found = _YEARS.search(text)
    return int(found.group(1)) if found else 0


def is_long_term(text: str) -> bool:
    """Whether the text says that a licence does not run out."""
    return "长期" in text or "長期" in text


def add_years(day: str, years: int) -> str:
    """The same day ``years`` later; 29 February becomes the 28th where there is none."""
    year, month, rest = int(day[:4]) + years, day[5:7], day[8:]
    if (month, rest) == ("02", "29") and parse_date(f"{year}0229") is None:
        rest = "28"
    return f"{year}-{month}-{rest}"


def find_classes(text: str) -> str:
    """The classes a text consists of, e.g. ``A1A2D``; "" if it holds anything else."""
    compact = re.sub(r"[^0-9A-Za-z|!]", "", text).upper()
    compact = re.sub(r"(?<=[ABC])[IL|!]", "1", compact)
    compact = re.sub(r"(?<=[ABC])Z", "2", compact)
    return compact if _CLASS_RUN.fullmatch(compact) else ""


def looks_like_authority(text: str) -> bool:
    """Whether a seal's text has the form of a traffic police authority's name."""
    return bool(_AUTHORITY.fullmatch(text)) and begins_whole(text)


def begins_whole(text: str) -> bool:
    """Whether a place's name does not begin within a province's: "东省…" lacks a character."""
    province, of_province, _ = text[:5].partition("省")
    region, of_region, _ = text[:9].partition("自治区")
    if of_province:
        return province in _PROVINCES
    return not of_region or region in _REGIONS


def before_province(text: str) -> int:
    """How many characters, at most four, stand before the name of a province or region."""
    found = _BEFORE_PROVINCE.match(text)
    return found.end() if found else 0


def simplify(text: str) -> str:
    """Traditional forms the reader sometimes gives for simplified print."""
    return text.translate(_SIMPLER)


def clean_name(text: str) -> str:
    """The name in a text, Chinese or Latin; "" if it holds none."""
    if len(_HAN.findall(text)) >= 2:
        value = _NOT_NAME.sub("", simplify(text.translate(_DOTS))).strip("·")
    else:
        value = re.sub(r"\s+", " ", re.sub(r"[^A-Za-z .,'-]", "", text)).strip()
    return value if len(value) >= 2 else ""
