"""Times PyTorch's forward + backward on the two networks of `trakfast bench`: the price of a plain training step.

    OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 OMP_WAIT_POLICY=PASSIVE OPENBLAS_CORETYPE=SKYLAKEX python3 torch_step.py

Wants torch 2.x with a BLAS and oneDNN that use the processor's widest vectors. Where torch calls OpenBLAS, pin its kernels
with OPENBLAS_CORETYPE (SKYLAKEX with AVX-512, HASWELL or ZEN with AVX2): left to itself it may pick slow ones. Run it under the
same number of threads as the tool.
"""
import argparse
import statistics
import time

import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x)


def unit(inputs, outputs, kernel=3, stride=1, padding=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def resnet9():
    return nn.Sequential(
        unit(3, 64), unit(64, 128, 5, 2, 2), Residual(unit(128, 128), unit(128, 128)), unit(128, 256), nn.MaxPool2d(2),
        Residual(unit(256, 256), unit(256, 256)), unit(256, 128, padding=0), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(128, 10, bias=False))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(1000, 512)
        layer = nn.TransformerEncoderLayer(512, 8, 2048, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 4, norm=nn.LayerNorm(512), enable_nested_tensor=False)
        self.head = nn.Linear(512, 10)

    def forward(self, tokens):
        return self.head(self.layers(self.embedding(tokens)).mean(1))


def measure(name, model, inputs, rounds):
    labels = torch.arange(len(inputs)) % 10
    forward, step = [], []
    for _ in range(rounds + 1):
        model.zero_grad()
        start = time.perf_counter()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        middle = time.perf_counter()
        loss.backward()
        end = time.perf_counter()
        forward.append(middle - start)
        step.append(end - start)
    f, s = statistics.median(forward[1:]), statistics.median(step[1:])
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{name}: {parameters:,} parameters, B = {len(inputs)}, forward {f:.4f} s, forward + backward {s:.4f} s, {len(inputs) / s:.1f} examples/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}")
    images = torch.randn(32, 3, 32, 32)
    # Both orders of memory, because which one is faster depends on the build.
    measure("ResNet-9", resnet9().eval(), images, arguments.rounds)
    measure("ResNet-9, channels last", resnet9().eval().to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last), arguments.rounds)
    # Training mode, because eval mode takes a fused path that has no backward; without dropout it computes the same.
    measure("Transformer encoder", Encoder().train(), torch.randint(1000, (16, 128)), arguments.rounds)
