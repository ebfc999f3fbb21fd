//! What the table of elementwise operations is expanded to: structs, methods of all kinds of numbers and tensors, and
//! the operations as data. The table itself stands one level up.

/// What a parameter of a row is in the function for numbers of type `T`: real numbers are of that type, whole ones
/// stay.
pub(super) trait Parameter<T> {
    type Value;
    fn value(self) -> Self::Value;
}

impl Parameter<f32> for f64 {
    type Value = f32;
    #[inline(always)]
    fn value(self) -> f32 {
        self as f32
    }
}

impl Parameter<f64> for f64 {
    type Value = f64;
    #[inline(always)]
    fn value(self) -> f64 {
        self
    }
}

impl<T> Parameter<T> for i32 {
    type Value = i32;
    #[inline(always)]
    fn value(self) -> i32 {
        self
    }
}

/// How a row is computed in a loop over many numbers: as its value is written, if that is a handful of instructions
/// without branches; `vector` says the form of its value that has no branches, where the value itself is not one;
/// `in_part` gives such a form that leaves some numbers to the value itself, and says with its result whether it does;
/// `std` says that the loop calls the standard library and is not compiled for vectors.
macro_rules! lanes {
    ($N:literal $Name:ident $x:tt $p:tt) => {
        const LEAVES_SOME: bool = false;
        const CHEAP: bool = true;
    };
    ($N:literal $Name:ident $x:tt $p:tt std $lane:expr) => {
        const LEAVES_SOME: bool = false;
        const VECTORISES: bool = false;
    };
    ($N:literal $Name:ident $x:tt $p:tt vector $lane:expr) => {
        const LEAVES_SOME: bool = false;
        lanes! { @lane lane_f32 f32 $N $Name $x $p ($lane, false) }
        lanes! { @lane lane_f64 f64 $N $Name $x $p ($lane, false) }
    };
    ($N:literal $Name:ident $x:tt $p:tt in_part $lane:expr) => {
        lanes! { @lane lane_f32 f32 $N $Name $x $p $lane }
        lanes! { @lane lane_f64 f64 $N $Name $x $p $lane }
    };
    (@lane $method:ident $T:ident $N:literal $Name:ident [$($x:ident),+] [$($p:ident),*] $lane:expr) => {
        #[inline(always)]
        fn $method<const FMA: bool>(&self, x: [Lane<$T, FMA>; $N]) -> Lane<$T, FMA> {
            #[allow(dead_code)]
            type Real = $T;
            let ([$($x),+], were_left) = lane::numbers(x);
            let $Name($($p),*) = *self;
            $(let $p = Parameter::<$T>::value($p);)*
            let (number, is_left) = $lane;
            Lane { number, is_left: is_left | were_left }
        }
    };
}

