#!/usr/bin/env python3
"""schema/*.schema.json are valid draft-07, and every golden JSON validates against its own.

    json_schemas.py PROJECT

A golden file TREE/COMMAND.json belongs to schema/COMMAND.schema.json. Every key in it must be
described there, although a schema lets unknown keys pass.
"""
import glob
import json
import os
import sys

import jsonschema


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def schema_problems(path):
    try:
        schema = load(path)
        jsonschema.Draft7Validator.check_schema(schema)
    except (ValueError, jsonschema.SchemaError) as error:
        return [f"{path}: {str(error).splitlines()[0]}"]
    if schema.get("$schema") != "http://json-schema.org/draft-07/schema#":
        return [f"{path}: $schema does not say draft-07"]
    return []


def undescribed(schema, value, place=""):
    """Keys of `value` that `schema` does not name, each once."""
    found = {}
    if isinstance(value, dict):
        for key, part in value.items():
            if key in schema.get("properties", {}):
                found.update(undescribed(schema["properties"][key], part, f"{place}/{key}"))
            else:
                found[f"{place}/{key}"] = True
    elif isinstance(value, list):
        for part in value:
            found.update(undescribed(schema.get("items", {}), part, place + "[]"))
    return found


def golden_problems(path, schemas):
    command = os.path.basename(path).split(".")[0]
    schema = schemas.get(command)
    if schema is None:
        return [f"{path}: there is no schema/{command}.schema.json"]
    resolver = jsonschema.RefResolver(f"file://{schema}", load(schema))
    validator = jsonschema.Draft7Validator(load(schema), resolver=resolver)
    errors = sorted(validator.iter_errors(load(path)), key=lambda error: list(error.path))
    return [f"{path}: {'/'.join(map(str, error.path))}: {error.message[:300]}"
            for error in errors[:10]] + [
                f"{path}: {place}: {command}.schema.json does not describe it"
                for place in undescribed(load(schema), load(path))]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    project = os.path.abspath(sys.argv[1])
    paths = sorted(glob.glob(os.path.join(project, "schema", "*.schema.json")))
    problems = [problem for path in paths for problem in schema_problems(path)]
    schemas = {os.path.basename(path).split(".")[0]: path for path in paths}
    goldens = sorted(glob.glob(os.path.join(project, "tests", "golden", "*", "*.json")))
    if not problems:
        for path in goldens:
            problems += golden_problems(path, schemas)
    for problem in problems:
        print(problem)
    print(f"{len(paths)} schemas, {len(goldens)} golden files, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
