//! Buffers of numbers, and the pool that keeps those of one training step for the next. Knows no shapes.
//!
//! Freeing all buffers of a step together makes the system's allocator give memory back and fault it in again in
//! the next step: a thousand page faults and a third of the time of a step of half a million parameters. So the
//! last owner of a buffer gives it to the pool of its number type, and new tensors take from there.
//!
//! Few numbers are kept in the tensor itself: to copy them is faster than to count their owners.

use crate::Element;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

/// How many numbers are kept in the tensor itself.
const FEW: usize = 16;

/// A count of owners, numbers, and where they go when the last owner leaves.
struct Block<T> {
    /// Longer than the tensor it serves where it comes from a pool: all of a size class, initialised once.
    data: Vec<T>,
    home: Option<fn(Arc<Block<T>>)>,
}

/// Numbers; many are shared between clones.
///
/// Fields and no enum of few and many: a tensor is moved as soon as it is made, and a compiler that knows each field
/// for itself writes them where they are to lie. With its shape a tensor of `f32` has 120 bytes, and in the cell of a
/// node 128, which is the most that is copied without a call.
pub(crate) struct Buffer<T> {
    /// [`ALL`] where there are as many as the block has.
    len: u32,
    /// The numbers, where they are few; those behind `len` are of no meaning.
    few: Option<[T; FEW]>,
    /// Else they are here.
    many: Shared<T>,
}

/// The length of a tensor whose length takes more than 32 bits. Its block has exactly as many numbers.
const ALL: u32 = u32::MAX;

/// Whether a length is written as [`ALL`].
#[inline]
fn is_long(len: usize) -> bool {
    len >= ALL as usize
}

/// Numbers that clones share, if there are any; `None` also once it is dropped.
struct Shared<T>(Option<Arc<Block<T>>>);

impl<T: Clone> Buffer<T> {
    pub(crate) fn from_vec(data: Vec<T>) -> Self {
        let len = if is_long(data.len()) { ALL } else { data.len() as u32 };
        match data.first() {
            Some(first) if data.len() <= FEW => {
                let few = std::array::from_fn(|i| data.get(i).unwrap_or(first).clone());
                Buffer { len, few: Some(few), many: Shared(None) }
            }
            _ => Buffer { len, few: None, many: Shared(Some(Arc::new(Block { data, home: None }))) },
        }
    }
}

impl<T> Buffer<T> {
    /// Neither few numbers nor many: a place for a copy.
    #[inline]
    pub(crate) fn nothing() -> Self {
        Buffer { len: 0, few: None, many: Shared(None) }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        if self.len == ALL { self.many.block().data.len() } else { self.len as usize }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        match &self.few {
            Some(numbers) => &numbers[..self.len as usize],
            None => &self.many.block().data[..self.len()],
        }
    }

    /// Whether nobody else holds the numbers: weak counts are not made, so a count of one can be raised by nobody else.
    #[inline]
    pub(crate) fn is_own(&self) -> bool {
        self.few.is_some() || Arc::strong_count(self.many.block()) == 1
    }

    /// The numbers, if nobody else holds them.
    #[inline]
    pub(crate) fn own(&mut self) -> Option<&mut [T]> {
        let len = self.len();
        match &mut self.few {
            Some(numbers) => Some(&mut numbers[..len]),
            None => self.many.own().map(|numbers| &mut numbers[..len]),
        }
    }
}

impl<T: Clone> Buffer<T> {
    /// The numbers for writing; copied first if somebody else holds them too.
    pub(crate) fn make_mut(&mut self) -> &mut [T] {
        if self.own().is_none() {
            *self = Buffer::from_vec(self.as_slice().to_vec());
        }
        self.own().expect("a new buffer has one owner")
    }

    pub(crate) fn into_vec(mut self) -> Vec<T> {
        let len = self.len();
        let whole = if self.few.is_none() { self.many.0.take() } else { None };
        match whole.map(Arc::try_unwrap) {
            Some(Ok(mut block)) => {
                block.data.truncate(len);
                block.data
            }
            Some(Err(shared)) => shared.data[..len].to_vec(),
            None => self.as_slice().to_vec(),
        }
    }
}

impl<T: Element> Buffer<T> {
    /// A buffer with one owner and old numbers in it: for kernels that write every element.
    ///
    /// Always inlined, for the reason given at [`Buffer`].
    #[inline(always)]
    pub(crate) fn fresh(len: usize) -> Self {
        if len <= FEW {
            Buffer { len: len as u32, few: Some([T::default(); FEW]), many: Shared(None) }
        } else {
            Buffer { len: if is_long(len) { ALL } else { len as u32 }, few: None, many: Shared(Some(take(len))) }
        }
    }
}

impl<T: Clone> Clone for Buffer<T> {
    #[inline]
    fn clone(&self) -> Self {
        Buffer { len: self.len, few: self.few.clone(), many: Shared(self.many.0.clone()) }
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.len = source.len;
        self.few = source.few.clone();
        self.many = Shared(source.many.0.clone());
    }
}

impl<T> Shared<T> {
    #[inline]
    fn block(&self) -> &Arc<Block<T>> {
        self.0.as_ref().expect("a buffer of many numbers has a block until it is dropped")
    }

    #[inline]
    fn own(&mut self) -> Option<&mut [T]> {
        Some(&mut Arc::get_mut(self.0.as_mut()?)?.data)
    }
}

