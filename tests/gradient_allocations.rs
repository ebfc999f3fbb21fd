//! Repeated gradients of one function allocate nothing.
#![allow(unsafe_code)]

use gradtape::functional::Gradient;
use gradtape::{Dual, Var};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local!(static COUNT: Cell<usize> = const { Cell::new(0) });

/// The system's allocator, which counts.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn rosenbrock<T: num_traits::Float>(x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap();
    let term = |pair: &[T]| number(100.0) * (pair[1] - pair[0].powi(2)).powi(2) + (T::one() - pair[0]).powi(2);
    x.windows(2).fold(T::zero(), |sum, pair| sum + term(pair))
}

#[test]
fn gradients_in_a_loop_allocate_nothing() {
    let mut x: Vec<f64> = (0..100).map(|i| (i as f64 * 0.37).sin()).collect();
    let mut gradient = Gradient::new();
    let first = gradient.at(|x| rosenbrock(x), &x).0;
    gradient.at(|x| rosenbrock(x), &x);
    let before = COUNT.get();
    let mut value = first;
    for _ in 0..50 {
        let (now, slope) = gradient.at(|x| rosenbrock(x), &x);
        value = now;
        for (x, slope) in x.iter_mut().zip(slope) {
            *x -= 1e-4 * slope;
        }
    }
    assert_eq!(COUNT.get() - before, 0);
    assert!(value < 0.5 * first, "{first} {value}");
}

#[test]
fn products_with_the_hessian_in_a_loop_allocate_nothing() {
    let x: Vec<Dual<f64>> = (0..10).map(|i| Dual::new(1.0, f64::from(u8::from(i == 3)))).collect();
    let mut gradient = Gradient::new();
    for _ in 0..2 {
        gradient.at(|x| rosenbrock(x), &x);
    }
    let before = COUNT.get();
    for _ in 0..10 {
        let (_, slope) = gradient.at(|x| rosenbrock(x), &x);
        assert_eq!([slope[2].tangent, slope[3].tangent, slope[4].tangent], [-400.0, 1002.0, -400.0]);
    }
    assert_eq!(COUNT.get() - before, 0);
}

#[test]
fn functions_of_other_lengths_and_constants_follow_one_another() {
    let mut gradient = Gradient::new();
    assert_eq!(gradient.at(|x| x[0] * x[1], &[2.0, 3.0]), (6.0, &[3.0, 2.0][..]));
    assert_eq!(gradient.at(|x| x.iter().map(|x| x * x).sum(), &[1.0, 2.0, 3.0]), (14.0, &[2.0, 4.0, 6.0][..]));
    assert_eq!(gradient.at(|_| Var::from(5.0), &[1.0]), (5.0, &[0.0][..]));
}
