//! What a function may have and a formula may not.
use gradtape::prelude::*;

#[elementwise]
fn loops<T>(x: T, n: f64) -> T {
    let mut sum = 0.0;
    for i in 0..3 {
        sum += x;
    }
    while sum < 1.0 {}
    sum = x;
    sum -= 1.0;
    println!("{sum}");
    sum
}

#[elementwise]
fn early<T>(x: T) -> T {
    if x > 0.0 {
        return x;
    }
    let (a, b) = (x, x);
    x * a;
    let y;
    match x {
        _ => &x + x[0],
    }
}

#[elementwise]
fn last<T>(x: T) -> T {
    return x.exp();
}

#[elementwise]
fn dropped<T>(x: T) -> T {
    x.exp();
}

#[elementwise]
fn empty<T>(x: T) -> T {}

#[elementwise]
fn others<T>(x: T) -> T {
    let f = |z| z * x;
    f(x) + x * unsafe { x } + x? + (x, x) + *x + (x as f32) + x % 2.0 + x.0 + [x][0]
}

fn main() {
    let _ = (loops(1.0, 2.0), early(1.0), last(1.0), dropped(1.0), empty(1.0), others(1.0));
}
