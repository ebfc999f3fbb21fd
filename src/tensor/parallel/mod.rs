//! Work divided among threads: how many there are, when it is worth to wake them, and loops over chunks of a result.
//! What is computed in a chunk stands with the kernels; the threads themselves are in `pool`.
//!
//! Bits never depend on threads. An elementwise loop and a product give every element the same bits wherever it is
//! cut; a sum is cut only where its own tree of fixed blocks is.

mod pool;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

pub(crate) use pool::run;

/// A thread that sleeps is woken for work of so many nanoseconds and more. It needs some 50 µs until it works, of
/// which the thread that wakes it pays 5.
const WAKE: usize = 150_000;

/// A thread that is awake, as it stays for a moment after its last work, takes part in work of so many nanoseconds.
const JOIN: usize = 30_000;

/// Threads beyond this many are not started, whatever is asked for.
const MOST: usize = 256;

thread_local! {
    /// What [`with_threads`] has set here; 0 where nothing is set.
    static LIMIT: Cell<usize> = const { Cell::new(0) };
}

/// How many threads an operation that is called here may use, this one among them.
///
/// Unless [`with_threads`] says otherwise, it is what the environment variable `RAYON_NUM_THREADS` says when the first
/// large operation runs, which programs with threads already know; where it is not set, or 0, as many as the program
/// may use processors. The threads are started with the first work that is worth it, sleep in between, and use no
/// other crate.
///
/// ```
/// assert!(gradtape::threads() >= 1);
/// ```
pub fn threads() -> usize {
    match LIMIT.get() {
        0 => default_threads(),
        limit => limit,
    }
}

fn default_threads() -> usize {
    static DEFAULT: OnceLock<usize> = OnceLock::new();
    *DEFAULT.get_or_init(|| {
        let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.trim().parse().ok());
        match asked {
            Some(number) if number > 0 => number,
            _ => std::thread::available_parallelism().map_or(1, usize::from),
        }
        .min(MOST)
    })
}

/// Calls `f`; operations that it calls on this thread use at most `count` threads each.
///
/// The results have the same bits with any number. With 1, for programs that divide their work themselves, nothing is
/// woken and nothing waits; a program whose threads all compute needs it not, though: work that finds no idle
/// processor is done where it is called. A `count` of 0 is taken as 1, and more than 256 as 256.
///
/// ```
/// use gradtape::{Tensor, with_threads};
/// let x = Tensor::<f32>::arange(0.0, 1e6, 1.0);
/// let [one, two] = [1, 2].map(|count| with_threads(count, || x.sin().sum()));
/// assert_eq!(one.item().to_bits(), two.item().to_bits());
/// ```
pub fn with_threads<R>(count: usize, f: impl FnOnce() -> R) -> R {
    let _limit = Limit::new(count.clamp(1, MOST));
    f()
}

/// A limit of this thread until it is dropped, also by a panic.
struct Limit {
    before: usize,
}

impl Limit {
    fn new(count: usize) -> Self {
        Limit { before: LIMIT.replace(count) }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        LIMIT.set(self.before);
    }
}

/// Whether work of about so many nanoseconds on one thread is to be divided.
#[inline]
pub(crate) fn is_worth(nanoseconds: usize) -> bool {
    nanoseconds >= JOIN && is_worth_now(nanoseconds)
}

#[cold]
fn is_worth_now(nanoseconds: usize) -> bool {
    threads() > 1 && (nanoseconds >= WAKE || pool::is_awake())
}

/// What can be cut in two: places for results.
pub(crate) trait Split: Sized + Send {
    /// The first `at` places and the others.
    fn split(self, at: usize) -> (Self, Self);
}

impl<T: Send> Split for &mut [T] {
    fn split(self, at: usize) -> (Self, Self) {
        self.split_at_mut(at)
    }
}

/// Places that nobody wants are none.
impl<S: Split> Split for Option<S> {
    fn split(self, at: usize) -> (Self, Self) {
        self.map(|places| places.split(at)).unzip()
    }
}

impl<S: Split, const N: usize> Split for [S; N] {
    fn split(self, at: usize) -> (Self, Self) {
        let mut second = [const { None }; N];
        let mut second_places = second.iter_mut();
        let first = self.map(|places| {
            let (first, rest) = places.split(at);
            if let Some(place) = second_places.next() {
                *place = Some(rest);
            }
            first
        });
        (first, second.map(|places| places.expect("every place was cut")))
    }
}

impl<A: Split, B: Split> Split for (A, B) {
    fn split(self, at: usize) -> (Self, Self) {
        let ((a, rest_a), (b, rest_b)) = (self.0.split(at), self.1.split(at));
        ((a, b), (rest_a, rest_b))
    }
}

/// Calls `f(which, places)` for chunks of `chunk` of the `len` places, on several threads; or once for all, where work
/// of about so many nanoseconds is not worth it.
pub(crate) fn for_each_chunk<S: Split>(
    to: S,
    len: usize,
    chunk: usize,
    nanoseconds: usize,
    f: &(dyn Fn(Range<usize>, S) + Sync),
) {
    if len <= chunk || !is_worth(nanoseconds) {
        return f(0..len, to);
    }
    let rest = Mutex::new((0, Some(to)));
    run(len.div_ceil(chunk), &|_| {
        let mut rest = rest.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, places) = (rest.0, rest.1.take());
        let Some(places) = places else { return };
        let (end, places) = if len - start > chunk {
            let (places, others) = places.split(chunk);
            *rest = (start + chunk, Some(others));
            (start + chunk, places)
        } else {
            (len, places)
        };
        drop(rest);
        f(start..end, places);
    });
}
