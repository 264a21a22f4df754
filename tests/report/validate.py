#!/usr/bin/env python3
"""usage: validate.py SCHEMA FOLDER: every FOLDER/*.json is such a report."""

import json
import pathlib
import sys

import jsonschema


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    bad = 0
    for path in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
        report = json.loads(path.read_text())
        errors = list(validator.iter_errors(report)) + list(indices(report))
        for error in errors[:5]:
            where = "/".join(map(str, getattr(error, "path", [])))
            text = getattr(error, "message", error)
            print(f"{path.stem.replace('+', '/')}: {where}: {text[:300]}")
        bad += bool(errors)
    if bad:
        print(f"{bad} reports are not as {sys.argv[1]} says")
    return bad != 0


def indices(report):
    """What a schema cannot say: numbers that point into other lists."""
    if not isinstance(report, dict):
        return
    findings = report.get("findings", [])
    captures = report.get("captures", [])
    stories = {s["id"]: s for s in report.get("stories", [])}
    summary = report.get("summary", {})
    for i, f in enumerate(findings):
        link = [k for k in ("explained_by", "rival_of") if k in f]
        if f.get("cause") != (not link):
            yield f"findings/{i}: cause is {f.get('cause')} with {link}"
        for k in link:
            if not 0 <= f[k] < len(findings) or f[k] == i:
                yield f"findings/{i}/{k}: {f[k]} is no other finding"
        for e in f.get("evidence", []):
            if "capture" in e and e["capture"] >= len(captures):
                yield f"findings/{i}: evidence in capture {e['capture']}"
        for s in f.get("stories", []):
            if s in stories and i not in stories[s].get("findings", []):
                yield f"findings/{i}: story {s} does not name it"
    for s in stories.values():
        for i in s.get("findings", []):
            if not 0 <= i < len(findings):
                yield f"stories/{s['id']}: finding {i} does not exist"
    outcomes = [summary.get(k, 0) for k in ("ok", "broken", "degraded",
                                            "unseen")]
    if sum(outcomes) != summary.get("stories"):
        yield f"summary: {outcomes} do not add up to {summary.get('stories')}"
    causes = sum(1 for f in findings if f.get("cause"))
    if causes != summary.get("causes"):
        yield f"summary/causes: {summary.get('causes')}, findings: {causes}"


if __name__ == "__main__":
    sys.exit(main())