impl<T> Drop for Shared<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(block) = self.0.take() {
            // Whoever sees a count of one is the only one who could raise it. Two last owners that leave at the
            // same time may both miss it; then the block is freed.
            match block.home {
                Some(give_back) if Arc::strong_count(&block) == 1 => give_back(block),
                _ => {}
            }
        }
    }
}

/// Size classes, four to an octave, so that at most a quarter of a block is unused and the shorter last batch of an
/// epoch finds the blocks of the others.
const CLASSES: usize = 256;

/// A pool keeps at most this many bytes; what comes back beyond that is freed.
const LIMIT: usize = 256 << 20;

fn class(len: usize) -> usize {
    let last = len.max(16) - 1;
    let octave = last.ilog2() as usize;
    ((octave << 2) | ((last >> (octave - 2)) & 3)) - 15
}

fn class_size(class: usize) -> usize {
    let code = class + 15;
    (4 + (code & 3) + 1) << ((code >> 2) - 2)
}

/// Size classes of which each thread keeps some blocks for itself, without asking others: of some thousand numbers.
const SMALL: usize = 32;

/// How many of each.
const KEPT: usize = 8;

/// Free small blocks of one number type, of one thread.
pub struct Near<T>(RefCell<[Vec<Arc<Block<T>>>; SMALL]>);

impl<T> Near<T> {
    pub(crate) const fn new() -> Self {
        Near(RefCell::new([const { Vec::new() }; SMALL]))
    }
}

/// Free blocks of one number type, by size class, of all threads.
pub struct Pool<T>(Mutex<Free<T>>);

struct Free<T> {
    blocks: [Vec<Arc<Block<T>>>; CLASSES],
    bytes: usize,
}

impl<T> Pool<T> {
    pub(crate) const fn new() -> Self {
        Pool(Mutex::new(Free { blocks: [const { Vec::new() }; CLASSES], bytes: 0 }))
    }

    fn give(&self, class: usize, block: Arc<Block<T>>) {
        let bytes = block.data.len() * size_of::<T>();
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.bytes + bytes <= LIMIT {
            free.bytes += bytes;
            free.blocks[class].push(block);
        }
    }

    fn take(&self, class: usize) -> Option<Arc<Block<T>>> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = free.blocks[class].pop()?;
        free.bytes -= kept.data.len() * size_of::<T>();
        Some(kept)
    }
}

/// A block of at least so many numbers that nobody else holds.
#[inline(never)]
fn take<T: Element>(len: usize) -> Arc<Block<T>> {
    let Some(pool) = T::pool().filter(|_| !is_long(len)) else {
        return Arc::new(Block { data: vec![T::default(); len], home: None });
    };
    let class = class(len);
    // Where the thread is at its end, there is nothing near.
    let near = || T::near()?.try_with(|near| near.0.borrow_mut()[class].pop()).ok()?;
    let kept = if class < SMALL { near() } else { None };
    kept.or_else(|| pool.take(class))
        .unwrap_or_else(|| Arc::new(Block { data: vec![T::default(); class_size(class)], home: Some(give_back) }))
}

/// Where blocks of the pool go when their last owner leaves.
fn give_back<T: Element>(block: Arc<Block<T>>) {
    let class = class(block.data.len());
    let mut block = Some(block);
    if class < SMALL
        && let Some(near) = T::near()
    {
        let keep = |near: &Near<T>| {
            let kept = &mut near.0.borrow_mut()[class];
            if kept.len() < KEPT {
                kept.extend(block.take());
            }
        };
        // Nothing is kept where the thread is at its end.
        near.try_with(keep).unwrap_or_default();
    }
    if let (Some(block), Some(pool)) = (block, T::pool()) {
        pool.give(class, block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_tensor_is_copied_without_a_call() {
        assert!(size_of::<RefCell<Option<crate::Tensor<f32>>>>() <= 128);
    }

    #[test]
    fn every_length_fits_its_class_with_little_to_spare() {
        for len in (1..5000).chain([1 << 20, (1 << 20) + 1, 3 << 30]) {
            let size = class_size(class(len));
            assert!(size >= len && (size <= 16 || size * 4 <= len * 5 + 4), "{len} is served by {size}");
            assert_eq!(class(size), class(len));
        }
    }

    #[test]
    fn the_last_owner_gives_a_buffer_back_for_the_next_tensor() {
        let mut first = Buffer::<f64>::fresh(40_001);
        let second = first.clone();
        assert!(first.own().is_none());
        let address = first.as_slice().as_ptr();
        drop(first);
        drop(second);
        assert_eq!(Buffer::<f64>::fresh(40_001).as_slice().as_ptr(), address);
    }

    #[test]
    fn small_buffers_come_back_to_the_thread_that_gave_them_and_do_not_pile_up() {
        // A thread of its own: others do not reach what it keeps.
        let check = || {
            let buffers = [(); 3 * KEPT].map(|()| Buffer::<f64>::fresh(100));
            let addresses = buffers.each_ref().map(|buffer| buffer.as_slice().as_ptr());
            drop(buffers);
            let again = [(); KEPT].map(|()| Buffer::<f64>::fresh(100));
            assert!(again.iter().all(|buffer| addresses[..KEPT].contains(&buffer.as_slice().as_ptr())));
            drop(again);
            let kept = f64::near().expect("plain numbers have one").with(|near| near.0.borrow()[class(100)].len());
            assert_eq!(kept, KEPT);
        };
        std::thread::spawn(check).join().expect("the checks hold");
    }
}
