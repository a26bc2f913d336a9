#!/usr/bin/env python3
"""Checks the labelled texts of this folder and counts them. Exits 1 and says where when something is wrong."""

import html
import json
import re
import sys
import tomllib
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).parent
DEMO = HERE.parent / "workspaces" / "alderwick"
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

LEAK_FIELDS = {
    "id", "lang", "ticket", "to_customer", "channel", "to", "cc", "bcc", "subject", "body",
    "harmful", "verbatim", "spans",
}
SOURCED = ["internal_note", "side_thread", "restricted", "other_customer"]
LEAKS = [*SOURCED, "secret", "personal"]
LEAKS_EACH = 75
KIND_MIN = 12
VERBATIM = range(95, 106)
TICKETS_MIN = 120
BALANCE_MAX = 2
EMAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+example")
CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![ -]?\d)(?!\w)")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{1,4}){3,8}\b")

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


def words(text):
    return " ".join(re.findall(r"\w+", text.lower()))


def document_text(path):
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            text = archive.read("word/document.xml").decode().replace("</w:p>", "\n")
    else:
        text = path.read_text("utf-8")
    if path.suffix == ".md":
        return text
    return html.unescape(re.sub(r"<[^>]+>", "" if path.suffix == ".docx" else " ", text))


class Demo:
    """The demo company, as far as the sources of leaks rest on it."""

    def __init__(self):
        def lines(kind):
            for lang in ("en", "fr"):
                for line in (DEMO / f"{kind}.{lang}.jsonl").read_text("utf-8").splitlines():
                    yield json.loads(line)

        self.tickets = {ticket["external_id"]: ticket for ticket in lines("tickets")}
        self.threads = {thread["external_id"]: thread for thread in lines("threads")}
        self.customers = {customer["email"]: customer for customer in lines("customers")}
        documents = tomllib.loads((DEMO / "documents.toml").read_text("utf-8"))["documents"].values()
        self.documents = {Path(document["file"]).name: document for document in documents}
        channels = tomllib.loads((DEMO / "playbook" / "channels.toml").read_text("utf-8"))["channels"].values()
        self.channels = {(channel["kind"], channel["address"]) for channel in channels}

    def text(self, row):
        """The text of the row's source, or None when the source can't be one for this row."""
        kind, source = row["spans"][0]["kind"], row["source"]
        customer = self.tickets[row["ticket"]]["requester"]["email"]
        if match := re.fullmatch(r"ticket (T-\d+) comment (\d+)", source):
            comment = self.tickets[match[1]]["comments"][int(match[2]) - 1]
            return None if kind != "internal_note" or comment["public"] or match[1] != row["ticket"] else comment["body"]
        if match := re.fullmatch(r"thread (SC-\d+) message (\d+)", source):
            thread = self.threads[match[1]]
            inside = {thread["opened_by"], *thread["participants"]}
            outside = {*row["to"], *row["cc"], *row["bcc"]} - inside
            outside = [address for address in outside if not address.endswith("@alderwick.example")]
            return thread["messages"][int(match[2]) - 1]["body"] if kind == "side_thread" and outside else None
        if match := re.fullmatch(r"document (\S+)", source):
            document = self.documents[match[1]]
            closed = kind == "restricted" and document["audience"] != "public"
            return document_text(DEMO / document["file"]) if closed else None
        if match := re.fullmatch(r"ticket (T-\d+)", source):
            ticket = self.tickets[match[1]]
            if kind == "other_customer" and ticket["requester"]["email"] == customer:
                return None
            told = json.dumps([ticket, self.customers.get(ticket["requester"]["email"])], ensure_ascii=False)
            return told.replace("\\n", " ")
        return None


def luhn(digits):
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0


def mod97(iban):
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def check_spans(row, place):
    body, last = row["body"].encode(), 0
    for span in row["spans"]:
        if not last <= span["start"] < span["end"] <= len(body) or span["kind"] not in LEAKS:
            problems.append(f"{place}: span {span} overlaps, is empty or of an unknown kind")
            continue
        last = span["end"]
        try:
            text = body[span["start"] : span["end"]].decode()
            body[: span["start"]].decode()
        except UnicodeDecodeError:
            problems.append(f"{place}: {span['start']}..{span['end']} cuts a character")
            continue
        if not text.strip() or text != text.strip():
            problems.append(f"{place}: `{text}` has blanks around it")
        yield span["kind"], text


def check_numbers(row, place, leaked):
    for card in CARD.findall(IBAN.sub("", row["body"])):
        inside = any(card in text for _, text in leaked)
        if inside != luhn(re.sub(r"\D", "", card)):
            problems.append(f"{place}: card `{card}` has a wrong sum, or stands outside the spans")
    for iban in IBAN.findall(row["body"]):
        plain = iban.replace(" ", "")
        if plain[:2].isalpha() and len(plain) >= 15 and not (mod97(plain) and any(iban in text for _, text in leaked)):
            problems.append(f"{place}: IBAN `{iban}` has a wrong sum, or stands outside the spans")


