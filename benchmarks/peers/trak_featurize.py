"""Times MadryLab/trak's featurize on the two networks of `trakfast bench`, on the CPU.

    pip install traker torch
    OMP_NUM_THREADS=2 python3 trak_featurize.py

Uses the projector that trak falls back to without its CUDA extension (BasicProjector), at k = 512; --projection-dim changes it.
"""
import argparse
import statistics
import tempfile
import time

import torch
from trak import TRAKer
from trak.projectors import BasicProjector, ProjectionType

from torch_step import Encoder, resnet9


class Logits(torch.nn.Module):
    """trak vectorises the model over examples, which in-place operations forbid."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        for module in model.modules():
            if isinstance(module, torch.nn.ReLU):
                module.inplace = False

    def forward(self, x):
        return self.model(x)


def measure(name, model, inputs, dimension, rounds):
    model = Logits(model).eval()
    labels = torch.arange(len(inputs)) % 10
    parameters = sum(p.numel() for p in model.parameters())
    times = []
    with tempfile.TemporaryDirectory() as directory:
        projector = BasicProjector(
            grad_dim=parameters, proj_dim=dimension, seed=0, proj_type=ProjectionType.rademacher, device="cpu", block_size=16)
        traker = TRAKer(
            model=model, task="image_classification", train_set_size=len(inputs) * (rounds + 1), save_dir=directory, device="cpu",
            proj_dim=dimension, projector=projector, use_half_precision=False)
        traker.load_checkpoint(model.state_dict(), model_id=0)
        for _ in range(rounds + 1):
            start = time.perf_counter()
            traker.featurize(batch=[inputs, labels], num_samples=len(inputs))
            times.append(time.perf_counter() - start)
    s = statistics.median(times[1:])
    print(f"{name}: {parameters:,} parameters, B = {len(inputs)}, k = {dimension}, {s:.3f} s, {len(inputs) / s:.2f} examples/s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--projection-dim", type=int, default=512)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    measure("ResNet-9", resnet9(), torch.randn(32, 3, 32, 32), arguments.projection_dim, arguments.rounds)
    measure("Transformer encoder", Encoder(), torch.randint(1000, (16, 128)), arguments.projection_dim, arguments.rounds)
