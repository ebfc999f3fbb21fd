//! Finding what is not finite, and what takes memory.

use gradtape::{Tape, Tensor};

#[test]
fn an_infinity_that_a_constant_brings_is_let_pass_and_what_comes_of_it_is_not() {
    let tape = Tape::new();
    let x = tape.tensor([1.0, 2.0]);
    let mask = tape.constant([0.0, f64::NEG_INFINITY]);
    let y = (x + mask).softmax(0);
    assert!(tape.check_finite().is_ok());
    let z = y.ln() * 0.0;
    let error = tape.check_finite().unwrap_err().to_string();
    let line = line!() - 2;
    assert!(error.starts_with("the first value that is not finite is -inf at [1] of %4 = ln [2] ("), "{error}");
    assert!(error.contains(&format!("diagnostics.rs:{line}")), "{error}");
    assert!(error.contains(", made of %3 = softmax [2] ("), "{error}");
    drop(z.value());
}

#[test]
fn variables_constants_and_scalars() {
    let tape = Tape::new();
    tape.constant([f64::INFINITY]);
    assert!(tape.check_finite().is_ok());
    tape.constant([[0.0, 1.0], [f64::NAN, 0.0]]);
    let error = tape.check_finite().unwrap_err().to_string();
    assert!(error.contains("is NaN at [1, 0] of %1 = constant [2, 2]"), "{error}");
    let tape = Tape::new();
    tape.tensor(f64::INFINITY);
    assert!(tape.check_finite().unwrap_err().to_string().contains("is inf at [] of %0 = tensor []"));
    let tape = Tape::new();
    let _ = tape.var(0.0).sqrt();
    let error = tape.check_finite().unwrap_err().to_string();
    assert_eq!(error, "the first partial derivative of a scalar that is not finite is inf, of s1 by s0");
}

#[test]
fn gradients_in_the_order_of_the_sweep() {
    let tape = Tape::new();
    let x = tape.tensor([0.0, 1.0]);
    let y = x * 2.0;
    let z = y.sqrt() + y.exp();
    let gradients = z.sum().backward();
    let error = gradients.check_finite(&tape).unwrap_err().to_string();
    assert!(error.starts_with("the first gradient that is not finite is inf at [0], of %1 = scale [2]"), "{error}");
    assert!(error.contains("back from %2 = sqrt [2]") && error.contains(" and %3 = exp [2]"), "{error}");
    assert!(y.exp().sum().backward().check_finite(&tape).is_ok());
}

#[test]
fn a_table_of_operations() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(Tensor::ones([100, 10]));
    let y = x.matmul(x.t()).reshape([10_000]).sum();
    let _ = y.to_var() * 2.0;
    let table = tape.statistics();
    assert_eq!(table.operations[0].name, "matmul");
    assert_eq!((table.operations[0].count, table.operations[0].bytes), (1, 80_000));
    // A view shares its buffer.
    assert!(table.operations.iter().any(|row| row.name == "reshape" && row.bytes == 0));
    assert!(table.operations.iter().any(|row| row.name == "scalars" && row.count == 2));
    assert_eq!(table.operations.iter().map(|row| row.bytes).sum::<usize>(), tape.memory_bytes());
    let text = table.to_string();
    assert!(text.starts_with("operation") && text.lines().last().unwrap().starts_with("total"), "{text}");
}
