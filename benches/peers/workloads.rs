//! The workloads, from the number stream that all libraries start from to a step, and what tells of their gradients.
//! The clock and the lines that are printed stand beside it.

use gradtape::prelude::*;

network! { pub(crate) struct Narrow { hidden: dense(784, 128, relu), output: dense(128, 10) } }
network! {
    pub(crate) struct Wide { first: dense(784, 512, relu), second: dense(512, 256, relu), output: dense(256, 10) }
}
network! { pub(crate) struct Tiny { hidden: dense(2, 8, tanh), output: dense(8, 1) } }

/// Distinct batches that a workload goes round.
pub(crate) const BATCHES: usize = 8;
/// Steps before the clock starts; their first and last loss are printed.
pub(crate) const CHECK_STEPS: usize = 20;
/// Rows of the data of an epoch.
pub(crate) const SAMPLES: usize = 60_000;

/// `s <- 6364136223846793005 s + 1442695040888963407 mod 2^64`; a draw is the top 24 bits as a fraction in [0, 1).
pub(crate) struct Stream(pub(crate) u64);

impl Stream {
    fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    pub(crate) fn unit(&mut self, shape: &[usize]) -> Tensor<f32> {
        let n = shape.iter().product();
        Tensor::from_vec((0..n).map(|_| self.draw()).collect(), shape).expect("as many numbers as the shape takes")
    }

    pub(crate) fn symmetric(&mut self, shape: &[usize], bound: f64) -> Tensor<f32> {
        self.unit(shape).map(|u| (u * 2.0 - 1.0) * bound as f32)
    }

    pub(crate) fn labels(&mut self, n: usize) -> Vec<usize> {
        (0..n).map(|_| (self.draw() * 10.0).floor() as usize).collect()
    }

    /// Weights uniform in ±1/√inputs, each before its bias.
    pub(crate) fn fill<N: Module<f32>>(&mut self, mut net: N) -> N {
        let mut bound = 0.0;
        for param in net.params_mut() {
            if let [inputs, _] = param.shape() {
                bound = 1.0 / (*inputs as f64).sqrt();
            }
            let value = self.symmetric(param.shape(), bound);
            param.set(value).expect("the shape is the parameter's own");
        }
        net
    }

    /// Rows of pixels, and their classes.
    pub(crate) fn images(&mut self, rows: usize) -> (Tensor<f32>, Vec<usize>) {
        (self.unit(&[rows, 784]), self.labels(rows))
    }

    pub(crate) fn points(&mut self) -> (Tensor<f32>, Tensor<f32>) {
        (self.symmetric(&[4, 2], 1.0), self.symmetric(&[4, 1], 1.0))
    }
}

/// The loss of a batch, and its gradients. The tape is left empty.
pub(crate) fn gradients<N: Layer<f32>>(
    net: &N,
    tape: &mut Tape<f32>,
    x: &Tensor<f32>,
    loss: impl for<'t> Fn(TensorVar<'t, f32>) -> TensorVar<'t, f32>,
) -> (f64, Gradients<f32>) {
    tape.reset();
    let loss = loss(net.forward(tape.constant(x)));
    let value = loss.item();
    let gradients = loss.backward_to_leaves();
    tape.reset();
    (f64::from(value), gradients)
}

pub(crate) fn step<N: Layer<f32> + Module<f32>, O: Optimizer<f32>>(
    net: &mut N,
    tape: &mut Tape<f32>,
    optimizer: &mut O,
    x: &Tensor<f32>,
    loss: impl for<'t> Fn(TensorVar<'t, f32>) -> TensorVar<'t, f32>,
) -> f64 {
    let (value, gradients) = gradients(net, tape, x, loss);
    optimizer.step(net, &gradients);
    value
}

