"""The encoder against its peers: same texts, same number of threads, alternating rounds, medians."""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ["numpy", "onnx", "onnxruntime", "onnxscript", "sentence-transformers", "tokenizers", "torch", "transformers"]
PEERS = ["f32", "int8", "sentence-transformers"]
NAMES = {"f32": "ONNX Runtime f32", "int8": "ONNX Runtime int8", "sentence-transformers": "sentence-transformers"}
OURS = [
    ("fast, best instructions", {}),
    ("fast, AVX2", {"INSTRUCTIONS": "avx2"}),
    ("fast, portable", {"INSTRUCTIONS": "portable"}),
    ("exact, best instructions", {"PRECISION": "exact"}),
    ("exact, AVX2", {"PRECISION": "exact", "INSTRUCTIONS": "avx2"}),
    ("exact, portable", {"PRECISION": "exact", "INSTRUCTIONS": "portable"}),
    ("candle's layers", {"ENGINE": "candle"}),
]
BEST = OURS[0][0]
WHOLE = [BEST, "exact, best instructions"]
SETS = {"short": (12, 12, 512), "long": (140, 140, 64), "mixed": (3, 180, 5000)}
TIMED = ["short", "long"]
# The slow paths get fewer texts: their rate is the same.
FEW = {"short": 96, "long": 12, "mixed": 300}
FEWEST = {"short": 16, "long": 2, "mixed": 40}
BARS = {"ratio_to_onnxruntime_f32": 2.5, "ratio_to_onnxruntime_int8": 1.05}