/// The formula of a row: its struct, its value for both number types, its slopes over any operand.
macro_rules! formula {
    ($N:literal $(#[$doc:meta])* $Name:ident $name:ident ($($p:ident: $P:ty),*)
        [$($x:ident),+] $value:expr $(, $how:ident $lane:expr)?; [$($sx:ident),+] $sy:ident [$($slope:expr),+]) => {
        $(#[$doc])*
        #[doc(hidden)]
        #[derive(Clone, Copy)]
        pub struct $Name($(pub $P),*);

        #[allow(unused_variables)]
        impl Elementwise<$N> for $Name {
            const NAME: &'static str = stringify!($name);
            const WIDEST: bool = true;

            #[inline(always)]
            fn f32(&self, [$($x),+]: [f32; $N]) -> f32 {
                let $Name($($p),*) = *self;
                $(let $p = Parameter::<f32>::value($p);)*
                $value
            }

            #[inline(always)]
            fn f64(&self, [$($x),+]: [f64; $N]) -> f64 {
                let $Name($($p),*) = *self;
                $value
            }

            lanes! { $N $Name [$($x),+] [$($p),*] $($how $lane)? }

            #[inline(always)]
            #[track_caller]
            fn slopes<A: Operand>(&self, [$($sx),+]: [Expr<A>; $N], $sy: Expr<A>) -> [Expr<A>; $N] {
                let $Name($($p),*) = *self;
                [$(Expr::from($slope)),+]
            }
        }
    };
}

/// The methods of a type of numbers: those of one argument, and those of two, the other of which may be a plain number.
macro_rules! methods_of_numbers {
    (
        [$($generics:tt)*] $Number:ty:
        unary { $($(#[$doc:meta])* $Name:ident $name:ident ($($p:ident: $P:ty),*);)* }
        binary { $($(#[$bdoc:meta])* $BName:ident $bname:ident;)* }
    ) => {
        impl<$($generics)*> $Number { $(
            $(#[$doc])*
            #[inline(always)]
            pub fn $name(self $(, $p: $P)*) -> Self {
                Operand::apply($Name($($p),*), [self])
            }
        )* $(
            $(#[$bdoc])*
            #[inline(always)]
            #[track_caller]
            pub fn $bname<M>(self, other: M) -> Self
            where
                Self: FromNumber<M>,
            {
                Operand::apply($BName(), [self, Self::from_number(other)])
            }
        )* }
    };
}

/// The whole table. `unary` and `binary` rows have methods for users; `inner` ones are for slopes and operators.
macro_rules! elementwise {
    (
        unary { $($(#[$doc:meta])* $Name:ident $name:ident ($($p:ident: $P:ty = $sample:expr),*):
            |$x:ident| $value:expr $(, $how:ident $lane:expr)?; |$sx:ident, $sy:ident| $slope:expr;
            on ($low:expr, $high:expr);)* }
        binary { $($(#[$bdoc:meta])* $BName:ident $bname:ident:
            |$bx:ident, $bz:ident| $bvalue:expr $(, $bhow:ident $blane:expr)?;
            |$bsx:ident, $bsz:ident, $bsy:ident| [$($bslope:expr),+]; on ($blow:expr, $bhigh:expr);)* }
        inner { $($(#[$idoc:meta])* $IName:ident $iname:ident $N:literal ($($ip:ident: $IP:ty = $isample:expr),*):
            |$($ix:ident),+| $ivalue:expr $(, $ihow:ident $ilane:expr)?;
            |$($isx:ident),+; $isy:ident| [$($islope:expr),+]; on ($ilow:expr, $ihigh:expr);)* }
    ) => {
        $(formula! { 1 $(#[$doc])* $Name $name ($($p: $P),*) [$x] $value $(, $how $lane)?; [$sx] $sy [$slope] })*
        $(formula! { 2 $(#[$bdoc])* $BName $bname () [$bx, $bz] $bvalue $(, $bhow $blane)?;
            [$bsx, $bsz] $bsy [$($bslope),+] })*
        $(formula! { $N $(#[$idoc])* $IName $iname ($($ip: $IP),*) [$($ix),+] $ivalue $(, $ihow $ilane)?;
            [$($isx),+] $isy [$($islope),+] })*

        impl<A: Operand> Expr<A> { $(
            $(#[$doc])*
            #[inline(always)]
            #[track_caller]
            pub fn $name(self $(, $p: $P)*) -> Self {
                self.unary($Name($($p),*))
            }
        )* $(
            $(#[$bdoc])*
            #[inline(always)]
            #[track_caller]
            pub fn $bname(self, other: impl Into<Self>) -> Self {
                self.binary($BName(), other.into())
            }
        )* }

        methods_of_numbers! { [T: Scalar] Dual<T>:
            unary { $($(#[$doc])* $Name $name ($($p: $P),*);)* } binary { $($(#[$bdoc])* $BName $bname;)* }
        }
        methods_of_numbers! { [T: Scalar, const N: usize] MultiDual<T, N>:
            unary { $($(#[$doc])* $Name $name ($($p: $P),*);)* } binary { $($(#[$bdoc])* $BName $bname;)* }
        }
        methods_of_numbers! { [T: Scalar, const K: usize] Taylor<T, K>:
            unary { $($(#[$doc])* $Name $name ($($p: $P),*);)* } binary { $($(#[$bdoc])* $BName $bname;)* }
        }
        methods_of_numbers! { [T: Scalar] Var<'_, T>:
            unary { $($(#[$doc])* $Name $name ($($p: $P),*);)* } binary { $($(#[$bdoc])* $BName $bname;)* }
        }

        impl<'t, T: Scalar> TensorVar<'t, T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(self $(, $p: $P)*) -> Self {
                TensorVar::record(T::step(Builtin::Row(Row::$Name($($p),*))), &[self])
            }
        )* $(
            $(#[$bdoc])*
            ///
            /// Broadcasts; the other may be a tensor of the same tape, a plain tensor or a number.
            #[track_caller]
            pub fn $bname(self, other: impl TapeOperand<'t, T>) -> Self {
                let other = other.on(self.tape());
                TensorVar::record(T::step(Builtin::Row(Row::$BName())), &[self, other])
            }
        )* }

        impl<T: Scalar> Tensor<T> { $(
            $(#[$doc])*
            ///
            /// ```
            /// use gradtape::{Tape, Tensor};
            #[doc = concat!("let x = Tensor::from([", stringify!($low), ", ", stringify!($high), "]);")]
            #[doc = concat!("let y = x.", stringify!($name), "(", stringify!($($sample),*), ");")]
            /// let tape = Tape::new();
            #[doc = concat!("let recorded = tape.tensor(&x).", stringify!($name), "(", stringify!($($sample),*), ");")]
            /// assert_eq!(recorded.value(), y);
            /// ```
            #[track_caller]
            pub fn $name(&self $(, $p: $P)*) -> Self {
                run(&*T::step(Builtin::Row(Row::$Name($($p),*))), &[self])
            }
        )* $(
            $(#[$bdoc])*
            ///
            /// Broadcasts; the other may be a tensor or a number.
            ///
            /// ```
            /// use gradtape::{Tape, Tensor};
            #[doc = concat!("let (x, z) = (Tensor::from([", stringify!($blow), "]), ", stringify!($bhigh), ");")]
            /// let tape = Tape::new();
            #[doc = concat!("let recorded = tape.tensor(&x).", stringify!($bname), "(z);")]
            #[doc = concat!("assert_eq!(recorded.value(), x.", stringify!($bname), "(z));")]
            /// ```
            #[track_caller]
            pub fn $bname(&self, other: impl TensorOperand<T>) -> Self {
                run(&*T::step(Builtin::Row(Row::$BName())), &[self, &other.tensor()])
            }
        )* }

        /// An elementwise operation as data: what it is until the library makes a step of it.
        #[derive(Clone, Copy, Debug)]
        #[allow(missing_docs)]
        pub enum Row {
            $($Name($($P),*),)*
            $($BName(),)*
            $($IName($($IP),*),)*
        }

        impl Row {
            pub(crate) fn build<T: Scalar>(self) -> Box<dyn Step<T>> {
                if let Some(step) = whole::step(self) {
                    return step;
                }
                match self {
                    $(Row::$Name($($p),*) => Box::new(Erased::<_, 1>(Map($Name($($p),*)))),)*
                    $(Row::$BName() => Box::new(Erased::<_, 2>(Map($BName()))),)*
                    $(Row::$IName($($ip),*) => Box::new(Erased::<_, $N>(Map($IName($($ip),*)))),)*
                }
            }

            /// The row's function of numbers, dual numbers or handles, as many as it takes.
            #[doc(hidden)]
            #[track_caller]
            pub fn apply<A: Operand>(self, x: &[A]) -> A {
                match self {
                    $(Row::$Name($($p),*) => A::apply($Name($($p),*), [x[0]]),)*
                    $(Row::$BName() => A::apply($BName(), [x[0], x[1]]),)*
                    $(Row::$IName($($ip),*) => A::apply($IName($($ip),*), std::array::from_fn(|i| x[i])),)*
                }
            }

            /// Every row with sample parameters, its number of arguments, and the domain it is checked on.
            #[doc(hidden)]
            pub const ALL: &'static [(Row, usize, (f64, f64))] = &[
                $((Row::$Name($($sample),*), 1, ($low, $high)),)*
                $((Row::$BName(), 2, ($blow, $bhigh)),)*
                $((Row::$IName($($isample),*), $N, ($ilow, $ihigh)),)*
            ];
        }
    };
}

pub(super) use {elementwise, formula, lanes, methods_of_numbers};
