//! Who does the work, that all of it is done, and what comes of panics.

use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Work that is worth it.
const LONG: usize = usize::MAX;

#[test]
fn every_place_is_written_once_with_any_number_of_threads() {
    for count in [1, 2, 3, 7] {
        for (len, chunk) in [(0, 4), (1, 4), (4, 4), (1001, 10), (1000, 1)] {
            let (mut a, mut b) = (vec![0; len], vec![0; len]);
            let calls = AtomicUsize::new(0);
            with_threads(count, || {
                for_each_chunk((&mut a[..], [Some(&mut b[..])]), len, chunk, LONG, &|at, (a, [b])| {
                    calls.fetch_add(1, Ordering::Relaxed);
                    let b = b.expect("there is a place");
                    assert_eq!((a.len(), b.len()), (at.len(), at.len()));
                    for ((a, b), i) in a.iter_mut().zip(b).zip(at) {
                        *a += i + 1;
                        *b += 2 * i;
                    }
                });
            });
            assert!(a.iter().enumerate().all(|(i, a)| *a == i + 1), "{count} threads, {len} by {chunk}");
            assert!(b.iter().enumerate().all(|(i, b)| *b == 2 * i), "{count} threads, {len} by {chunk}");
            let expected = if count == 1 { 1 } else { len.div_ceil(chunk).max(1) };
            assert_eq!(calls.into_inner(), expected, "{count} threads, {len} by {chunk}");
        }
    }
}

#[test]
fn little_work_stays_on_its_thread() {
    let here = std::thread::current().id();
    with_threads(3, || {
        for_each_chunk(&mut [0; 64][..], 64, 1, JOIN - 1, &|at, _| {
            assert_eq!((at, std::thread::current().id()), (0..64, here));
        });
    });
}

#[test]
fn several_threads_take_part() {
    // Each piece waits until two are being done at the same time: alone it would never end.
    let (at_it, met) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // Tests beside this one may keep the helpers busy for a while.
    for _ in 0..1000 {
        with_threads(2, || {
            run(2, &|_| {
                at_it.fetch_add(1, Ordering::SeqCst);
                let start = std::time::Instant::now();
                while start.elapsed() < Duration::from_millis(20) && met.load(Ordering::SeqCst) == 0 {
                    if at_it.load(Ordering::SeqCst) == 2 {
                        met.store(1, Ordering::SeqCst);
                    }
                    std::thread::yield_now();
                }
                at_it.fetch_sub(1, Ordering::SeqCst);
            });
        });
        if met.load(Ordering::SeqCst) == 1 {
            return;
        }
    }
    panic!("two pieces were never done at the same time");
}

#[test]
fn a_panic_of_a_piece_reaches_the_caller_when_all_others_are_done() {
    for round in 0..50 {
        let running = AtomicUsize::new(0);
        let result = std::panic::catch_unwind(|| {
            with_threads(3, || {
                run(100, &|piece| {
                    running.fetch_add(1, Ordering::SeqCst);
                    if piece % 40 == round % 40 {
                        running.fetch_sub(1, Ordering::SeqCst);
                        std::panic::panic_any(format!("piece {piece}"));
                    }
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            });
        });
        let message = *result.expect_err("a piece panics").downcast::<String>().expect("the piece's own payload");
        assert!(message.starts_with("piece "), "{message}");
        assert_eq!(running.into_inner(), 0);
        assert_eq!(LIMIT.get(), 0, "the limit of this thread is taken away by the panic");
    }
    // And the helpers are still there.
    every_place_is_written_once_with_any_number_of_threads();
}

/// What a panic carries, whose drop panics.
struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic_any(PanicsInDrop);
    }
}

