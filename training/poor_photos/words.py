"""What the reader's training sheets say: in part like the specimens, in part by chance.

Chance keeps the network from learning this project's few streets and names by heart: what it
reads must come from the picture. A good part of the places and offices are real ones, as on a
real licence: a reader knows its language.
"""

from __future__ import annotations

import numpy as np

from openapi_shim.specimens.chance import chance, pick, whole
from openapi_shim.specimens.licenses import LAYOUTS, License, invent_license
from training.poor_photos.places import OFFICES, Places, words

_HAN = "".join(
    bytes([high, low]).decode("gb2312", "ignore")
    for high in range(0xB0, 0xF8)
    for low in range(0xA1, 0xFF)
)
"""The 6 763 characters of GB 2312, the commoner half first."""
_COMMON = _HAN[:3755]
_ANY = (_COMMON, _COMMON, _HAN)
"""To pick from: villages and rivers are called as nothing else is."""
_RARE = (
    "缑麴晁笪劼垾塆滏郫郸鄄衢亳泸漯潢濮茌涞歙黟"
    "龑赟翀旻禛鋆竑䶮喆昇堃犇淼焱垚骉祎玥珺琇翾韡昉烨燚甯潞炘曦懿鬯璟瑀頔煊珅珮琪璐瑄瑢璇璎璠"
    "祺禧禹稷彧彣彬昕昊昱晟晗晞晔暄暐曌朔杪栩桢梓楠榕槿樾歆沅沐沛泓洺涵淇淏湉湜溦滢漪潇澍濛瀚灏"
    "炜炫炯烜焓熠熹爔玮珈珏珩珞琛琰瑜瑾皓皖睿砚硕祁笙筠箫绮绫缨羿翊聿芃芊芮苒茜茵荃莘菡萱葳蒽"
    "蔚蕙薇蘅虔衍裴讷诠谌谦赉轩辰逸邈郗郦鄢酆钊钧铄铖铠锟镕阚陟霏霖靖韬颀颉颢飏馥骁骅骐骞髦鲲鹂麒"
    "鑫灝頫堉塬奡妘妤姝娅娉娴婧婵嫄嬿孛孜孺岑峋峥崧嵘嵩巍帏庹庾弋弢彤悫惟愔愫慜憬戬戢扆抒揆擎昀"
    "骉骎骕骢骦犨鬯旸昽晛晢晳晙暕暲曈杲杳枘柘栎栻桄桉桤棪椴椿楫榉檀橦欤殷毓汭沄沚沨泠泫洄洧洮浛浟涔涪渌"
    "渝渲渼湑湲溁溇滟滠漳漷潏潞潼澐澹澧瀛瀹炟烺焘焜煐煓煜煦熵燊燏爚牮犀猷珣珙珧珽珵珹琎琀琤琨琬琏瑔瑗瑧"
    "瑭璁璆璘璟璥璨璩璬瓒瓘畋畯痦皞盱眭睢瞾矜砺碛磊礴祉祎祐祜祾禔禥秭稹穰窈窦竞竦笃筱筼箴篪簌籁綦縠繄纡"
    "纮纾绂绛绡绤绾缇缊缦缜缪罡羲耀耘聃聿胤胪脩臻舫舸艮艺芗芩芪芷苌苡苣茏茗茯荀荠荥荻莅莼菀菁菘萃葆葭蒯"
    "蒹蓁蓼蔺蕤薛藜蘧虬虢蛟蜓蜿螭蠡衎袆裎裕褚襄觅觐訾詹誉諲谖谧谟谡谯豫贇赪赫趵跃踔轫轲轾辇逄逯遒遨邂邃邛"
    "邝邬邰邵郃郇郏郐郓郜郢郯郾鄞鄯鄱鄹酂酩醴釉釜鉴銮锜锴镐镒镠镡镪镭闫闵闾阆阈阎阙陉隗隰雍雎雩霁霂霈鞠鞮韫"
    "韪顗颋颐颛飒飔饶馗骈骊骋骝骠骧髙魁鲍鲛鳌鳕鸢鸾鹄鹍鹔鹭麓麟黉黛黼黻鼐鼎齐龢亓亢仇仉仝佘佟佴侪俣俸俾倓"
    "倩偃偲傒僖儆兕兖冀冉冼凇凌刘劭劬勖勰匡卉卜卞卮卻厍叡叵召吕呙咏咸哿唳啬嗣嘏嘉嚭囡圩圪圻坤坻垣垌垲埏"
    "埔埙埚埴堇堔堠塍墉壅夔奂奕奭妍妧妫妲姈姗姞姣姮姱娆娓娣娥娩婉婕婺媖媛媞媭嫒嫔嫘嫚嫣嫦嬴嬿孚孳宓宕宥宬"
    "宸寇尉尕尧尹屈岐岙岚岱岫岷峒峦峻崆崔崚崟嵇嵋嶂巅巩巽帆幄幞庑庚庠廉廙廪弼彝彪徇徕徵忞忱忻怀怡怿恂恪悌悦"
    "惇惠惬惴愃愈愉愨愿慈慧懋戈戌扈扬抃抟拓挚捷掖揖搏摅撄攸敔敖敦敫斌斐斓斛旂旃旆旎旖旮旯旻旼"
)
_PARTS = ("省", "市", "区", "县", "镇", "乡", "村", "路", "街", "街道", "小区", "花园", "苑", "巷")
_ENDS = ("号", "室", "栋", "单元", "组", "幢", "楼", "房", "弄", "座", "户")
_COUNTRIES = words(
    "越南 老挝 缅甸 泰国 印度 印度尼西亚 马来西亚 新加坡 菲律宾 柬埔寨 蒙古 朝鲜 "
    "韩国 日本 尼泊尔 孟加拉国 巴基斯坦 伊朗 伊拉克 土耳其 沙特阿拉伯 阿联酋 "
    "以色列 哈萨克斯坦 乌兹别克斯坦 吉尔吉斯斯坦 俄罗斯 乌克兰 白俄罗斯 波兰 德国 "
    "法国 英国 意大利 西班牙 葡萄牙 荷兰 比利时 瑞士 瑞典 挪威 芬兰 丹麦 奥地利 "
    "希腊 捷克 匈牙利 爱尔兰 美国 加拿大 墨西哥 巴西 阿根廷 智利 秘鲁 哥伦比亚 "
    "古巴 埃及 南非 尼日利亚 肯尼亚 加纳 埃塞俄比亚 坦桑尼亚 摩洛哥 阿尔及利亚 "
    "澳大利亚 新西兰"
)
_SOUNDS = words(
    "B BR C CH D DR F FR G GR H J K KR L M N NG P PH QU R S SH SCH ST T TH TR V W X Y Z"
)
_MIDDLES = words("A A E E I O U AI EA EE IE OU Y AU OO")
_CLOSES = ("", "", "", *words("N N R S L M T CK LD NN NG RT RN SS TZ X NDER SON MANN"))
LABELS = {
    "id_num": (("证号",), ("No.",)),
    "name": (("姓名",), ("Name",)),
    "sex": (("性别",), ("Sex",)),
    "nationality": (("国籍",), ("Nationality",)),
    "address": (("住址",), ("Address",)),
    "birth_date": (("出生日期",), ("Date of Birth", "Birthday")),
    "issue_date": (("初次领证日期",), ("Date of First Issue", "Issue Date")),
    "car_class": (("准驾车型",), ("Class",)),
    "valid": (("有效期限", "有效起始日期"), ("Valid Period", "Valid From", "Valid For")),
}
"""Printed labels of a row, Chinese and English."""


