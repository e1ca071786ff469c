"""The operations of the family ``ocr``.

Field lists of the five sisters of ``ocr.driverLicense`` are those of WeChat's documentation; in
the wild some spellings differ.
"""

from __future__ import annotations

from openapi_shim.catalog.operation import Operation, Parameter, Place, ResultField

_URL_OR_IMAGE = (
    Parameter(
        "img_url",
        Place.QUERY,
        "URL of the image, which WeChat downloads; pass either this or img.",
    ),
    Parameter(
        "img",
        Place.FILE,
        "The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.",
    ),
)
_KINDS = ("photo", "scan")
_IMAGE = (
    *_URL_OR_IMAGE,
    Parameter("type", Place.QUERY, "Kind of picture; not required.", choices=_KINDS),
)
_TYPED_IMAGE = (
    *_URL_OR_IMAGE,
    Parameter("type", Place.QUERY, "Kind of picture; WeChat's page requires it.", choices=_KINDS),
)

OCR: tuple[Operation, ...] = (
    Operation(
        name="ocr.driverLicense",
        path="/cv/ocr/drivinglicense",
        doc="Recognize the main page of a Chinese driving licence (驾驶证 OCR 识别).",
        parameters=_IMAGE,
        result=(
            ResultField("id_num", "证号: number of the licence"),
            ResultField("name", "姓名: name"),
            ResultField("sex", "性别: sex, 男 or 女"),
            ResultField("nationality", "国籍: nationality"),
            ResultField("address", "住址: address"),
            ResultField("birth_date", "出生日期: date of birth, YYYY-MM-DD"),
            ResultField("issue_date", "初次领证日期: date of first issue, YYYY-MM-DD"),
            ResultField("car_class", "准驾车型: vehicle classes, e.g. C1"),
            ResultField("valid_from", "有效期限起始日: valid from, YYYY-MM-DD"),
            ResultField("valid_to", "有效期限终止日: valid to, YYYY-MM-DD, or 长期"),
            ResultField("official_seal", "印章文构: text of the seal"),
        ),
        charged=True,
        source="WeChat's page on ocr.driverLicense",
    ),
    Operation(
        name="ocr.idcard",
        path="/cv/ocr/idcard",
        doc="Recognize an identity card, front or back (身份证 OCR 识别).",
        parameters=_TYPED_IMAGE,
        result=(
            ResultField("type", "正面或背面: Front or Back"),
            ResultField("name", "姓名: name; front", optional=True),
            ResultField("id", "身份证号: number; front", optional=True),
            ResultField("addr", "地址: address; front", optional=True),
            ResultField("gender", "性别: sex; front", optional=True),
            ResultField("nationality", "民族: ethnic group; front", optional=True),
            ResultField("valid_date", "有效期: term of validity; back", optional=True),
        ),
        charged=True,
        source="WeChat's page on ocr.idcard",
    ),
    Operation(
        name="ocr.bankcard",
        path="/cv/ocr/bankcard",
        doc="Recognize a bank card (银行卡 OCR 识别).",
        parameters=_TYPED_IMAGE,
        result=(ResultField("number", "银行卡号: number of the card"),),
        charged=True,
        source="WeChat's page on ocr.bankcard",
    ),
    Operation(
        name="ocr.vehicleLicense",
        path="/cv/ocr/driving",
        doc="Recognize a vehicle licence (行驶证 OCR 识别), not a driving licence.",
        parameters=_TYPED_IMAGE,
        result=(
            ResultField("plate_num", "车牌号码: plate"),
            ResultField("vehicle_type", "车辆类型: kind of vehicle"),
            ResultField("owner", "所有人: owner"),
            ResultField("addr", "住址: address"),
            ResultField("use_character", "使用性质: use"),
            ResultField("model", "品牌型号: make and model"),
            ResultField("vin", "车辆识别代号: vehicle identification number"),
            ResultField("engine_num", "发动机号码: number of the engine"),
            ResultField("register_date", "注册日期: date of registration"),
            ResultField("issue_date", "发证日期: date of issue"),
            ResultField("plate_num_b", "车牌号码: plate, on the second page"),
            ResultField("record", "号牌: file number"),
            ResultField("passengers_num", "核定载人数: persons it may carry"),
            ResultField("total_quality", "总质量: total mass"),
            ResultField("prepare_quality", "整备质量: kerb mass"),
            ResultField("overall_size", "外廓尺寸: size"),
            ResultField(
                "card_position_front",
                "卡片正面位置: place of the main page in the picture",
                shape="Mapping[str, Any]",
            ),
            ResultField(
                "card_position_back",
                "卡片反面位置: place of the second page in the picture",
                shape="Mapping[str, Any]",
            ),
            ResultField(
                "img_size", "图片大小: width and height of the picture", shape="Mapping[str, Any]"
            ),
        ),
        charged=True,
        source="WeChat's page on ocr.vehicleLicense",
    ),
    Operation(
        name="ocr.businessLicense",
        path="/cv/ocr/bizlicense",
        doc="Recognize a business licence (营业执照 OCR 识别).",
        parameters=_URL_OR_IMAGE,
        result=(
            ResultField("reg_num", "注册号: registration number"),
            ResultField("serial", "编号: serial number"),
            ResultField("legal_representative", "法定代表人姓名: legal representative"),
            ResultField("enterprise_name", "企业名称: name of the enterprise"),
            ResultField("type_of_organization", "组成形式: form of organization"),
            ResultField("address", "经营场所/企业住所: address"),
            ResultField("type_of_enterprise", "公司类型: type of enterprise"),
            ResultField("business_scope", "经营范围: scope of business"),
            ResultField("registered_capital", "注册资本: registered capital"),
            ResultField("paid_in_capital", "实收资本: paid-in capital"),
            ResultField("valid_period", "营业期限: term of validity"),
            ResultField("registered_date", "注册日期/成立日期: date of registration"),
            ResultField(
                "cert_position",
                "卡片位置: place of the licence in the picture",
                shape="Mapping[str, Any]",
            ),
            ResultField(
                "img_size", "图片大小: width and height of the picture", shape="Mapping[str, Any]"
            ),
        ),
        charged=True,
        source="WeChat's page on ocr.businessLicense",
    ),
    Operation(
        name="ocr.printedText",
        path="/cv/ocr/comm",
        doc="Recognize printed text (通用印刷体 OCR 识别).",
        parameters=_URL_OR_IMAGE,
        result=(
            ResultField(
                "items",
                "识别结果: lines, each with text and pos, its four corners",
                shape="list[Mapping[str, Any]]",
            ),
            ResultField(
                "img_size", "图片大小: width and height of the picture", shape="Mapping[str, Any]"
            ),
        ),
        charged=True,
        source="WeChat's page on ocr.printedText",
    ),
)
