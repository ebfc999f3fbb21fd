//! Which instructions a product uses. What they compute is the same on every path.

#[cfg(target_arch = "x86_64")]
use std::arch::is_x86_feature_detected;
use std::sync::OnceLock;

/// Instructions that this processor has: a value of this type is made nowhere but in [`Path::available`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// 32 registers of 64 bytes, masked loads and stores.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// 16 registers of 32 bytes.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// `mul_add` over small arrays. These become vectors where the program is compiled for fused multiply-adds, as it
    /// always is for 64-bit ARM; else, on x86 processors from before 2013, each number is a call of the C library's
    /// `fma`, which is right but slow.
    Portable,
}

impl Path {
    /// The fastest that this processor has.
    #[inline]
    pub(super) fn best() -> Path {
        static BEST: OnceLock<Path> = OnceLock::new();
        *BEST.get_or_init(|| Path::available()[0])
    }

    /// All that this processor has, the fastest first.
    pub(super) fn available() -> Vec<Path> {
        let mut paths = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                paths.push(Path::Avx512);
            }
            paths.push(Path::Avx2);
        }
        paths.push(Path::Portable);
        paths
    }
}
