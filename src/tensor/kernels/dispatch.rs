//! Loops compiled for several instruction sets, of which the widest that the processor has is chosen at run time.
//! What a loop computes stands elsewhere.
//!
//! This is the one file of loops with `unsafe`, but for those of the product: a function compiled for an instruction
//! set must not be called on a processor without it. An [`InstructionSet`] can be had only where the processor was
//! asked, so the code that [`multiversion!`] writes may call the function of the set it was given.

use std::sync::OnceLock;

/// An instruction set that this processor has: one is made in [`InstructionSet::all`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionSet(Build);

/// What every loop is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// 512 bits, fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// 256 bits, fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// What every processor of the target has: NEON with fused multiply-add on aarch64, SSE2 without it on x86-64.
    Baseline,
}

/// The sets as the environment calls them, the widest first.
const NAMES: [&str; 3] = ["avx512", "avx2", "baseline"];

impl Build {
    /// Its place in `NAMES`.
    fn place(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Build::Avx512 => 0,
            #[cfg(target_arch = "x86_64")]
            Build::Avx2 => 1,
            Build::Baseline => 2,
        }
    }
}

impl InstructionSet {
    /// Whether the baseline has a fused multiply-add. Where it has none the fused operation would be a call.
    pub(crate) const BASELINE_FUSES: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

    /// The widest one that this processor has; in builds with debug assertions, and that the environment variable
    /// `GRADTAPE_INSTRUCTIONS` allows, so that tests can see what other processors compute. It is found once.
    ///
    /// # Panics
    /// The variable is set to what is no name of an instruction set.
    #[inline]
    pub fn detected() -> Self {
        static DETECTED: OnceLock<InstructionSet> = OnceLock::new();
        *DETECTED.get_or_init(|| {
            let widest = if cfg!(debug_assertions) { widest_allowed() } else { 0 };
            let all = Self::all();
            *all.iter().find(|set| set.0.place() >= widest).expect("the baseline is the last")
        })
    }

    /// All that this processor has, the widest first.
    pub fn all() -> Vec<Self> {
        let builds = [
            #[cfg(target_arch = "x86_64")]
            (
                Build::Avx512,
                // What is compiled for AVX2 is called too.
                is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512bw"),
            ),
            #[cfg(target_arch = "x86_64")]
            (Build::Avx2, is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2")),
            (Build::Baseline, true),
        ];
        builds.into_iter().filter(|(_, present)| *present).map(|(build, _)| Self(build)).collect()
    }

    /// What loops for it are compiled for.
    #[inline(always)]
    pub(crate) fn build(self) -> Build {
        self.0
    }

    /// Whether loops for it use the fused multiply-add. All that do give the same bits.
    pub fn fuses(self) -> bool {
        match self.0 {
            Build::Baseline => Self::BASELINE_FUSES,
            #[cfg(target_arch = "x86_64")]
            _ => true,
        }
    }
}

/// The place in `NAMES` of what the environment allows.
fn widest_allowed() -> usize {
    let Some(name) = std::env::var_os("GRADTAPE_INSTRUCTIONS").filter(|name| !name.is_empty()) else { return 0 };
    NAMES.iter().position(|known| name == *known).unwrap_or_else(|| {
        panic!("GRADTAPE_INSTRUCTIONS is {name:?}: set the environment variable to one of {NAMES:?}, or unset it")
    })
}

/// Compiles a function once for each instruction set and chooses by its first parameter, which has to be an
/// [`InstructionSet`]. Generic parameters stand in brackets, as they are declared and as they are named. Its body may
/// ask the constant `FMA` whether a fused multiply-add is an instruction there. `@widest if CONDITION;` in front of it
/// keeps the widest set for where the constant condition holds; the next one then serves for both.
///
/// The functions it calls have to be `#[inline(always)]`, or small, to be compiled for the set as well.
///
/// ```text
/// multiversion! {
///     /// Adds one vector to another.
///     pub(crate) fn add_into[T: Element][T](set: InstructionSet, to: &mut [T], from: &[T]) {
///         for (to, from) in to.iter_mut().zip(from) {
///             *to += *from;
///         }
///     }
/// }
/// add_into(InstructionSet::detected(), &mut a, &b);
/// ```
macro_rules! multiversion {
    (
        $(@widest if $widest:expr;)?
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident $([$($G:tt)+][$($g:ident),+])?
            ($set:ident: InstructionSet $(, $argument:ident: $Type:ty)* $(,)?) $(-> $Output:ty)? $body:block
    ) => {
        $(#[$attribute])*
        #[allow(unsafe_code, clippy::too_many_arguments)]
        $visibility fn $name $(<$($G)+>)?
            ($set: $crate::tensor::kernels::dispatch::InstructionSet $(, $argument: $Type)*) $(-> $Output)?
        {
            use $crate::tensor::kernels::dispatch::Build;

            #[inline(always)]
            fn body<const FMA: bool $(, $($G)+)?>($($argument: $Type),*) $(-> $Output)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,fma")]
            fn avx512 $(<$($G)+>)? ($($argument: $Type),*) $(-> $Output)? {
                body::<true $($(, $g)+)?>($($argument),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2 $(<$($G)+>)? ($($argument: $Type),*) $(-> $Output)? {
                body::<true $($(, $g)+)?>($($argument),*)
            }

            fn baseline $(<$($G)+>)? ($($argument: $Type),*) $(-> $Output)? {
                const FUSES: bool = $crate::tensor::kernels::dispatch::InstructionSet::BASELINE_FUSES;
                body::<FUSES $($(, $g)+)?>($($argument),*)
            }

            match $set.build() {
                // SAFETY: `InstructionSet::all` makes the set only where it finds all features of `avx512`.
                #[cfg(target_arch = "x86_64")]
                Build::Avx512 if const { true $(&& $widest)? } => unsafe { avx512 $(::<$($g),+>)? ($($argument),*) },
                // SAFETY: it makes both sets only where it finds all features of `avx2`.
                #[cfg(target_arch = "x86_64")]
                Build::Avx512 | Build::Avx2 => unsafe { avx2 $(::<$($g),+>)? ($($argument),*) },
                Build::Baseline => baseline $(::<$($g),+>)? ($($argument),*),
            }
        }
    };
}
pub(crate) use multiversion;

#[cfg(test)]
mod tests {
    use super::InstructionSet;
    use crate::Element;

    multiversion! {
        /// Subtracts `rate` times one vector from another, and gives the number of elements and whether it may fuse.
        fn descend[T: Element][T](set: InstructionSet, to: &mut [T], from: &[T], rate: T) -> (usize, bool) {
            for (to, from) in to.iter_mut().zip(from) {
                *to -= rate * *from;
            }
            (to.len(), FMA)
        }
    }

    #[test]
    fn a_loop_gives_the_same_for_every_instruction_set() {
        let gradient: Vec<f32> = (0..100).map(|i| i as f32 * 0.37 - 3.0).collect();
        let expected: Vec<f32> = gradient.iter().map(|g| 1.0 - 0.1 * g).collect();
        for set in InstructionSet::all() {
            let mut parameters = vec![1.0; 100];
            assert_eq!(descend(set, &mut parameters, &gradient, 0.1), (100, set.fuses()));
            assert_eq!(parameters, expected, "{set:?}");
        }
    }
}
