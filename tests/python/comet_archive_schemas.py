"""Holds an archive against the schemas that the official client of Comet brings with it:
comet_archive_schemas.py ARCHIVE. test_tracking_services.py runs it in an environment that has
comet_ml and jsonschema."""

import json
import sys
import zipfile
from pathlib import Path

import comet_ml
import jsonschema


def validate(content: object, name: str) -> None:
    folder = Path(comet_ml.__file__).parent / "schemas"
    schema = json.loads((folder / f"offline-{name}.schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(content)


def main() -> None:
    with zipfile.ZipFile(sys.argv[1]) as archive:
        validate(json.loads(archive.read("experiment.json")), "experiment")
        for line in archive.read("messages.json").splitlines():
            message = json.loads(line)
            kind = message["type"].removesuffix("_msg").replace("_", "-")
            validate(message["payload"], f"{kind}-msg")


if __name__ == "__main__":
    main()
