#!/usr/bin/env python3
"""Writes the gradients of the workloads as PyTorch computes them in double precision: benches/peers/gradients.txt.

    python3 benches/peers/gradients.py > benches/peers/gradients.txt        (needs torch and numpy; some seconds)

A line is a workload, a step (the first and the 20th), a parameter, the norm of its gradient and the product of the
gradient with a fixed vector: uniform in (-1, 1), from the stream that begins at 2. The numbers of the stream, and with
them the weights and the data, are single-precision ones, the same as in workloads.rs; all arithmetic after them is
double, so that what differs is not the peer's rounding.
"""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

A, C, MASK = 6364136223846793005, 1442695040888963407, (1 << 64) - 1
STEPS, BATCHES, SAMPLES = 20, 8, 60_000


class Stream:
    """s <- A s + C mod 2^64; a draw is the top 24 bits as a fraction in [0, 1)."""

    def __init__(self, seed):
        self.state = seed

    def unit(self, *shape):
        count = math.prod(shape)
        states = np.empty(count, dtype=np.uint64)
        states[0] = (A * self.state + C) & MASK
        have, a, c = 1, A, C
        # Knowing 2^k states, and the map that jumps 2^k ahead, gives the next 2^k at once.
        while have < count:
            take = min(have, count - have)
            states[have : have + take] = states[:take] * np.uint64(a) + np.uint64(c)
            have += take
            a, c = (a * a) & MASK, (a * c + c) & MASK
        self.state = int(states[-1])
        return ((states >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)).reshape(shape)

    def symmetric(self, *shape, bound=1.0):
        return (self.unit(*shape) * np.float32(2) - np.float32(1)) * np.float32(bound)

    def labels(self, count):
        return torch.from_numpy(np.floor(self.unit(count) * np.float32(10)).astype(np.int64))

    def dense(self, inputs, outputs):
        """A layer with its weight, then its bias, uniform in ±1/√inputs."""
        bound = 1 / math.sqrt(inputs)
        layer = nn.Linear(inputs, outputs, dtype=torch.float64)
        layer.weight.data = double(self.symmetric(inputs, outputs, bound=bound).T)
        layer.bias.data = double(self.symmetric(outputs, bound=bound))
        return layer

    def images(self, rows):
        return double(self.unit(rows, 784)), self.labels(rows)


def double(numbers):
    return torch.from_numpy(numbers.astype(np.float64))


def summarise(workload, step, gradients):
    stream = Stream(2)
    for name, gradient in gradients:
        gradient = gradient.numpy()
        direction = stream.symmetric(*gradient.shape).astype(np.float64)
        print(f"{workload} {step} {name} {np.linalg.norm(gradient):.9e} {(gradient * direction).sum():.9e}")


def train(workload, layers, activation, optimizer, loss, batches):
    """`layers` are the names and the layers of a network, with an activation after each but the last."""
    net = nn.Sequential(*[part for _, layer in layers for part in (layer, activation())][:-1])
    optimizer = optimizer(net.parameters())
    for i in range(STEPS):
        x, y = batches[i % len(batches)]
        optimizer.zero_grad()
        loss(net(x), y).backward()
        if i in (0, STEPS - 1):
            # PyTorch's weight is [outputs, inputs].
            gradients = [
                (f"{name}.{part}", gradient)
                for name, layer in layers
                for part, gradient in (("weight", layer.weight.grad.T), ("bias", layer.bias.grad))
            ]
            summarise(workload, i, gradients)
        optimizer.step()


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def narrow(stream):
    return [("hidden", stream.dense(784, 128)), ("output", stream.dense(128, 10))]


def main():
    version = torch.__version__.split("+")[0]
    print(f"# Made by gradients.py with PyTorch {version}: workload, step, parameter, norm, projection.")

    s = Stream(1)
    layers = narrow(s)
    train("W1", layers, nn.ReLU, sgd, F.cross_entropy, [s.images(64) for _ in range(BATCHES)])

    s = Stream(1)
    layers = [("first", s.dense(784, 512)), ("second", s.dense(512, 256)), ("output", s.dense(256, 10))]
    train("W2", layers, nn.ReLU, adam, F.cross_entropy, [s.images(128) for _ in range(BATCHES)])

    s = Stream(1)
    layers = [("hidden", s.dense(2, 8)), ("output", s.dense(8, 1))]
    batches = [(double(s.symmetric(4, 2)), double(s.symmetric(4, 1))) for _ in range(BATCHES)]
    train("W4", layers, nn.Tanh, sgd, F.mse_loss, batches)

    s = Stream(1)
    x, a, b = inputs = [double(s.symmetric(1_000_000)).requires_grad_() for _ in range(3)]
    (torch.tanh(x * a + b) * torch.sigmoid(x) + torch.exp(-x * x)).sum().backward()
    summarise("W5", 0, [(name, v.grad) for name, v in zip("xab", inputs)])

    s = Stream(1)
    layers = narrow(s)
    x = double(s.unit(SAMPLES, 784)[: 64 * STEPS])
    y = s.labels(SAMPLES)
    batches = [(x[i : i + 64], y[i : i + 64]) for i in range(0, 64 * STEPS, 64)]
    train("epoch", layers, nn.ReLU, sgd, F.cross_entropy, batches)


if __name__ == "__main__":
    main()
