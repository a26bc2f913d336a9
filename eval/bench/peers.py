"""Other runtimes of the same encoder on the same texts; runs in an environment of its own, which `encoder.py` makes.

    peers.py prepare MODEL OUT             writes the ONNX files
    peers.py run NAME MODEL OUT THREADS ROUNDS TEXTS...   encodes files of lines, prints what each round took as JSON
    peers.py mixed NAME MODEL OUT THREADS TEXTS VECTORS   encodes a file of lines once and keeps the vectors
    peers.py compare FILE OTHER            the cosines between two files of vectors
"""

import json
import sys
import time
from pathlib import Path

import numpy

DIMENSIONS = 384
TOKENS = 256
TOGETHER = 32
ALONE = 100


def prepare(model, out):
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = AutoModel.from_pretrained(model, attn_implementation="eager").eval()

        def forward(self, input_ids, attention_mask):
            states = self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weight = attention_mask.unsqueeze(-1).to(states.dtype)
            return (states * weight).sum(1) / weight.sum(1)

    example = torch.ones(2, 8, dtype=torch.long)
    axes = {name: {0: "texts", 1: "tokens"} for name in ("input_ids", "attention_mask")}
    torch.onnx.export(Pooled(), (example, example), f"{out}/f32.onnx", input_names=list(axes), output_names=["vectors"], dynamic_axes=axes, opset_version=17, dynamo=False)
    extra = {"DefaultTensorType": onnx.TensorProto.FLOAT}
    quantize_dynamic(f"{out}/f32.onnx", f"{out}/int8.onnx", weight_type=QuantType.QInt8, extra_options=extra)


def onnxruntime(kind, model, out, threads):
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(f"{out}/{kind}.onnx", options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.enable_truncation(TOKENS)
    tokenizer.enable_padding()

    def encode(texts):
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        vectors = numpy.empty((len(texts), DIMENSIONS), numpy.float32)
        for start in range(0, len(texts), TOGETHER):
            places = order[start : start + TOGETHER]
            cut = tokenizer.encode_batch([texts[place] for place in places])
            ids = numpy.array([one.ids for one in cut], numpy.int64)
            mask = numpy.array([one.attention_mask for one in cut], numpy.int64)
            vectors[places] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    return encode


def sentence_transformers(model, threads):
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    torch.set_num_threads(threads)
    words = Transformer(str(model), max_seq_length=TOKENS)
    network = SentenceTransformer(modules=[words, Pooling(DIMENSIONS)], device="cpu")
    return lambda texts: network.encode(texts, batch_size=TOGETHER, show_progress_bar=False)


def lines_of(path):
    return [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


def peer(name, model, out, threads):
    return sentence_transformers(model, threads) if name == "sentence-transformers" else onnxruntime(name, model, out, threads)


def timed(encode, texts):
    begun = time.perf_counter()
    encode(texts)
    return time.perf_counter() - begun


def run(name, model, out, threads, rounds, *files):
    encode = peer(name, model, out, threads)
    seconds = []
    for texts in map(lines_of, files):
        encode(texts[:TOGETHER])
        seconds.append([timed(encode, texts) for _ in range(rounds)])
    one = lines_of(files[0])[:1]
    alone = sorted(timed(encode, one) * 1000 for _ in range(ALONE))
    print(json.dumps({"seconds": seconds, "alone_p50_ms": alone[ALONE // 2], "alone_p95_ms": alone[ALONE * 95 // 100]}))


def mixed(name, model, out, threads, texts, vectors):
    numpy.asarray(peer(name, model, out, threads)(lines_of(texts)), numpy.float32).tofile(vectors)
    print("{}")


def compare(one, other):
    def read(path):
        vectors = numpy.fromfile(path, numpy.float32).reshape(-1, DIMENSIONS).astype(numpy.float64)
        return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)

    cosines = (read(one) * read(other)).sum(axis=1)
    print(json.dumps({"mean": cosines.mean(), "min": cosines.min(), "texts": len(cosines)}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", model, out]:
            prepare(model, out)
        case ["run", name, model, out, threads, rounds, *files]:
            run(name, model, out, int(threads), int(rounds), *files)
        case ["mixed", name, model, out, threads, texts, vectors]:
            mixed(name, model, out, int(threads), texts, vectors)
        case ["compare", one, other]:
            compare(one, other)
        case _:
            sys.exit(__doc__)
