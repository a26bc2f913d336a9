#!/usr/bin/env python3
"""How learning grows with the labelled set: 100 to 100,000 texts of 50 intents, with time and memory.

    eval/bench/growth.py                needs a release build
    eval/bench/growth.py --most 10000   stops earlier
    eval/bench/growth.py --json FILE    figures for a program

The texts are made up: each intent has words of its own among those that all share, and one label of fifty is wrong. What is measured is
`eval run` on a suite of them: cleaning, encoding, the choice by cross-validation, the head and those of the left-out parts.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZES = [100, 1_000, 10_000, 100_000]
INTENTS = 50
ASKED = 1_000
# Of a text: how many words, and how many of them are its intent's own.
WORDS, OWN = 12, 3
VOCABULARY, OF_INTENT = 4_000, 12
WRONG = 0.02


def binary():
    found = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "backchannel"
    if not found.is_file():
        sys.exit(f"eval/bench/growth.py: {found} is not there: run `cargo build --release` first")
    return found


def word(chance):
    return "".join(chance.choice("bdfgklmnprstv") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))


def write(folder, size):
    """A suite of so many labelled texts, and of others that are asked."""
    chance = random.Random(size)
    words = [word(chance) for _ in range(VOCABULARY)]
    own = [chance.sample(words, OF_INTENT) for _ in range(INTENTS)]

    def text(intent):
        said = chance.choices(words, k=WORDS - OWN) + chance.choices(own[intent], k=OWN)
        chance.shuffle(said)
        return " ".join(said)

    def records(count, wrong):
        for number in range(count):
            intent = number % INTENTS
            label = chance.randrange(INTENTS) if chance.random() < wrong else intent
            yield json.dumps({"text": text(intent), "label": f"intent_{label}"})

    (folder / "train.jsonl").write_text("\n".join(records(size, WRONG)) + "\n")
    (folder / "test.jsonl").write_text("\n".join(records(ASKED, 0)) + "\n")
    suite = folder / "growth.toml"
    suite.write_text('name = "growth"\ntask = "intent"\ntrain = ["train.jsonl"]\ntest = ["test.jsonl"]\nmetrics = ["accuracy", "ece"]\n')
    return suite


def watched(process):
    """The most memory that a running process held, in MiB, and the processor time that it took, in seconds: the time of both cores added,
    the same beside other work."""
    most, took = 0.0, 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            break
        held = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
        most, took = max(most, held / 1024), max(took, (int(fields[11]) + int(fields[12])) / ticks)
        time.sleep(0.1)
    return most, took


def measure(size):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        suite = write(folder, size)
        command = [binary(), "--data-dir", str(folder / "data"), "--json", "eval", "run", "--suite", str(suite), "--data", str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        held = []
        watch = threading.Thread(target=lambda: held.append(watched(process)))
        watch.start()
        told, _ = process.communicate()
        watch.join()
        if process.returncode:
            sys.exit(f"eval/bench/growth.py: `eval run` ended with {process.returncode} at {size} texts")
        report = json.loads(told)
        values = {metric["name"]: metric["value"] for metric in report["metrics"]}
        return {
            "texts": size,
            "seconds": report["seconds"],
            "learning_seconds": report["learning_seconds"],
            "memory_mib": held[0][0],
            "processor_seconds": held[0][1],
            "accuracy": values["accuracy"],
            "ece": values["ece"],
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args()
    print(f"{'texts':>8} {'all':>9} {'learning':>10} {'processor':>11} {'memory':>10} {'right':>7} {'error of calibration':>21}")
    rows = []
    for size in [size for size in SIZES if size <= given.most]:
        row = measure(size)
        rows.append(row)
        print(
            f"{size:>8,} {row['seconds']:>7.1f} s {row['learning_seconds']:>8.1f} s {row['processor_seconds']:>9.1f} s {row['memory_mib']:>6.0f} MiB "
            f"{row['accuracy']:>6.1%} {row['ece']:>20.1%}",
            flush=True,
        )
    if given.json:
        Path(given.json).write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
