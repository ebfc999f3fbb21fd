//! The number stream that all libraries start from, the clock, and the line that is printed.

use gradtape::Tensor;
use std::time::Instant;

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
}

/// Milliseconds a step, sorted.
pub(crate) struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Times {
    /// Runs `body` until `seconds` or `at_most` repetitions of `inner` steps have passed.
    pub(crate) fn of(seconds: f64, at_least: usize, at_most: usize, inner: usize, mut body: impl FnMut()) -> Self {
        let (start, mut times) = (Instant::now(), Times { wall: Vec::new(), cpu: Vec::new() });
        while times.wall.len() < at_least || (times.wall.len() < at_most && start.elapsed().as_secs_f64() < seconds) {
            let (cpu, wall) = (cpu_seconds(), Instant::now());
            body();
            let elapsed = wall.elapsed().as_secs_f64();
            times.wall.push(elapsed * 1e3 / inner as f64);
            let on_cpu = cpu.zip(cpu_seconds()).map_or(elapsed, |(before, after)| after - before);
            times.cpu.push(on_cpu * 1e3 / inner as f64);
        }
        times.wall.sort_by(f64::total_cmp);
        times.cpu.sort_by(f64::total_cmp);
        times
    }
}

/// Time that all threads of the program have spent on a processor, where the system says so.
fn cpu_seconds() -> Option<f64> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds * 1e-9)
}

/// What `--threads` says, else 1.
pub(crate) fn threads() -> usize {
    number("--threads").map_or(1, |number| number as usize)
}

/// The number that follows an argument.
pub(crate) fn number(name: &str) -> Option<f64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    arguments.next().map(|number| number.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
}

/// A number of bytes that the system counts for this program: `VmRSS:` is resident now, `VmHWM:` the most that was.
pub(crate) fn memory(name: &str) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

pub(crate) fn report(workload: &str, peer: &str, times: &Times, check: &[(&str, f64)]) {
    let check: Vec<String> = check.iter().map(|(name, value)| format!("\"{name}\": {value:.7}")).collect();
    println!(
        "{{\"workload\": \"{workload}\", \"peer\": \"{peer}\", \"threads\": {}, \"min_ms\": {:.6}, \
         \"median_ms\": {:.6}, \"cpu_ms\": {:.6}, \"reps\": {}, \"check\": {{{}}}}}",
        threads(),
        times.wall[0],
        times.wall[times.wall.len() / 2],
        times.cpu[times.cpu.len() / 4],
        times.wall.len(),
        check.join(", ")
    );
}
