//! The clock, the arguments, and the line that is printed. No workloads.

use std::time::Instant;

/// Milliseconds a step: on the wall, sorted; on processors, the mean.
pub(crate) struct Times {
    wall: Vec<f64>,
    cpu: f64,
}

impl Times {
    /// Runs `body` until `seconds` or `at_most` repetitions of `inner` steps have passed.
    pub(crate) fn of(seconds: f64, at_least: usize, at_most: usize, inner: usize, mut body: impl FnMut()) -> Self {
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let mut wall = Vec::new();
        while wall.len() < at_least || (wall.len() < at_most && start.elapsed().as_secs_f64() < seconds) {
            let before = Instant::now();
            body();
            wall.push(before.elapsed().as_secs_f64() * 1e3 / inner as f64);
        }
        // Systems count by their own clock's ticks, too coarse for one repetition.
        let on_cpu = cpu.zip(cpu_seconds()).map_or(start.elapsed().as_secs_f64(), |(before, after)| after - before);
        let cpu = on_cpu * 1e3 / (inner * wall.len()) as f64;
        wall.sort_by(f64::total_cmp);
        Times { wall, cpu }
    }

    /// Of one step, on the wall.
    pub(crate) fn fastest(&self) -> f64 {
        self.wall[0]
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
        times.fastest(),
        times.wall[times.wall.len() / 2],
        times.cpu,
        times.wall.len(),
        check.join(", ")
    );
}
