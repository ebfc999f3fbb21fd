//! The gradients of the workloads of `cargo bench --bench peers`, against those of PyTorch and of JAX. Times are not
//! tested.

#[path = "../../benches/peers/workloads.rs"]
#[allow(dead_code, reason = "what only the times need is not called here")]
mod workloads;

use workloads::{Summary, summaries};

/// Made by gradients.py beside it, in double precision.
const REFERENCE: &str = include_str!("../../benches/peers/gradients.txt");

/// Norm and projection of one gradient by each peer.
struct Reference {
    workload: String,
    step: usize,
    parameter: String,
    peers: [(&'static str, [f64; 2]); 2],
}

fn reference(workload: &str) -> Vec<Reference> {
    let row = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words.len(), 7, "{line}");
        let pair = |at: usize| [at, at + 1].map(|at| words[at].parse::<f64>().expect("a number"));
        Reference {
            workload: words[0].into(),
            step: words[1].parse().expect("a step"),
            parameter: words[2].into(),
            peers: [("PyTorch", pair(3)), ("JAX", pair(5))],
        }
    };
    REFERENCE.lines().filter(|line| !line.starts_with('#')).map(row).filter(|row| row.workload == workload).collect()
}

/// In `form`, which is the workload itself or another way to compute it.
fn assert_near(form: &str, workload: &str, parameters: usize) {
    let (computed, reference) = (summaries(form), reference(workload));
    assert_eq!((computed.len(), reference.len()), (parameters, parameters), "{form}");
    for (row, reference) in computed.iter().zip(&reference) {
        let Summary { workload, step, parameter, .. } = row;
        assert_eq!((workload, step, parameter), (&reference.workload, &reference.step, &reference.parameter));
        for (peer, [norm, projection]) in reference.peers {
            let error = (row.norm - norm).abs().max((row.projection - projection).abs()) / norm;
            println!("{form} {step} {parameter}: {error:.1e} beside {peer}");
            assert!(
                error < 1e-5,
                "{form}, step {step}, {parameter}: norm {} and projection {}, {peer} has {norm} and {projection}",
                row.norm,
                row.projection
            );
        }
    }
}

#[test]
fn gradients_of_w1_are_those_of_the_peers() {
    assert_near("W1", "W1", 8);
}

#[test]
fn gradients_of_w2_are_those_of_the_peers() {
    assert_near("W2", "W2", 12);
}

#[test]
fn gradients_of_w4_are_those_of_the_peers() {
    assert_near("W4", "W4", 8);
}

#[test]
fn gradients_of_w5_as_a_chain_and_as_a_formula_are_those_of_the_peers() {
    assert_near("W5", "W5", 3);
    assert_near("W5-fused", "W5", 3);
}

#[test]
fn gradients_of_the_epoch_are_those_of_the_peers() {
    assert_near("epoch", "epoch", 8);
}
