//! Second derivatives: the Hessian, its products with vectors, its diagonal.

use super::{along_axis, check_lengths};
use crate::{Dual, Scalar, Tape, Tensor, Var, tape::Keep};

/// The Hessian times a vector, `H v` with `H[i][j] = ∂²f/∂xᵢ∂xⱼ`.
///
/// One recording and one sweep, on [`Dual`] numbers (forward over reverse), whatever the number of variables; the
/// Hessian is never formed. Give a closure: a generic function is passed as `|x| f(x)`.
///
/// ```
/// use gradtape::functional::hvp;
/// let product = hvp(|x| x[0].powi(2) * x[1], &[2.0, 5.0], &[1.0, 10.0]);
/// assert_eq!(product, [50.0, 4.0]);
/// ```
///
/// # Panics
/// If `x` and `v` differ in length.
#[track_caller]
pub fn hvp<T, F>(f: F, x: &[T], v: &[T]) -> Vec<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, Dual<T>>]) -> Var<'t, Dual<T>>,
{
    check_lengths("hvp", x.len(), v.len(), "the direction has one number for each variable");
    let x: Vec<_> = x.iter().zip(v).map(|(x, v)| Dual::new(*x, *v)).collect();
    let mut product = vec![T::zero(); x.len()];
    gradient_tangents(&f, &Tape::new(), &x, &mut product);
    product
}

/// The Hessian of a function: `H[i][j] = ∂²f/∂xᵢ∂xⱼ`, of shape `[variables, variables]`.
///
/// One recording and one sweep on [`Dual`] numbers for each variable (forward over reverse), on one tape. Give a
/// closure: a generic function is passed as `|x| f(x)`.
///
/// ```
/// use gradtape::{Tensor, functional::hessian};
/// let h = hessian(|x| x[0].powi(2) * x[1], &[2.0, 5.0]);
/// assert_eq!(h, Tensor::from([[10.0, 4.0], [4.0, 0.0]]));
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn hessian<T, F>(f: F, x: &[T]) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, Dual<T>>]) -> Var<'t, Dual<T>>,
{
    let n = x.len();
    let mut result = Tensor::zeros([n, n]);
    let mut tape = Tape::new();
    // Row j is column j: the Hessian is symmetric.
    for (j, row) in result.as_mut_slice().chunks_mut(n.max(1)).enumerate() {
        tape.reset();
        gradient_tangents(&f, &tape, &along_axis(x, j), row);
    }
    result
}

/// The diagonal of the Hessian: `[∂²f/∂x₀², ∂²f/∂x₁², ..]`. Its sum is the Laplacian.
///
/// One evaluation on dual numbers of dual numbers for each variable, without a tape. Give a closure: a generic function
/// is passed as `|x| f(x)`.
///
/// ```
/// use gradtape::functional::hessian_diagonal;
/// let diagonal = hessian_diagonal(|x| x[0].powi(2) * x[1] + x[1].powi(3), &[2.0, 5.0]);
/// assert_eq!(diagonal, [10.0, 30.0]);
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn hessian_diagonal<T, F>(f: F, x: &[T]) -> Vec<T>
where
    T: Scalar,
    F: Fn(&[Dual<Dual<T>>]) -> Dual<Dual<T>>,
{
    let mut point: Vec<_> = x.iter().map(|x| Dual::constant(Dual::constant(*x))).collect();
    let mut diagonal = Vec::with_capacity(x.len());
    for (j, x) in x.iter().enumerate() {
        let constant = point[j];
        point[j] = Dual::new(Dual::new(*x, T::one()), Dual::constant(T::one()));
        diagonal.push(f(&point).tangent.tangent);
        point[j] = constant;
    }
    diagonal
}

/// Writes the tangents of the gradient: the Hessian times the tangents of `x`. Zeros for a constant.
#[track_caller]
fn gradient_tangents<T, F>(f: &F, tape: &Tape<Dual<T>>, x: &[Dual<T>], tangents: &mut [T])
where
    T: Scalar,
    F: for<'t> Fn(&[Var<'t, Dual<T>>]) -> Var<'t, Dual<T>>,
{
    let x = tape.vars(x);
    let y = f(&x);
    if y.tape().is_some() {
        let gradients = y.sweep(Keep::Leaves);
        for (tangent, x) in tangents.iter_mut().zip(&x) {
            *tangent = gradients.wrt(*x).tangent;
        }
    }
}
