"""Specimens: photos of driving licences of invented people, each with its exact truth.

from openapi_shim.specimens import make_specimen

specimen = make_specimen(7, grade="hard")
specimen.image  # JPEG bytes
specimen.truth  # {"id_num": …, "name": …, …}
"""

from openapi_shim.specimens.fonts import FontsMissingError, cjk_fonts_available
from openapi_shim.specimens.grades import GRADES
from openapi_shim.specimens.licenses import FIELD_NAMES, LAYOUTS
from openapi_shim.specimens.specimen import ROTATIONS, Specimen, make_specimen

__all__ = [
    "FIELD_NAMES",
    "GRADES",
    "LAYOUTS",
    "ROTATIONS",
    "FontsMissingError",
    "Specimen",
    "cjk_fonts_available",
    "make_specimen",
]
