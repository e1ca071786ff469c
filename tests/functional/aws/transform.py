"""What CloudFormation gets of a SAM template, as JSON on stdout: run by .venv-tools' Python.

``python transform.py template.yaml``. The translator takes code from S3 alone, so that local
code becomes an object of a bucket that nobody asks for.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


def main() -> None:
    """Transform the template named on the command line."""
    template = yaml_parse(Path(sys.argv[1]).read_text("utf-8"))
    for name, resource in template["Resources"].items():
        if "CodeUri" in resource["Properties"]:
            resource["Properties"]["CodeUri"] = f"s3://code/{name}.zip"
    session = boto3.Session(region_name="us-east-1")
    transformed = Translator({}, Parser(), boto_session=session).translate(template, {})
    json.dump(transformed, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
