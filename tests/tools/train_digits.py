#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Trains a small digit network with QCFS activations and writes it as ONNX, for fovea model convert.
"""Bu et al., ICLR 2022: a = lambda * clip(floor(z * L / lambda + 1/2) / L, 0, 1), lambda learned.

Wants python3-torch (Debian 12; with libopenblas0-pthread it is ten times as fast) and MNIST's four
idx files, packed or not. Seeded: the same machine gives the same network.

    tests/tools/train_digits.py --data DIR -o digits.onnx
"""
import argparse
import gzip
import pathlib
import time

import numpy
import torch
from torch import nn


def read_idx(folder, stem):
    """An idx file of bytes; the test set may be there in part ("t10k-first5k-...")."""
    for path in sorted(pathlib.Path(folder).glob(stem)):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rb") as file:
            data = file.read()
        sides = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
        return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(sides)
    raise SystemExit(f"{folder}: no {stem}")


def load(folder, prefix):
    images = read_idx(folder, prefix + "*images-idx3-ubyte*").astype(numpy.float32) / 255
    labels = read_idx(folder, prefix + "*labels-idx1-ubyte*").astype(numpy.int64)
    return torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels)


class Floor(torch.autograd.Function):
    """Rounds down; the gradient passes as it is."""

    @staticmethod
    def forward(context, z):
        return z.floor()

    @staticmethod
    def backward(context, gradient):
        return gradient


class Qcfs(nn.Module):
    """lambda begins at a percentile of the first batch: a fixed large one ruins short training."""

    def __init__(self, levels):
        super().__init__()
        self.levels = levels
        self.up = nn.Parameter(torch.tensor(0.0))
        self.exporting = False

    def forward(self, z):
        if self.training and self.up.item() == 0:
            with torch.no_grad():
                positive = z.flatten()[z.flatten() > 0]
                rank = max(1, int(0.99 * positive.numel()))
                self.up.fill_(positive.kthvalue(rank).values.item())
        z = torch.clamp(z / self.up, 0, 1) * self.levels + 0.5
        z = torch.floor(z) if self.exporting else Floor.apply(z)
        return z / self.levels * self.up


def make_network(levels):
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), Qcfs(levels), nn.AvgPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), Qcfs(levels), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 128), Qcfs(levels), nn.Linear(128, 10))


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        right = sum((network(images[i:i + 500]).argmax(1) == labels[i:i + 500]).sum().item()
                    for i in range(0, len(labels), 500))
    return right / len(labels)


def train(network, images, labels, settings):
    optimiser = torch.optim.SGD(network.parameters(), lr=settings.rate, momentum=0.9,
                                weight_decay=5e-4)
    steps = settings.epochs * (len(labels) // settings.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    loss_of = nn.CrossEntropyLoss()
    for epoch in range(settings.epochs):
        begin = time.time()
        network.train()
        order = torch.randperm(len(labels))
        total = 0.0
        for i in range(0, len(labels) - settings.batch + 1, settings.batch):
            chosen = order[i:i + settings.batch]
            optimiser.zero_grad()
            loss = loss_of(network(images[chosen]), labels[chosen])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        lambdas = [round(layer.up.item(), 3) for layer in network if isinstance(layer, Qcfs)]
        print(f"epoch {epoch + 1}: loss {total * settings.batch / len(labels):.4f}, lambdas "
              f"{lambdas}, {time.time() - begin:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder with MNIST's idx files")
    parser.add_argument("-o", "--output", required=True, help="the ONNX file")
    parser.add_argument("--levels", type=int, default=4, help="L (default 4)")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    settings = parser.parse_args()
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    network = make_network(settings.levels)
    train(network, *load(settings.data, "train"), settings)
    print(f"test accuracy {100 * accuracy(network, *load(settings.data, 't10k')):.2f} %")
    for layer in network:
        if isinstance(layer, Qcfs):
            layer.exporting = True
    torch.onnx.export(network, torch.zeros(1, 1, 28, 28), settings.output, opset_version=13,
                      input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})


if __name__ == "__main__":
    main()
