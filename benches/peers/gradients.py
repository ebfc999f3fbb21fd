#!/usr/bin/env python3
"""Writes the gradients of the workloads as PyTorch and JAX compute them in double precision: gradients.txt.

    python3 benches/peers/gradients.py > benches/peers/gradients.txt        (needs torch, jax and numpy; some seconds)

A line is a workload, a step (the first and the 20th), a parameter, and for each of the two the norm of the gradient and
its product with a fixed vector: uniform in (-1, 1), from the stream that begins at 2. The numbers of the stream, and
with them the weights and the data, are single-precision ones, the same as in workloads.rs; all arithmetic after them is
double, so that what differs is not the peer's rounding.

The two share the stream and nothing else: PyTorch has its own layers, losses and optimizers, and the formulas for JAX,
which has none, are written here.
"""

import math

import jax
import jax.numpy as jnp
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
        return np.floor(self.unit(count) * np.float32(10)).astype(np.int64)

    def dense(self, name, inputs, outputs):
        """The name, weight and bias of a layer, uniform in ±1/√inputs, the weight first."""
        bound = 1 / math.sqrt(inputs)
        weight = self.symmetric(inputs, outputs, bound=bound)
        return name, double(weight), double(self.symmetric(outputs, bound=bound))

    def images(self, rows):
        return double(self.unit(rows, 784)), self.labels(rows)


def double(numbers):
    return numbers.astype(np.float64)


def summarise(gradients):
    """The norm and the projection of each of several named gradients."""
    stream = Stream(2)
    rows = []
    for name, gradient in gradients:
        direction = double(stream.symmetric(*gradient.shape))
        rows.append((name, np.linalg.norm(gradient), (gradient * direction).sum()))
    return rows


def train_torch(layers, activation, loss, optimizer, batches):
    modules = []
    for _, weight, bias in layers:
        module = nn.Linear(*weight.shape, dtype=torch.float64)
        module.weight.data, module.bias.data = torch.from_numpy(weight.T.copy()), torch.from_numpy(bias)
        modules += [module, {"relu": nn.ReLU, "tanh": nn.Tanh}[activation]()]
    net = nn.Sequential(*modules[:-1])
    loss = {"classes": F.cross_entropy, "numbers": F.mse_loss}[loss]
    optimizers = {"sgd": lambda p: torch.optim.SGD(p, lr=0.1), "adam": lambda p: torch.optim.Adam(p, lr=1e-3)}
    optimizer = optimizers[optimizer](net.parameters())
    for x, y in batches:
        optimizer.zero_grad()
        loss(net(torch.from_numpy(x)), torch.from_numpy(y)).backward()
        # PyTorch's weight is [outputs, inputs].
        yield [
            gradient.numpy().copy() for module in modules[::2] for gradient in (module.weight.grad.T, module.bias.grad)
        ]
        optimizer.step()


def train_jax(layers, activation, loss, optimizer, batches):
    activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[activation]

    def of(params, x, y):
        for i in range(0, len(params), 2):
            x = x @ params[i] + params[i + 1]
            if i + 2 < len(params):
                x = activation(x)
        if loss == "numbers":
            return jnp.mean((x - y) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], axis=1))

    gradient_of = jax.jit(jax.grad(of))
    params = [jnp.asarray(part) for layer in layers for part in layer[1:]]
    means = squares = [jnp.zeros_like(param) for param in params]
    for step, (x, y) in enumerate(batches, start=1):
        gradients = gradient_of(params, x, y)
        yield [np.asarray(gradient) for gradient in gradients]
        if optimizer == "sgd":
            params = [param - 0.1 * gradient for param, gradient in zip(params, gradients)]
            continue
        means = [0.9 * m + 0.1 * g for m, g in zip(means, gradients)]
        squares = [0.999 * v + 0.001 * g * g for v, g in zip(squares, gradients)]
        params = [
            p - 1e-3 * (m / (1 - 0.9**step)) / (jnp.sqrt(v / (1 - 0.999**step)) + 1e-8)
            for p, m, v in zip(params, means, squares)
        ]


def show(workload, step, torch_rows, jax_rows):
    for (name, *of_torch), (_, *of_jax) in zip(torch_rows, jax_rows):
        print(workload, step, name, *(f"{number:.9e}" for number in of_torch + of_jax))


def train(workload, layers, activation, loss, optimizer, batches):
    batches = [batches[i % len(batches)] for i in range(STEPS)]
    names = [f"{name}.{part}" for name, _, _ in layers for part in ("weight", "bias")]
    both = [run(layers, activation, loss, optimizer, batches) for run in (train_torch, train_jax)]
    for step, gradients in enumerate(zip(*both)):
        if step in (0, STEPS - 1):
            show(workload, step, *(summarise(zip(names, of_one)) for of_one in gradients))


def chain(inputs):
    x, a, b = of_torch = [torch.from_numpy(numbers).requires_grad_() for numbers in inputs]
    (torch.tanh(x * a + b) * torch.sigmoid(x) + torch.exp(-x * x)).sum().backward()

    def of_jax(x, a, b):
        return jnp.sum(jnp.tanh(x * a + b) * jax.nn.sigmoid(x) + jnp.exp(-x * x))

    gradients = [[v.grad.numpy() for v in of_torch], map(np.asarray, jax.grad(of_jax, argnums=(0, 1, 2))(*inputs))]
    show("W5", 0, *(summarise(zip("xab", of_one)) for of_one in gradients))


def narrow(stream):
    return [stream.dense("hidden", 784, 128), stream.dense("output", 128, 10)]


def main():
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    versions = f"PyTorch {torch.__version__.split('+')[0]} and JAX {jax.__version__}"
    print(f"# Made by gradients.py with {versions}: workload, step, parameter, then norm and projection of each.")

    s = Stream(1)
    layers = narrow(s)
    train("W1", layers, "relu", "classes", "sgd", [s.images(64) for _ in range(BATCHES)])

    s = Stream(1)
    layers = [s.dense("first", 784, 512), s.dense("second", 512, 256), s.dense("output", 256, 10)]
    train("W2", layers, "relu", "classes", "adam", [s.images(128) for _ in range(BATCHES)])

    s = Stream(1)
    layers = [s.dense("hidden", 2, 8), s.dense("output", 8, 1)]
    batches = [(double(s.symmetric(4, 2)), double(s.symmetric(4, 1))) for _ in range(BATCHES)]
    train("W4", layers, "tanh", "numbers", "sgd", batches)

    s = Stream(1)
    chain([double(s.symmetric(1_000_000)) for _ in range(3)])

    s = Stream(1)
    layers = narrow(s)
    x = double(s.unit(SAMPLES, 784)[: 64 * STEPS])
    y = s.labels(SAMPLES)
    train("epoch", layers, "relu", "classes", "sgd", [(x[i : i + 64], y[i : i + 64]) for i in range(0, 64 * STEPS, 64)])


if __name__ == "__main__":
    main()
