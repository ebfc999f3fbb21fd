//! The threads: they take pieces of the work that callers offer, and sleep where there is none. What is worth to be
//! offered is decided in the module above.
//!
//! A caller offers its work, does pieces of it like everybody else, takes the offer back when no piece is left, and
//! waits for those who still are at one. It never waits for a piece that nobody has begun, so callers on any number of
//! threads, also of other pools, cannot wait for each other; and a helper that comes late costs nothing.
//!
//! Unsafe: the offer lies on the caller's stack. Helpers find it only in the list, under its lock, and say there that
//! they are at it; the caller takes it from the list, and does not leave before they have gone. Both are done by
//! guards, so that no unwinding passes them by, whatever a user's code does in a piece or when its panic is dropped.
#![allow(unsafe_code)]

use super::{Limit, default_threads, threads};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a helper looks for further work before it sleeps: the pieces of a training step follow one another.
const SPIN: Duration = Duration::from_micros(50);

struct Offer<'a> {
    work: &'a (dyn Fn(usize) + Sync),
    pieces: usize,
    /// The piece that is taken next.
    next: AtomicUsize,
    /// Helpers at it.
    helpers: AtomicUsize,
    /// What the first panic of a piece says.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Offer<'_> {
    /// Does pieces until none is left. Nested work is not divided again.
    fn take_part(&self) {
        let _limit = Limit::new(1);
        loop {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            if piece >= self.pieces {
                return;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.work)(piece))) {
                // The other pieces need not be begun.
                self.next.store(self.pieces, Ordering::Relaxed);
                self.keep(panic);
            }
        }
    }

    /// Keeps a panic if it is the first.
    fn keep(&self, panic: Box<dyn Any + Send>) {
        let mut first = lock(&self.panic);
        if first.is_none() {
            *first = Some(panic);
            return;
        }
        drop(first);
        // What it carries is the user's, and may panic when it is dropped: so may what that panic carries, which is
        // forgotten.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(panic);
        }
    }
}

/// An offer in the list, and how many helpers it still takes.
struct Listed {
    offer: *const Offer<'static>,
    places: usize,
}

// SAFETY: an offer is shared between threads: its work is `Sync`, and the rest of it are atomics and a mutex.
unsafe impl Send for Listed {}

struct List {
    offers: Vec<Listed>,
    /// Helpers that have been started.
    started: usize,
    /// Of those, the ones that sleep.
    asleep: usize,
    /// Threads at work: callers, and helpers.
    at_work: usize,
}

static LIST: Mutex<List> = Mutex::new(List { offers: Vec::new(), started: 0, asleep: 0, at_work: 0 });

/// Tells helpers that sleep of an offer.
static OFFERED: Condvar = Condvar::new();

/// Tells callers that sleep of a helper that has gone.
static GONE: Condvar = Condvar::new();

/// Places of all offers. Changed under the list's lock.
static PLACES: AtomicUsize = AtomicUsize::new(0);

/// Helpers that look for work. Lowered before a helper takes the lock to fall asleep.
static LOOKING: AtomicUsize = AtomicUsize::new(0);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a helper is awake and has no work.
pub(super) fn is_awake() -> bool {
    LOOKING.load(Ordering::Relaxed) > 0
}

/// Calls `work` with every number below `pieces`, here and on other threads, in no fixed order.
///
/// # Panics
/// With the first panic of a piece, when no other is being done.
pub(crate) fn run(pieces: usize, work: &(dyn Fn(usize) + Sync)) {
    let offer =
        Offer { work, pieces, next: AtomicUsize::new(0), helpers: AtomicUsize::new(0), panic: Mutex::new(None) };
    let offered = offer_to_helpers(&offer);
    offer.take_part();
    drop(offered);
    let panic = lock(&offer.panic).take();
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// An offer while it is in the list. It is taken back when this is dropped, also by a panic.
struct Offered<'a> {
    offer: &'a Offer<'a>,
}

impl Drop for Offered<'_> {
    fn drop(&mut self) {
        take_back(self.offer);
    }
}

