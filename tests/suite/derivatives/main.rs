//! Derivatives beyond the gradient, each on problems with answers in closed form.
//!
//! Where each function meets a closed form, to 1e-10 in f64:
//!
//! - `grad`, `value_and_grad`, `jvp`, `vjp`, `Gradient::at`: `closed_forms::first_derivatives_of_one_number`, and
//!   `closed_forms::jacobians` for several results.
//! - `hvp`, `hessian`, `hessian_diagonal`, `hessian_sparse`, `laplacian`, `laplacian_estimate`:
//!   `closed_forms::second_derivatives_of_one_number`; the sparse Hessian of Rosenbrock's function also in
//!   `sparse::the_sparse_hessian_of_rosenbrock_with_ten_thousand_variables`.
//! - `jacobian`, `jacobian_forward`, `jacobian_reverse`, `jacobian_with`, `jacobian_sparse`, `jacobian_sparse_with`:
//!   `closed_forms::jacobians`, `sparse::sparse_jacobians_in_both_directions`.
//! - `derivatives`, `directional_derivatives`, `mixed_partial`: `closed_forms::derivatives_of_high_order`,
//!   `taylor::high_orders_in_closed_form`, `taylor::mixed_partials_of_any_order`.
//! - `tensors::{grad, value_and_grad, jvp, vjp, hvp, hessian, hessian_diagonal, laplacian, laplacian_estimate}`:
//!   `tensors::one_number_of_a_tensor`.
//! - `tensors::{jacobian, jacobian_with, jacobian_forward, jacobian_sparse}`:
//!   `tensors::jacobians_in_either_direction_and_sparse`.
//! - `tensors::hessian_sparse`: `tensors::the_sparse_hessian_of_rosenbrock_on_a_tensor_of_ten_thousand_numbers`.
//! - `Tape::gradient`, `Tape::gradient_with`: `worked::a_gradient_penalty`, `worked::an_inner_step_of_meta_learning`,
//!   `implicit::keplers_equation_to_second_and_third_order`.
//! - `Tape::custom`, `custom_many`, `custom_recorded`, `custom_many_recorded`: `custom::results_computed_together`,
//!   `custom::a_recorded_pullback_is_differentiated_to_any_order`.
//! - `Var::with_partials`: `custom::scalars_with_their_partial_derivatives`.
//! - `detach`, `clip_gradient`, `clip_gradient_norm`, `reverse_gradient`:
//!   `custom::clipped_and_reversed_gradients_can_be_differentiated_again`.
//! - `implicit::root`: `implicit::keplers_equation_to_second_and_third_order`,
//!   `implicit::three_hundred_unknowns_to_third_order`.
//! - `implicit::fixed_point`: `implicit::a_fixed_point_to_second_order`, `implicit::a_large_fixed_point_takes_gmres`.
//! - `ode::Solver::{rk4, dormand_prince, solve, solve_adjoint}`: `ode::the_oscillator_by_both_ways`,
//!   `ode::second_derivatives_go_through_the_steps`, `ode::the_adjoint_equation_is_differentiated_again`.
//! - `recompute`, `recompute_chain`, `sum_over`: `closed_forms::what_is_computed_again_and_summed_over_points`.
//!
//! Every rule of the book is checked to second order in `tests/suite/rules.rs`, a sample to third order in
//! `worked::a_sample_of_rules_at_order_three`.

mod closed_forms;
mod custom;
mod implicit;
mod ode;
mod sparse;
mod taylor;
mod tensors;
mod worked;

/// The same numbers, to 1e-10.
#[track_caller]
fn near(found: &[f64], expected: impl IntoIterator<Item = f64>) {
    let expected: Vec<f64> = expected.into_iter().collect();
    assert_eq!(found.len(), expected.len());
    let is_near = |(found, expected): (&f64, &f64)| (found - expected).abs() <= 1e-10 * (1.0 + expected.abs());
    assert!(found.iter().zip(&expected).all(is_near), "{found:?}\n{expected:?}");
}
