//! An allocator that counts what a test takes from it. What a test expects stands in the test.
#![allow(unsafe_code)]
#![allow(dead_code, reason = "a test asks for one or two of these numbers")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which counts for each thread what takes at least so many bytes.
pub(crate) struct Counting {
    pub(crate) from: usize,
}

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// How often this thread has asked for memory.
pub(crate) fn allocations() -> usize {
    ALLOCATIONS.get()
}

/// The most bytes that a function had in use beyond what was in use before.
pub(crate) fn peak_of<R>(f: impl FnOnce() -> R) -> (usize, R) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = f();
    (PEAK.get() - before, result)
}

impl Counting {
    // A thread that ends has no counters any more.
    fn take(&self, size: usize) {
        if size >= self.from {
            let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
            let _ = LIVE.try_with(|live| {
                live.set(live.get() + size);
                let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
            });
        }
    }

    // What another thread has taken may be given back here.
    fn give(&self, size: usize) {
        if size >= self.from {
            let _ = LIVE.try_with(|live| live.set(live.get().saturating_sub(size)));
        }
    }
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size());
        // SAFETY: the caller's promises are those that the system's allocator asks.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size());
        // SAFETY: as for `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while the numbers are moved.
        self.take(size);
        self.give(layout.size());
        // SAFETY: as for `alloc`; and the pointer came from the system's allocator, as all of this one's do.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.give(layout.size());
        // SAFETY: as for `realloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}
