//! A recorded function as a linear map: tangents pushed through it and cotangents pulled back, several at a time.

use super::{color::Coloring, dependence::Dependence};
use crate::{Scalar, Tape, Var, tape::ScalarGraph};

/// How many sweeps are made at once.
pub(super) const LANES: usize = 8;

/// A function at the point where it was recorded, of which the derivative is the graph.
pub(super) struct Recorded<T> {
    pub(super) variables: usize,
    pub(super) outputs: Vec<Option<usize>>,
    graph: ScalarGraph<T>,
}

impl<T: Scalar> Recorded<T> {
    /// The results y of so many variables, the first scalars of the tape; `None` if tensors lie between.
    #[track_caller]
    pub(super) fn new(tape: &Tape<T>, variables: usize, y: &[Var<'_, T>]) -> Option<Self> {
        let mut outputs = Vec::with_capacity(y.len());
        for y in y {
            outputs.push(y.place(tape));
        }
        Some(Recorded { variables, outputs, graph: tape.scalar_graph()? })
    }

    /// For each result the variables that it depends on.
    pub(super) fn pattern(&self) -> Vec<Vec<u32>> {
        let mut sets = Dependence::new(&self.graph, self.variables);
        self.outputs.iter().map(|y| y.map_or_else(Vec::new, |y| sets.of(y))).collect()
    }

    /// The derivative of every result (rows of [`Lanes`]) along the variables of each colour.
    pub(super) fn forward(&self, colors: &Coloring) -> Vec<Lanes<T>> {
        self.in_lanes(colors.count, |first| {
            let mut tangents = vec![[T::zero(); LANES]; self.graph.len()];
            for (variable, color) in colors.of.iter().enumerate() {
                if let Some(lane) = lane(*color, first) {
                    tangents[variable][lane] = T::one();
                }
            }
            for index in self.variables..tangents.len() {
                let mut sum = [T::zero(); LANES];
                for (input, slope) in self.graph.inputs(index) {
                    add_times(&mut sum, *slope, &tangents[*input as usize]);
                }
                tangents[index] = sum;
            }
            self.outputs.iter().map(|y| y.map_or([T::zero(); LANES], |y| tangents[y])).collect()
        })
    }

    /// The derivative by every variable (rows of [`Lanes`]) of the sum of the results of each colour.
    pub(super) fn reverse(&self, colors: &Coloring) -> Vec<Lanes<T>> {
        self.in_lanes(colors.count, |first| {
            let mut adjoints = vec![[T::zero(); LANES]; self.graph.len()];
            for (y, color) in self.outputs.iter().zip(&colors.of) {
                if let (Some(y), Some(lane)) = (y, lane(*color, first)) {
                    adjoints[*y][lane] += T::one();
                }
            }
            for index in (self.variables..adjoints.len()).rev() {
                let adjoint = adjoints[index];
                for (input, slope) in self.graph.inputs(index) {
                    add_times(&mut adjoints[*input as usize], *slope, &adjoint);
                }
            }
            adjoints.truncate(self.variables);
            adjoints
        })
    }

    fn in_lanes(&self, colors: usize, sweep: impl Fn(usize) -> Vec<[T; LANES]>) -> Vec<Lanes<T>> {
        (0..colors).step_by(LANES).map(|first| Lanes(sweep(first))).collect()
    }
}

/// What one pass over the graph found: for each row, the numbers of [`LANES`] colours.
pub(super) struct Lanes<T>(pub(super) Vec<[T; LANES]>);

/// The number of a row for a colour.
#[inline]
pub(super) fn number<T: Copy>(passes: &[Lanes<T>], row: usize, color: u32) -> T {
    passes[color as usize / LANES].0[row][color as usize % LANES]
}

/// The lane of a colour in the pass that begins with colour `first`.
#[inline]
pub(super) fn lane(color: u32, first: usize) -> Option<usize> {
    (color as usize).checked_sub(first).filter(|lane| *lane < LANES)
}

/// `sum += slope v`, where a 0 in `v` contributes 0 even against an infinite slope.
#[inline(always)]
fn add_times<T: Scalar>(sum: &mut [T; LANES], slope: T, v: &[T; LANES]) {
    if slope.is_finite() && !slope.is_exactly_zero() {
        for (sum, v) in sum.iter_mut().zip(v) {
            *sum += slope * *v;
        }
        return;
    }
    for (sum, v) in sum.iter_mut().zip(v) {
        let hidden = v.is_exactly_zero() || (slope.is_exactly_zero() && v.is_infinite());
        if !hidden {
            *sum += slope * *v;
        }
    }
}
