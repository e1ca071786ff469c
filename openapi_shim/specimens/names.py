"""Names of invented people."""

from __future__ import annotations

import numpy as np

from openapi_shim.specimens.chance import chance, pick, weighted

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
    "贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
    "钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢"
    "骆岳齐尚梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位"
    "覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边阚仝卞蔺昝逄亓"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "慕容", "东方", "令狐", "司徒", "夏侯")
_MALE = (
    "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林坤翔志文建国海东峰子轩博晨毅"
    "嘉天立成德振永家世春光荣绍庆云松维学思远泽睿哲"
)
_FEMALE = (
    "芳娜敏静丽艳娟霞秀燕玲桂英华玉萍红梅洁云兰凤琴莉婷雪慧颖琳晶欣怡佳倩雯璐梦瑶思雨诗涵"
    "语嫣悦彤可馨紫萱晓春淑珍美香月薇菲菁蓉岚媛瑾"
)
_RARE = "龑赟翀旻禛鋆竑䶮喆昇堃犇淼焱垚骉祎玥珺琇翾韡昉烨燚甯潞炘曦懿鬯璟瑀頔"
_TURKIC = (
    "阿卜杜热合曼", "买买提", "艾尼瓦尔", "吐尔逊", "阿依古丽", "热依汗", "古丽娜尔", "玉素甫",
    "库尔班", "努尔麦麦提", "帕提古丽", "伊力哈木", "迪丽努尔", "塔依尔", "阿布都拉", "沙吾提",
)  # fmt: skip
_TIBETAN = (
    "扎西多吉",
    "次仁旺堆",
    "卓玛拉姆",
    "格桑平措",
    "洛桑顿珠",
    "白玛央金",
    "索朗达杰",
    "德吉措姆",
)
_LATIN_GIVEN = {
    "男": ("JAMES", "MICHAEL", "THOMAS", "LUCAS", "PIERRE", "IVAN", "RAHUL", "DAVID", "MINHO"),
    "女": ("EMMA", "ANNA", "SOPHIE", "MARIA", "OLGA", "PRIYA", "LAURA", "JULIE", "SOOJIN"),
}
_LATIN_FAMILY = (
    "MILLER", "ANDERSON", "DUBOIS", "SCHNEIDER", "PETROV", "SHARMA", "TAYLOR", "KIM", "TANAKA",
    "MARTIN", "WALKER", "NGUYEN", "FERRARI", "LINDBERG",
)  # fmt: skip
_TRANSLITERATED = (
    "金敏浩",
    "朴智妍",
    "田中健一",
    "佐藤美咲",
    "安娜·伊万诺娃",
    "约翰·史密斯",
    "玛丽·杜邦",
)


def citizen_name(rng: np.random.Generator, sex: str) -> str:
    """A Chinese citizen's name: mostly Han, sometimes with a rare character or a middle dot."""
    kind = weighted(rng, [("han", 0.90), ("turkic", 0.07), ("tibetan", 0.03)])
    if kind == "turkic":
        own, fathers = rng.permutation(len(_TURKIC))[:2]
        return f"{_TURKIC[own]}·{_TURKIC[fathers]}"
    if kind == "tibetan":
        return pick(rng, _TIBETAN)
    surname = pick(rng, _COMPOUND) if chance(rng, 0.06) else pick(rng, _SURNAMES)
    given = _MALE if sex == "男" else _FEMALE
    letters = [pick(rng, given)]
    if chance(rng, 0.72):
        letters.append(pick(rng, given))
    if chance(rng, 0.14):
        letters[int(rng.integers(len(letters)))] = pick(rng, _RARE)
    return surname + "".join(letters)


def foreign_name(rng: np.random.Generator, sex: str) -> str:
    """A foreigner's name: capitals, or written in Chinese characters."""
    if chance(rng, 0.35):
        return pick(rng, _TRANSLITERATED)
    return f"{pick(rng, _LATIN_GIVEN[sex])} {pick(rng, _LATIN_FAMILY)}"