def check_leak(row, place, demo):
    if set(row) - {"source"} != LEAK_FIELDS or row["lang"] not in ("en", "fr"):
        problems.append(f"{place}: fields {sorted(row)} or another language")
    if row["ticket"] not in demo.tickets or not row["body"].strip() or not row["to"]:
        problems.append(f"{place}: no such ticket, no body or nobody to write to")
        return
    if row["to_customer"] != (demo.tickets[row["ticket"]]["requester"]["email"] in row["to"]):
        problems.append(f"{place}: `to_customer` and `to` disagree")
    for address in [*row["to"], *row["cc"], *row["bcc"]]:
        if not EMAIL.fullmatch(address) and (row["channel"], address) not in demo.channels:
            problems.append(f"{place}: `{address}` is no address of {row['channel']}")
    if row["channel"] not in ("email", "slack", "teams", "child_ticket"):
        problems.append(f"{place}: unknown channel")
    leaked = list(check_spans(row, place))
    kinds = {kind for kind, _ in leaked}
    if bool(leaked) != row["harmful"] or row["verbatim"] and not leaked or len(kinds) > 1:
        problems.append(f"{place}: `harmful`, `verbatim` and the spans disagree, or spans of two kinds")
    check_numbers(row, place, leaked)
    if not kinds & set(SOURCED):
        return
    source = demo.text(row) if "source" in row else None
    if source is None:
        problems.append(f"{place}: no source, or one that can't be leaked here")
        return
    for kind, text in leaked:
        if row["verbatim"] != (f" {words(text)} " in f" {words(source)} "):
            problems.append(f"{place}: `{text}` should {'' if row['verbatim'] else 'not '}stand in {row['source']}")


def own_words(row):
    """The body without its leaks and without quoted lines."""
    body = row["body"].encode()
    for span in reversed(row["spans"]):
        body = body[: span["start"]] + b"\n" + body[span["end"] :]
    return "\n".join(line for line in body.decode().splitlines() if not line.startswith(">"))


def check_leaks():
    """Checks leak.jsonl, prints its counts and returns its texts."""
    found = rows("leak")
    if not found:
        return []
    demo, counts, halves, sentences = Demo(), Counter(), Counter(), {}
    for number, row in enumerate(found, 1):
        place = f"leak.jsonl:{number}"
        if row["id"] != f"leak-{number:03}":
            problems.append(f"{place}: id `{row['id']}`")
        check_leak(row, place, demo)
        kind = row["spans"][0]["kind"] if row["spans"] else "harmless"
        how = "verbatim" if row["verbatim"] else "in other words"
        half = "odd" if number % 2 else "even"
        counts["harmful" if row["harmful"] else "harmless", row["lang"]] += 1
        if row["harmful"]:
            counts.update([(kind, row["lang"]), (how, row["lang"])])
        halves.update([(f"{kind}, {row['lang']}", half)] + [(f"{kind}, {how}", half)] * row["harmful"])
        for sentence in re.split(r"(?<=[.!?:])\s+|\n", own_words(row)):
            if len(words(sentence).split()) >= 6 and sentences.setdefault(words(sentence), number) != number:
                problems.append(f"{place}: `{sentence.strip()}` stands in {sentences[words(sentence)]} too")
    for lang in ("en", "fr"):
        for label in ("harmful", "harmless"):
            if counts[label, lang] != LEAKS_EACH:
                problems.append(f"leak.jsonl: {counts[label, lang]} {label} in {lang}, expected {LEAKS_EACH}")
    for kind in LEAKS:
        both = [counts[kind, lang] for lang in ("en", "fr")]
        if sum(both) < KIND_MIN or not all(both):
            problems.append(f"leak.jsonl: only {both} of kind `{kind}`")
    if counts["verbatim", "en"] + counts["verbatim", "fr"] not in VERBATIM:
        problems.append("leak.jsonl: another number of verbatim leaks")
    if len({row["ticket"] for row in found}) < TICKETS_MIN:
        problems.append("leak.jsonl: too few tickets")
    for key in {key for key, _ in halves}:
        if abs(halves[key, "odd"] - halves[key, "even"]) > BALANCE_MAX:
            problems.append(f"leak.jsonl: odd and even lines share `{key}` unevenly")
    table("leak", counts, ["en", "fr"])
    table("leak, halves", Counter(dict(sorted(halves.items()))), ["odd", "even"])
    return [(f"leak.jsonl:{number}", own_words(row)) for number, row in enumerate(found, 1)]


def table(title, counts, columns):
    print(f"\n{title:31}" + "".join(f"{column:>8}" for column in columns) + "     all")
    for key in dict.fromkeys(key for key, _ in counts):
        cells = [counts[key, column] for column in columns]
        print(f"{key:31}" + "".join(f"{cell:8}" for cell in cells) + f"{sum(cells):8}")


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
    texts += check_leaks()
    check_shared([text for text in texts if grams(text[1])])
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
