"""The catalog."""

from __future__ import annotations

from openapi_shim.catalog.operations import OPERATIONS, near_names, operation_at, operation_named
from openapi_shim.catalog.wechat_codes import WECHAT_CODES, wechat_text


def test_the_operation_of_the_specification() -> None:
    operation = operation_named("ocr.driverLicense")
    assert operation is not None
    assert operation.path == "/cv/ocr/drivinglicense"
    assert [field.name for field in operation.result] == [
        "id_num", "name", "sex", "nationality", "address", "birth_date", "issue_date",
        "car_class", "valid_from", "valid_to", "official_seal",
    ]  # fmt: skip


def test_an_operation_is_found_by_its_path() -> None:
    found = operation_at("/cv/ocr/driving")
    assert found is not None
    assert found.name == "ocr.vehicleLicense"
    assert operation_at("/cv/ocr/drive") is None


def test_names_and_paths_are_unique() -> None:
    assert len({item.name for item in OPERATIONS}) == len(OPERATIONS)
    assert len({item.path for item in OPERATIONS}) == len(OPERATIONS)


def test_near_names() -> None:
    assert near_names("ocr.driverLicence") == ["ocr.driverLicense"]
    assert near_names("ocr.driverlicense") == ["ocr.driverLicense"]
    assert near_names("ocr.drivingLicence")[0] == "ocr.driverLicense"
    assert near_names("OCR.x") == ["ocr.driverLicense", "ocr.idcard", "ocr.bankcard"]
    assert near_names("security.msgSecCheck") == []


def test_the_codes_of_the_specification_have_texts() -> None:
    assert wechat_text(101001) == "certificate not found"
    assert all(code == entry.code and entry.text for code, entry in WECHAT_CODES.items())
    assert wechat_text(123456) == "system error"