pub(crate) fn chain([x, a, b]: [TensorVar<'_, f32>; 3]) -> TensorVar<'_, f32> {
    (x * a + b).tanh() * x.sigmoid() + (-(x * x)).exp()
}

#[elementwise]
pub(crate) fn formula<T>(x: T, a: T, b: T) -> T {
    tanh(x * a + b) * sigmoid(x) + exp(-(x * x))
}

/// What is said of a gradient: its parameter, the step, its norm, and its product with a fixed vector, uniform in ±1,
/// from the stream that begins at 2. (Two wrong numbers that compensate in one do not in the other.)
pub(crate) struct Summary {
    pub(crate) workload: String,
    pub(crate) step: usize,
    pub(crate) parameter: String,
    pub(crate) norm: f64,
    pub(crate) projection: f64,
}

struct Summaries {
    workload: &'static str,
    rows: Vec<Summary>,
}

impl Summaries {
    fn add<'a>(&mut self, step: usize, gradients: impl Iterator<Item = (String, &'a Tensor<f32>)>) {
        let mut stream = Stream(2);
        for (parameter, gradient) in gradients {
            let direction = stream.symmetric(gradient.shape(), 1.0);
            let dot = |a: &Tensor<f32>, b: &Tensor<f32>| -> f64 {
                a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
            };
            let (norm, projection) = (dot(gradient, gradient).sqrt(), dot(gradient, &direction));
            self.rows.push(Summary { workload: self.workload.into(), step, parameter, norm, projection });
        }
    }

    /// Trains for [`CHECK_STEPS`], and looks at the gradients of the first and the last.
    fn train<N: Layer<f32> + Module<f32>, O: Optimizer<f32>, Y>(
        mut self,
        mut net: N,
        mut optimizer: O,
        batches: &[(Tensor<f32>, Y)],
        loss: impl for<'t> Fn(TensorVar<'t, f32>, &Y) -> TensorVar<'t, f32>,
    ) -> Vec<Summary> {
        let mut tape = Tape::training(0);
        for i in 0..CHECK_STEPS {
            let (x, y) = &batches[i % batches.len()];
            let (_, gradients) = gradients(&net, &mut tape, x, |output| loss(output, y));
            if i == 0 || i == CHECK_STEPS - 1 {
                let gradients: Vec<_> =
                    net.named_params().into_iter().map(|(name, param)| (name, gradients.wrt(param))).collect();
                self.add(i, gradients.iter().map(|(name, gradient)| (name.clone(), gradient)));
            }
            optimizer.step(&mut net, &gradients);
        }
        self.rows
    }

    fn classify<N: Layer<f32> + Module<f32>, O: Optimizer<f32>>(
        self,
        net: N,
        optimizer: O,
        batches: &[(Tensor<f32>, Vec<usize>)],
    ) -> Vec<Summary> {
        self.train(net, optimizer, batches, |output, y| loss::softmax_cross_entropy(output, y))
    }
}

/// The gradients of a workload, or none if there is no such workload.
pub(crate) fn summaries(workload: &str) -> Vec<Summary> {
    let (mut stream, random) = (Stream(1), &mut Rng::new(0));
    let start = |workload| Summaries { workload, rows: Vec::new() };
    match workload {
        "W1" => {
            let net = stream.fill(Narrow::new(random));
            let batches = [(); BATCHES].map(|()| stream.images(64));
            start("W1").classify(net, Sgd::new(0.1), &batches)
        }
        "W2" => {
            let net = stream.fill(Wide::new(random));
            let batches = [(); BATCHES].map(|()| stream.images(128));
            start("W2").classify(net, Adam::new(1e-3), &batches)
        }
        "W4" => {
            let net = stream.fill(Tiny::new(random));
            let batches = [(); BATCHES].map(|()| stream.points());
            start("W4").train(net, Sgd::new(0.1), &batches, |output, y| loss::mse(output, y))
        }
        "W5" | "W5-fused" => {
            let inputs = [(); 3].map(|()| stream.symmetric(&[1_000_000], 1.0));
            let tape = Tape::<f32>::new();
            let variables = inputs.each_ref().map(|input| tape.tensor(input));
            let [x, a, b] = variables;
            let y = if workload == "W5" { chain(variables) } else { formula(x, a, b) };
            let gradients = y.sum().backward_to_leaves();
            let gradients = variables.map(|variable| gradients.wrt(variable));
            let mut summaries = start("W5");
            summaries.add(0, ["x", "a", "b"].map(String::from).into_iter().zip(&gradients));
            summaries.rows
        }
        "epoch" => {
            let net = stream.fill(Narrow::new(random));
            let mut inputs: Vec<_> = (0..CHECK_STEPS).map(|_| stream.unit(&[64, 784])).collect();
            // The classes lie behind all inputs.
            for _ in 0..(SAMPLES - 64 * CHECK_STEPS) * 784 {
                stream.draw();
            }
            let batches: Vec<_> = inputs.drain(..).map(|x| (x, stream.labels(64))).collect();
            start("epoch").classify(net, Sgd::new(0.1), &batches)
        }
        _ => Vec::new(),
    }
}