def _han(rng: np.random.Generator, count: int, letters: str = _COMMON) -> str:
    return "".join(pick(rng, letters) for _ in range(count))


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(pick(rng, "0123456789") for _ in range(count))


def _name(rng: np.random.Generator, usual: str) -> str:
    if chance(rng, 0.25):
        return usual
    if chance(rng, 0.1):
        return pick(rng, (" ", " ", ", ")).join(_latin(rng) for _ in range(whole(rng, 2, 3)))
    letters = pick(rng, (_COMMON, _HAN, _RARE, _RARE))
    if chance(rng, 0.08):
        return f"{_han(rng, whole(rng, 2, 5))}·{_han(rng, whole(rng, 2, 5))}"
    known = chance(rng, 0.5) and usual[0] >= "\u4e00"
    first = usual[0] if known else _han(rng, 1, pick(rng, (_COMMON, _RARE)))
    return first + _han(rng, whole(rng, 1, 2), letters)


def _latin(rng: np.random.Generator) -> str:
    parts = (pick(rng, _SOUNDS) + pick(rng, _MIDDLES) for _ in range(whole(rng, 1, 3)))
    return "".join(parts) + pick(rng, _CLOSES)


def _address(rng: np.random.Generator, usual: str, places: Places) -> str:
    if chance(rng, 0.2):
        return usual
    if chance(rng, 0.5):
        return places.address(rng)
    if chance(rng, 0.35):  # the usual one with other characters here and there
        return "".join(
            _han(rng, 1, pick(rng, _ANY)) if not one.isascii() and chance(rng, 0.25) else one
            for one in usual
        )
    parts = [
        _han(rng, whole(rng, 2, 3), pick(rng, _ANY)) + pick(rng, _PARTS)
        for _ in range(whole(rng, 2, 4))
    ]
    parts += [_digits(rng, whole(rng, 1, 4)) + pick(rng, _ENDS) for _ in range(whole(rng, 1, 3))]
    if chance(rng, 0.2):
        count = whole(rng, 2, 3)
        parts.append("-".join(_digits(rng, whole(rng, 1, 4)) for _ in range(count)))
    elif chance(rng, 0.2):
        parts.append(pick(rng, "ABCDEF") + pick(rng, ("座", "栋", "区")) + _digits(rng, 3))
    return "".join(parts)


def _authority(rng: np.random.Generator, usual: str, places: Places) -> str:
    if chance(rng, 0.2):
        return usual
    if chance(rng, 0.6):
        return places.authority(rng)
    head = ""
    if chance(rng, 0.6):
        head = _han(rng, whole(rng, 2, 3)) + pick(rng, ("省", "省", "自治区"))
    head += _han(rng, whole(rng, 2, 3), pick(rng, _ANY)) + pick(rng, ("市", "市", "县", "州"))
    return head + pick(rng, OFFICES)


def invent(rng: np.random.Generator, places: Places) -> tuple[dict[str, str], License]:
    """What a sheet says: the eleven fields, and the licence they were drawn from."""
    seed = 2 * int(rng.integers(1_000_000, 2_000_000))
    issued = invent_license(seed, pick(rng, LAYOUTS))
    values = dict(issued.truth)
    values["name"] = _name(rng, values["name"])
    values["address"] = _address(rng, values["address"], places)
    values["official_seal"] = _authority(rng, values["official_seal"], places)
    if chance(rng, 0.1):
        values["nationality"] = pick(rng, _COUNTRIES)
    if chance(rng, 0.3):
        values["id_num"] = _digits(rng, 17) + pick(rng, "0123456789X")
    return values, issued