/// Two of three threads panic, the caller among them or not, while the third is at its piece. Whether the three met.
fn two_panics_cannot_be_dropped(caller_panics: bool) -> bool {
    let caller = std::thread::current().id();
    let [arrived, panicked, running] = [const { AtomicUsize::new(0) }; 3];
    let result = catch_unwind(AssertUnwindSafe(|| {
        with_threads(3, || {
            run(3, &|_| {
                running.fetch_add(1, Ordering::SeqCst);
                arrived.fetch_add(1, Ordering::SeqCst);
                let start = Instant::now();
                while start.elapsed() < Duration::from_millis(20) && arrived.load(Ordering::SeqCst) < 3 {
                    std::thread::yield_now();
                }
                let is_caller = std::thread::current().id() == caller;
                // The first panic is a helper's, the second is dropped.
                let panics = arrived.load(Ordering::SeqCst) == 3
                    && match (is_caller, panicked.fetch_add(usize::from(!is_caller), Ordering::SeqCst)) {
                        (true, _) => caller_panics,
                        (false, before) => before < if caller_panics { 1 } else { 2 },
                    };
                if panics && is_caller {
                    sleep(Duration::from_millis(50));
                } else if !panics {
                    sleep(Duration::from_millis(200));
                }
                running.fetch_sub(1, Ordering::SeqCst);
                if panics {
                    panic_any(PanicsInDrop);
                }
            });
        });
    }));
    assert_eq!(running.into_inner(), 0, "a piece was being done when the call came back");
    assert_eq!(LIMIT.get(), 0);
    let have_met = arrived.into_inner() == 3 && result.is_err();
    if let Err(panic) = result {
        assert!(panic.is::<PanicsInDrop>());
        std::mem::forget(panic);
    }
    have_met
}

#[test]
fn what_a_panic_carries_may_panic_when_it_is_dropped() {
    for caller_panics in [true, false] {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Tests beside this one may keep the helpers busy for a while.
            let have_met = (0..100).any(|_| two_panics_cannot_be_dropped(caller_panics));
            sender.send(have_met).expect("the test waits");
        });
        let have_met = receiver.recv_timeout(Duration::from_secs(60)).expect("the caller comes back, and was right");
        assert!(have_met, "three pieces were never done at the same time");
    }
    every_place_is_written_once_with_any_number_of_threads();
}

#[test]
fn what_a_later_panic_carries_does_not_let_a_caller_leave() {
    struct Carried;
    impl Drop for Carried {
        fn drop(&mut self) {
            panic!("a caller must not leave while helpers are at its work");
        }
    }
    for _ in 0..1000 {
        let begun = AtomicUsize::new(0);
        let result = std::panic::catch_unwind(|| {
            with_threads(2, || {
                run(2, &|_| {
                    begun.fetch_add(1, Ordering::SeqCst);
                    let start = std::time::Instant::now();
                    while start.elapsed() < Duration::from_millis(20) && begun.load(Ordering::SeqCst) < 2 {
                        std::thread::yield_now();
                    }
                    std::panic::panic_any(Carried);
                });
            });
        });
        let carried = result.expect_err("every piece panics").downcast::<Carried>();
        std::mem::forget(carried.expect("the first panic's own payload"));
        if begun.into_inner() == 2 {
            return;
        }
    }
    panic!("two pieces never panicked");
}

#[test]
fn work_inside_of_a_piece_is_not_divided_again() {
    with_threads(2, || {
        run(8, &|_| assert_eq!(threads(), 1));
        assert_eq!(threads(), 2);
    });
}

#[test]
fn many_callers_share_the_helpers() {
    std::thread::scope(|scope| {
        for caller in 0..6 {
            scope.spawn(move || {
                with_threads(2 + caller % 3, || {
                    for _ in 0..200 {
                        let mut sums = [0; 32];
                        for_each_chunk(&mut sums[..], 32, 1, LONG, &|at, sums| sums[0] += at.start * caller);
                        assert!(sums.iter().enumerate().all(|(i, sum)| *sum == i * caller));
                    }
                });
            });
        }
    });
}

#[test]
fn a_limit_ends_with_its_closure() {
    let before = threads();
    let inside = with_threads(2, || [threads(), with_threads(0, threads), with_threads(1 << 20, threads), threads()]);
    assert_eq!(inside, [2, 1, MOST, 2]);
    assert_eq!(threads(), before);
}