def environment():
    """A Python of its own with the peers, made once."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "backchannel" / "bench"
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        print(f"installing the peers into {home} (some gigabytes, once)", file=sys.stderr, flush=True)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        (home / "complete").touch()
    return python


def cores():
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def tell(what):
    print(f"encoder: {what}", file=sys.stderr, flush=True)


def part_of(label):
    """Which part of the texts a path gets: all of them where somebody would use it."""
    return "" if label in WHOLE else "-fewest" if "portable" in label else "-few"


def company_words(company):
    """Every word that the demo company's tickets and articles hold, in order."""
    texts = []
    for file in sorted(company.glob("tickets.*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            ticket = json.loads(line)
            texts += [ticket["subject"], ticket["body"], *(comment["body"] for comment in ticket.get("comments", []))]
    texts += [file.read_text(encoding="utf-8") for file in sorted(company.rglob("*.md"))]
    return re.findall(r"\S+", " ".join(texts))


def write_texts(folder, company, own):
    words, chance = company_words(company), random.Random(5)
    for name, (least, most, count) in SETS.items():
        lines = []
        for _ in range(count):
            length = chance.randint(least, most)
            start = chance.randrange(len(words) - length)
            lines.append(" ".join(words[start : start + length]))
        if name == "mixed" and own:
            lines = [line for line in Path(own).read_text(encoding="utf-8").splitlines() if line.strip()]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        for part, counts in (("few", FEW), ("fewest", FEWEST)):
            (folder / f"{name}-{part}").write_text("\n".join(lines[: counts[name]]) + "\n", encoding="utf-8")


def call(command, env=None):
    """What a program prints as JSON, with the most memory it had."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"eval/bench/run: {' '.join(map(str, command))} ended with {process.returncode}: run it by hand to see why")
    return json.loads(said) | {"memory_mib": used.ru_maxrss / 1024}


def ours(binary, settings, texts, rounds, vectors=None):
    environ = os.environ | {f"BACKCHANNEL__MODELS__{key}": value for key, value in settings.items()}
    command = [binary, "models", "bench", "--json", "--rounds", str(rounds), "--texts", *texts]
    return call(command + (["--vectors", vectors] if vectors else []), env=environ)


def has(binary, settings):
    """Whether this machine has the instructions; a text is enough to see."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as one:
        one.write("one\n")
        one.flush()
        environ = os.environ | {f"BACKCHANNEL__MODELS__{key}": value for key, value in settings.items()}
        command = [binary, "models", "bench", "--rounds", "1", "--texts", one.name]
        return subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 0


def measure(binary, company, own_texts, rounds=3):
    python, threads = environment(), str(cores())
    os.environ |= {"BACKCHANNEL__MODELS__THREADS": threads, "RAYON_NUM_THREADS": threads}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_texts(folder, company, own_texts)
        pulled = subprocess.run([binary, "models", "pull"], check=True, capture_output=True, text=True).stdout
        model = pulled.strip().split(" is in ", 1)[1]
        peer = [python, HERE / "peers.py"]
        quiet = os.environ | {"TOKENIZERS_PARALLELISM": "true", "OMP_NUM_THREADS": threads, "HF_HUB_OFFLINE": "1"}
        subprocess.run([*peer, "prepare", model, folder], check=True, env=quiet, capture_output=True)
        paths = [(name, settings) for name, settings in OURS if has(binary, settings)]
        rows = {name: {"seconds": {kind: [] for kind in TIMED}} for name in [*NAMES.values(), *(name for name, _ in paths)]}
        counts = {kind: len((folder / kind).read_text(encoding="utf-8").splitlines()) for kind in SETS}
        for number in range(rounds):
            for key, label in NAMES.items():
                tell(f"round {number + 1} of {rounds}: {label}")
                said = call([*peer, "run", key, model, folder, threads, "2", folder / "short", folder / "long"], env=quiet)
                for kind, seconds in zip(TIMED, said["seconds"]):
                    rows[label]["seconds"][kind] += [second / counts[kind] for second in seconds]
                rows[label] |= {key: said[key] for key in ("alone_p50_ms", "alone_p95_ms")}
            for label, settings in paths:
                tell(f"round {number + 1} of {rounds}: {label}")
                said = ours(binary, settings, [folder / (kind + part_of(label)) for kind in TIMED], 2)
                row = rows[label] | {key: said[key] for key in ("computes_with", "alone_p50_ms", "alone_p95_ms", "load_ms")}
                for kind, found in zip(TIMED, said["sets"]):
                    row["seconds"][kind] += [second / found["texts"] for second in found["seconds"]]
                    row.setdefault("peak_share", {})[kind] = found["peak_share"]
                    row.setdefault("tokenizer_share", {})[kind] = found["tokenizer_share"]
                    row.setdefault("tokens", {})[kind] = found["tokens"] / found["texts"]
                rows[label] = row
        for key, label in NAMES.items():
            tell(f"mixed texts: {label}")
            said = call([*peer, "mixed", key, model, folder, threads, folder / "mixed", folder / f"{key}.f32"], env=quiet)
            rows[label]["memory_mib"] = said["memory_mib"]
        for label, settings in paths:
            tell(f"mixed texts: {label}")
            vectors, reference = folder / "ours.f32", folder / "reference.f32"
            said = ours(binary, settings, [folder / ("mixed" + part_of(label))], 0, vectors)
            rows[label]["memory_mib"] = said["memory_mib"]
            reference.write_bytes((folder / "sentence-transformers.f32").read_bytes()[: vectors.stat().st_size])
            rows[label]["cosine"] = call([*peer, "compare", vectors, reference])
        for key in ("f32", "int8"):
            rows[NAMES[key]]["cosine"] = call([*peer, "compare", folder / f"{key}.f32", folder / "sentence-transformers.f32"])
    for row in rows.values():
        row["texts_per_s"] = {kind: 1 / statistics.median(seconds) for kind, seconds in row.pop("seconds").items()}
    for label, like in ((NAMES["f32"], WHOLE[1]), (NAMES["sentence-transformers"], WHOLE[1]), (NAMES["int8"], BEST)):
        # Same texts and tokenizer, so the same tokens and operations: a peer's share of the peak follows from the rates.
        own, row = rows[like], rows[label]
        row["tokens"] = own["tokens"]
        row["peak_share"] = {kind: own["peak_share"][kind] * row["texts_per_s"][kind] / own["texts_per_s"][kind] for kind in TIMED}
    figures = {"threads": int(threads), "rows": rows}
    for key, label in (("ratio_to_onnxruntime_f32", "f32"), ("ratio_to_onnxruntime_int8", "int8")):
        rates, theirs = rows[BEST]["texts_per_s"], rows[NAMES[label]]["texts_per_s"]
        figures[key] = min(rates[kind] / theirs[kind] for kind in rates)
    return figures


def show(figures):
    def cell(row, key, form="{:.1f}", part=None):
        value = row.get(key)
        value = value.get(part) if part and isinstance(value, dict) else value
        return "–" if value is None else form.format(value)

    print(f"\nencoder, {figures['threads']} threads")
    head = ["", "short/s", "long/s", "tokens/s", "of peak", "cosine mean", "min", "alone p50", "p95 ms", "MiB"]
    lines = [head]
    for label, row in figures["rows"].items():
        tokens = row.get("tokens", {}).get("short")
        share = row.get("peak_share", {}).get("short")
        lines.append([
            label + (f" ({row['computes_with']})" if "best" in label else ""),
            cell(row, "texts_per_s", part="short", form="{:.0f}"),
            cell(row, "texts_per_s", part="long"),
            "–" if tokens is None else f"{tokens * row['texts_per_s']['short']:.0f}",
            "–" if share is None else f"{share * 100:.0f} %",
            cell(row, "cosine", part="mean", form="{:.5f}"),
            cell(row, "cosine", part="min", form="{:.5f}"),
            cell(row, "alone_p50_ms", form="{:.2f}"),
            cell(row, "alone_p95_ms", form="{:.2f}"),
            cell(row, "memory_mib", form="{:.0f}"),
        ])
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    for line in lines:
        print("  " + line[0].ljust(widths[0]) + "".join("  " + part.rjust(width) for part, width in zip(line[1:], widths[1:])))
    for key, bar in BARS.items():
        print(f"  {key} {figures[key]:.2f} (bar {bar})")
