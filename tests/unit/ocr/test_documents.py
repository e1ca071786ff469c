"""What another document is called, by its words."""

from __future__ import annotations

import pytest

from openapi_shim.ocr.documents import other_document


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["中华人民共和国机动车行驶证", "号牌号码 京A12345"], "vehicle licence (行驶证)"),
        (["车辆识刑代号 LSVAA"], "vehicle licence (行驶证)"),  # one character misread
        (["机动车行驶证副页", "核定载人数 5人"], "second page (行驶证副页)"),
        (["公民身份号码 11010519491231002X"], "identity card"),
        (["VALID THRU 12/30"], "bank card"),
        (["社会保障号码"], "social security card"),
        (["入职登记表", "姓名 张三"], "form"),
        (["机动车驾驶证申请表", "申请的准驾车型代号 C1"], "driving school"),
        (["驾驶人信息查询结果单", "准驾车型 C1", "档案编号 1101"], "extract"),
        (["道路运输从业人员从业资格证", "准驾车型 A2"], "professional driver"),
        (["机动车交通事故责任强制保险单"], "insurance"),
        (["护照号 E12345678"], "passport"),
        (["统一社会信用代码"], "business licence"),
        (["增值税电子普通发票"], "bill"),
        (["好邻居便利店", "合计 276.00"], "bill"),
        (["DRIVING LICENCE"], "another country"),
        (["中华人民共和国机动车驾驶证副页", "记录"], "second page (副页)"),
        (["档案编号 110100123456"], "second page (副页)"),
        (["中华人民共和国机动车驾驶证", "Driving License of the People's Republic"], ""),
        (["姓名 张三", "准驾车型 C1"], ""),
        ([], ""),
    ],
)
def test_another_document_is_named(lines: list[str], words: str) -> None:
    found = other_document(lines)
    assert words in found
    assert bool(found) == bool(words)
