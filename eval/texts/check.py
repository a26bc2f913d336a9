#!/usr/bin/env python3
"""Checks the labelled texts of this folder and counts them. Exits 1 and says where when something is wrong."""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).parent
KINDS = {
    "order", "invoice", "tracking", "serial", "subscription", "amount", "date",
    "email", "phone", "url", "iban", "card", "address", "product",
}
LABELS = {
    "urgency": ["low", "normal", "high", "critical"],
    "sentiment": ["very_negative", "negative", "neutral", "positive", "very_positive"],
}
SPLITS = ["train", "valid", "test"]
SHARED_MAX = 0.2

problems = []


def rows(name):
    path = HERE / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def check_fields(name, row, place):
    expected = {"text", "lang"} | ({"at", "entities"} if name == "entities" else {"label", "split"})
    if set(row) != expected:
        problems.append(f"{place}: fields {sorted(row)}, expected {sorted(expected)}")
    if row["lang"] not in ("en", "fr") or not row["text"].strip():
        problems.append(f"{place}: no text or another language")


def check_entities(row, place):
    text = row["text"].encode()
    last = defaultdict(int)
    for entity in sorted(row["entities"], key=lambda entity: entity["start"]):
        kind, start, end = entity["kind"], entity["start"], entity["end"]
        if kind not in KINDS or not entity["value"]:
            problems.append(f"{place}: unknown kind `{kind}` or no value")
        if text[start:end] != entity["text"].encode() or entity["text"] != entity["text"].strip():
            problems.append(f"{place}: {start}..{end} is not `{entity['text']}`")
        if start < last[kind]:
            problems.append(f"{place}: two of kind `{kind}` overlap at {start}")
        last[kind] = end


def grams(text):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def check_shared(texts):
    """Compares every two texts that share a 5-gram of words."""
    seen, holders = {}, defaultdict(list)
    shared = Counter()
    for at, (place, text) in enumerate(texts):
        plain = " ".join(text.lower().split())
        if plain in seen:
            problems.append(f"{place}: the same text as {seen[plain]}")
        seen[plain] = place
        for gram in grams(text):
            shared.update((other, at) for other in holders[gram])
            holders[gram].append(at)
    for (one, other), count in shared.items():
        part = count / min(len(grams(texts[one][1])), len(grams(texts[other][1])))
        if part > SHARED_MAX:
            problems.append(f"{texts[other][0]}: {part:.0%} of its 5-grams in {texts[one][0]}")


def table(title, counts, columns):
    print(f"\n{title:22}" + "".join(f"{column:>8}" for column in columns) + "     all")
    for key in dict.fromkeys(key for key, _ in counts):
        cells = [counts[key, column] for column in columns]
        print(f"{key:22}" + "".join(f"{cell:8}" for cell in cells) + f"{sum(cells):8}")


def main():
    texts = []
    for name in ("entities", *LABELS):
        counts, splits = Counter(), Counter()
        for number, row in enumerate(rows(name), 1):
            place = f"{name}.jsonl:{number}"
            check_fields(name, row, place)
            texts.append((place, row["text"]))
            counts["texts", row["lang"]] += 1
            if name == "entities":
                check_entities(row, place)
                counts["texts with none", row["lang"]] += not row["entities"]
                counts.update((entity["kind"], row["lang"]) for entity in row["entities"])
                continue
            if row["label"] not in LABELS[name] or row["split"] not in SPLITS:
                problems.append(f"{place}: unknown label or split")
            counts[row["label"], row["lang"]] += 1
            splits[row["label"], row["split"]] += 1
        table(name, counts, ["en", "fr"])
        if splits:
            table(f"{name}, splits", splits, SPLITS)
    check_shared(texts)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
