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
pub(crate) struct Buffer<T>(Numbers<T>);

enum Numbers<T> {
    /// Those behind `len` are of no meaning. The length leaves no gap before the numbers: such a buffer is moved about
    /// as soon as it is made, and a processor waits where it reads at once what it has written in other pieces.
    Few {
        len: u32,
        numbers: [T; FEW],
    },
    Many(Shared<T>),
}

/// `len` numbers, shared between clones.
struct Shared<T> {
    /// `Some` until the buffer is dropped.
    block: Option<Arc<Block<T>>>,
    len: usize,
}

impl<T: Clone> Buffer<T> {
    pub(crate) fn from_vec(data: Vec<T>) -> Self {
        let len = data.len();
        match data.first() {
            Some(first) if len <= FEW => {
                let numbers = std::array::from_fn(|i| data.get(i).unwrap_or(first).clone());
                Buffer(Numbers::Few { numbers, len: len as u32 })
            }
            _ => Buffer(Numbers::Many(Shared { block: Some(Arc::new(Block { data, home: None })), len })),
        }
    }
}

impl<T> Buffer<T> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Numbers::Few { len, .. } => *len as usize,
            Numbers::Many(shared) => shared.len,
        }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        match &self.0 {
            Numbers::Few { numbers, len } => &numbers[..*len as usize],
            Numbers::Many(shared) => shared.as_slice(),
        }
    }

    /// Whether nobody else holds the numbers.
    #[inline]
    pub(crate) fn is_own(&self) -> bool {
        match &self.0 {
            Numbers::Few { .. } => true,
            Numbers::Many(shared) => shared.is_own(),
        }
    }

    /// The numbers, if nobody else holds them.
    #[inline]
    pub(crate) fn own(&mut self) -> Option<&mut [T]> {
        match &mut self.0 {
            Numbers::Few { numbers, len } => Some(&mut numbers[..*len as usize]),
            Numbers::Many(shared) => shared.own(),
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

    pub(crate) fn into_vec(self) -> Vec<T> {
        match self.0 {
            Numbers::Few { numbers, len } => numbers[..len as usize].to_vec(),
            Numbers::Many(shared) => shared.into_vec(),
        }
    }
}

impl<T: Element> Buffer<T> {
    /// A buffer with one owner and old numbers in it: for kernels that write every element.
    ///
    /// Always inlined, so that few numbers are made where they are to lie.
    #[inline(always)]
    pub(crate) fn fresh(len: usize) -> Self {
        if len <= FEW {
            Buffer(Numbers::Few { numbers: [T::default(); FEW], len: len as u32 })
        } else {
            Buffer::pooled(len)
        }
    }

    fn pooled(len: usize) -> Self {
        match T::pool() {
            Some(pool) => Buffer(Numbers::Many(Shared { block: Some(take(pool, len)), len })),
            None => Buffer::from_vec(vec![T::default(); len]),
        }
    }
}

impl<T: Clone> Clone for Buffer<T> {
    #[inline]
    fn clone(&self) -> Self {
        Buffer(match &self.0 {
            Numbers::Few { numbers, len } => Numbers::Few { numbers: numbers.clone(), len: *len },
            Numbers::Many(Shared { block, len }) => Numbers::Many(Shared { block: block.clone(), len: *len }),
        })
    }
}

impl<T> Shared<T> {
    fn block(&self) -> &Arc<Block<T>> {
        self.block.as_ref().expect("a buffer has its block until it is dropped")
    }

    #[inline]
    fn as_slice(&self) -> &[T] {
        &self.block().data[..self.len]
    }

    /// Whether nobody else holds them: weak counts are not made, so a count of one can be raised by nobody else.
    #[inline]
    fn is_own(&self) -> bool {
        Arc::strong_count(self.block()) == 1
    }

    #[inline]
    fn own(&mut self) -> Option<&mut [T]> {
        let len = self.len;
        let block = self.block.as_mut().expect("a buffer has its block until it is dropped");
        Arc::get_mut(block).map(|block| &mut block.data[..len])
    }

    fn into_vec(mut self) -> Vec<T>
    where
        T: Clone,
    {
        let len = self.len;
        match self.block.take().map(Arc::try_unwrap) {
            Some(Ok(Block { mut data, home: None })) => {
                data.truncate(len);
                data
            }
            Some(Ok(block)) => block.data[..len].to_vec(),
            Some(Err(shared)) => shared.data[..len].to_vec(),
            None => Vec::new(),
        }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        if let Some(block) = self.block.take() {
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

/// A block of at least so many numbers that nobody else holds, for numbers that have a pool.
fn take<T: Element>(pool: &Pool<T>, len: usize) -> Arc<Block<T>> {
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
