#!/usr/bin/env python3
"""Stateless triage against the same job in Python, both over HTTP, in one run.

    eval/bench/triage_peer.py               needs a release build, and `wrk` to ask with; installs the peer into a folder of the cache
    eval/bench/triage_peer.py --json FILE   figures for a program

The peer is what a team would write in a week: FastAPI on uvicorn, sentence-transformers with the same encoder, and scikit-learn: logistic
regression over vector and TF-IDF of words and character n-grams for intent, route, priority, sentiment and urgency, learned from the same
labelled tickets; numbers by the playbook's patterns, amounts, dates and addresses by regular expressions, the language by `langid`, and the
four most similar labelled tickets as evidence. It runs as one process of two threads and as two of one, and the faster one counts.

Both answer eight clients that send tickets which nobody has seen: subjects, sentences and numbers of the demo company's tickets, mixed.
Rounds alternate; medians are told. Servers listen on the loopback address and are stopped at the end.
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPANY = HERE.parents[1] / "eval" / "workspaces" / "alderwick"
EXTRA = ["fastapi", "uvicorn", "scikit-learn", "py3langid"]
CLIENTS = 8
TICKETS = 4000
SECONDS = 10
ROUNDS = 3
BAR = 5.0


def lines(pattern):
    return [json.loads(line) for file in sorted(COMPANY.glob(pattern)) for line in file.read_text(encoding="utf-8").splitlines()]


def serve(port, model):
    """The peer, in an environment of its own."""
    import numpy
    import py3langid
    import torch
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel
    from scipy.sparse import csr_matrix, hstack
    from sentence_transformers import SentenceTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    torch.set_num_threads(int(os.environ["PEER_THREADS"]))
    encoder = SentenceTransformer(model, device="cpu")
    labels = {label["ticket"]: label for label in lines("labels.*.jsonl")}
    tickets = [ticket for ticket in lines("tickets.*.jsonl") if ticket["external_id"] in labels]
    texts = [f"{ticket['subject']}\n\n{ticket['body']}" for ticket in tickets]
    words, grams = TfidfVectorizer(sublinear_tf=True), TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    dense = encoder.encode(texts, normalize_embeddings=True)
    features = hstack([csr_matrix(dense), words.fit_transform(texts), grams.fit_transform(texts)]).tocsr()
    said = [labels[ticket["external_id"]] for ticket in tickets]
    parts = {
        "intent": [label["intents"][0] if label["intents"] else "oos" for label in said],
        "route": [label["group"] for label in said],
        "priority": [label["priority"] for label in said],
        "sentiment": [label["sentiment"] for label in said],
        "urgency": [label["urgency"] for label in said],
    }
    heads = {part: LogisticRegression(C=10, max_iter=300).fit(features, values) for part, values in parts.items()}
    playbook = tomllib.loads((COMPANY / "playbook" / "entities.toml").read_text(encoding="utf-8"))
    patterns = [(kind, re.compile(found["pattern"], re.IGNORECASE)) for kind, found in playbook["patterns"].items()]
    patterns += [
        ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")),
        ("amount", re.compile(r"(?:[£€$]\s?\d+(?:[.,]\d+)?|\d+(?:[.,]\d+)?\s?(?:[£€$]|EUR|GBP|USD))")),
        ("date", re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")),
        ("phone", re.compile(r"\+?\d[\d\s().-]{7,}\d")),
        ("url", re.compile(r"https?://\S+")),
    ]

    class Ticket(BaseModel):
        subject: str
        body: str

    app = FastAPI()

    @app.get("/ready")
    def ready():
        return {"ready": True}

    @app.post("/triage")
    def triage(ticket: Ticket):
        text = f"{ticket.subject}\n\n{ticket.body}"
        vector = encoder.encode([text], normalize_embeddings=True)
        row = hstack([csr_matrix(vector), words.transform([text]), grams.transform([text])]).tocsr()
        answer = {}
        for part, head in heads.items():
            chances = head.predict_proba(row)[0]
            best = numpy.argsort(-chances)[:3]
            answer[part] = [{"name": str(head.classes_[place]), "probability": float(chances[place])} for place in best]
        answer["language"] = py3langid.classify(text)[0]
        answer["entities"] = [
            {"kind": kind, "text": found.group(), "start": found.start(), "end": found.end()}
            for kind, pattern in patterns
            for found in pattern.finditer(text)
        ]
        nearest = numpy.argsort(-(dense @ vector[0]))[:4]
        answer["evidence"] = [tickets[place]["external_id"] for place in nearest]
        return answer

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def bench():
    """The other bench, whose server and environment are used here."""
    sys.path.insert(0, str(HERE))
    loader = SourceFileLoader("run", str(HERE / "run"))
    module = module_from_spec(spec_from_loader("run", loader))
    loader.exec_module(module)
    return module


def environment(encoder):
    python = encoder.environment()
    done = Path(python).parents[1] / "complete-triage"
    if not done.exists():
        print("installing the peer", file=sys.stderr, flush=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *EXTRA], check=True)
        done.touch()
    return python


def new_tickets():
    """Tickets that nobody has seen, of the length of real ones."""
    chance, known = random.Random(23), lines("tickets.en.jsonl")
    sentences = [sentence for ticket in known for sentence in re.split(r"(?<=[.!?])\s+", ticket["body"]) if len(sentence) > 20]
    lengths = [len(ticket["body"]) for ticket in known]
    made = []
    for number in range(TICKETS):
        body, wanted = [], chance.choice(lengths)
        while sum(map(len, body)) < wanted:
            body.append(chance.choice(sentences))
        made.append({"subject": f"{chance.choice(known)['subject']} {number}", "body": " ".join(body), "requester": {"email": f"c{number}@mail.example"}})
    return made


def ask(address, bodies, token, folder, seconds=SECONDS, clients=CLIENTS):
    """Clients that ask for some seconds, each with the next ticket."""
    script = folder / "ask.lua"
    script.write_text(
        "local bodies = {}\n"
        f"for line in io.lines({json.dumps(str(bodies))}) do bodies[#bodies + 1] = line end\n"
        "local next, headers = math.floor(tonumber(os.getenv('FIRST')) or 0), {['content-type'] = 'application/json'}\n"
        "if os.getenv('TOKEN') ~= '' then headers['authorization'] = 'Bearer ' .. os.getenv('TOKEN') end\n"
        "request = function() next = next % #bodies + 1; return wrk.format('POST', nil, headers, bodies[next]) end\n"
        "done = function(summary, latency)\n"
        "  local e = summary.errors\n"
        "  io.write(string.format('RESULT %d %d %f %f %d\\n', summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), "
        "e.status + e.connect + e.read + e.write + e.timeout))\n"
        "end\n"
    )
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), address]
    first = str(random.Random(time.time_ns()).randrange(TICKETS))
    told = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "TOKEN": token, "FIRST": first}).stdout
    requests, micros, p50, p95, failed = map(float, re.search(r"RESULT (.*)", told).group(1).split())
    if failed:
        sys.exit(f"eval/bench/triage_peer.py: {failed:.0f} calls failed:\n{told}")
    return {"per_s": requests / micros * 1e6, "p50_ms": p50 / 1000, "p95_ms": p95 / 1000}


def peers(python, model, port_of):
    """The processes of each way to run the peer, with the addresses that answer."""
    ways = {"one process of two threads": [2], "two processes of one thread": [1, 1]}
    for name, threads in ways.items():
        ports = [port_of() for _ in threads]
        commands = [[python, __file__, "--serve", str(port), str(model)] for port in ports]
        started = [
            subprocess.Popen(command, env={**os.environ, "PEER_THREADS": str(count), "OMP_NUM_THREADS": str(count)})
            for command, count in zip(commands, threads)
        ]
        yield name, started, [f"http://127.0.0.1:{port}" for port in ports]


def wait_for(address, process):
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/ready", timeout=2)
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("eval/bench/triage_peer.py: the peer ended while it started")


def ask_all(addresses, bodies, folder):
    """Two processes share the clients."""
    clients = CLIENTS // len(addresses)
    folders = [folder / str(place) for place in range(len(addresses))]
    for part in folders:
        part.mkdir(exist_ok=True)
    with ThreadPoolExecutor(len(addresses)) as pool:
        told = list(pool.map(lambda pair: ask(f"{pair[0]}/triage", bodies, "", pair[1], clients=clients), zip(addresses, folders)))
    return {"per_s": sum(part["per_s"] for part in told), **{name: max(part[name] for part in told) for name in ("p50_ms", "p95_ms")}}


def measure():
    run = bench()
    if not shutil.which("wrk"):
        sys.exit("eval/bench/triage_peer.py: `wrk` asks the servers: install it first (Debian: apt-get install wrk)")
    python = environment(run.encoder)
    told = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bodies = folder / "tickets.jsonl"
        bodies.write_text("\n".join(json.dumps(ticket) for ticket in new_tickets()) + "\n")
        server = run.Server(folder)
        server.until_ready()
        server.wait_for("Every panel is ready", 600)
        pulled = subprocess.run([run.binary(), "models", "pull"], check=True, capture_output=True, text=True).stdout
        model = pulled.strip().split(" is in ", 1)[1]
        ours = f"http://127.0.0.1:{server.port}/v1/triage"
        ask(ours, bodies, server.token, folder, 3)
        for way, started, addresses in peers(python, model, run.free_port):
            try:
                for address, process in zip(addresses, started):
                    wait_for(address, process)
                ask_all(addresses, bodies, folder)
                for _ in range(ROUNDS):
                    told.setdefault("backchannel", []).append(ask(ours, bodies, server.token, folder))
                    told.setdefault(way, []).append(ask_all(addresses, bodies, folder))
            finally:
                for process in started:
                    process.terminate()
                    process.wait(30)
        server.stop()
    figures = {name: {key: statistics.median(one[key] for one in rounds) for key in rounds[0]} for name, rounds in told.items()}
    fastest = max((name for name in figures if name != "backchannel"), key=lambda name: figures[name]["per_s"])
    return {"clients": CLIENTS, "figures": figures, "peer": fastest, "ratio": figures["backchannel"]["per_s"] / figures[fastest]["per_s"], "bar": BAR}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        return serve(int(given.serve[0]), given.serve[1])
    report = measure()
    if given.json:
        Path(given.json).write_text(json.dumps(report, indent=2) + "\n")
    for name, figures in report["figures"].items():
        print(f"{name:<30} {figures['per_s']:8.1f} tickets/s   p50 {figures['p50_ms']:7.1f} ms   p95 {figures['p95_ms']:7.1f} ms")
    met = "met" if report["ratio"] >= BAR else "not met"
    print(f"{report['ratio']:.2f} times the tickets of the faster peer ({report['peer']}), bar {BAR}: {met}")


if __name__ == "__main__":
    main()
