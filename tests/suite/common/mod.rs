//! What several test files share.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static LAST: RefCell<Option<(String, String, u32)>> = const { RefCell::new(None) };
}

/// A panic as the user sees it: its text, and the file and line that it points at.
pub(crate) struct Panic {
    pub(crate) text: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

fn text_of(payload: &(dyn std::any::Any + Send)) -> String {
    match payload.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => payload.downcast_ref::<&str>().copied().unwrap_or_default().to_owned(),
    }
}

/// Runs a function that must panic.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> Panic {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let location = info.location().map(|at| (at.file().to_owned(), at.line())).unwrap_or_default();
            let text = text_of(info.payload());
            let caught = LAST.with_borrow_mut(|last| match last {
                Some(slot) => {
                    *slot = (text.clone(), location.0.clone(), location.1);
                    true
                }
                None => false,
            });
            if !caught {
                before(info);
            }
        }));
    });
    LAST.with_borrow_mut(|last| *last = Some(Default::default()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(f));
    let caught = LAST.with_borrow_mut(Option::take);
    assert!(outcome.is_err(), "this should have panicked");
    let (text, file, line) = caught.unwrap_or_default();
    Panic { text, file, line }
}

/// Asserts that a panic says each of the words, and points at the given line of the calling file.
#[track_caller]
pub(crate) fn assert_panics<R>(line: u32, words: &[&str], f: impl FnOnce() -> R) {
    let caller = panic::Location::caller();
    let panic = panic_of(f);
    for word in words {
        assert!(panic.text.contains(word), "`{}` does not say `{word}`", panic.text);
    }
    assert_eq!((&*panic.file, panic.line), (caller.file(), line), "where `{}` points", panic.text);
}