/// Lists an offer and wakes helpers, as many as there are idle processors; nothing if there are none.
fn offer_to_helpers<'a>(offer: &'a Offer<'a>) -> Option<Offered<'a>> {
    let most = threads();
    let mut list = lock(&LIST);
    let idle = most.max(default_threads()).saturating_sub(list.at_work + 1);
    let places = offer.pieces.saturating_sub(1).min(most - 1).min(idle);
    while list.started < places {
        let helper = std::thread::Builder::new().name(format!("gradtape {}", list.started + 1));
        // Where no thread can be started, as in a browser, the work is done here.
        if helper.spawn(help).is_err() {
            break;
        }
        list.started += 1;
    }
    let places = places.min(list.started);
    if places == 0 {
        return None;
    }
    // The lifetime is lengthened for the list. `take_back` takes the offer from it, and returns when no helper is at
    // the offer any more. It is called when `Offered` is dropped, which its caller's stack holds above the offer; until
    // there is one, nothing below unwinds.
    list.offers.push(Listed { offer: std::ptr::from_ref(offer).cast(), places });
    list.at_work += 1;
    PLACES.fetch_add(places, Ordering::Relaxed);
    let wake = places.saturating_sub(LOOKING.load(Ordering::Relaxed)).min(list.asleep);
    drop(list);
    for _ in 0..wake {
        OFFERED.notify_one();
    }
    Some(Offered { offer })
}

/// Takes an offer from the list and waits for its helpers.
fn take_back(offer: &Offer<'_>) {
    let mut list = lock(&LIST);
    let address = std::ptr::from_ref(offer).cast();
    if let Some(place) = list.offers.iter().position(|listed| listed.offer == address) {
        let listed = list.offers.swap_remove(place);
        PLACES.fetch_sub(listed.places, Ordering::Relaxed);
    }
    list.at_work -= 1;
    drop(list);
    // As a rule the last piece is nearly done. Whoever stopped one has the processor taken away: then sleep.
    let start = Instant::now();
    while offer.helpers.load(Ordering::Acquire) > 0 {
        if start.elapsed() < SPIN {
            std::hint::spin_loop();
            continue;
        }
        let mut list = lock(&LIST);
        while offer.helpers.load(Ordering::Acquire) > 0 {
            list = GONE.wait(list).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A helper at an offer, who goes when this is dropped, also by a panic.
struct AtIt {
    offer: *const Offer<'static>,
}

impl Drop for AtIt {
    fn drop(&mut self) {
        let mut list = lock(&LIST);
        list.at_work -= 1;
        if std::thread::panicking() {
            // The thread ends.
            list.started -= 1;
        } else {
            LOOKING.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: the offer lives until its caller has seen that this helper, who is counted, has gone: that is here.
        // It is not touched after this.
        unsafe { (*self.offer).helpers.fetch_sub(1, Ordering::Release) };
        GONE.notify_all();
    }
}

/// What a helper does for as long as the program runs.
fn help() {
    loop {
        let mut list = lock(&LIST);
        if let Some(offer) = accept(&mut list) {
            drop(list);
            let at_it = AtIt { offer };
            // SAFETY: the offer lives until its caller has seen that its helpers are gone. This one was counted under
            // the lock, when the offer was still in the list, and goes when `at_it` is dropped.
            unsafe { (*offer).take_part() };
            drop(at_it);
            look();
            LOOKING.fetch_sub(1, Ordering::Relaxed);
        } else {
            list.asleep += 1;
            list = OFFERED.wait(list).unwrap_or_else(PoisonError::into_inner);
            list.asleep -= 1;
        }
    }
}

/// Waits a moment for an offer, without sleeping.
fn look() {
    let start = Instant::now();
    while PLACES.load(Ordering::Relaxed) == 0 && start.elapsed() < SPIN {
        for _ in 0..32 {
            std::hint::spin_loop();
        }
    }
}

/// Takes one of the places that are offered.
fn accept(list: &mut List) -> Option<*const Offer<'static>> {
    let listed = list.offers.iter_mut().find(|listed| listed.places > 0)?;
    listed.places -= 1;
    let offer = listed.offer;
    // SAFETY: what is in the list lives.
    unsafe { (*offer).helpers.fetch_add(1, Ordering::Relaxed) };
    list.at_work += 1;
    PLACES.fetch_sub(1, Ordering::Relaxed);
    Some(offer)
}
