//! The clock, and the line that is printed.

use std::time::Instant;

/// Nanoseconds: the least and the median of many runs.
pub(crate) struct Times {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) runs: usize,
}

/// One run to warm up, then runs for `BUDGET` seconds (0.8), at least 7 and at most 2000.
pub(crate) fn measure(mut body: impl FnMut()) -> Times {
    body();
    let budget = std::env::var("BUDGET").ok().and_then(|budget| budget.parse().ok()).unwrap_or(0.8);
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.len() < 7 || (start.elapsed().as_secs_f64() < budget && times.len() < 2000) {
        let before = Instant::now();
        body();
        times.push(before.elapsed().as_secs_f64() * 1e9);
    }
    times.sort_by(f64::total_cmp);
    Times { least: times[0], median: times[times.len() / 2], runs: times.len() }
}

/// What one tool did to one function.
pub(crate) struct Report<'a> {
    pub(crate) id: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) inputs: usize,
    pub(crate) operations: usize,
    pub(crate) primal: &'a Times,
}

impl Report<'_> {
    /// Measures `once`, which writes the gradient and returns the bytes of the tape, and prints a line. Returns the
    /// nanoseconds an operation.
    pub(crate) fn run(self, mut once: impl FnMut(&mut [f64]) -> usize) -> f64 {
        let Report { id, tool, inputs, operations, primal } = self;
        let mut gradient = vec![0.0; inputs];
        let bytes = once(&mut gradient);
        let times = measure(|| {
            once(&mut gradient);
            std::hint::black_box(&gradient[0]);
        });
        if let Ok(folder) = std::env::var("GRAD_DIR") {
            let bytes: Vec<u8> = gradient.iter().flat_map(|x| x.to_le_bytes()).collect();
            std::fs::write(format!("{folder}/{id}.{tool}.bin"), bytes).expect("GRAD_DIR is a folder");
        }
        let n = operations as f64;
        println!(
            "{{\"obj\":\"{id}\",\"tool\":\"{tool}\",\"inputs\":{inputs},\"ops\":{operations},\
             \"primal_min_ns\":{:.0},\"primal_median_ns\":{:.0},\"grad_min_ns\":{:.0},\"grad_median_ns\":{:.0},\
             \"ratio\":{:.2},\"ns_per_op\":{:.2},\"tape_bytes\":{bytes},\"bytes_per_op\":{:.1},\"reps\":{},\
             \"check\":{:.12e}}}",
            primal.least,
            primal.median,
            times.least,
            times.median,
            times.least / primal.least,
            times.least / n,
            bytes as f64 / n,
            times.runs,
            gradient.iter().sum::<f64>(),
        );
        times.least / n
    }
}
